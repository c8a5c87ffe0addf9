// What is kept of a local user's password: a SCRAM-SHA-256 verifier (RFC 5802 section 3, RFC 7677)
// in the form that PostgreSQL keeps in pg_authid.rolpassword, so that one can be copied from there:
//
//   SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>       (the last three in base64)
//
// A verifier does not let its holder log in, but lets him pose as the server and guess passwords at
// leisure: it is kept like a password file.
// Threading: plain values and pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/base/secret.h"
#include "src/crypto/digest.h"

namespace tracegate::identity {

// Fewer are refused everywhere, as RFC 7677 section 4 advises; PostgreSQL's default is the same.
inline constexpr std::uint32_t kMinScramIterations = 4096;
inline constexpr std::size_t kScramSaltSize = 16;  // of the salts that PostgreSQL and we make
inline constexpr std::size_t kMaxScramSaltSize = 256;

// What everybody who starts to log in is shown of a verifier, beside the salt itself.
struct ScramForm {
  std::uint32_t iterations = kMinScramIterations;
  std::size_t salt_size = kScramSaltSize;

  [[nodiscard]] auto operator<=>(const ScramForm&) const = default;
};

struct ScramVerifier {
  std::uint32_t iterations = kMinScramIterations;
  Bytes salt;
  crypto::Sha256Digest stored_key{};
  crypto::Sha256Digest server_key{};

  // Errors say what is wrong with the form and never quote any of it.
  [[nodiscard]] static Result<ScramVerifier> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] ScramForm form() const { return {iterations, salt.size()}; }
};

// A verifier with a fresh random salt. An error if there is no password, if there are too few
// iterations, or if PostgreSQL clients would perhaps prepare this password (SASLprep, RFC 4013)
// into another one: see sasl_prepares_to_itself().
[[nodiscard]] Result<ScramVerifier> make_verifier(const Secret& password,
                                                  std::uint32_t iterations = kMinScramIterations);

// Whether the password is certainly used as it is, byte for byte, by PostgreSQL and libpq. Both run
// it through SASLprep, whose Unicode tables we do not carry. True for ASCII, for what is not valid
// UTF-8 (PostgreSQL takes that as it is), and for composed letters of the common scripts, CJK,
// kana, Hangul and emoji; false where normalisation could change something, for example with
// combining accents, ligatures or full-width forms. ScramClient uses every password as it is: for
// one that gives false here, the store may refuse it.
[[nodiscard]] bool sasl_prepares_to_itself(std::string_view password);

// The keys that a password gives (RFC 5802 section 3). ClientKey logs in as the user.
struct ScramKeys {
  crypto::Sha256Digest client_key{};
  crypto::Sha256Digest server_key{};
};
// `salted_password` is the result of Pbkdf2 over password, salt and iterations.
[[nodiscard]] ScramKeys scram_keys(const crypto::Sha256Digest& salted_password);

}  // namespace tracegate::identity
