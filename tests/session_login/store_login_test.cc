#include "src/session/login/store_login.h"

#include "tests/session_login/messages.h"

namespace tracegate::session {
namespace {

using namespace testing;  // NOLINT: the vocabulary of these tests
using Next = StoreLoginStep::Next;
using Source = StoreLoginFailure::Source;

StoreLoginSetup setup(StoreTls tls = StoreTls::kOff,
                      StoreAuthentication authentication = StoreAuthentication::kScram) {
  StoreLoginSetup with;
  with.tls = tls;
  with.authentication = authentication;
  with.user = "trace_reader";
  with.database = "traces";
  with.parameters = {{"application_name", "psql"}};
  with.credential = credential();
  return with;
}

std::string ready(proto::TransactionStatus status = proto::TransactionStatus::kIdle) {
  return encoded(proto::ReadyForQuery{status});
}
std::string ok() {
  return authentication(proto::AuthenticationOk{});
}
std::string offer(std::vector<std::string_view> mechanisms) {
  return authentication(proto::AuthenticationSASL{std::move(mechanisms)});
}
std::string sasl_continue(std::string_view data) {
  return authentication(proto::AuthenticationSASLContinue{as_bytes(data)});
}
std::string sasl_final(std::string_view data) {
  return authentication(proto::AuthenticationSASLFinal{as_bytes(data)});
}

// A store that knows the password.
class Store {
 public:
  explicit Store(Bytes store_end_point = {})
      : server_(&users().find("alice")->verifier, mock().verifier_for("trace_reader", {}),
                std::move(store_end_point)) {}

  // The answer to a SASLInitialResponse or SASLResponse.
  std::string answer(std::string_view frame) {
    const ByteView body = as_bytes(frame.substr(proto::FrameHeader::kSize));
    identity::ScramServer::Reply reply;
    if (!started_) {
      proto::SASLInitialResponse initial;
      EXPECT_TRUE(decode(body, initial).ok());
      mechanism_ = initial.mechanism;
      reply = server_.start(initial.mechanism, as_text(*initial.response));
      started_ = true;
    } else {
      reply = server_.on_message(as_text(body));
    }
    EXPECT_EQ(reply.error.message, "");
    if (reply.verdict == identity::ScramServer::Reply::Verdict::kContinue)
      return sasl_continue(reply.message);
    EXPECT_EQ(reply.verdict, identity::ScramServer::Reply::Verdict::kAuthenticated);
    return sasl_final(reply.message);
  }
  const std::string& mechanism() const { return mechanism_; }

 private:
  identity::ScramServer server_;
  bool started_ = false;
  std::string mechanism_;
};

StoreLoginStep hear(StoreLogin& login, std::string_view bytes) {
  return login.on_bytes(as_bytes(bytes));
}

// A login that stands before the store's AuthenticationOk, everything right so far.
std::unique_ptr<StoreLogin> proven() {
  auto login = std::make_unique<StoreLogin>(setup());
  Store store;
  static_cast<void>(login->start());
  auto step = hear(*login, offer({"SCRAM-SHA-256"}));
  step = hear(*login, store.answer(step.send));
  step = hear(*login, store.answer(step.send));
  EXPECT_EQ(step.next, Next::kReadMore) << login->failure().error.message;
  return login;
}

// Expects that the login fails on these bytes, by our own decision, without a byte more sent.
void expect_refused(StoreLogin& login, std::string_view bytes, std::string_view message_part) {
  const auto step = hear(login, bytes);
  ASSERT_EQ(step.next, Next::kFailed) << message_part;
  EXPECT_EQ(step.send, "");
  EXPECT_EQ(login.failure().source, Source::kGateway);
  EXPECT_NE(login.failure().error.message.find(message_part), std::string::npos)
      << login.failure().error.message;
}

TEST(StoreLogin, ScramLoginUntilReady) {
  StoreLogin login(setup());
  Store store;
  auto step = login.start();
  EXPECT_EQ(
      step.send,
      startup({{"user", "trace_reader"}, {"database", "traces"}, {"application_name", "psql"}}));
  step = hear(login, offer({"SCRAM-SHA-256"}));
  step = hear(login, store.answer(step.send));
  step = hear(login, store.answer(step.send));
  ASSERT_EQ(step.next, Next::kReadMore);
  const Bytes key{1, 2, 3, 4};
  const std::string greeting = ok() + encoded(proto::ParameterStatus{"server_version", "15.6"}) +
                               encoded(proto::ParameterStatus{"TimeZone", "UTC"}) +
                               encoded(proto::NoticeResponse{{{{'M', "be careful"}}}}) +
                               encoded(proto::BackendKeyData{4711, key}) + ready();
  step = hear(login, greeting + "Z more");
  ASSERT_EQ(step.next, Next::kReady) << login.failure().error.message;
  EXPECT_EQ(step.consumed, greeting.size());
  EXPECT_EQ(login.greeting().parameters,
            (std::vector<StartupParameter>{{"server_version", "15.6"}, {"TimeZone", "UTC"}}));
  EXPECT_EQ(login.greeting().process_id, 4711);
  EXPECT_EQ(login.greeting().cancel_key, key);
  EXPECT_EQ(login.greeting().notices, 1U);
}

TEST(StoreLogin, TlsComesFirst) {
  StoreLogin login(setup(StoreTls::kOn));
  EXPECT_EQ(login.start().send, ssl_request());
  const auto step = hear(login, "S");
  EXPECT_EQ(step.next, Next::kStartTls);
  EXPECT_EQ(step.consumed, 1U);
  EXPECT_EQ(step.send, "");
  EXPECT_EQ(login.on_tls(end_point()).send.substr(8, 4), "user");
}

TEST(StoreLogin, NothingButSAloneStartsTls) {
  for (const auto& [answer, part] :
       {std::pair{std::string("N"), "does not offer TLS"},
        std::pair{std::string("E") + std::string("\0\0\0\x08MHi\0", 8), "is not one"},
        std::pair{std::string("G"), "is not one"}, std::pair{std::string("\0", 1), "is not one"},
        std::pair{"S" + ok() + ready(), "unencrypted data"},
        std::pair{std::string("SS"), "unencrypted data"}}) {
    StoreLogin login(setup(StoreTls::kOn));
    static_cast<void>(login.start());
    expect_refused(login, answer, part);
    EXPECT_EQ(login.failure().error.message.find("Hi"), std::string::npos);
  }
}

TEST(StoreLogin, PlusIsTakenOverTlsWhenOffered) {
  StoreLogin login(setup(StoreTls::kOn));
  Store store(end_point());
  static_cast<void>(login.start());
  static_cast<void>(hear(login, "S"));
  static_cast<void>(login.on_tls(end_point()));
  auto step = hear(login, offer({"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}));
  step = hear(login, store.answer(step.send));
  step = hear(login, store.answer(step.send));
  EXPECT_EQ(store.mechanism(), "SCRAM-SHA-256-PLUS");
  EXPECT_EQ(hear(login, ok() + ready()).next, Next::kReady);
}

TEST(StoreLogin, HiddenOfferOfPlusIsToldToTheStore) {
  StoreLogin login(setup(StoreTls::kOn));
  static_cast<void>(login.start());
  static_cast<void>(hear(login, "S"));
  static_cast<void>(login.on_tls(end_point()));
  // "y": a store that did offer it refuses this, whoever took it out of the list.
  EXPECT_NE(hear(login, offer({"SCRAM-SHA-256"})).send.find("y,,n=,r="), std::string::npos);
}

TEST(StoreLogin, OffersThatAreRefused) {
  const auto refuse = [](StoreLoginSetup with, Bytes binding, std::string_view bytes,
                         std::string_view part) {
    const bool tls = with.tls == StoreTls::kOn;
    StoreLogin login(std::move(with));
    static_cast<void>(login.start());
    if (tls) {
      static_cast<void>(hear(login, "S"));
      static_cast<void>(login.on_tls(std::move(binding)));
    }
    expect_refused(login, bytes, part);
  };
  refuse(setup(), {}, offer({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}), "without TLS");
  refuse(setup(StoreTls::kOn), {}, offer({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}), "bound to");
  refuse(setup(), {}, offer({"SCRAM-SHA-1", "PLAIN", "OAUTHBEARER"}), "neither");
  refuse(setup(StoreTls::kOff, StoreAuthentication::kTrust), {}, offer({"SCRAM-SHA-256"}), "trust");
}

TEST(StoreLogin, WeakerAuthenticationIsNeverAnswered) {
  const proto::Authentication requests[] = {proto::AuthenticationCleartextPassword{},
                                            proto::AuthenticationMD5Password{{1, 2, 3, 4}},
                                            proto::AuthenticationKerberosV5{},
                                            proto::AuthenticationGSS{},
                                            proto::AuthenticationSSPI{},
                                            proto::AuthenticationGSSContinue{},
                                            proto::AuthenticationSASLContinue{},
                                            proto::AuthenticationSASLFinal{}};
  for (const proto::Authentication& request : requests) {
    for (const auto authentication : {StoreAuthentication::kScram, StoreAuthentication::kTrust}) {
      StoreLogin login(setup(StoreTls::kOff, authentication));
      static_cast<void>(login.start());
      expect_refused(login, encoded(request), "in a way that the policy does not accept");
    }
  }
}

TEST(StoreLogin, AuthenticationOkWithoutTheStoresProofFails) {
  StoreLogin at_once(setup());
  static_cast<void>(at_once.start());
  expect_refused(at_once, ok() + ready(), "without authentication");

  StoreLogin after_offer(setup());
  static_cast<void>(after_offer.start());
  static_cast<void>(hear(after_offer, offer({"SCRAM-SHA-256"})));
  expect_refused(after_offer, ok() + ready(), "cuts authentication short");

  StoreLogin after_proof(setup());
  Store store;
  static_cast<void>(after_proof.start());
  auto step = hear(after_proof, offer({"SCRAM-SHA-256"}));
  step = hear(after_proof, store.answer(step.send));
  ASSERT_NE(step.send.find(",p="), std::string::npos);
  expect_refused(after_proof, ok() + ready(), "cuts authentication short");
}

TEST(StoreLogin, StoreThatCannotProveItselfFails) {
  StoreLogin login(setup());
  Store store;
  static_cast<void>(login.start());
  auto step = hear(login, offer({"SCRAM-SHA-256"}));
  step = hear(login, store.answer(step.send));
  expect_refused(login, sasl_final("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                 "signature is wrong");
}

TEST(StoreLogin, HostileServerFirstFails) {
  for (const std::string_view tail : {",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=100000000",
                                      ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1", ",i=4096", ""}) {
    StoreLogin login(setup());
    static_cast<void>(login.start());
    const auto step = hear(login, offer({"SCRAM-SHA-256"}));
    const std::string nonce = step.send.substr(step.send.find("r=") + 2);
    std::string first("r=");
    first.append(nonce).append("x").append(tail);
    expect_refused(login, sasl_continue(first), "SCRAM");
  }
}

TEST(StoreLogin, ManyIterationsAreDerivedInSlices) {
  StoreLogin login(setup());
  static_cast<void>(login.start());
  auto step = hear(login, offer({"SCRAM-SHA-256"}));
  std::string first("r=");
  first.append(step.send.substr(step.send.find("r=") + 2))
      .append("x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=20000");
  const std::string early = ok() + ready();
  const std::string message = sasl_continue(first);
  step = hear(login, message + early);
  int slices = 1;
  ASSERT_EQ(step.next, Next::kWorkMore);
  EXPECT_EQ(step.consumed, message.size());
  // What comes meanwhile waits.
  const auto waiting = hear(login, early);
  EXPECT_EQ(waiting.next, Next::kWorkMore);
  EXPECT_EQ(waiting.consumed, 0U);
  while (step.next == Next::kWorkMore) {
    step = login.work();
    ++slices;
  }
  EXPECT_EQ(slices, 5);
  EXPECT_NE(step.send.find(",p="), std::string::npos);
  expect_refused(login, early, "cuts authentication short");
}

TEST(StoreLogin, TrustTakesAuthenticationOkAtOnce) {
  StoreLoginSetup with = setup(StoreTls::kOff, StoreAuthentication::kTrust);
  with.credential = nullptr;
  StoreLogin login(std::move(with));
  static_cast<void>(login.start());
  EXPECT_EQ(hear(login, ok() + ready()).next, Next::kReady);
  EXPECT_TRUE(login.greeting().cancel_key.empty());
}

TEST(StoreLogin, ErrorsOfTheStoreAreCutAndMadePrintable) {
  StoreLogin login(setup());
  static_cast<void>(login.start());
  const std::string text = "no\x1b[2J\nsuch role \xff" + std::string(5000, 'x');
  const auto step =
      hear(login, encoded(proto::ErrorResponse{{{{'S', "FATAL"}, {'C', "28P01"}, {'M', text}}}}));
  ASSERT_EQ(step.next, Next::kFailed);
  const StoreLoginFailure& failure = login.failure();
  EXPECT_EQ(failure.source, Source::kStore);
  EXPECT_EQ(failure.error.sqlstate, "28P01");
  EXPECT_FALSE(failure.authenticated);
  EXPECT_TRUE(failure.error.message.starts_with("no\\x1b[2J\\x0asuch role \\xffxxx"));
  EXPECT_LE(failure.error.message.size(), 1024U);
}

TEST(StoreLogin, ErrorWithoutSqlstateOrTextIsStillAnError) {
  StoreLogin login(setup());
  static_cast<void>(login.start());
  ASSERT_EQ(hear(login, encoded(proto::ErrorResponse{})).next, Next::kFailed);
  EXPECT_EQ(login.failure().source, Source::kStore);
  EXPECT_EQ(login.failure().error.sqlstate, "");
}

TEST(StoreLogin, ErrorAfterAuthenticationFailsToo) {
  const auto login = proven();
  ASSERT_EQ(
      hear(*login,
           ok() + encoded(proto::ErrorResponse{{{{'C', "53300"}, {'M', "too many connections"}}}}))
          .next,
      Next::kFailed);
  EXPECT_EQ(login->failure().error.sqlstate, "53300");
  EXPECT_TRUE(login->failure().authenticated);
}

TEST(StoreLogin, GreetingFaultsFail) {
  const Bytes key{1, 2, 3, 4};
  const std::string key_data = encoded(proto::BackendKeyData{1, key});
  const std::pair<std::string, std::string_view> cases[] = {
      {ready(proto::TransactionStatus::kInTransaction), "inside a transaction"},
      {ready(proto::TransactionStatus::kFailed), "inside a transaction"},
      {key_data + key_data, "two cancel keys"},
      {std::string("K\0\0\0\x0b\0\0\0\1abc", 12), "malformed"},
      {std::string("Z\0\0\0\x04", 5), "malformed"},
      {std::string("Z\0\0\0\x05X", 6), "malformed"},
      {std::string("S\0\0\0\x06\0a", 7), "malformed"},
      {std::string("S\x7f\xff\xff\xff", 5), "malformed"},
      {std::string("S\xff\xff\xff\xff", 5), "malformed"},
      {std::string("S\0\0\x20\0", 5), "malformed"},
      {std::string("D\0\0\0\x06\0\0", 7), "that no login has"},
      {std::string("T\0\0\0\x06\0\0", 7), "that no login has"},
      {std::string("A", 1), "that no login has"},
      {std::string("\0", 1), "that no login has"},
      {ok(), "in a way"},
      {offer({"SCRAM-SHA-256"}), "in a way"},
      {encoded(proto::NegotiateProtocolVersion{proto::kOldestVersion, {}}), "protocol 3.0"},
  };
  for (const auto& [bytes, part] : cases) {
    const auto login = proven();
    // A second AuthenticationOk is one too many.
    const std::string expected = bytes == ok() ? "cuts authentication short" : std::string(part);
    expect_refused(*login, ok() + bytes, expected);
  }
}

TEST(StoreLogin, GreetingBeforeAuthenticationFails) {
  const Bytes key{1, 2, 3, 4};
  for (const std::string& bytes : {ready(), encoded(proto::ParameterStatus{"a", "b"}),
                                   encoded(proto::BackendKeyData{1, key})}) {
    StoreLogin login(setup());
    static_cast<void>(login.start());
    expect_refused(login, bytes, "without having authenticated");
    const auto before_ok = proven();
    expect_refused(*before_ok, bytes, "without having authenticated");
  }
}

TEST(StoreLogin, EndlessGreetingsFail) {
  for (const std::string& message : {encoded(proto::ParameterStatus{"a", "b"}),
                                     encoded(proto::NoticeResponse{{{{'M', "again"}}}})}) {
    const auto login = proven();
    auto step = hear(*login, ok());
    int count = 0;
    while (step.next == Next::kReadMore && ++count < 10000) step = hear(*login, message);
    EXPECT_EQ(step.next, Next::kFailed);
    EXPECT_LT(count, 1000);
  }
}

TEST(StoreLogin, StartupThatWouldSaySomethingElseIsNotSent) {
  for (const StartupParameter& parameter :
       {StartupParameter{std::string("a\0user", 6), "dba"},
        StartupParameter{"a", std::string("b\0c", 3)}, StartupParameter{"", "x"},
        StartupParameter{"a", std::string(10000, 'x')}}) {
    StoreLoginSetup with = setup();
    with.parameters.push_back(parameter);
    StoreLogin login(std::move(with));
    const auto step = login.start();
    EXPECT_EQ(step.next, Next::kFailed);
    EXPECT_EQ(step.send, "");
  }
}

}  // namespace
}  // namespace tracegate::session
