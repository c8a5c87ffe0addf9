// What tests of the logins say and read: messages of both sides, local users, one password.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/auth.h"
#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "proto_pg/framer.h"
#include "proto_pg/startup.h"
#include "src/identity/local_user.h"
#include "src/identity/scram_client.h"
#include "src/identity/scram_server.h"

namespace tracegate::session::testing {

inline constexpr std::string_view kPassword = "correct horse battery staple";

// One user, alice, with kPassword.
class OneUser : public identity::LocalUsers {
 public:
  OneUser()
      : alice_{"trace_reader", identity::make_verifier(Secret(std::string(kPassword))).value()} {}
  const identity::LocalUser* find(std::string_view user) const override {
    return user == "alice" ? &alice_ : nullptr;
  }
  std::span<const identity::ScramForm> forms() const override { return {&form_, 1}; }

 private:
  identity::LocalUser alice_;
  identity::ScramForm form_ = alice_.verifier.form();
};

inline const OneUser& users() {
  static const OneUser instance;
  return instance;
}
inline const identity::ScramMock& mock() {
  static const identity::ScramMock instance(Secret("mock secret"));
  return instance;
}
inline std::shared_ptr<identity::ScramCredential> credential(
    std::string_view password = kPassword) {
  return std::make_shared<identity::ScramCredential>(Secret(std::string(password)));
}
inline Bytes end_point(std::uint8_t fill = 0x42) {
  return Bytes(32, fill);
}

template <typename Message>
std::string encoded(const Message& message) {
  std::string out;
  encode(message, out);
  return out;
}
inline std::string ssl_request() {
  std::string out;
  proto::encode_ssl_request(out);
  return out;
}
inline std::string gss_enc_request() {
  std::string out;
  proto::encode_gss_enc_request(out);
  return out;
}
inline std::string startup(std::vector<proto::StartupParameter> parameters,
                           proto::ProtocolVersion version = proto::kOldestVersion) {
  return encoded(proto::StartupMessage{version, std::move(parameters)});
}
inline std::string authentication(proto::Authentication message) {
  return encoded(message);
}

// The frames that stand one behind the other in `bytes`.
struct Frame {
  char type = 0;
  ByteView body;
};
inline std::vector<Frame> frames_of(std::string_view bytes) {
  const proto::Framer framer(proto::Direction::kFromServer, {});
  std::vector<Frame> frames;
  ByteView rest = as_bytes(bytes);
  while (!rest.empty()) {
    proto::FrameHeader header;
    proto::DecodeError error;
    if (framer.peek(rest, header, error) != proto::PeekStatus::kWhole) {
      ADD_FAILURE() << "not whole frames: " << error.message;
      break;
    }
    frames.push_back({header.type, body_of(rest, header)});
    rest = rest.subspan(header.total());
  }
  return frames;
}

// The only frame in `bytes`, an ErrorResponse; "SQLSTATE message".
inline std::string error_in(std::string_view bytes) {
  const std::vector<Frame> frames = frames_of(bytes);
  proto::ErrorResponse error;
  if (frames.size() != 1 || frames[0].type != 'E' || decode(frames[0].body, error))
    return "not one ErrorResponse";
  EXPECT_EQ(error.find(proto::error_field::kSeverityNonlocalized), "FATAL");
  return std::string(error.sqlstate()).append(" ").append(error.find(proto::error_field::kMessage));
}

// The data of the only frame in `bytes`, an AuthenticationSASLContinue.
inline std::string sasl_continue_in(std::string_view bytes) {
  const std::vector<Frame> frames = frames_of(bytes);
  proto::Authentication message;
  if (frames.size() != 1 || decode(frames[0].body, message) ||
      !std::holds_alternative<proto::AuthenticationSASLContinue>(message))
    return "not one AuthenticationSASLContinue";
  return std::string(as_text(std::get<proto::AuthenticationSASLContinue>(message).data));
}

}  // namespace tracegate::session::testing
