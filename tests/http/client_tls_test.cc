// Whom an https request trusts.
#include <gtest/gtest.h>

#include "src/http/client.h"
#include "tests/http/asking.h"

namespace tracegate::http {
namespace {

using net::Identity;
using net::Pki;
using net::Validity;

class HttpClientTls : public testing::Test {
 protected:
  static TestServer::Handler answers() {
    return [](Exchange& exchange) { exchange.answer(200, "seen"); };
  }
  Request trusting(const TestServer& server, std::string_view host = "127.0.0.1") {
    Request request = request_to(server.url("/secret", host));
    request.ca_file = pki_.ca_file();
    return request;
  }
  // The error; no request may have been read by the server.
  std::string refused(const TestServer& server, Request request) {
    const std::string message = failure(client_, std::move(request));
    EXPECT_EQ(server.requests(), 0U);
    EXPECT_EQ(message.find("secret"), std::string::npos) << message;
    return message;
  }

  Pki pki_;
  const Identity good_ = pki_.issue("good", "DNS:localhost,IP:127.0.0.1");
  HttpClient client_;
};

TEST_F(HttpClientTls, TrustsACertificateOfTheGivenAuthorityForTheHost) {
  TestServer server(answers(), good_);
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto response = ask(client_, trusting(server, host));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->body, "seen");
  }
}

TEST_F(HttpClientTls, TrustsOnlyTheGivenAuthority) {
  Pki other("other authority");
  TestServer server(answers(), other.issue("other", "IP:127.0.0.1"));
  EXPECT_NE(refused(server, trusting(server)).find("certificate"), std::string::npos);
}

TEST_F(HttpClientTls, TheSystemsAuthoritiesDoNotVouchForOurs) {
  TestServer server(answers(), good_);
  Request request = trusting(server);
  request.ca_file.clear();
  EXPECT_NE(refused(server, std::move(request)).find("certificate"), std::string::npos);
}

TEST_F(HttpClientTls, TheNameMustBeTheHosts) {
  TestServer server(answers(), pki_.issue("elsewhere", "DNS:elsewhere.test,IP:127.0.0.2"));
  EXPECT_NE(refused(server, trusting(server)).find("127.0.0.1"), std::string::npos);
  EXPECT_NE(refused(server, trusting(server, "localhost")).find("localhost"), std::string::npos);
}

TEST_F(HttpClientTls, ACommonNameIsNoName) {
  TestServer server(answers(), pki_.issue("localhost", "DNS:elsewhere.test"));
  EXPECT_NE(refused(server, trusting(server, "localhost")), "");
}

TEST_F(HttpClientTls, AnExpiredCertificateIsRefused) {
  TestServer server(answers(), pki_.issue("old", "IP:127.0.0.1", Validity::kExpired));
  EXPECT_NE(refused(server, trusting(server)).find("expired"), std::string::npos);
}

TEST_F(HttpClientTls, OldVersionsAndCiphersAreRefused) {
  {
    TestServer server(answers(), good_, TLS1_1_VERSION, "ALL:@SECLEVEL=0");
    EXPECT_NE(refused(server, trusting(server)), "");
  }
  TestServer cbc(answers(), good_, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA");
  EXPECT_NE(refused(cbc, trusting(cbc)), "");
  TestServer aead(answers(), good_, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256");
  EXPECT_TRUE(ask(client_, trusting(aead)).ok());
}

TEST_F(HttpClientTls, AServerThatWaitsForPlainHttpGetsNone) {
  TestServer server(answers());
  Request request = trusting(server);
  request.total_timeout = Milliseconds{100};
  request.url = "https://127.0.0.1:" + std::to_string(server.port()) + "/secret";
  EXPECT_NE(refused(server, std::move(request)), "");
}

TEST_F(HttpClientTls, AMissingAuthorityFileIsAnError) {
  TestServer server(answers(), good_);
  Request request = trusting(server);
  request.ca_file = pki_.path("missing.crt");
  EXPECT_NE(refused(server, std::move(request)).find("missing.crt"), std::string::npos);
}

TEST_F(HttpClientTls, AnAuthorityOfOneRequestDoesNotServeTheNext) {
  TestServer server(answers(), good_);
  ASSERT_TRUE(ask(client_, trusting(server)).ok());
  Pki other("other authority");
  Request request = trusting(server);
  request.ca_file = other.ca_file();
  EXPECT_NE(failure(client_, std::move(request)).find("certificate"), std::string::npos);
  EXPECT_EQ(server.requests(), 1U);
}

TEST_F(HttpClientTls, ABodyThatIsCutOffIsAnError) {
  TestServer server(
      [](Exchange& exchange) { exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123"); },
      good_);
  EXPECT_NE(failure(client_, trusting(server)), "");
}

}  // namespace
}  // namespace tracegate::http
