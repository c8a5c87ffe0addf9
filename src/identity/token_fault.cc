#include "src/identity/token_fault.h"

#include "src/base/log.h"

namespace tracegate::identity {
namespace {

constexpr std::size_t kShown = 100;

}  // namespace

std::string_view to_string(TokenFault fault) {
  switch (fault) {
    case TokenFault::kTooLong:
      return "longer than 16 KiB";
    case TokenFault::kCharacters:
      return "characters that no token has";
    case TokenFault::kEncrypted:
      return "encrypted";
    case TokenFault::kParts:
      return "not three parts";
    case TokenFault::kEncoding:
      return "not base64url in its one form";
    case TokenFault::kHeader:
      return "malformed header";
    case TokenFault::kHeaderDuplicate:
      return "a name twice in the header";
    case TokenFault::kCritical:
      return "critical extension";
    case TokenFault::kUnencoded:
      return "unencoded payload";
    case TokenFault::kCompressed:
      return "compressed";
    case TokenFault::kKeyInHeader:
      return "brings its own key";
    case TokenFault::kNested:
      return "nested";
    case TokenFault::kAlgorithmMissing:
      return "no algorithm";
    case TokenFault::kUnsigned:
      return "unsigned";
    case TokenFault::kSharedSecret:
      return "signed with a shared secret";
    case TokenFault::kAlgorithmUnknown:
      return "unknown algorithm";
    case TokenFault::kKeyId:
      return "malformed key id";
    case TokenFault::kTypeMalformed:
      return "malformed type";
    case TokenFault::kPayload:
      return "malformed payload";
    case TokenFault::kPayloadDuplicate:
      return "a name twice in the payload";
    case TokenFault::kIssuerMissing:
      return "no issuer";
    case TokenFault::kIssuer:
      return "unknown issuer";
    case TokenFault::kAlgorithm:
      return "algorithm not permitted";
    case TokenFault::kType:
      return "type not permitted";
    case TokenFault::kUnknownKey:
      return "unknown key";
    case TokenFault::kUnfitKey:
      return "key is not for this algorithm";
    case TokenFault::kAmbiguousKey:
      return "several keys fit";
    case TokenFault::kSignature:
      return "wrong signature";
    case TokenFault::kExpiryMalformed:
      return "malformed expiry";
    case TokenFault::kIssuedMalformed:
      return "malformed time of issue";
    case TokenFault::kBeginMalformed:
      return "malformed beginning";
    case TokenFault::kExpiryMissing:
      return "no expiry";
    case TokenFault::kIssuedMissing:
      return "no time of issue";
    case TokenFault::kTimesReversed:
      return "expires before it was issued";
    case TokenFault::kExpired:
      return "expired";
    case TokenFault::kNotYetValid:
      return "not yet valid";
    case TokenFault::kIssuedInFuture:
      return "issued in the future";
    case TokenFault::kLongLived:
      return "lives longer than permitted";
    case TokenFault::kTooOld:
      return "older than permitted";
    case TokenFault::kAudienceMissing:
      return "no audience";
    case TokenFault::kAudienceMalformed:
      return "malformed audience";
    case TokenFault::kAudience:
      return "wrong audience";
    case TokenFault::kParty:
      return "wrong authorized party";
    case TokenFault::kPartyMissing:
      return "no authorized party";
    case TokenFault::kRequiredClaim:
      return "required claim missing or different";
    case TokenFault::kForbiddenClaim:
      return "forbidden claim";
    case TokenFault::kSubjectMissing:
      return "no subject";
    case TokenFault::kSubject:
      return "malformed subject";
    case TokenFault::kTokenId:
      return "malformed token id";
    case TokenFault::kGroupOverage:
      return "groups left out for their number";
    case TokenFault::kTooManyGroups:
      return "too many groups";
    case TokenFault::kGroups:
      return "malformed groups";
    case TokenFault::kClaim:
      return "malformed claim";
  }
  return "";
}

std::string to_string(const TokenRefusal& refusal) {
  std::string out(to_string(refusal.fault));
  if (!refusal.detail.empty()) out.append(" (").append(refusal.detail).append(")");
  return out;
}

std::string shown(std::string_view what, std::string_view value) {
  return std::string(what).append(" \"").append(log::printable(value, kShown)).append("\"");
}

}  // namespace tracegate::identity
