#include "src/identity/jwk_set.h"

#include <algorithm>
#include <variant>

#include "src/base/log.h"
#include "src/crypto/base64.h"
#include "src/identity/json.h"

namespace tracegate::identity {
namespace {

using crypto::KeyType;
using crypto::PublicKey;

constexpr std::size_t kShownKeyId = 100;
constexpr std::size_t kShownSkipped = 5;  // in an error

struct Fault {
  JwkFault fault;
  std::string detail;
};
template <typename T>
using Found = std::variant<T, Fault>;

// Empty if the member is missing or is no text; no member that we read may be an empty text.
std::string_view text_of(const Json& jwk, std::string_view name) {
  const Json* member = jwk.find(name);
  const std::string* text = member == nullptr ? nullptr : member->text();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

// Nothing unless the member is a text in base64url that is not empty.
std::optional<Bytes> bytes_of(const Json& jwk, std::string_view name) {
  const std::string_view text = text_of(jwk, name);
  if (text.empty()) return std::nullopt;
  return crypto::base64url_decode(text);
}

Found<PublicKey> checked(Result<PublicKey> made) {
  if (!made.ok()) return Fault{JwkFault::kKey, std::move(made).error().message};
  return std::move(made).value();
}

Found<PublicKey> read_ec(const Json& jwk, KeyType curve) {
  const auto x = bytes_of(jwk, "x");
  const auto y = bytes_of(jwk, "y");
  if (!x || !y) return Fault{JwkFault::kMember, {}};
  return checked(PublicKey::ec(curve, *x, *y));
}

Found<PublicKey> read_key(const Json& jwk) {
  const std::string_view type = text_of(jwk, "kty");
  const std::string_view curve = text_of(jwk, "crv");
  if (type.empty()) return Fault{JwkFault::kMember, {}};
  if (type == "RSA") {
    const auto n = bytes_of(jwk, "n");
    const auto e = bytes_of(jwk, "e");
    if (!n || !e) return Fault{JwkFault::kMember, {}};
    return checked(PublicKey::rsa(*n, *e));
  }
  if (type != "EC" && type != "OKP") return Fault{JwkFault::kUnsupported, {}};
  if (curve.empty()) return Fault{JwkFault::kMember, {}};
  if (type == "EC" && curve == "P-256") return read_ec(jwk, KeyType::kP256);
  if (type == "EC" && curve == "P-384") return read_ec(jwk, KeyType::kP384);
  if (type == "EC" && curve == "P-521") return read_ec(jwk, KeyType::kP521);
  if (type != "OKP" || curve != "Ed25519") return Fault{JwkFault::kUnsupported, {}};
  const auto x = bytes_of(jwk, "x");
  if (!x) return Fault{JwkFault::kMember, {}};
  return checked(PublicKey::ed25519(*x));
}

// The private members of all types of keys (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
bool holds_secret(const Json& jwk) {
  constexpr std::string_view kSecrets[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::any_of(std::begin(kSecrets), std::end(kSecrets),
                     [&](std::string_view name) { return jwk.find(name) != nullptr; });
}

// RFC 7517 sections 4.2 and 4.3.
bool may_verify(const Json& jwk) {
  if (jwk.find("use") != nullptr && text_of(jwk, "use") != "sig") return false;
  const Json* operations = jwk.find("key_ops");
  if (operations == nullptr) return true;
  if (operations->list() == nullptr) return false;
  const auto is_verify = [](const Json& each) {
    return each.text() != nullptr && *each.text() == "verify";
  };
  return std::any_of(operations->list()->begin(), operations->list()->end(), is_verify);
}

Found<Jwk> read_jwk(const Json& jwk) {
  if (holds_secret(jwk)) return Fault{JwkFault::kSecret, {}};
  if (!may_verify(jwk)) return Fault{JwkFault::kUse, {}};
  const std::string_view key_id = text_of(jwk, "kid");
  const bool has_key_id = jwk.find("kid") != nullptr;
  if (has_key_id && (key_id.empty() || key_id.size() > kMaxKeyId))
    return Fault{JwkFault::kKeyId, {}};

  Found<PublicKey> key = read_key(jwk);
  if (Fault* fault = std::get_if<Fault>(&key)) return std::move(*fault);
  Jwk made{std::nullopt, std::nullopt, std::get<PublicKey>(std::move(key))};
  if (has_key_id) made.key_id = std::string(key_id);
  if (jwk.find("alg") != nullptr) {
    made.algorithm = crypto::signature_algorithm_from_string(text_of(jwk, "alg"));
    if (!made.algorithm || !made.key.fits(*made.algorithm)) return Fault{JwkFault::kAlgorithm, {}};
  }
  return made;
}

Error nothing_usable(const std::vector<SkippedJwk>& skipped) {
  std::string message = "the key set has no usable key";
  for (std::size_t i = 0; i < std::min(skipped.size(), kShownSkipped); ++i)
    message.append(i == 0 ? ": " : "; ").append(to_string(skipped[i]));
  if (skipped.size() > kShownSkipped)
    message.append("; and ").append(std::to_string(skipped.size() - kShownSkipped)).append(" more");
  return Error(std::move(message));
}

}  // namespace

std::string_view to_string(JwkFault fault) {
  switch (fault) {
    case JwkFault::kUnsupported:
      return "a type or curve that is not supported";
    case JwkFault::kSecret:
      return "published together with its private half or as a shared secret";
    case JwkFault::kUse:
      return "for another use than to verify signatures";
    case JwkFault::kAlgorithm:
      return "for an algorithm that is not supported or not one for such a key";
    case JwkFault::kKeyId:
      return "kid is not a text of 1 to 255 bytes";
    case JwkFault::kMember:
      return "a member is missing or malformed";
    case JwkFault::kKey:
      return "not a key that can be trusted";
    case JwkFault::kRepeated:
      return "the same key once more";
  }
  return "";
}

std::string to_string(const SkippedJwk& skipped) {
  std::string out = "key " + std::to_string(skipped.position);
  if (!skipped.key_id.empty()) out.append(" (kid \"").append(skipped.key_id).append("\")");
  out.append(": ").append(to_string(skipped.fault));
  if (!skipped.detail.empty()) out.append(": ").append(skipped.detail);
  return out;
}

Result<JwkSet> JwkSet::parse(std::string_view text) {
  if (text.size() > kMaxJwkSet.value) return Error("the key set is larger than 256 KiB");
  const auto parsed = Json::parse_object(text);
  if (const JsonFault* fault = std::get_if<JsonFault>(&parsed))
    return Error(std::string("the key set is malformed: ").append(to_string(*fault)));
  const Json* member = std::get<Json>(parsed).find("keys");
  const Json::List* list = member == nullptr ? nullptr : member->list();
  if (list == nullptr) return Error("the key set has no list \"keys\"");
  if (list->size() > kMaxJwks) return Error("the key set has more than 100 keys");

  JwkSet set;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& jwk = (*list)[i];
    if (!jwk.is_object()) return Error("the key set holds something that is not a key");
    Found<Jwk> read = read_jwk(jwk);
    const auto same = [&](const Jwk& other) {
      return other.key_id == std::get<Jwk>(read).key_id && other.key == std::get<Jwk>(read).key;
    };
    if (std::holds_alternative<Jwk>(read) && std::any_of(set.keys_.begin(), set.keys_.end(), same))
      read = Fault{JwkFault::kRepeated, {}};
    if (Fault* fault = std::get_if<Fault>(&read)) {
      set.skipped_.push_back({i + 1, log::printable(text_of(jwk, "kid"), kShownKeyId), fault->fault,
                              std::move(fault->detail)});
    } else {
      set.keys_.push_back(std::get<Jwk>(std::move(read)));
    }
  }
  if (set.keys_.empty()) return nothing_usable(set.skipped_);
  return set;
}

JwkSet::Choice JwkSet::choose(const std::optional<std::string>& key_id,
                              crypto::SignatureAlgorithm algorithm) const {
  Choice choice;
  for (const Jwk& each : keys_) {
    if (key_id && each.key_id != key_id) continue;
    if (!each.key.fits(algorithm) || (each.algorithm && *each.algorithm != algorithm)) {
      if (key_id && choice.outcome == Choice::Outcome::kUnknown)
        choice.outcome = Choice::Outcome::kUnfit;
      continue;
    }
    if (choice.key != nullptr) return {Choice::Outcome::kAmbiguous, nullptr};
    choice = {Choice::Outcome::kFound, &each.key};
  }
  return choice;
}

}  // namespace tracegate::identity
