#include "src/identity/scram_verifier.h"

#include <optional>

#include "src/base/utf8.h"
#include "src/crypto/base64.h"
#include "src/crypto/random.h"
#include "src/identity/scram_message.h"

namespace tracegate::identity {
namespace {

constexpr std::string_view kPrefix = "SCRAM-SHA-256$";

// The text before `end`, which is cut off `rest` together with it.
std::optional<std::string_view> take_until(std::string_view& rest, char end) {
  const std::size_t at = rest.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return part;
}

Error malformed(std::string_view what) {
  return Error(std::string("not a SCRAM-SHA-256 verifier: ").append(what));
}

struct CodePoints {
  char32_t first;
  char32_t last;
};

// Starters that NFKC leaves alone in every context, that SASLprep does not map, and that read from
// left to right, so that the rule on mixed directions does not apply.
constexpr CodePoints kUnchanged[] = {
    {0x00c0, 0x0131},   {0x0134, 0x013e}, {0x0141, 0x0148}, {0x014a, 0x017e},  // Latin
    {0x0388, 0x03ce},   {0x0400, 0x0481}, {0x048a, 0x052f},                    // Greek, Cyrillic
    {0x3041, 0x3096},   {0x30a1, 0x30fa}, {0x4e00, 0x9fff}, {0xac00, 0xd7a3},  // kana, CJK, Hangul
    {0x1f300, 0x1f64f},                                                        // emoji
};

}  // namespace

Result<ScramVerifier> ScramVerifier::parse(std::string_view text) {
  if (!text.starts_with(kPrefix)) return malformed("it does not start with SCRAM-SHA-256$");
  text.remove_prefix(kPrefix.size());
  const auto iterations_text = take_until(text, ':');
  const auto salt_text = take_until(text, '$');
  const auto stored_key_text = take_until(text, ':');
  if (!iterations_text || !salt_text || !stored_key_text)
    return malformed("the form is SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>");

  ScramVerifier verifier;
  const auto iterations = parse_iterations(*iterations_text);
  if (!iterations) return malformed("the iteration count is not a number");
  if (*iterations < kMinScramIterations) return malformed("it has fewer than 4096 iterations");
  verifier.iterations = *iterations;

  auto salt = crypto::base64_decode(*salt_text);
  if (!salt || salt->empty() || salt->size() > kMaxScramSaltSize)
    return malformed("the salt is not 1 to 256 bytes of base64");
  verifier.salt = std::move(*salt);

  const auto stored_key = decode_digest(*stored_key_text);
  const auto server_key = decode_digest(text);
  if (!stored_key || !server_key) return malformed("a key is not 32 bytes of base64");
  verifier.stored_key = *stored_key;
  verifier.server_key = *server_key;
  return verifier;
}

std::string ScramVerifier::to_string() const {
  std::string out(kPrefix);
  out.append(std::to_string(iterations)).append(":").append(crypto::base64_encode(salt));
  out.append("$").append(crypto::base64_encode(stored_key));
  out.append(":").append(crypto::base64_encode(server_key));
  return out;
}

ScramKeys scram_keys(const crypto::Sha256Digest& salted_password) {
  crypto::HmacSha256 hmac(salted_password);
  ScramKeys keys;
  keys.client_key = hmac.update(as_bytes("Client Key")).finish();
  keys.server_key = hmac.update(as_bytes("Server Key")).finish();
  return keys;
}

Result<ScramVerifier> make_verifier(const Secret& password, std::uint32_t iterations) {
  if (password.empty()) return Error("the password is empty");
  if (password.reveal().find('\0') != std::string_view::npos)
    return Error("the password contains a NUL byte, which no client can send");
  if (iterations < kMinScramIterations) return Error("fewer than 4096 iterations are too few");
  if (!sasl_prepares_to_itself(password.reveal())) {
    return Error(std::string(),
                 "the password contains characters that clients may normalise before they use it",
                 "Use ASCII or composed letters, or let PostgreSQL make the verifier (psql's "
                 "\\password) and copy it from pg_authid.rolpassword.");
  }

  ScramVerifier verifier;
  verifier.iterations = iterations;
  verifier.salt.resize(kScramSaltSize);
  crypto::fill_random(verifier.salt);
  crypto::Sha256Digest salted =
      crypto::pbkdf2_hmac_sha256(as_bytes(password.reveal()), verifier.salt, iterations);
  ScramKeys keys = scram_keys(salted);
  verifier.stored_key = crypto::sha256(keys.client_key);
  verifier.server_key = keys.server_key;
  wipe_memory(salted.data(), salted.size());
  wipe_memory(keys.client_key.data(), keys.client_key.size());
  return verifier;
}

bool sasl_prepares_to_itself(std::string_view password) {
  if (!is_valid_utf8(password)) return true;
  while (!password.empty()) {
    const std::size_t size = utf8_sequence_length(password);
    const char32_t c = utf8_code_point(password.substr(0, size));
    const bool unchanged = c < 0x80 || std::any_of(std::begin(kUnchanged), std::end(kUnchanged),
                                                   [c](CodePoints range) {
                                                     return range.first <= c && c <= range.last;
                                                   });
    if (!unchanged) return false;
    password.remove_prefix(size);
  }
  return true;
}

}  // namespace tracegate::identity
