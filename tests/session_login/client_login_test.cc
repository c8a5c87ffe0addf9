#include "src/session/login/client_login.h"

#include "tests/session_login/messages.h"

namespace tracegate::session {
namespace {

using namespace testing;  // NOLINT: the vocabulary of these tests
using Next = ClientLoginStep::Next;

ClientLogin login_at(ListenerTls tls) {
  return ClientLogin({.tls = tls}, users(), mock());
}

// Feeds whole messages, one at a time, as a client that waits for its answers.
ClientLoginStep say(ClientLogin& login, std::string_view bytes) {
  ClientLoginStep step = login.on_bytes(as_bytes(bytes));
  if (step.next == Next::kReadMore) {
    EXPECT_EQ(step.consumed, bytes.size());
  }
  return step;
}

std::string sasl_initial(std::string_view mechanism, std::string_view response) {
  return encoded(proto::SASLInitialResponse{mechanism, as_bytes(response)});
}
std::string sasl_response(std::string_view data) {
  return encoded(proto::SASLResponse{as_bytes(data)});
}

// The SASL part of a login; the steps' bytes are appended to `transcript`.
ClientLoginStep authenticate(ClientLogin& login, std::string_view password,
                             std::string* transcript) {
  identity::ScramClient client(credential(password), identity::ScramClient::Binding::kUnsupported,
                               {});
  ClientLoginStep step = say(login, sasl_initial("SCRAM-SHA-256", client.first_message()));
  transcript->append(step.send);
  EXPECT_TRUE(client.on_server_first(sasl_continue_in(step.send)).ok());
  EXPECT_TRUE(client.derive(4096));
  step = say(login, sasl_response(client.final_message()));
  transcript->append(step.send);
  return step;
}

TEST(ClientLogin, PlaintextLoginWhereAllowed) {
  ClientLogin login = login_at(ListenerTls::kAllow);
  const auto asked = say(login, startup({{"user", "alice"},
                                         {"database", "traces"},
                                         {"application_name", "psql"},
                                         {"replication", "false"},
                                         {"options", "-c work_mem=1MB"}}));
  EXPECT_EQ(asked.send, authentication(proto::AuthenticationSASL{{"SCRAM-SHA-256"}}));
  std::string transcript;
  const auto done = authenticate(login, kPassword, &transcript);
  ASSERT_EQ(done.next, Next::kAuthenticated);
  // SASLFinal and nothing behind it: AuthenticationOk is the caller's to say.
  const auto frames = frames_of(done.send);
  ASSERT_EQ(frames.size(), 1U);
  proto::Authentication last;
  ASSERT_TRUE(decode(frames[0].body, last).ok());
  EXPECT_TRUE(std::holds_alternative<proto::AuthenticationSASLFinal>(last));

  ASSERT_TRUE(login.claim().has_value());
  EXPECT_EQ(login.claim()->user, "alice");
  EXPECT_EQ(login.claim()->database, "traces");
  EXPECT_EQ(login.claim()->version, (proto::ProtocolVersion{3, 0}));
  EXPECT_EQ(login.claim()->parameters,
            (std::vector<StartupParameter>{{"application_name", "psql"},
                                           {"options", "-c work_mem=1MB"}}));
  EXPECT_EQ(login.role(), "trace_reader");
  EXPECT_EQ(login.method(), "scram-sha-256");
  EXPECT_FALSE(login.encrypted());
}

TEST(ClientLogin, DatabaseIsNamedAfterTheUserByDefault) {
  ClientLogin login = login_at(ListenerTls::kAllow);
  static_cast<void>(say(login, startup({{"user", "alice"}})));
  EXPECT_EQ(login.claim()->database, "alice");
}

TEST(ClientLogin, BytesBehindTheLastAnswerAreLeftToTheSession) {
  ClientLogin login = login_at(ListenerTls::kAllow);
  static_cast<void>(say(login, startup({{"user", "alice"}})));
  identity::ScramClient client(credential(), identity::ScramClient::Binding::kUnsupported, {});
  const auto first = say(login, sasl_initial("SCRAM-SHA-256", client.first_message()));
  ASSERT_TRUE(client.on_server_first(sasl_continue_in(first.send)).ok());
  ASSERT_TRUE(client.derive(4096));
  const std::string answer = sasl_response(client.final_message());
  const auto done = login.on_bytes(as_bytes(answer + "Q early"));
  EXPECT_EQ(done.next, Next::kAuthenticated);
  EXPECT_EQ(done.consumed, answer.size());
}

TEST(ClientLogin, UnknownUserAndWrongPasswordLookAlike) {
  std::vector<std::string> transcripts;
  std::vector<std::string> reasons;
  for (const auto& [user, password] :
       {std::pair{"alice", "wrong"}, std::pair{"mary!", kPassword.data()}}) {
    ClientLogin login = login_at(ListenerTls::kAllow);
    std::string transcript = say(login, startup({{"user", user}})).send;
    const auto refused = authenticate(login, password, &transcript);
    EXPECT_EQ(refused.next, Next::kClose);
    EXPECT_EQ(error_in(refused.send),
              "28P01 password authentication failed for user \"" + std::string(user) + "\"");
    transcripts.push_back(transcript);
    reasons.push_back(login.refusal().sqlstate + " " + login.refusal().reason);
  }
  // Same messages of the same sizes; they differ in nonce, salt and the name.
  const auto shape = [](std::string_view transcript) {
    std::string out;
    for (const Frame& frame : frames_of(transcript))
      out.append(1, frame.type).append(std::to_string(frame.body.size())).append(" ");
    return out;
  };
  EXPECT_EQ(shape(transcripts[0]), shape(transcripts[1]));
  EXPECT_EQ(reasons[0], "28P01 wrong password");
  EXPECT_EQ(reasons[1], "28P01 no such user");
}

TEST(ClientLogin, RequireRefusesStartupWithoutTls) {
  ClientLogin login = login_at(ListenerTls::kRequire);
  const auto refused = say(login, startup({{"user", "alice"}}));
  EXPECT_EQ(refused.next, Next::kClose);
  EXPECT_EQ(error_in(refused.send), "28000 connections without TLS are refused");
  EXPECT_EQ(login.claim()->user, "alice");  // for the record
}

TEST(ClientLogin, OffAnswersNAndGoesOnInPlaintext) {
  ClientLogin login = login_at(ListenerTls::kOff);
  const auto answer = say(login, ssl_request());
  EXPECT_EQ(answer.send, "N");
  EXPECT_EQ(answer.next, Next::kReadMore);
  EXPECT_EQ(frames_of(say(login, startup({{"user", "alice"}})).send).size(), 1U);
}

TEST(ClientLogin, TlsIsStartedOnRequestAndPlusOffered) {
  for (const ListenerTls tls : {ListenerTls::kRequire, ListenerTls::kAllow}) {
    ClientLogin login = login_at(tls);
    const auto answer = say(login, ssl_request());
    EXPECT_EQ(answer.send, "S");
    ASSERT_EQ(answer.next, Next::kStartTls);
    ASSERT_EQ(login.on_tls({.end_point = end_point()}).next, Next::kReadMore);
    EXPECT_EQ(say(login, startup({{"user", "alice"}})).send,
              authentication(proto::AuthenticationSASL{{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}}));
    EXPECT_TRUE(login.encrypted());
  }
}

TEST(ClientLogin, PlusIsNotOfferedWithoutBindingData) {
  ClientLogin login = login_at(ListenerTls::kRequire);
  static_cast<void>(say(login, ssl_request()));
  static_cast<void>(login.on_tls({}));
  EXPECT_EQ(say(login, startup({{"user", "alice"}})).send,
            authentication(proto::AuthenticationSASL{{"SCRAM-SHA-256"}}));
}

TEST(ClientLogin, ClientThatSaysPlusWasNotOfferedIsRefused) {
  ClientLogin login = login_at(ListenerTls::kRequire);
  static_cast<void>(say(login, ssl_request()));
  static_cast<void>(login.on_tls({.end_point = end_point()}));
  static_cast<void>(say(login, startup({{"user", "alice"}})));
  const auto refused = say(login, sasl_initial("SCRAM-SHA-256", "y,,n=,r=nonce"));
  EXPECT_EQ(refused.next, Next::kClose);
  EXPECT_EQ(error_in(refused.send), "28000 SCRAM channel binding negotiation error");
}

TEST(ClientLogin, PlaintextBehindARequestIsDroppedUnparsed) {
  const std::string injected = startup({{"user", "alice"}});
  for (const ListenerTls tls : {ListenerTls::kRequire, ListenerTls::kAllow, ListenerTls::kOff}) {
    for (const std::string& request : {ssl_request(), gss_enc_request()}) {
      for (const std::size_t size : {std::size_t{1}, injected.size()}) {
        ClientLogin login = login_at(tls);
        const auto dropped = login.on_bytes(as_bytes(request + injected.substr(0, size)));
        EXPECT_EQ(dropped.next, Next::kClose);
        EXPECT_EQ(dropped.send, "");
        EXPECT_FALSE(login.claim().has_value());
      }
    }
  }
}

TEST(ClientLogin, GssIsDeclinedOnceAndTlsMayFollow) {
  ClientLogin login = login_at(ListenerTls::kRequire);
  EXPECT_EQ(say(login, gss_enc_request()).send, "N");
  const auto answer = say(login, ssl_request());
  EXPECT_EQ(answer.send, "S");
  EXPECT_EQ(answer.next, Next::kStartTls);
}

TEST(ClientLogin, RequestsDoNotAlternateForever) {
  for (const auto& [first, second, third] :
       {std::tuple{ssl_request(), gss_enc_request(), ssl_request()},
        std::tuple{gss_enc_request(), ssl_request(), gss_enc_request()}}) {
    ClientLogin login = login_at(ListenerTls::kOff);
    EXPECT_EQ(say(login, first).send, "N");
    EXPECT_EQ(say(login, second).send, "N");
    const auto refused = say(login, third);
    EXPECT_EQ(refused.next, Next::kClose);
    EXPECT_EQ(error_in(refused.send).substr(0, 5), "08P01");
  }
}

TEST(ClientLogin, RequestsInsideTlsAreRefused) {
  for (const std::string& request : {ssl_request(), gss_enc_request()}) {
    ClientLogin negotiated = login_at(ListenerTls::kRequire);
    static_cast<void>(say(negotiated, ssl_request()));
    static_cast<void>(negotiated.on_tls({}));
    EXPECT_EQ(error_in(say(negotiated, request).send).substr(0, 5), "08P01");

    ClientLogin direct = login_at(ListenerTls::kRequire);
    static_cast<void>(say(direct, "\x16"));
    static_cast<void>(direct.on_tls({.alpn_postgresql = true}));
    EXPECT_EQ(error_in(say(direct, request).send).substr(0, 5), "08P01");
  }
}

TEST(ClientLogin, DirectTlsNeedsAlpn) {
  ClientLogin login = login_at(ListenerTls::kRequire);
  const auto begin = login.on_bytes(as_bytes("\x16\x03\x01 a ClientHello"));
  EXPECT_EQ(begin.next, Next::kStartTls);
  EXPECT_EQ(begin.consumed, 0U);  // TLS reads it
  EXPECT_EQ(begin.send, "");
  EXPECT_EQ(login.on_tls({.alpn_postgresql = true, .end_point = end_point()}).next,
            Next::kReadMore);
  EXPECT_EQ(say(login, startup({{"user", "alice"}})).next, Next::kReadMore);

  ClientLogin without = login_at(ListenerTls::kRequire);
  static_cast<void>(without.on_bytes(as_bytes("\x16")));
  const auto closed = without.on_tls({.end_point = end_point()});
  EXPECT_EQ(closed.next, Next::kClose);
  EXPECT_EQ(closed.send, "");
}

TEST(ClientLogin, DirectTlsOnlyAsTheVeryFirstByteAndWhereOffered) {
  ClientLogin off = login_at(ListenerTls::kOff);
  EXPECT_EQ(off.on_bytes(as_bytes("\x16")).next, Next::kClose);

  ClientLogin late = login_at(ListenerTls::kRequire);
  static_cast<void>(say(late, gss_enc_request()));
  EXPECT_EQ(late.on_bytes(as_bytes("\x16")).next, Next::kClose);

  ClientLogin nested = login_at(ListenerTls::kRequire);
  static_cast<void>(say(nested, ssl_request()));
  static_cast<void>(nested.on_tls({.alpn_postgresql = true}));
  EXPECT_EQ(nested.on_bytes(as_bytes("\x16")).next, Next::kClose);
}

TEST(ClientLogin, CancelRequestsOfBothKeySizesPassEverywhere) {
  for (const ListenerTls tls : {ListenerTls::kRequire, ListenerTls::kAllow, ListenerTls::kOff}) {
    for (const std::size_t size : {4U, 32U, 256U}) {
      ClientLogin login = login_at(tls);
      const Bytes key(size, 7);
      const auto step = login.on_bytes(as_bytes(encoded(proto::CancelRequest{4711, key})));
      ASSERT_EQ(step.next, Next::kCancel);
      EXPECT_EQ(step.send, "");
      EXPECT_EQ(login.cancel_request().process_id, 4711);
      EXPECT_EQ(login.cancel_request().key, key);
    }
  }
}

TEST(ClientLogin, NewerVersionsAndOptionsAreNegotiated) {
  ClientLogin login = login_at(ListenerTls::kAllow);
  const auto asked =
      say(login, startup({{"user", "alice"}, {"_pq_.novelty", "1"}, {"_pq_.x", ""}}, {3, 9999}));
  const auto frames = frames_of(asked.send);
  ASSERT_EQ(frames.size(), 2U);
  proto::NegotiateProtocolVersion negotiate;
  ASSERT_EQ(frames[0].type, 'v');
  ASSERT_TRUE(decode(frames[0].body, negotiate).ok());
  EXPECT_EQ(negotiate.newest, (proto::ProtocolVersion{3, 2}));
  EXPECT_EQ(negotiate.options, (std::vector<std::string_view>{"_pq_.novelty", "_pq_.x"}));
  EXPECT_EQ(frames[1].type, 'R');
  EXPECT_EQ(login.claim()->version, (proto::ProtocolVersion{3, 2}));
  EXPECT_TRUE(login.claim()->parameters.empty());
}

TEST(ClientLogin, NegotiationNeverRaisesTheVersion) {
  ClientLogin login = login_at(ListenerTls::kAllow);
  const auto asked = say(login, startup({{"user", "alice"}, {"_pq_.x", ""}}));
  const auto frames = frames_of(asked.send);
  proto::NegotiateProtocolVersion negotiate;
  ASSERT_TRUE(decode(frames[0].body, negotiate).ok());
  EXPECT_EQ(negotiate.newest, (proto::ProtocolVersion{3, 0}));
}

TEST(ClientLogin, Version32NeedsNoNegotiation) {
  ClientLogin login = login_at(ListenerTls::kAllow);
  EXPECT_EQ(frames_of(say(login, startup({{"user", "alice"}}, {3, 2})).send).size(), 1U);
  EXPECT_EQ(login.claim()->version, (proto::ProtocolVersion{3, 2}));
}

TEST(ClientLogin, StartupMessagesThatAreRefused) {
  const std::string_view nul_terminated_garbage("\0\0\0\x0c\0\3\0\0user", 12);
  const std::pair<std::string, std::string_view> cases[] = {
      {startup({{"user", "alice"}}, {2, 0}), "0A000"},
      {startup({{"user", "alice"}}, {4, 0}), "0A000"},
      {startup({}), "28000"},
      {startup({{"database", "traces"}}), "28000"},
      {startup({{"user", ""}}), "28000"},
      {startup({{"user", "alice"}, {"replication", "true"}}), "0A000"},
      {startup({{"user", "alice"}, {"replication", "database"}}), "0A000"},
      {startup({{"user", "alice"}, {"replication", "1"}}), "0A000"},
      {startup({{"user", "alice"}, {"replication", ""}}), "0A000"},
      {startup({{"user", "alice"}, {"replication", "o"}}), "0A000"},
      {startup({{"user", "alice"}, {"user", "dba"}}), "08P01"},
      {startup({{"user", "alice"}, {"options", "a"}, {"options", "a"}}), "08P01"},
      {startup({{"user", "al\nice"}}), "08P01"},
      {startup({{"user", "al\x7fice"}}), "08P01"},
      {startup({{"user", "al\xc2\x9bice"}}), "08P01"},
      {startup({{"user", "al\xffice"}}), "08P01"},
      {startup({{"user", "alice"}, {"application_name", "\x1b[31m"}}), "08P01"},
      {startup({{"user", "alice"}, {"bad\tname", ""}}), "08P01"},
      {startup({{"user", "alice"}, {"_pq_.\r", ""}}), "08P01"},
      {std::string(nul_terminated_garbage), "08P01"},
      {"GET / HTTP/1.1\r\n", "08P01"},
  };
  for (const auto& [packet, sqlstate] : cases) {
    ClientLogin login = login_at(ListenerTls::kAllow);
    const auto refused = login.on_bytes(as_bytes(packet));
    EXPECT_EQ(refused.next, Next::kClose) << packet;
    EXPECT_EQ(error_in(refused.send).substr(0, 5), sqlstate) << packet;
    EXPECT_EQ(login.refusal().sqlstate, sqlstate);
    EXPECT_FALSE(login.refusal().reason.empty());
  }
}

TEST(ClientLogin, ReplicationOffIsNoReplication) {
  for (const char* value : {"false", "F", "no", "off", "OF", "0"}) {
    ClientLogin login = login_at(ListenerTls::kAllow);
    EXPECT_EQ(say(login, startup({{"user", "alice"}, {"replication", value}})).next,
              Next::kReadMore)
        << value;
  }
}

TEST(ClientLogin, NothingButSaslAnswersBeforeTheUserIsProven) {
  for (const std::string& message :
       {encoded(proto::SASLResponse{as_bytes("n,,n=,r=x")}),  // the body is not an initial response
        std::string("Q\0\0\0\x0dSELECT 1\0", 14), std::string("X\0\0\0\x04", 5),
        startup({{"user", "alice"}}), ssl_request(), std::string("\x16"),
        std::string("p\x7f\xff\xff\xff", 5), std::string("p\0\0\0\3", 5),
        std::string("p\0\0\x08\0", 5)}) {
    ClientLogin login = login_at(ListenerTls::kAllow);
    static_cast<void>(say(login, startup({{"user", "alice"}})));
    const auto refused = login.on_bytes(as_bytes(message));
    EXPECT_EQ(refused.next, Next::kClose) << message;
    EXPECT_EQ(frames_of(refused.send).size(), 1U);
  }
}

TEST(ClientLogin, PasswordInTheClearIsNoSaslAnswer) {
  ClientLogin login = login_at(ListenerTls::kAllow);
  static_cast<void>(say(login, startup({{"user", "alice"}})));
  const auto refused = login.on_bytes(as_bytes(encoded(proto::PasswordMessage{kPassword})));
  EXPECT_EQ(refused.next, Next::kClose);
  EXPECT_EQ(refused.send.find(kPassword), std::string::npos);
  EXPECT_EQ(login.refusal().reason.find(kPassword), std::string::npos);
}

TEST(ClientLogin, PartialPacketsWaitAndAreBounded) {
  // Every packet, cut anywhere, is a request for more.
  const std::string packet = startup({{"user", "alice"}});
  for (std::size_t size = 0; size < packet.size(); ++size) {
    ClientLogin login = login_at(ListenerTls::kAllow);
    const auto step = login.on_bytes(as_bytes(packet).first(size));
    EXPECT_EQ(step.next, Next::kReadMore);
    EXPECT_EQ(step.consumed, 0U);
  }
  // A length that would need more than the limit is refused from its first bytes.
  ClientLogin login = login_at(ListenerTls::kAllow);
  EXPECT_EQ(login.on_bytes(as_bytes(std::string_view("\0\0\x27\x15", 4))).next, Next::kClose);
}

// ---- Tokens.

ClientLogin token_login(LoginMethod method = LoginMethod::kToken) {
  return ClientLogin({.tls = ListenerTls::kAllow,
                      .method = method,
                      .tokens_in_clear = true,
                      .openid_configuration = "https://id.example/.well-known/openid-configuration",
                      .scope = "openid groups"},
                     users(), mock());
}
std::string password(std::string_view text) {
  return encoded(proto::PasswordMessage{text});
}

TEST(TokenLogin, IsAskedOfEverybodyAndVerifiedByTheCaller) {
  for (const char* user : {"alice", "trace_reader", "nobody"}) {
    ClientLogin login = token_login();
    EXPECT_EQ(say(login, startup({{"user", user}})).send,
              authentication(proto::AuthenticationCleartextPassword{}));
    const std::string token(16 << 10, 't');
    const auto asked = say(login, password(token));
    ASSERT_EQ(asked.next, Next::kVerifyToken);
    EXPECT_EQ(login.token().reveal(), token);
    EXPECT_EQ(login.claim()->user, user);
    const auto done = login.on_token({.accepted = true, .role = "trace_reader"});
    EXPECT_EQ(done.next, Next::kAuthenticated);
    EXPECT_EQ(done.send, "");
    EXPECT_EQ(login.role(), "trace_reader");
    EXPECT_EQ(login.method(), "token");
    EXPECT_TRUE(login.token().empty()) << "it is needed no more";
  }
}

TEST(TokenLogin, AllThatWillNotDoGetOneAnswer) {
  for (const char* reason : {"expired", "the role does not exist"}) {
    ClientLogin login = token_login();
    (void)say(login, startup({{"user", "trace_reader"}}));
    (void)say(login, password("a.b.c"));
    const auto done = login.on_token({.accepted = false, .reason = reason});
    EXPECT_EQ(done.next, Next::kClose);
    EXPECT_EQ(error_in(done.send), "28P01 token authentication failed for user \"trace_reader\"");
    EXPECT_EQ(login.refusal().reason, reason);
    EXPECT_EQ(login.refusal().sqlstate, "28P01");
  }
}

TEST(TokenLogin, InClearOnlyWhereTheListenerPermitsIt) {
  for (const LoginMethod method : {LoginMethod::kToken, LoginMethod::kOAuthBearer}) {
    ClientLogin login({.tls = ListenerTls::kAllow, .method = method}, users(), mock());
    const auto refused = say(login, startup({{"user", "trace_reader"}}));
    EXPECT_EQ(refused.next, Next::kClose);
    EXPECT_EQ(error_in(refused.send), "28000 tokens are not accepted without TLS");
  }
  ClientLogin login({.tls = ListenerTls::kAllow, .method = LoginMethod::kToken}, users(), mock());
  (void)say(login, ssl_request());
  (void)login.on_tls({});
  EXPECT_EQ(say(login, startup({{"user", "trace_reader"}})).send,
            authentication(proto::AuthenticationCleartextPassword{}));
}

TEST(TokenLogin, MessagesThatAreNoneEndIt) {
  for (const auto& [message, sqlstate] : std::vector<std::pair<std::string, std::string>>{
           {password(std::string(17 << 10, 't')), "54000"},
           {sasl_response("no zero byte"), "08P01"},
           {std::string("Q\0\0\0\x0eSELECT 1\0", 15), "08P01"}}) {
    ClientLogin login = token_login();
    (void)say(login, startup({{"user", "trace_reader"}}));
    EXPECT_EQ(login.on_bytes(as_bytes(message)).next, Next::kClose);
    EXPECT_EQ(login.refusal().sqlstate, sqlstate);
  }
}

TEST(OAuthBearerLogin, HandsOverTheToken) {
  ClientLogin login = token_login(LoginMethod::kOAuthBearer);
  EXPECT_EQ(say(login, startup({{"user", "trace_reader"}})).send,
            authentication(proto::AuthenticationSASL{{"OAUTHBEARER"}}));
  const auto asked = say(login, sasl_initial("OAUTHBEARER",
                                             "n,,\x01"
                                             "auth=Bearer a.b.c\x01\x01"));
  ASSERT_EQ(asked.next, Next::kVerifyToken);
  EXPECT_EQ(login.token().reveal(), "a.b.c");
  const auto done = login.on_token({.accepted = true, .role = "trace_reader"});
  EXPECT_EQ(done.next, Next::kAuthenticated);
  EXPECT_EQ(done.send, "");
  EXPECT_EQ(login.method(), "oauthbearer");
}

TEST(OAuthBearerLogin, TellsWhereToGetATokenBeforeItFails) {
  const std::string hint = R"({"status":"invalid_token","openid-configuration":)"
                           R"("https://id.example/.well-known/openid-configuration",)"
                           R"("scope":"openid groups"})";
  ClientLogin refused = token_login(LoginMethod::kOAuthBearer);
  (void)say(refused, startup({{"user", "trace_reader"}}));
  (void)say(refused, sasl_initial("OAUTHBEARER",
                                  "n,,\x01"
                                  "auth=Bearer a.b.c\x01\x01"));
  const auto step = refused.on_token({.accepted = false, .reason = "expired"});
  EXPECT_EQ(step.next, Next::kReadMore);
  EXPECT_EQ(sasl_continue_in(step.send), hint);
  const auto end = say(refused, sasl_response("\x01"));
  EXPECT_EQ(error_in(end.send), "28P01 token authentication failed for user \"trace_reader\"");
  EXPECT_EQ(refused.refusal().reason, "expired");

  ClientLogin asking = token_login(LoginMethod::kOAuthBearer);
  (void)say(asking, startup({{"user", "trace_reader"}}));
  EXPECT_EQ(sasl_continue_in(say(asking, sasl_initial("OAUTHBEARER",
                                                      "n,,\x01"
                                                      "auth=\x01\x01"))
                                 .send),
            hint);
  EXPECT_EQ(error_in(say(asking, sasl_response("\x01")).send), error_in(end.send));
  EXPECT_EQ(asking.refusal().reason, "the client asked where to get a token");
}

}  // namespace
}  // namespace tracegate::session
