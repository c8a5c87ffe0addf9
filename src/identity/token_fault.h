// Why a token is refused. The client never learns which it was; the record does. The texts are
// stable: searches and alarms name them. docs/identity_tokens.md has the table.
#pragma once

#include <string>
#include <string_view>

namespace tracegate::identity {

// In the order in which they are looked for.
enum class TokenFault {
  // The form of the token.
  kTooLong,
  kCharacters,
  kEncrypted,
  kParts,
  kEncoding,
  // The header.
  kHeader,
  kHeaderDuplicate,
  kCritical,
  kUnencoded,
  kCompressed,
  kKeyInHeader,
  kNested,
  kAlgorithmMissing,
  kUnsigned,
  kSharedSecret,
  kAlgorithmUnknown,
  kKeyId,
  kTypeMalformed,
  // The payload and the issuer's rules for the header.
  kPayload,
  kPayloadDuplicate,
  kIssuerMissing,
  kIssuer,
  kAlgorithm,
  kType,
  // The key and the signature.
  kUnknownKey,
  kUnfitKey,
  kAmbiguousKey,
  kSignature,
  // Times.
  kExpiryMalformed,
  kIssuedMalformed,
  kBeginMalformed,
  kExpiryMissing,
  kIssuedMissing,
  kTimesReversed,
  kExpired,
  kNotYetValid,
  kIssuedInFuture,
  kLongLived,
  kTooOld,
  // For whom, and what it is for.
  kAudienceMissing,
  kAudienceMalformed,
  kAudience,
  kParty,
  kPartyMissing,
  kRequiredClaim,
  kForbiddenClaim,
  // About whom.
  kSubjectMissing,
  kSubject,
  kTokenId,
  kGroupOverage,
  kTooManyGroups,
  kGroups,
  kClaim,
};
// Empty for what is none of them.
[[nodiscard]] std::string_view to_string(TokenFault fault);

// Never holds anything of the token but its issuer, key id or subject, printable and cut to 100
// bytes.
struct TokenRefusal {
  TokenFault fault = TokenFault::kPayload;
  std::string detail;  // may be empty: `subject "00u1", claim tid`
};
// `wrong audience (subject "00u1")`
[[nodiscard]] std::string to_string(const TokenRefusal& refusal);

// `subject "00u1"`, where the value is what a stranger wrote.
[[nodiscard]] std::string shown(std::string_view what, std::string_view value);

}  // namespace tracegate::identity
