#include "src/net/tls.h"

#include "src/net/tls_channel.h"
#include "tests/net/harness.h"
#include "tests/net/pki.h"
#include "tests/net/raw_socket.h"

namespace tracegate::net {
namespace {

using ServerContext = std::shared_ptr<const TlsServerContext>;
using ClientContext = std::shared_ptr<const TlsClientContext>;

constexpr const char* kUnknownAuthority =
    "TLS handshake failed: certificate verify failed: self-signed certificate in certificate chain";

class TlsTest : public testing::Test {
 protected:
  static ServerContext serve_as(const Identity& identity) {
    auto context = TlsServerContext::load(identity.certificate_file, identity.key_file);
    EXPECT_TRUE(context.ok()) << context.error().message;
    return *context;
  }
  static ClientContext client_with(const TlsClientSettings& settings) {
    auto context = TlsClientContext::load(settings);
    EXPECT_TRUE(context.ok()) << context.error().message;
    return *context;
  }
  // A client as our settings do not make them.
  template <typename Change>
  static ClientContext odd_client(Change change) {
    SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
    change(context.get());
    return std::make_shared<const TlsClientContext>(
        std::make_unique<const TlsContextCore>(std::move(context)));
  }
  ClientContext trusting_client() { return client_with({.ca_file = pki.ca_file()}); }

  // Starts TLS on both ends and runs until both know how it went.
  void handshake(const ServerContext& server, const ClientContext& client,
                 const std::string& name = "db.test") {
    pair.server->start_tls_server(server);
    pair.client->start_tls_client(client, name);
    ASSERT_TRUE(loop.run_until([&] {
      return (pair.at_server.tls || pair.at_server.closed) &&
             (pair.at_client.tls || pair.at_client.closed);
    }));
  }
  // What the client says about a server that it must not accept.
  std::string refusal(const Identity& identity, const TlsClientSettings& settings,
                      const std::string& name) {
    handshake(serve_as(identity), client_with(settings), name);
    EXPECT_FALSE(pair.at_client.tls);
    EXPECT_TRUE(loop.run_until([&] { return pair.at_client.closed && pair.at_server.closed; }));
    return pair.at_client.closed.value_or("accepted");
  }

  TestLoop loop;
  Pki pki;
  Identity db = pki.issue("db.test", "DNS:db.test,IP:127.0.0.1");
  Pair pair{loop};
};

TEST_F(TlsTest, BothEndsLearnWhatWasAgreed) {
  const ServerContext server = serve_as(db);
  handshake(server, trusting_client());
  ASSERT_TRUE(pair.at_server.tls && pair.at_client.tls);
  EXPECT_EQ(pair.at_client.tls->version, "TLSv1.3");
  EXPECT_EQ(pair.at_server.tls->version, "TLSv1.3");
  EXPECT_EQ(pair.at_server.tls->cipher.substr(0, 4), "TLS_");
  EXPECT_EQ(pair.at_server.tls->alpn, kAlpnPostgresql);
  EXPECT_EQ(pair.at_client.tls->alpn, kAlpnPostgresql);
  EXPECT_EQ(pair.at_client.tls->peer_certificate_der, server->server_certificate_der());
  EXPECT_TRUE(pair.at_server.tls->peer_certificate_der.empty());
  EXPECT_FALSE(pair.at_server.tls->was_direct);
}

TEST_F(TlsTest, CarriesDataBothWays) {
  handshake(serve_as(db), trusting_client());
  pair.at_server.data_hook = [](Stream& stream, ByteView bytes) { stream.write(bytes); };
  const std::array<ByteView, 3> pieces = {as_bytes("SELECT"), ByteView{}, as_bytes(" 1")};
  pair.client->write(pieces);
  EXPECT_TRUE(loop.run_until([&] { return pair.at_client.received == "SELECT 1"; }));
  EXPECT_EQ(pair.at_server.events, (std::vector<std::string>{"tls", "data"}))
      << "small pieces share a record";
}

TEST_F(TlsTest, SpeaksTls12) {
  handshake(serve_as(db), odd_client([](SSL_CTX* context) {
              SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
            }));
  ASSERT_TRUE(pair.at_server.tls) << pair.at_server.closed.value_or("");
  EXPECT_EQ(pair.at_server.tls->version, "TLSv1.2");
  pair.client->write(as_bytes("x"));
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.received == "x"; }));
}

TEST_F(TlsTest, RefusesTls11) {
  handshake(serve_as(db), odd_client([](SSL_CTX* context) {
              SSL_CTX_set_security_level(context, 0);
              SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
            }));
  EXPECT_EQ(pair.at_server.closed, "TLS handshake failed: unsupported protocol");
}

TEST_F(TlsTest, RefusesCiphersWithoutForwardSecrecy) {
  handshake(serve_as(db), odd_client([](SSL_CTX* context) {
              SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
              SSL_CTX_set_cipher_list(context, "ECDHE+AES128+SHA:AES128-SHA");
            }));
  EXPECT_EQ(pair.at_server.closed, "TLS handshake failed: no shared cipher");
}

TEST_F(TlsTest, ServesClientsWithoutAlpn) {
  handshake(serve_as(db), client_with({.ca_file = pki.ca_file(), .alpn = OfferAlpn::kNone}));
  ASSERT_TRUE(pair.at_server.tls && pair.at_client.tls);
  EXPECT_EQ(pair.at_server.tls->alpn, "");
}

TEST_F(TlsTest, FindsPostgresqlAmongOtherAlpnNames) {
  handshake(serve_as(db), odd_client([](SSL_CTX* context) {
              const unsigned char names[] = "\x02h2\x0apostgresql";
              SSL_CTX_set_alpn_protos(context, names, sizeof names - 1);
            }));
  ASSERT_TRUE(pair.at_server.tls);
  EXPECT_EQ(pair.at_server.tls->alpn, kAlpnPostgresql);
}

TEST_F(TlsTest, RefusesAlpnForAnotherProtocol) {
  handshake(serve_as(db), odd_client([](SSL_CTX* context) {
              const unsigned char names[] = "\x08http/1.1\x0bpostgresqlx";
              SSL_CTX_set_alpn_protos(context, names, sizeof names - 1);
            }));
  ASSERT_TRUE(pair.at_client.closed);
  EXPECT_EQ(pair.at_client.closed, "TLS handshake failed: tlsv1 alert no application protocol");
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.closed, "TLS handshake failed: no application protocol");
}

// ---- who the server is ----

TEST_F(TlsTest, VerifyFullRefusesAnUnknownAuthority) {
  const Pki other("another authority");
  EXPECT_EQ(refusal(db, {.ca_file = other.ca_file()}, "db.test"), kUnknownAuthority);
  EXPECT_EQ(pair.at_server.closed, "TLS handshake failed: tlsv1 alert unknown ca");
}

TEST_F(TlsTest, RefusesAnAuthorityThatOnlyHasTheRightName) {
  const Pki impostor;
  EXPECT_EQ(refusal(db, {.ca_file = impostor.ca_file()}, "db.test"),
            "TLS handshake failed: certificate verify failed: certificate signature failure");
}

TEST_F(TlsTest, VerifyCaRefusesAnUnknownAuthority) {
  const Pki other("another authority");
  EXPECT_EQ(refusal(db, {.verify = TlsVerify::kVerifyCa, .ca_file = other.ca_file()}, "db.test"),
            kUnknownAuthority);
}

TEST_F(TlsTest, RequireWithAnAuthorityVerifiesTheChain) {
  const Pki other("another authority");
  EXPECT_EQ(refusal(db, {.verify = TlsVerify::kRequire, .ca_file = other.ca_file()}, "db.test"),
            kUnknownAuthority);
}

TEST_F(TlsTest, RequireWithoutAnAuthorityAcceptsAnyone) {
  handshake(serve_as(pki.issue("old", "DNS:old", Validity::kExpired)),
            client_with({.verify = TlsVerify::kRequire}), "somebody");
  EXPECT_TRUE(pair.at_client.tls);
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
  const Identity old = pki.issue("old", "DNS:db.test", Validity::kExpired);
  EXPECT_EQ(refusal(old, {.verify = TlsVerify::kVerifyCa, .ca_file = pki.ca_file()}, "db.test"),
            "TLS handshake failed: certificate verify failed: certificate has expired");
}

TEST_F(TlsTest, VerifyFullRefusesAnotherHost) {
  EXPECT_EQ(refusal(db, {.ca_file = pki.ca_file()}, "other.test"),
            "TLS handshake failed: certificate verify failed: hostname mismatch");
}

TEST_F(TlsTest, VerifyFullRefusesAnotherAddress) {
  EXPECT_EQ(refusal(db, {.ca_file = pki.ca_file()}, "127.0.0.2"),
            "TLS handshake failed: certificate verify failed: IP address mismatch");
}

TEST_F(TlsTest, VerifyFullRefusesACommonNameWhereAlternativeNamesExist) {
  const Identity named = pki.issue("db.test.cn", "DNS:other.test");
  EXPECT_EQ(refusal(named, {.ca_file = pki.ca_file()}, "db.test.cn"),
            "TLS handshake failed: certificate verify failed: hostname mismatch");
}

TEST_F(TlsTest, VerifyFullWithoutANameConnectsToNobody) {
  EXPECT_EQ(refusal(db, {.ca_file = pki.ca_file()}, ""),
            "TLS: cannot set up a connection for this server name");
}

TEST_F(TlsTest, VerifyFullAcceptsItsAddress) {
  handshake(serve_as(db), trusting_client(), "127.0.0.1");
  EXPECT_TRUE(pair.at_client.tls) << *pair.at_client.closed;
}

TEST_F(TlsTest, VerifyCaAcceptsAnotherHost) {
  handshake(serve_as(db), client_with({.verify = TlsVerify::kVerifyCa, .ca_file = pki.ca_file()}),
            "other.test");
  EXPECT_TRUE(pair.at_client.tls) << *pair.at_client.closed;
}

// ---- bad peers ----

TEST_F(TlsTest, AnswersPlainTextWithAnAlertAndCloses) {
  const std::string startup("\0\0\0\x10\0\x03\0\0user\0me\0\0", 18);
  for (const std::string& garbage : {std::string("GET / HTTP/1.1\r\n\r\n"), startup,
                                     std::string(100000, '\xff'), std::string(64, '\0')}) {
    TestServer acceptor(loop);
    RawSocket client = RawSocket::connected_to(acceptor.port());
    ASSERT_TRUE(loop.run_until([&] { return !acceptor.accepted.empty(); }));
    Recorder recorder;
    acceptor.accepted[0]->set_handler(recorder);
    acceptor.accepted[0]->start_tls_server(serve_as(db));
    client.send(garbage);
    bool ended = false;
    std::string heard;
    ASSERT_TRUE(loop.run_until([&] {
      heard += client.receive(&ended);
      return ended;
    }));
    client.close();
    ASSERT_TRUE(loop.run_until([&] { return recorder.closed.has_value(); }));
    EXPECT_EQ(recorder.closed->substr(0, 22), "TLS handshake failed: ");
    EXPECT_EQ(recorder.received, "");
    EXPECT_FALSE(recorder.tls);
    acceptor.accepted.clear();
  }
}

TEST_F(TlsTest, PeerThatLeavesInTheHandshakeIsReported) {
  pair.server->start_tls_server(serve_as(db));
  pair.client.reset();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.closed, "closed by peer during the TLS handshake");
}

TEST_F(TlsTest, DamagedRecordEndsTheStream) {
  handshake(serve_as(db), trusting_client());
  TestServer acceptor(loop);
  // A second connection carries the damage: the client writes through a channel of its own.
  Bytes to_server;
  const auto channel = TlsChannel::client(*trusting_client(), "db.test");
  const RawSocket raw = RawSocket::connected_to(acceptor.port());
  ASSERT_TRUE(loop.run_until([&] { return !acceptor.accepted.empty(); }));
  Recorder recorder;
  acceptor.accepted[0]->set_handler(recorder);
  acceptor.accepted[0]->start_tls_server(serve_as(db));
  std::string heard;
  ASSERT_TRUE(loop.run_until([&] {
    heard = raw.receive();
    channel->set_input(as_bytes(heard));
    to_server.clear();
    static_cast<void>(channel->handshake(to_server));
    raw.send(as_text(to_server));
    return recorder.tls.has_value();
  }));
  to_server.clear();
  ASSERT_EQ(channel->write(as_bytes("good"), to_server), TlsStep::kDone);
  raw.send(as_text(to_server));
  ASSERT_TRUE(loop.run_until([&] { return recorder.received == "good"; }));
  to_server.clear();
  ASSERT_EQ(channel->write(as_bytes("evil"), to_server), TlsStep::kDone);
  to_server.back() ^= 1;
  raw.send(as_text(to_server));
  ASSERT_TRUE(loop.run_until([&] { return recorder.closed.has_value(); }));
  EXPECT_EQ(recorder.closed->substr(0, 12), "TLS failed: ");
  EXPECT_EQ(recorder.received, "good");
  acceptor.accepted.clear();
}

// ---- order and flow ----

// The client begins with TLS at once; the server has read the first bytes before it knows.
TEST_F(TlsTest, TakesBytesThatWereReadAlready) {
  const ServerContext server = serve_as(db);
  pair.at_server.data_hook = [&](Stream& stream, ByteView bytes) {
    if (!pair.at_server.tls) stream.start_tls_server(server, bytes);
  };
  pair.client->start_tls_client(trusting_client(), "db.test");
  ASSERT_TRUE(loop.run_until([&] { return pair.at_server.tls && pair.at_client.tls; }));
  EXPECT_TRUE(pair.at_server.tls->was_direct);
  pair.at_server.received.clear();
  pair.client->write(as_bytes("x"));
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.received == "x"; }));
}

TEST_F(TlsTest, PlainBytesWrittenBeforeGoOutInPlain) {
  const ServerContext server = serve_as(db);
  const ClientContext client = trusting_client();
  pair.at_server.data_hook = [&](Stream& stream, ByteView bytes) {
    if (as_text(bytes) != "SSLRequest") return;
    stream.write(as_bytes("S"));
    stream.start_tls_server(server);
  };
  pair.at_client.data_hook = [&](Stream& stream, ByteView bytes) {
    if (as_text(bytes) == "S") stream.start_tls_client(client, "db.test");
  };
  pair.client->write(as_bytes("SSLRequest"));
  ASSERT_TRUE(loop.run_until([&] { return pair.at_server.tls && pair.at_client.tls; }));
  EXPECT_EQ(pair.at_client.received, "S");
}

TEST_F(TlsTest, PlainBytesBehindTheSwitchAreNeverDelivered) {
  const ServerContext server = serve_as(db);
  pair.at_server.data_hook = [&](Stream& stream, ByteView) { stream.start_tls_server(server); };
  pair.client->write(as_bytes("SSLRequest"));
  ASSERT_TRUE(loop.run_until([&] { return !pair.at_server.received.empty(); }));
  pair.client->write(as_bytes("injected query"));
  ASSERT_TRUE(loop.run_until([&] { return pair.at_client.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.received, "SSLRequest");
}

TEST_F(TlsTest, WritesDuringTheHandshakeAreIgnored) {
  pair.server->start_tls_server(serve_as(db));
  pair.server->write(as_bytes("plain"));
  pair.client->start_tls_client(trusting_client(), "db.test");
  ASSERT_TRUE(loop.run_until([&] { return pair.at_server.tls && pair.at_client.tls; }));
  EXPECT_EQ(pair.at_client.received, "");
}

TEST_F(TlsTest, BytesBehindTheHandshakeWaitForAPausedHandler) {
  pair.at_client.tls_hook = [](Stream& stream) { stream.write(as_bytes("startup")); };
  pair.at_server.tls_hook = [](Stream& stream) { stream.pause_reading(); };
  handshake(serve_as(db), trusting_client());
  loop.settle();
  EXPECT_EQ(pair.at_server.received, "");
  pair.server->resume_reading();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.received == "startup"; }));
}

TEST_F(TlsTest, PausedStreamRestsInTheHandshake) {
  pair.server->pause_reading();
  pair.server->start_tls_server(serve_as(db));
  pair.client->start_tls_client(trusting_client(), "db.test");
  loop.settle();
  EXPECT_FALSE(pair.at_client.tls);
  pair.server->resume_reading();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.tls && pair.at_client.tls; }));
}

TEST_F(TlsTest, CloseAfterFlushEndsTheTlsChannelProperly) {
  handshake(serve_as(db), trusting_client());
  const std::string much = pattern(4 << 20);
  pair.server->write(as_bytes(much));
  pair.server->close_after_flush("finished");
  EXPECT_TRUE(loop.run_until([&] { return pair.at_client.closed && pair.at_server.closed; }));
  EXPECT_TRUE(pair.at_client.received == much);
  EXPECT_EQ(pair.at_client.closed, "closed by peer");
  EXPECT_EQ(pair.at_server.closed, "finished");
}

TEST_F(TlsTest, CloseAfterFlushInTheHandshakeSendsNothingInPlain) {
  pair.server->start_tls_server(serve_as(db));
  pair.server->close_after_flush("shutting down");
  EXPECT_TRUE(loop.run_until([&] { return pair.at_client.closed && pair.at_server.closed; }));
  EXPECT_EQ(pair.at_client.received, "");
  EXPECT_EQ(pair.at_server.closed, "shutting down");
}

TEST_F(TlsTest, NoticesThatThePeerLeftWhilePaused) {
  handshake(serve_as(db), trusting_client());
  loop.settle();  // the client's last message of the handshake has been read
  pair.server->pause_reading();
  pair.client.reset();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
}

TEST_F(TlsTest, TruncationIsToldApartFromAProperEnd) {
  handshake(serve_as(db), trusting_client());
  pair.server->close("crash");
  EXPECT_TRUE(loop.run_until([&] { return pair.at_client.closed.has_value(); }));
  EXPECT_EQ(pair.at_client.closed, "closed by peer without TLS close_notify");
}

TEST_F(TlsTest, MayBeDestroyedInOnTls) {
  pair.at_server.tls_hook = [&](Stream&) { pair.server.reset(); };
  pair.server->start_tls_server(serve_as(db));
  pair.client->start_tls_client(trusting_client(), "db.test");
  EXPECT_TRUE(loop.run_until([&] { return pair.server == nullptr && pair.at_client.closed; }));
}

TEST_F(TlsTest, MayBeDestroyedInOnDataWithMoreBehind) {
  handshake(serve_as(db), trusting_client());
  pair.at_server.data_hook = [&](Stream&, ByteView) { pair.server.reset(); };
  pair.client->write(as_bytes(pattern(1 << 20)));
  EXPECT_TRUE(loop.run_until([&] { return pair.server == nullptr && pair.at_client.closed; }));
}

TEST_F(TlsTest, ConnectionsKeepTheContextThatTheyBeganWith) {
  ServerContext server = serve_as(db);
  ClientContext client = trusting_client();
  handshake(server, client);
  server.reset();
  client.reset();
  pair.client->write(as_bytes("still here"));
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.received == "still here"; }));
}

TEST_F(TlsTest, ServerSeesTheClientsCertificateOnlyIfItAsks) {
  const Identity workload = pki.issue("workload", "DNS:workload");
  handshake(serve_as(db), client_with({.ca_file = pki.ca_file(),
                                       .certificate_file = workload.certificate_file,
                                       .key_file = workload.key_file}));
  ASSERT_TRUE(pair.at_server.tls);
  EXPECT_TRUE(pair.at_server.tls->peer_certificate_der.empty());
}

// ---- the channel alone, its input split at every byte ----

TEST_F(TlsTest, ChannelTakesItsInputByteByByte) {
  const auto server = TlsChannel::server(*serve_as(db));
  const auto client = TlsChannel::client(*trusting_client(), "db.test");
  Bytes to_server;
  Bytes to_client;
  std::string heard;
  std::array<std::uint8_t, 64> plain{};
  const auto feed = [&](TlsChannel& to, Bytes& input, Bytes& output) {
    for (const std::uint8_t byte : std::exchange(input, {})) {
      to.set_input({&byte, 1});
      if (!to.established()) {
        ASSERT_NE(to.handshake(output), TlsStep::kFailed) << to.failure();
        if (!to.take_input().empty()) FAIL() << "did not take its input";
      } else {
        std::size_t size = 0;
        ASSERT_EQ(to.read(plain, size, output), TlsStep::kNeedsInput) << to.failure();
        heard += as_text(ByteView(plain).first(size));
      }
    }
  };
  ASSERT_EQ(client->handshake(to_server), TlsStep::kNeedsInput);
  for (int i = 0; i < 4; ++i) {
    feed(*server, to_server, to_client);
    feed(*client, to_client, to_server);
  }
  ASSERT_TRUE(server->established() && client->established());
  ASSERT_EQ(client->write(as_bytes("byte by byte"), to_server), TlsStep::kDone);
  feed(*server, to_server, to_client);
  EXPECT_EQ(heard, "byte by byte");
}

}  // namespace
}  // namespace tracegate::net
