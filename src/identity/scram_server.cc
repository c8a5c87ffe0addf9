#include "src/identity/scram_server.h"

#include <algorithm>

#include "src/crypto/base64.h"
#include "src/crypto/compare.h"

namespace tracegate::identity {
namespace {

constexpr const char* kProtocolViolation = "08P01";
constexpr const char* kInvalidAuthorization = "28000";
constexpr const char* kFeatureNotSupported = "0A000";

// One text for every fault of form, so that probing it tells little; what exactly was wrong helps
// only those who write drivers, and is said in the hint.
Error malformed(std::string detail) {
  return Error(kProtocolViolation, "malformed SCRAM message", std::move(detail));
}

// The digest read as a fraction says how far along the list.
ScramForm choose_form(std::span<const ScramForm> forms, const crypto::Sha256Digest& digest) {
  if (forms.empty()) return {};
  std::uint64_t fraction = 0;  // of 2^32
  for (std::size_t i = 0; i < 4; ++i) fraction = fraction << 8 | digest[i];
  return forms[static_cast<std::size_t>((fraction * forms.size()) >> 32)];
}

}  // namespace

ScramVerifier ScramMock::verifier_for(std::string_view user,
                                      std::span<const ScramForm> forms) const {
  crypto::HmacSha256 hmac(as_bytes(secret_.reveal()));
  const auto derive = [&](std::string_view purpose, ByteView from) {
    return hmac.update(as_bytes(purpose)).update(from).finish();
  };
  const ByteView name = as_bytes(user);
  const ScramForm form = choose_form(forms, derive("mock form ", name));
  ScramVerifier verifier;
  verifier.iterations = form.iterations;
  crypto::Sha256Digest salt = derive("mock salt ", name);
  while (verifier.salt.size() < form.salt_size) {
    const std::size_t taken = std::min(salt.size(), form.salt_size - verifier.salt.size());
    verifier.salt.insert(verifier.salt.end(), salt.begin(), salt.begin() + taken);
    salt = derive("more mock salt ", salt);
  }
  verifier.stored_key = derive("mock StoredKey ", name);
  verifier.server_key = derive("mock ServerKey ", name);
  return verifier;
}

ScramServer::ScramServer(const ScramVerifier* verifier, ScramVerifier mock, Bytes end_point,
                         std::string nonce)
    : user_exists_(verifier != nullptr),
      verifier_(std::move(mock)),
      end_point_(std::move(end_point)),
      nonce_(std::move(nonce)) {
  TG_CHECK(is_scram_nonce(nonce_), "a nonce of ours is not in form");
  if (verifier != nullptr) verifier_ = *verifier;
}

std::vector<ScramMechanism> ScramServer::mechanisms() const {
  if (end_point_.empty()) return {ScramMechanism::kSha256};
  return {ScramMechanism::kSha256Plus, ScramMechanism::kSha256};
}

ScramServer::Reply ScramServer::refuse(Error error) {
  phase_ = Phase::kOver;
  return {Reply::Verdict::kRefused, {}, std::move(error)};
}

ScramServer::Reply ScramServer::start(std::string_view mechanism,
                                      std::optional<std::string_view> initial_response) {
  TG_CHECK(phase_ == Phase::kStart, "a SCRAM exchange starts once");
  const auto chosen = scram_mechanism_from_string(mechanism);
  if (!chosen || (*chosen == ScramMechanism::kSha256Plus && end_point_.empty())) {
    return refuse(
        Error(kProtocolViolation, "client selected an invalid SASL authentication mechanism"));
  }
  mechanism_ = *chosen;
  phase_ = Phase::kClientFirst;
  if (!initial_response) return {Reply::Verdict::kContinue, {}, {}};
  return on_client_first(*initial_response);
}

ScramServer::Reply ScramServer::on_message(std::string_view message) {
  switch (phase_) {
    case Phase::kStart:
      break;
    case Phase::kClientFirst:
      return on_client_first(message);
    case Phase::kClientFinal:
      return on_client_final(message);
    case Phase::kOver:
      break;
  }
  return refuse(malformed("No message is expected."));
}

Status ScramServer::take_gs2_header(std::string_view& message) {
  const std::string_view whole = message;
  const bool plus = mechanism_ == ScramMechanism::kSha256Plus;
  const std::string_view flag = message.substr(0, message.find(','));
  if (flag == "n" || flag == "y") {
    if (plus) return malformed("The client selected channel binding but does not use it.");
    if (flag == "y" && !end_point_.empty()) {
      return Error(kInvalidAuthorization, "SCRAM channel binding negotiation error",
                   "The client supports SCRAM channel binding but thinks the server does not. "
                   "However, this server does support channel binding.");
    }
  } else if (flag.starts_with("p=")) {
    if (!plus) return malformed("The client uses channel binding but did not select it.");
    if (flag.substr(2) != kTlsServerEndPoint)
      return Error(kProtocolViolation, "unsupported SCRAM channel-binding type");
  } else {
    return malformed("Unexpected channel-binding flag.");
  }
  message.remove_prefix(flag.size());
  if (message.starts_with(",a=")) {
    return Error(kFeatureNotSupported,
                 "client uses authorization identity, but it is not supported");
  }
  if (!message.starts_with(",,")) return malformed("The channel-binding flag is not closed.");
  message.remove_prefix(2);
  gs2_header_ = whole.substr(0, whole.size() - message.size());
  return Ok{};
}

ScramServer::Reply ScramServer::on_client_first(std::string_view message) {
  if (!is_scram_text(message)) return refuse(malformed("It is empty, too long or not UTF-8."));
  if (Status header = take_gs2_header(message); !header.ok())
    return refuse(std::move(header).error());
  client_first_bare_ = message;

  ScramAttributes attributes(message);
  if (attributes.is_next('m'))
    return refuse(Error(kFeatureNotSupported, "client requires an unsupported SCRAM extension"));
  if (!attributes.value_of('n')) return refuse(malformed("The user name is missing."));
  const auto client_nonce = attributes.value_of('r');
  if (!client_nonce || !is_scram_nonce(*client_nonce))
    return refuse(malformed("The nonce is missing or not printable."));
  while (!attributes.at_end()) {
    const auto extension = attributes.next();
    if (!extension || !is_scram_extension(extension->name))
      return refuse(malformed("Garbage found at the end of client-first-message."));
  }

  nonce_.insert(0, *client_nonce);
  server_first_ = "r=" + nonce_ + ",s=" + crypto::base64_encode(verifier_.salt) +
                  ",i=" + std::to_string(verifier_.iterations);
  phase_ = Phase::kClientFinal;
  return {Reply::Verdict::kContinue, server_first_, {}};
}

// The header again as it came first, and behind it the data that binds the exchange to our TLS
// connection: if either differs, somebody stands between.
Status ScramServer::check_channel_binding(std::string_view value) const {
  const auto bound = crypto::base64_decode(value);
  if (!bound) return malformed("The channel-binding data is not base64.");
  Bytes expected(gs2_header_.begin(), gs2_header_.end());
  if (mechanism_ == ScramMechanism::kSha256Plus)
    expected.insert(expected.end(), end_point_.begin(), end_point_.end());
  if (!crypto::equal_constant_time(*bound, expected))
    return Error(kInvalidAuthorization, "SCRAM channel binding check failed");
  return Ok{};
}

bool ScramServer::proof_is_right(const crypto::Sha256Digest& proof,
                                 std::string_view auth_message) const {
  // ClientProof = ClientKey XOR HMAC(StoredKey, AuthMessage), and StoredKey = H(ClientKey).
  crypto::Sha256Digest client_key =
      crypto::hmac_sha256(verifier_.stored_key, as_bytes(auth_message));
  for (std::size_t i = 0; i < client_key.size(); ++i) client_key[i] ^= proof[i];
  const bool matches =
      crypto::equal_constant_time(crypto::sha256(client_key), verifier_.stored_key);
  wipe_memory(client_key.data(), client_key.size());
  return matches;
}

ScramServer::Reply ScramServer::on_client_final(std::string_view message) {
  if (!is_scram_text(message)) return refuse(malformed("It is empty, too long or not UTF-8."));
  ScramAttributes attributes(message);
  if (attributes.is_next('m'))
    return refuse(Error(kFeatureNotSupported, "client requires an unsupported SCRAM extension"));
  const auto binding = attributes.value_of('c');
  if (!binding) return refuse(malformed("The channel-binding data is missing."));
  if (Status bound = check_channel_binding(*binding); !bound.ok())
    return refuse(std::move(bound).error());
  const auto nonce = attributes.value_of('r');
  if (!nonce || !crypto::equal_constant_time(as_bytes(*nonce), as_bytes(nonce_)))
    return refuse(malformed("The nonce does not match."));

  auto last = attributes.next();
  while (last && is_scram_extension(last->name)) last = attributes.next();
  if (!last || last->name != 'p' || !attributes.at_end())
    return refuse(malformed("The proof is missing or not the last attribute."));
  const auto proof = decode_digest(last->value);
  if (!proof) return refuse(malformed("The proof is not 32 bytes of base64."));

  const std::string_view without_proof = message.substr(0, message.size() - last->text.size() - 1);
  std::string auth_message = client_first_bare_;
  auth_message.append(",").append(server_first_).append(",").append(without_proof);
  // Everything is computed before anything is decided, for those who exist and those who do not.
  const crypto::Sha256Digest signature =
      crypto::hmac_sha256(verifier_.server_key, as_bytes(auth_message));
  const bool right = proof_is_right(*proof, auth_message);
  phase_ = Phase::kOver;
  if (!right || !user_exists_) return {Reply::Verdict::kWrongProof, {}, {}};
  return {Reply::Verdict::kAuthenticated, "v=" + crypto::base64_encode(signature), {}};
}

}  // namespace tracegate::identity
