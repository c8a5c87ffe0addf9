// The server's end of SASL SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677, channel
// binding tls-server-end-point of RFC 5929), in PostgreSQL's dialect: the user is the one of the
// start-up message, the name inside the exchange is ignored.
//
// A pure exchange: messages in, messages out. It never says whether the user or the password was
// wrong: for a user who does not exist the same exchange runs against a mock verifier, with the
// same computations, and fails at the same place. Refused are authorization identities, mandatory
// extensions (m=), a client that says that we do not support channel binding when we offered it
// ("y": somebody took the offer out on the way), and whatever is not exactly in form.
// Threading: one exchange belongs to one thread; a ScramMock may be shared.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/base/secret.h"
#include "src/identity/scram_message.h"
#include "src/identity/scram_verifier.h"

namespace tracegate::identity {

// Makes up verifiers for users who do not exist: always the same one for the same name, so that
// asking twice tells nothing. `secret` should outlive restarts and be shared by the gateways behind
// one address: a salt that changes with a restart gives the name away as not existing.
class ScramMock {
 public:
  explicit ScramMock(Secret secret) : secret_(std::move(secret)) {}

  // `forms`: of the users who do exist, sorted. The verifier has one of them, each as often over
  // all names as it is among the users, so that iterations and length of a salt tell nothing
  // either; the default form if there are none. A user more or less changes the form of few names.
  [[nodiscard]] ScramVerifier verifier_for(std::string_view user,
                                           std::span<const ScramForm> forms) const;

 private:
  Secret secret_;
};

class ScramServer {
 public:
  // `verifier`: null for a user who does not exist; copied. `mock`: what ScramMock has for the
  // name, made up for everybody, so that it takes as long for those who exist. `end_point`:
  // tls_server_end_point() of our certificate; empty without TLS or where it has none, then -PLUS
  // is not offered.
  ScramServer(const ScramVerifier* verifier, ScramVerifier mock, Bytes end_point,
              std::string nonce = make_scram_nonce());

  // What to offer, best first.
  [[nodiscard]] std::vector<ScramMechanism> mechanisms() const;

  struct Reply {
    enum class Verdict {
      kContinue,       // send `message`, wait for the next
      kAuthenticated,  // send `message`, the last one
      kWrongProof,     // wrong password or no such user; there is no message
      kRefused,        // malformed or not acceptable: `error`, with SQLSTATE
    };
    Verdict verdict = Verdict::kRefused;
    std::string message;
    Error error;
  };

  // The client chose a mechanism by name. With no initial response, the reply is an empty message
  // that asks for it.
  [[nodiscard]] Reply start(std::string_view mechanism,
                            std::optional<std::string_view> initial_response);
  // Each further message. After a verdict other than kContinue the exchange is over and every
  // further message is refused.
  [[nodiscard]] Reply on_message(std::string_view message);

  // Requires a start() that was not refused.
  [[nodiscard]] ScramMechanism mechanism() const { return mechanism_; }

 private:
  enum class Phase { kStart, kClientFirst, kClientFinal, kOver };

  Reply on_client_first(std::string_view message);
  Reply on_client_final(std::string_view message);
  // Checks the gs2 header at the front of the client's first message and cuts it off.
  Status take_gs2_header(std::string_view& message);
  [[nodiscard]] Status check_channel_binding(std::string_view value) const;
  [[nodiscard]] bool proof_is_right(const crypto::Sha256Digest& proof,
                                    std::string_view auth_message) const;
  Reply refuse(Error error);

  bool user_exists_;
  ScramVerifier verifier_;
  Bytes end_point_;
  std::string nonce_;  // ours; after the client's first message the client's and ours
  Phase phase_ = Phase::kStart;
  ScramMechanism mechanism_ = ScramMechanism::kSha256;
  std::string gs2_header_;
  std::string client_first_bare_;
  std::string server_first_;
};

}  // namespace tracegate::identity
