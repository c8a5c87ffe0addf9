#include "src/policy/scram_verifier.h"

#include <charconv>
#include <limits>

#include "src/crypto/base64.h"
#include "src/crypto/digest.h"

namespace tracegate::policy {
namespace {

// Takes the text before `separator` off the front of `rest`; all of it if there is no separator.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return part;
}

bool is_key(std::string_view base64) {
  const auto key = crypto::base64_decode(base64);
  return key && key->size() == sizeof(crypto::Sha256Digest);
}

}  // namespace

Result<std::uint32_t> check_scram_verifier(std::string_view verifier) {
  const Error malformed("", "this is not a SCRAM verifier",
                        "write SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, as "
                        "`tracegate scram` prints it");
  std::string_view rest = verifier;
  if (take_until(rest, '$') != "SCRAM-SHA-256") return malformed;
  const std::string_view digits = take_until(rest, ':');
  const std::string_view salt = take_until(rest, '$');
  const std::string_view stored_key = take_until(rest, ':');

  // PostgreSQL holds the iterations in an int.
  std::int32_t iterations = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), iterations);
  const bool counted =
      error == std::errc{} && end == digits.data() + digits.size() && iterations > 0;
  const auto salt_bytes = crypto::base64_decode(salt);
  if (!counted || !salt_bytes || salt_bytes->empty()) return malformed;
  if (!is_key(stored_key) || !is_key(rest)) return malformed;
  return static_cast<std::uint32_t>(iterations);
}

}  // namespace tracegate::policy
