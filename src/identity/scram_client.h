// The client's end of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), for logging in to
// the store. The store is not trusted: its nonce must extend ours, its iteration count is bounded
// both ways (a low one would make the proof easy to guess from, a high one would keep an event loop
// busy), and nothing counts as authenticated before its own signature was verified. Threading: a
// credential and the exchanges that use it belong to one thread; each worker has its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/base/secret.h"
#include "src/crypto/digest.h"
#include "src/identity/scram_message.h"
#include "src/identity/scram_verifier.h"

namespace tracegate::identity {

// One password, and the keys that were derived from it for the salts that the store used lately, so
// that the next login costs no derivation. The keys live and die with the password they belong to:
// none can serve another identity.
class ScramCredential {
 public:
  explicit ScramCredential(Secret password) : password_(std::move(password)) {}
  ScramCredential(const ScramCredential&) = delete;
  ScramCredential& operator=(const ScramCredential&) = delete;
  ~ScramCredential();

  [[nodiscard]] std::string_view password() const { return password_.reveal(); }
  [[nodiscard]] std::optional<ScramKeys> find(ByteView salt, std::uint32_t iterations) const;
  // Only for keys that a login proved right. The oldest of four gives way.
  void remember(ByteView salt, std::uint32_t iterations, const ScramKeys& keys);

 private:
  static constexpr std::size_t kMaxKept = 4;
  struct Kept {
    Bytes salt;
    std::uint32_t iterations = 0;
    ScramKeys keys;
  };
  Secret password_;
  std::vector<Kept> kept_;
  std::size_t next_to_replace_ = 0;
};

struct ScramClientLimits {
  std::uint32_t min_iterations = kMinScramIterations;
  std::uint32_t max_iterations = 1'000'000;  // 0.2 s of a processor with SHA instructions
};

class ScramClient {
 public:
  // What the client says of channel binding in its first message (RFC 5802 section 6).
  enum class Binding {
    kUnsupported,  // "n": there is no TLS, so no channel to bind
    kNotOffered,   // "y": we could, the server did not offer it; one that did will refuse us
    kEndPoint,     // "p": bound to the server's certificate; the mechanism is SCRAM-SHA-256-PLUS
  };

  // `credential` is shared because a login outlives the policy that it came from. `end_point`:
  // tls_server_end_point() of the server's certificate with kEndPoint, else empty.
  ScramClient(std::shared_ptr<ScramCredential> credential, Binding binding, Bytes end_point,
              ScramClientLimits limits = {}, std::string nonce = make_scram_nonce());
  ~ScramClient();
  ScramClient(const ScramClient&) = delete;
  ScramClient& operator=(const ScramClient&) = delete;

  [[nodiscard]] ScramMechanism mechanism() const;

  // The exchange, in this order; an error ends it. No error quotes what the server sent.
  [[nodiscard]] std::string first_message() const;
  [[nodiscard]] Status on_server_first(std::string_view message);
  // Derives the keys, at most `iterations` further steps now. Returns whether they are there; at
  // once if the credential has them already.
  [[nodiscard]] bool derive(std::uint32_t iterations);
  // Requires that derive() returned true.
  [[nodiscard]] std::string final_message();
  [[nodiscard]] Status on_server_final(std::string_view message);

 private:
  enum class Phase { kServerFirst, kDerive, kFinal, kServerFinal, kOver };

  [[nodiscard]] std::string client_first_bare() const;
  [[nodiscard]] std::string gs2_header() const;
  Status read_server_first(std::string_view message);

  std::shared_ptr<ScramCredential> credential_;
  Binding binding_;
  Bytes end_point_;
  ScramClientLimits limits_;
  Phase phase_ = Phase::kServerFirst;
  std::string client_nonce_;
  std::string nonce_;  // the client's and the server's
  std::string server_first_;
  Bytes salt_;
  std::uint32_t iterations_ = 0;
  std::optional<crypto::Pbkdf2> derivation_;
  ScramKeys keys_;
  std::string auth_message_;
};

}  // namespace tracegate::identity
