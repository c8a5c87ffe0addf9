#include "src/identity/token.h"

#include <algorithm>

#include "src/crypto/base64.h"
#include "src/identity/jwk_set.h"

namespace tracegate::identity {
namespace {

template <typename T>
using OrRefusal = std::variant<T, TokenRefusal>;

TokenRefusal refuse(TokenFault fault) {
  return {fault, {}};
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

OrRefusal<Parts> split(std::string_view text) {
  if (text.size() > kMaxToken.value) return refuse(TokenFault::kTooLong);
  if (!std::all_of(text.begin(), text.end(), is_token_character))
    return refuse(TokenFault::kCharacters);
  const auto dots = std::count(text.begin(), text.end(), '.');
  if (dots == 4) return refuse(TokenFault::kEncrypted);  // RFC 7516 section 3.1
  if (dots != 2) return refuse(TokenFault::kParts);
  const std::size_t first = text.find('.');
  const std::size_t second = text.rfind('.');
  const Parts parts = {text.substr(0, first), text.substr(first + 1, second - first - 1),
                       text.substr(second + 1)};
  if (parts.header.empty() || parts.payload.empty() || parts.signature.empty())
    return refuse(TokenFault::kParts);
  return parts;
}

// `malformed` and `duplicate`: the faults for this part.
OrRefusal<Json> read_object(std::string_view part, TokenFault malformed, TokenFault duplicate) {
  const auto bytes = crypto::base64url_decode(part);
  if (!bytes) return refuse(TokenFault::kEncoding);
  auto parsed = Json::parse_object(as_text(*bytes));
  if (Json* object = std::get_if<Json>(&parsed)) return std::move(*object);
  const JsonFault fault = std::get<JsonFault>(parsed);
  if (fault == JsonFault::kDuplicateName) return refuse(duplicate);
  return TokenRefusal{malformed, std::string(to_string(fault))};
}

std::optional<TokenFault> forbidden_member(const Json& header) {
  constexpr std::pair<std::string_view, TokenFault> kForbidden[] = {
      {"crit", TokenFault::kCritical},   {"b64", TokenFault::kUnencoded},
      {"zip", TokenFault::kCompressed},  {"jwk", TokenFault::kKeyInHeader},
      {"jku", TokenFault::kKeyInHeader}, {"x5u", TokenFault::kKeyInHeader},
      {"x5c", TokenFault::kKeyInHeader}, {"cty", TokenFault::kNested},
  };
  for (const auto& [name, fault] : kForbidden)
    if (header.find(name) != nullptr) return fault;
  return std::nullopt;
}

OrRefusal<crypto::SignatureAlgorithm> read_algorithm(const Json& header) {
  const Json* member = header.find("alg");
  if (member == nullptr || member->text() == nullptr) return refuse(TokenFault::kAlgorithmMissing);
  const std::string& name = *member->text();
  if (const auto known = crypto::signature_algorithm_from_string(name)) return *known;
  if (equal_without_case(name, "none")) return refuse(TokenFault::kUnsigned);
  const bool is_hmac = name == "HS256" || name == "HS384" || name == "HS512";
  return refuse(is_hmac ? TokenFault::kSharedSecret : TokenFault::kAlgorithmUnknown);
}

OrRefusal<TokenHeader> read_header(std::string_view part) {
  auto object = read_object(part, TokenFault::kHeader, TokenFault::kHeaderDuplicate);
  if (TokenRefusal* refusal = std::get_if<TokenRefusal>(&object)) return std::move(*refusal);
  const Json& json = std::get<Json>(object);
  if (const auto fault = forbidden_member(json)) return refuse(*fault);

  TokenHeader header;
  auto algorithm = read_algorithm(json);
  if (TokenRefusal* refusal = std::get_if<TokenRefusal>(&algorithm)) return std::move(*refusal);
  header.algorithm = std::get<crypto::SignatureAlgorithm>(algorithm);
  if (const Json* key_id = json.find("kid")) {
    if (key_id->text() == nullptr || key_id->text()->empty() || key_id->text()->size() > kMaxKeyId)
      return refuse(TokenFault::kKeyId);
    header.key_id = *key_id->text();
  }
  if (const Json* type = json.find("typ")) {
    if (type->text() == nullptr) return refuse(TokenFault::kTypeMalformed);
    header.type = *type->text();
  }
  return header;
}

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::variant<Token, TokenRefusal> Token::parse(std::string_view text) {
  const auto split_text = split(text);
  if (const TokenRefusal* refusal = std::get_if<TokenRefusal>(&split_text)) return *refusal;
  const Parts& parts = std::get<Parts>(split_text);
  auto signature = crypto::base64url_decode(parts.signature);
  if (!signature) return refuse(TokenFault::kEncoding);

  auto header = read_header(parts.header);
  if (TokenRefusal* refusal = std::get_if<TokenRefusal>(&header)) return std::move(*refusal);
  auto payload = read_object(parts.payload, TokenFault::kPayload, TokenFault::kPayloadDuplicate);
  if (TokenRefusal* refusal = std::get_if<TokenRefusal>(&payload)) return std::move(*refusal);

  Token token;
  token.header_ = std::get<TokenHeader>(std::move(header));
  token.payload_ = std::get<Json>(std::move(payload));
  const Json* issuer = token.payload_.find("iss");
  if (issuer == nullptr || issuer->text() == nullptr || issuer->text()->empty())
    return refuse(TokenFault::kIssuerMissing);
  token.signing_input_ = as_bytes(text.substr(0, parts.header.size() + 1 + parts.payload.size()));
  token.signature_ = std::move(*signature);
  return token;
}

}  // namespace tracegate::identity
