#include "src/identity/scram_client.h"

#include "src/crypto/base64.h"
#include "src/crypto/compare.h"

namespace tracegate::identity {
namespace {

void wipe(ScramKeys& keys) {
  wipe_memory(keys.client_key.data(), keys.client_key.size());
  wipe_memory(keys.server_key.data(), keys.server_key.size());
}

}  // namespace

ScramCredential::~ScramCredential() {
  for (Kept& kept : kept_) wipe(kept.keys);
}

std::optional<ScramKeys> ScramCredential::find(ByteView salt, std::uint32_t iterations) const {
  for (const Kept& kept : kept_)
    if (kept.iterations == iterations && std::ranges::equal(kept.salt, salt)) return kept.keys;
  return std::nullopt;
}

void ScramCredential::remember(ByteView salt, std::uint32_t iterations, const ScramKeys& keys) {
  if (find(salt, iterations)) return;
  if (kept_.empty()) kept_.reserve(kMaxKept);  // growing would leave unwiped copies behind
  const bool full = kept_.size() == kMaxKept;
  Kept& place = full ? kept_[next_to_replace_] : kept_.emplace_back();
  if (full) next_to_replace_ = (next_to_replace_ + 1) % kMaxKept;
  place.salt.assign(salt.begin(), salt.end());
  place.iterations = iterations;
  place.keys = keys;
}

ScramClient::ScramClient(std::shared_ptr<ScramCredential> credential, Binding binding,
                         Bytes end_point, ScramClientLimits limits, std::string nonce)
    : credential_(std::move(credential)),
      binding_(binding),
      end_point_(std::move(end_point)),
      limits_(limits),
      client_nonce_(std::move(nonce)) {
  TG_CHECK((binding_ == Binding::kEndPoint) != end_point_.empty(), "channel binding without data");
  TG_CHECK(is_scram_nonce(client_nonce_), "a nonce of ours is not in form");
}

ScramClient::~ScramClient() {
  wipe(keys_);
}

ScramMechanism ScramClient::mechanism() const {
  return binding_ == Binding::kEndPoint ? ScramMechanism::kSha256Plus : ScramMechanism::kSha256;
}

std::string ScramClient::gs2_header() const {
  switch (binding_) {
    case Binding::kUnsupported:
      return "n,,";
    case Binding::kNotOffered:
      return "y,,";
    case Binding::kEndPoint:
      return "p=" + std::string(kTlsServerEndPoint) + ",,";
  }
  return {};
}

// The name stays empty: PostgreSQL takes the user of the start-up message.
std::string ScramClient::client_first_bare() const {
  return "n=,r=" + client_nonce_;
}

std::string ScramClient::first_message() const {
  return gs2_header() + client_first_bare();
}

Status ScramClient::read_server_first(std::string_view message) {
  if (!is_scram_text(message)) return Error("it is empty, too long or not UTF-8");
  ScramAttributes attributes(message);
  const auto nonce = attributes.value_of('r');
  const auto salt_text = attributes.value_of('s');
  const auto iterations_text = attributes.value_of('i');
  if (!nonce || !salt_text || !iterations_text || !attributes.at_end())
    return Error("it is not nonce, salt and iteration count alone");

  if (!is_scram_nonce(*nonce) || !nonce->starts_with(client_nonce_) ||
      nonce->size() == client_nonce_.size())
    return Error("the nonce does not extend ours");
  auto salt = crypto::base64_decode(*salt_text);
  if (!salt || salt->empty() || salt->size() > kMaxScramSaltSize)
    return Error("the salt is not 1 to 256 bytes of base64");
  const auto iterations = parse_iterations(*iterations_text);
  if (!iterations) return Error("the iteration count is not a number");
  if (*iterations < limits_.min_iterations)
    return Error("the iteration count is too low for a safe proof");
  if (*iterations > limits_.max_iterations) return Error("the iteration count is too high");

  nonce_ = *nonce;
  salt_ = std::move(*salt);
  iterations_ = *iterations;
  server_first_ = message;
  return Ok{};
}

Status ScramClient::on_server_first(std::string_view message) {
  TG_CHECK(phase_ == Phase::kServerFirst, "SCRAM: the server's first message comes once");
  if (Status read = read_server_first(message); !read.ok()) {
    phase_ = Phase::kOver;
    return std::move(read).error().with_context("SCRAM: the server's first message");
  }
  phase_ = Phase::kDerive;
  return Ok{};
}

bool ScramClient::derive(std::uint32_t iterations) {
  if (phase_ == Phase::kFinal) return true;
  TG_CHECK(phase_ == Phase::kDerive, "SCRAM: nothing to derive from");
  if (!derivation_) {
    if (auto known = credential_->find(salt_, iterations_)) {
      keys_ = *known;
      wipe(*known);
      phase_ = Phase::kFinal;
      return true;
    }
    derivation_.emplace(as_bytes(credential_->password()), salt_, iterations_);
  }
  if (!derivation_->advance(iterations)) return false;
  keys_ = scram_keys(derivation_->result());
  derivation_.reset();
  phase_ = Phase::kFinal;
  return true;
}

std::string ScramClient::final_message() {
  TG_CHECK(phase_ == Phase::kFinal, "SCRAM: the keys are not there");
  const std::string header = gs2_header();
  Bytes bound(header.begin(), header.end());
  bound.insert(bound.end(), end_point_.begin(), end_point_.end());
  std::string message = "c=" + crypto::base64_encode(bound) + ",r=" + nonce_;

  auth_message_ = client_first_bare() + "," + server_first_ + "," + message;
  const crypto::Sha256Digest stored_key = crypto::sha256(keys_.client_key);
  crypto::Sha256Digest proof = crypto::hmac_sha256(stored_key, as_bytes(auth_message_));
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] ^= keys_.client_key[i];
  phase_ = Phase::kServerFinal;
  return message + ",p=" + crypto::base64_encode(proof);
}

Status ScramClient::on_server_final(std::string_view message) {
  TG_CHECK(phase_ == Phase::kServerFinal, "SCRAM: the server's last message comes last");
  phase_ = Phase::kOver;
  if (!is_scram_text(message)) return Error("SCRAM: the server's last message is not in form");
  ScramAttributes attributes(message);
  if (attributes.is_next('e')) return Error("SCRAM: the server reports an error");
  const auto value = attributes.value_of('v');
  if (!value || !attributes.at_end())
    return Error("SCRAM: the server's last message is not a signature alone");
  const auto signature = decode_digest(*value);
  const auto expected = crypto::hmac_sha256(keys_.server_key, as_bytes(auth_message_));
  if (!signature || !crypto::equal_constant_time(*signature, expected))
    return Error("SCRAM: the server does not know the password either: its signature is wrong");
  credential_->remember(salt_, iterations_, keys_);
  return Ok{};
}

}  // namespace tracegate::identity
