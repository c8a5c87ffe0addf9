// The server's end of SASL OAUTHBEARER (RFC 7628), as libpq speaks it since PostgreSQL 18: one
// message with a bearer token, which the caller verifies; if the token will not do, one with where
// to get another, to which the client answers with a single 0x01 before the login fails.
//
// A client that has no token yet sends an empty one to ask where to get it (RFC 7628 section 4.3):
// it gets the same answer as one whose token is refused.
//
// A pure exchange: messages in, messages out. Refused are channel binding, which the mechanism does
// not have, authorization identities (the role asked for is the user of the start-up message), and
// whatever is not exactly in form. Errors never quote what the client sent.
// Threading: one exchange belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/base/secret.h"

namespace tracegate::identity {

inline constexpr std::string_view kOAuthBearer = "OAUTHBEARER";

class OAuthBearerServer {
 public:
  // `openid_configuration`: the URL of the discovery document of the issuer that clients should ask
  // (OpenID Connect Discovery 1.0 section 4); `scope`: what to ask it for, space separated. Either
  // may be empty: then the client is not told.
  OAuthBearerServer(std::string openid_configuration, std::string scope);

  struct Reply {
    enum class Verdict {
      kContinue,  // send `message`, wait for the next; an empty one asks for the first message
      kVerify,    // `token` is to be verified; if it will not do, reject()
      kFailed,    // the client knows why and how to do better; there is no message
      kRefused,   // malformed or not acceptable: `error`, with SQLSTATE
    };
    Verdict verdict = Verdict::kRefused;
    std::string message = {};
    Secret token = {};
    Error error = {};
  };

  // The client chose a mechanism by name.
  [[nodiscard]] Reply start(std::string_view mechanism,
                            std::optional<std::string_view> initial_response);
  // Each further message.
  [[nodiscard]] Reply on_message(std::string_view message);
  // After kVerify: the token will not do.
  [[nodiscard]] Reply reject();

 private:
  enum class Phase { kStart, kFirst, kVerifying, kRejected, kOver };

  Reply on_first(std::string_view message);
  Reply refuse(std::string_view why);

  std::string openid_configuration_;
  std::string scope_;
  Phase phase_ = Phase::kStart;
};

}  // namespace tracegate::identity
