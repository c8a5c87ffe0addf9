// The login of an arbitrary client. Input: one byte that chooses the listener's TLS mode and method
// and whether certificate and ALPN are there, one byte that says how many bytes arrive at a time,
// then the bytes; TLS is taken off them already. A token is good if it is "good".
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto_pg/framer.h"
#include "src/session/login/client_login.h"

namespace {

using namespace tracegate;  // NOLINT
using session::ClientLogin;
using session::ClientLoginStep;

class OneUser : public identity::LocalUsers {
 public:
  const identity::LocalUser* find(std::string_view user) const override {
    return user == "alice" ? &alice_ : nullptr;
  }
  std::span<const identity::ScramForm> forms() const override { return {&form_, 1}; }

 private:
  identity::LocalUser alice_{
      "trace_reader", identity::ScramVerifier::parse("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
                                                     "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
                                                     "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")
                          .value()};
  identity::ScramForm form_ = alice_.verifier.form();
};

// What we send is one byte of a negotiation, or whole frames, of which an error is the last.
void check_answer(const ClientLoginStep& step) {
  static const proto::Framer framer(proto::Direction::kFromServer, {});
  if (step.send == "N" || step.send == "S") return;
  ByteView rest = as_bytes(step.send);
  while (!rest.empty()) {
    proto::FrameHeader header;
    proto::DecodeError error;
    TG_CHECK(framer.peek(rest, header, error) == proto::PeekStatus::kWhole, "we sent a torn frame");
    const bool last = header.total() == rest.size();
    TG_CHECK(header.backend() != proto::BackendType::kErrorResponse ||
                 (last && step.next == ClientLoginStep::Next::kClose),
             "an error that does not end the login");
    rest = rest.subspan(header.total());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const OneUser users;
  static const identity::ScramMock mock(Secret("mock secret"));
  if (size < 2) return 0;
  const unsigned choices = data[0];
  const std::size_t pace = std::max<std::size_t>(1, data[1]);
  const ByteView stream(data + 2, size - 2);

  const auto method = static_cast<session::LoginMethod>((choices >> 3 & 7) % 3);
  ClientLogin login(
      {.tls = static_cast<session::ListenerTls>(choices % 3),
       .method = method,
       .tokens_in_clear = (choices & 32) != 0,
       .openid_configuration = "https://issuer.example/.well-known/openid-configuration",
       .scope = "openid"},
      users, mock);
  bool has_good_token = false;
  std::size_t from = 0;
  std::size_t to = 0;
  while (to < stream.size()) {
    to = std::min(stream.size(), to + pace);
    ClientLoginStep step = login.on_bytes(stream.subspan(from, to - from));
    TG_CHECK(step.consumed <= to - from, "more consumed than there was");
    check_answer(step);
    from += step.consumed;
    if (step.next == ClientLoginStep::Next::kStartTls) {
      TG_CHECK(login.claim() == std::nullopt, "a claim from before TLS");
      step = login.on_tls({.alpn_postgresql = (choices & 64) != 0,
                           .end_point = (choices & 128) != 0 ? Bytes(32, 1) : Bytes()});
    }
    if (step.next == ClientLoginStep::Next::kVerifyToken) {
      TG_CHECK(method != session::LoginMethod::kScram, "a token where a password is asked for");
      TG_CHECK(login.encrypted() || (choices & 32) != 0, "a token in clear");
      has_good_token = login.token().reveal() == "good";
      step = login.on_token({has_good_token, "trace_reader", "it is not good"});
      check_answer(step);
    }
    TG_CHECK(step.next != ClientLoginStep::Next::kAuthenticated || has_good_token,
             "nobody can know our nonce");
    if (step.next != ClientLoginStep::Next::kReadMore) break;
    TG_CHECK(to - from <= session::kMaxLoginInput + 255, "input is hoarded");
  }
  return 0;
}
