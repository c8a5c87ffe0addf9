// The two logins talking to each other: the gateway's store side logs in at its client side.
#include "src/session/login/client_login.h"
#include "src/session/login/store_login.h"
#include "tests/session_login/messages.h"

namespace tracegate::session {
namespace {

using namespace testing;  // NOLINT: the vocabulary of these tests

enum class Pace { kWhole, kByteByByte };

struct Setting {
  ListenerTls listener = ListenerTls::kAllow;
  StoreTls dialler = StoreTls::kOff;
  Bytes server_end_point = {};
  Bytes client_end_point = {};
  std::string user = "alice";
  std::string_view password = kPassword;
  Pace pace = Pace::kWhole;
};

struct Outcome {
  ClientLoginStep::Next server_end = ClientLoginStep::Next::kReadMore;
  StoreLoginStep::Next client_end = StoreLoginStep::Next::kReadMore;
  std::string failure;  // as the client sees it
  std::string method;
  std::string shape;  // types of the server's messages
};

class Conversation {
 public:
  explicit Conversation(const Setting& setting)
      : setting_(setting),
        server_({.tls = setting.listener}, users(), mock()),
        client_(dialler_of(setting)) {}

  Outcome run() {
    on_client_step(client_.start());
    while (!to_server_.sent.empty() || !to_client_.sent.empty()) {
      to_server_.deliver(setting_.pace);
      if (out_.server_end == ClientLoginStep::Next::kReadMore && !to_server_.received.empty())
        on_server_step(server_.on_bytes(as_bytes(to_server_.received)));
      to_client_.deliver(setting_.pace);
      if (out_.client_end == StoreLoginStep::Next::kReadMore && !to_client_.received.empty())
        on_client_step(client_.on_bytes(as_bytes(to_client_.received)));
    }
    return out_;
  }

 private:
  // One direction's bytes.
  struct Wire {
    std::string sent;      // not delivered yet
    std::string received;  // delivered, not consumed yet
    void deliver(Pace pace) {
      const std::size_t count =
          pace == Pace::kWhole ? sent.size() : std::min<std::size_t>(1, sent.size());
      received.append(sent, 0, count);
      sent.erase(0, count);
    }
  };

  static StoreLoginSetup dialler_of(const Setting& setting) {
    StoreLoginSetup setup;
    setup.tls = setting.dialler;
    setup.user = setting.user;
    setup.database = "traces";
    setup.credential = credential(setting.password);
    return setup;
  }

  void on_client_step(const StoreLoginStep& step) {
    to_client_.received.erase(0, step.consumed);
    to_server_.sent += step.send;
    out_.client_end = step.next;
    if (step.next == StoreLoginStep::Next::kStartTls)
      on_client_step(client_.on_tls(setting_.client_end_point));
    if (step.next == StoreLoginStep::Next::kFailed) out_.failure = client_.failure().error.message;
  }

  void on_server_step(const ClientLoginStep& step) {
    to_server_.received.erase(0, step.consumed);
    to_client_.sent += step.send;
    if (step.send.size() > 1)
      for (const Frame& frame : frames_of(step.send)) out_.shape.push_back(frame.type);
    out_.server_end = step.next;
    if (step.next == ClientLoginStep::Next::kStartTls)
      on_server_step(server_.on_tls({.end_point = setting_.server_end_point}));
    if (step.next != ClientLoginStep::Next::kAuthenticated) return;
    out_.method = server_.method();
    to_client_.sent += authentication(proto::AuthenticationOk{}) +
                       encoded(proto::ParameterStatus{"server_version", "15.6"}) +
                       encoded(proto::BackendKeyData{1, as_bytes("keys")}) +
                       encoded(proto::ReadyForQuery{});
  }

  Setting setting_;
  ClientLogin server_;
  StoreLogin client_;
  Wire to_server_;
  Wire to_client_;
  Outcome out_;
};

Outcome converse(const Setting& setting) {
  return Conversation(setting).run();
}

TEST(BothLogins, SucceedInEverySettingAtEveryPace) {
  for (const Pace pace : {Pace::kWhole, Pace::kByteByByte}) {
    for (const ListenerTls listener : {ListenerTls::kAllow, ListenerTls::kOff}) {
      const Outcome plain = converse({.listener = listener, .pace = pace});
      EXPECT_EQ(plain.client_end, StoreLoginStep::Next::kReady) << plain.failure;
      EXPECT_EQ(plain.method, "scram-sha-256");
      EXPECT_EQ(plain.shape, "RRR");
    }
    for (const ListenerTls listener : {ListenerTls::kAllow, ListenerTls::kRequire}) {
      const Outcome bound = converse({.listener = listener,
                                      .dialler = StoreTls::kOn,
                                      .server_end_point = end_point(),
                                      .client_end_point = end_point(),
                                      .pace = pace});
      EXPECT_EQ(bound.client_end, StoreLoginStep::Next::kReady) << bound.failure;
      EXPECT_EQ(bound.method, "scram-sha-256-plus");
      EXPECT_EQ(bound.shape, "RRR");

      // A certificate that defines no binding: TLS without -PLUS.
      const Outcome unbound =
          converse({.listener = listener, .dialler = StoreTls::kOn, .pace = pace});
      EXPECT_EQ(unbound.client_end, StoreLoginStep::Next::kReady) << unbound.failure;
      EXPECT_EQ(unbound.method, "scram-sha-256");
    }
  }
}

TEST(BothLogins, FailAlikeAtEveryPace) {
  for (const Pace pace : {Pace::kWhole, Pace::kByteByByte}) {
    for (const auto& [user, password] :
         {std::pair<std::string, std::string_view>{"alice", "wrong"}, {"nobody", kPassword}}) {
      const Outcome refused = converse({.user = user, .password = password, .pace = pace});
      EXPECT_EQ(refused.server_end, ClientLoginStep::Next::kClose);
      EXPECT_EQ(refused.failure, "password authentication failed for user \"" + user + "\"");
      EXPECT_EQ(refused.shape, "RRE");
    }
    const Outcome in_the_clear = converse({.listener = ListenerTls::kRequire, .pace = pace});
    EXPECT_EQ(in_the_clear.failure, "connections without TLS are refused");

    const Outcome no_tls_there =
        converse({.listener = ListenerTls::kOff, .dialler = StoreTls::kOn, .pace = pace});
    EXPECT_EQ(no_tls_there.client_end, StoreLoginStep::Next::kFailed);
    EXPECT_EQ(no_tls_there.shape, "");
  }
}

TEST(BothLogins, SomebodyWithAnotherCertificateInBetweenIsNoticed) {
  const Outcome intercepted = converse({.listener = ListenerTls::kRequire,
                                        .dialler = StoreTls::kOn,
                                        .server_end_point = end_point(1),
                                        .client_end_point = end_point(2)});
  EXPECT_EQ(intercepted.server_end, ClientLoginStep::Next::kClose);
  EXPECT_EQ(intercepted.failure, "SCRAM channel binding check failed");
}

}  // namespace
}  // namespace tracegate::session
