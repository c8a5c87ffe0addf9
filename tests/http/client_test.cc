// What a request sends, and which answers are taken.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "src/http/client.h"
#include "tests/http/asking.h"
#include "tests/net/raw_socket.h"

namespace tracegate::http {
namespace {

using net::RawSocket;

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\n";

// A server that sends these bytes and closes.
TestServer::Handler says(std::string bytes) {
  return [bytes = std::move(bytes)](Exchange& exchange) { exchange.send(bytes); };
}

TestServer::Handler answers_with(int status, std::string body,
                                 std::vector<std::string> headers = {}) {
  return [=](Exchange& exchange) { exchange.answer(status, body, headers); };
}

// The error, which must name the server and must not hold its path.
std::string refused(TestServer& server, Request request) {
  HttpClient client;
  const std::string message = failure(client, std::move(request));
  EXPECT_TRUE(message.starts_with(server.url("") + ": ")) << message;
  EXPECT_EQ(message.find("secret"), std::string::npos) << message;
  return message.substr(std::min(message.size(), server.url("").size() + 2));
}
std::string refused(std::string bytes) {
  TestServer server(says(std::move(bytes)));
  return refused(server, request_to(server.url("/secret?secret")));
}

TEST(HttpClient, ReturnsStatusBodyAndTheWantedHeaders) {
  TestServer server(answers_with(200, "{}",
                                 {"cache-control: max-age=60", "AGE: 5", "Retry-After: 7",
                                  "Content-Type: application/json", "Set-Cookie: a=b"}));
  HttpClient client;
  const auto response = ask(client, request_to(server.url("/keys")));
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "{}");
  EXPECT_EQ(response->headers.cache_control, "max-age=60");
  EXPECT_EQ(response->headers.age, "5");
  EXPECT_EQ(response->headers.retry_after, "7");
  EXPECT_EQ(response->headers.content_type, "application/json");
}

TEST(HttpClient, SendsNothingButTheRequest) {
  std::string text;
  TestServer server([&](Exchange& exchange) {
    text = exchange.text();
    exchange.answer(200, "");
  });
  HttpClient client;
  ASSERT_TRUE(ask(client, request_to(server.url("/a/../b?c=%20"))).ok());
  EXPECT_EQ(text, "GET /a/../b?c=%20 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                      "\r\nAccept: */*\r\nUser-Agent: tracegate\r\n\r\n");
}

TEST(HttpClient, PostsABodyWithItsTypeAndHeaders) {
  std::string text;
  TestServer server([&](Exchange& exchange) {
    text = exchange.text();
    exchange.answer(204, "");
  });
  HttpClient client;
  Answers answers;
  Request request = request_to(server.url("/hook"));
  request.headers.push_back({"Authorization", Secret("Bearer abc")});
  const std::string body = std::string("{\0}", 3) + std::string(2 << 20, 'x');
  auto call = client.post(std::move(request), {"application/json", body}, answers.callback());
  ASSERT_TRUE(call.ok()) << call.error().message;
  const auto all = answers.wait_for(1);
  ASSERT_TRUE(all.at(0).ok()) << all.at(0).error().message;
  EXPECT_EQ(all.at(0)->status, 204);
  const std::string head = text.substr(0, text.find("\r\n\r\n"));
  EXPECT_TRUE(text.starts_with("POST /hook HTTP/1.1\r\n"));
  EXPECT_NE(head.find("\r\nContent-Type: application/json\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("\r\nAuthorization: Bearer abc"), std::string::npos) << head;
  EXPECT_EQ(head.find("Expect"), std::string::npos) << head;
  EXPECT_TRUE(text.substr(head.size() + 4) == body);
}

TEST(HttpClient, AnyStatusIsAnAnswer) {
  for (const int status : {200, 201, 304, 400, 401, 404, 429, 500, 503, 599}) {
    TestServer server(answers_with(status, status == 304 ? "" : "text"));
    HttpClient client;
    const auto response = ask(client, request_to(server.url("/")));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->status, status);
  }
}

TEST(HttpClient, DoesNotFollowRedirects) {
  TestServer target(answers_with(200, "target"));
  for (const int status : {301, 302, 303, 307, 308}) {
    TestServer server(answers_with(status, "", {"Location: " + target.url("/")}));
    HttpClient client;
    const auto response = ask(client, request_to(server.url("/")));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->status, status);
    EXPECT_EQ(server.requests(), 1U);
  }
  EXPECT_EQ(target.connections(), 0U);
}

TEST(HttpClient, TakesNoProxyFromTheEnvironment) {
  TestServer proxy(answers_with(200, "proxy"));
  TestServer server(answers_with(200, "server"));
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"})
    ::setenv(name, proxy.url("").c_str(), 1);
  HttpClient client;
  const auto response = ask(client, request_to(server.url("/")));
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"})
    ::unsetenv(name);
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "server");
  EXPECT_EQ(proxy.connections(), 0U);
}

TEST(HttpClient, KeepsNoCookiesAndNoConnections) {
  std::string text;
  TestServer server([&](Exchange& exchange) {
    text = exchange.text();
    exchange.answer(200, "", {"Set-Cookie: a=b; Path=/"});
    exchange.wait_until_closed();
  });
  HttpClient client;
  ASSERT_TRUE(ask(client, request_to(server.url("/"))).ok());
  ASSERT_TRUE(ask(client, request_to(server.url("/"))).ok());
  EXPECT_EQ(text.find("Cookie"), std::string::npos);
  EXPECT_EQ(server.connections(), 2U);
}

TEST(HttpClient, TakesAChunkedBody) {
  TestServer server(says(std::string(kHead) +
                         "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n"
                         "Cache-Control: max-age=5\r\n\r\n"));
  HttpClient client;
  const auto response = ask(client, request_to(server.url("/")));
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "abcde");
  EXPECT_EQ(response->headers.cache_control, std::nullopt);
}

TEST(HttpClient, AnAnswerMayComeByteByByte) {
  const std::string answer = std::string(kHead) +
                             "Cache-Control: max-age=5\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\r\nabc\r\n0\r\n\r\n";
  TestServer server([&](Exchange& exchange) {
    for (const char& byte : answer) exchange.send({&byte, 1});
  });
  HttpClient client;
  const auto response = ask(client, request_to(server.url("/")));
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "abc");
  EXPECT_EQ(response->headers.cache_control, "max-age=5");
}

TEST(HttpClient, TheBodyMayBeAsLargeAsPermittedAndNoLarger) {
  for (const std::size_t size : {99U, 100U, 101U, 100'000U}) {
    const std::string body(size, 'x');
    TestServer with_length(answers_with(200, body));
    TestServer in_chunks([&](Exchange& exchange) {
      exchange.send(std::string(kHead) + "Transfer-Encoding: chunked\r\n\r\n");
      for (std::size_t i = 0; i < size; ++i) exchange.send("1\r\nx\r\n");
      exchange.send("0\r\n\r\n");
    });
    for (TestServer* server : {&with_length, &in_chunks}) {
      HttpClient client;
      Request request = request_to(server->url("/secret"));
      request.max_body = ByteCount{100};
      if (size <= 100) {
        const auto response = ask(client, std::move(request));
        ASSERT_TRUE(response.ok()) << response.error().message;
        EXPECT_EQ(response->body, body);
      } else {
        EXPECT_EQ(refused(*server, std::move(request)), "the answer is larger than 100 bytes");
      }
    }
  }
}

TEST(HttpClient, AnEndlessBodyIsCutOff) {
  bool cut = false;
  {
    TestServer server([&](Exchange& exchange) {
      exchange.send(std::string(kHead) + "Transfer-Encoding: chunked\r\n\r\n");
      while (exchange.send("5\r\nsecre\r\n")) {
      }
      cut = true;
    });
    EXPECT_EQ(refused(server, request_to(server.url("/secret"))),
              "the answer is larger than 262144 bytes");
  }
  EXPECT_TRUE(cut);
}

TEST(HttpClient, AnEndlessHeaderIsCutOff) {
  TestServer server([&](Exchange& exchange) {
    exchange.send(kHead);
    while (exchange.send("X: secret\r\n")) {
    }
  });
  EXPECT_EQ(refused(server, request_to(server.url("/"))),
            "the header of the answer is larger than 64 KiB");
}

TEST(HttpClient, EndlessInterimAnswersAreCutOff) {
  TestServer server([&](Exchange& exchange) {
    while (exchange.send("HTTP/1.1 103 Early Hints\r\n\r\n")) {
    }
  });
  EXPECT_EQ(refused(server, request_to(server.url("/"))),
            "the header of the answer is larger than 64 KiB");
}

TEST(HttpClient, ATruncatedBodyIsAnError) {
  EXPECT_EQ(refused(std::string(kHead) + "Content-Length: 10\r\n\r\n123"),
            "transfer closed with 7 bytes remaining to read");
  EXPECT_NE(refused(std::string(kHead) + "Transfer-Encoding: chunked\r\n\r\n5\r\nabc"), "");
  EXPECT_NE(refused(std::string(kHead) + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), "");
}

TEST(HttpClient, ABodyWhoseEndIsNotSaidIsAnError) {
  EXPECT_EQ(refused(std::string(kHead) + "\r\nbody"),
            "the answer does not say where its body ends");
  EXPECT_EQ(refused("HTTP/1.0 200 OK\r\n\r\nbody"), "the answer does not say where its body ends");
}

TEST(HttpClient, EncodedBodiesAreRefused) {
  EXPECT_EQ(refused(std::string(kHead) + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
            "the answer has a Content-Encoding, although none was offered");
  EXPECT_EQ(refused(std::string(kHead) + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            "the answer has a Transfer-Encoding other than chunked");
}

TEST(HttpClient, WhatIsNotHttpIsAnError) {
  EXPECT_NE(refused("secret"), "");
  EXPECT_NE(refused(""), "");
  EXPECT_NE(refused("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "");
  EXPECT_NE(refused("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "");
  EXPECT_NE(refused("HTTP/1.1 99 Odd\r\nContent-Length: 0\r\n\r\n"), "");
  EXPECT_NE(refused("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"), "");
  EXPECT_NE(refused("\x15\x03\x01\x00\x02\x02\x28"), "");
}

TEST(HttpClient, ErrorsArePrintable) {
  const std::string message = refused(std::string(kHead) + "Content-Length: \x1b[31m\x07\r\n\r\n");
  EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](char c) { return c >= ' '; }))
      << message;
}

TEST(HttpClient, AServerThatTricklesIsGivenUp) {
  TestServer server([](Exchange& exchange) {
    exchange.send(std::string(kHead) + "Content-Length: 100\r\n\r\nx");
    exchange.wait_until_closed();
  });
  Request request = request_to(server.url("/secret"));
  request.total_timeout = Milliseconds{50};
  EXPECT_TRUE(refused(server, std::move(request)).starts_with("Operation timed out after "));
}

TEST(HttpClient, AServerThatSaysNothingIsGivenUp) {
  TestServer server([](Exchange& exchange) { exchange.wait_until_closed(); });
  Request request = request_to(server.url("/secret"));
  request.total_timeout = Milliseconds{50};
  EXPECT_TRUE(refused(server, std::move(request)).starts_with("Operation timed out after "));
}

TEST(HttpClient, AServerThatDoesNotAcceptIsGivenUp) {
  std::vector<RawSocket> fillers;
  const RawSocket full = RawSocket::full_listener(fillers);
  HttpClient client;
  Request request = request_to("http://127.0.0.1:" + std::to_string(full.port()) + "/");
  request.connect_timeout = Milliseconds{50};
  const std::string message = failure(client, std::move(request));
  EXPECT_NE(message.find("imeout was reached"), std::string::npos) << message;
}

TEST(HttpClient, ARefusedConnectionIsAnError) {
  const RawSocket nobody = RawSocket::bound();
  HttpClient client;
  EXPECT_NE(failure(client, request_to("http://127.0.0.1:" + std::to_string(nobody.port()) + "/"))
                .find("Couldn't connect"),
            std::string::npos);
}

TEST(HttpClient, PlainHttpNeedsPermissionAndTheLoopback) {
  TestServer server(answers_with(200, ""));
  HttpClient client;
  Request request = request_to(server.url("/secret"));
  request.plain_http = PlainHttp::kRefused;
  EXPECT_EQ(failure(client, std::move(request)),
            server.url("") + ": plain http is refused, https is required");
  EXPECT_EQ(failure(client, request_to("http://192.0.2.1/secret")),
            "http://192.0.2.1: plain http is for addresses of this machine only");
  EXPECT_EQ(failure(client, request_to("http://localhost.example/secret")),
            "http://localhost.example: plain http is for addresses of this machine only");
  EXPECT_TRUE(ask(client, request_to(server.url("/", "localhost"))).ok());
}

TEST(HttpClient, OtherUrlsAreRefusedAtOnce) {
  HttpClient client;
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "https://user:secret@a.test/",
                          "https://a.test/secret path", "a.test", "", "gopher://127.0.0.1/"})
    EXPECT_EQ(failure(client, request_to(url)).find("secret"), std::string::npos) << url;
}

TEST(HttpClient, RequestsThatCannotBeSentAreRefusedAtOnce) {
  HttpClient client;
  const auto with_header = [&](std::string name, std::string value) {
    Request request = request_to("https://a.test/");
    request.headers.push_back({std::move(name), Secret(std::move(value))});
    return failure(client, std::move(request));
  };
  EXPECT_EQ(with_header("X-Key", "secret\r\nHost: b.test"),
            "https://a.test: the value of the request header X-Key is not printable ASCII");
  EXPECT_EQ(with_header("X-Key", " "),
            "https://a.test: the value of the request header X-Key is not printable ASCII");
  EXPECT_EQ(with_header("X Key", "secret"), "https://a.test: a request header's name is malformed");
  EXPECT_EQ(with_header("X-Key:", "secret"),
            "https://a.test: a request header's name is malformed");
  EXPECT_EQ(with_header("host", "b.test"), "https://a.test: a request may not set the header host");
  EXPECT_EQ(with_header("Content-Length", "5"),
            "https://a.test: a request may not set the header Content-Length");
  Request request = request_to("https://a.test/");
  request.total_timeout = Milliseconds{0};
  EXPECT_EQ(failure(client, std::move(request)),
            "https://a.test: a time limit is below one millisecond");
  auto call = client.post(request_to("https://a.test/"), {"a\r\nb", ""}, [](auto) {});
  ASSERT_FALSE(call.ok());
  EXPECT_EQ(call.error().message,
            "https://a.test: the content type of a request is not printable ASCII");
}

}  // namespace
}  // namespace tracegate::http
