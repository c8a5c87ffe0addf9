// A small HTTP server for tests, plain or TLS, which answers with exactly the bytes that a test
// wants: also with what no server should send.
#pragma once

#include <openssl/ssl.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/net/pki.h"

namespace tracegate::http {

// One request of a client, after its header and body have been read.
class Exchange {
 public:
  Exchange(int fd, SSL* tls) : fd_(fd), tls_(tls) {}

  [[nodiscard]] const std::string& text() const { return text_; }  // all of the request
  [[nodiscard]] std::string path() const;
  [[nodiscard]] std::string body() const;

  // False once the client is gone.
  bool send(std::string_view bytes);
  // "HTTP/1.1 STATUS", the header lines, a Content-Length, and the body.
  bool answer(int status, std::string_view body, const std::vector<std::string>& headers = {});
  // Returns when the client has closed the connection.
  void wait_until_closed();

  bool read_request();

 private:
  // Appends to text_; false at the end.
  bool read_more();

  int fd_;
  SSL* tls_;
  std::string text_;
};

class TestServer {
 public:
  using Handler = std::function<void(Exchange&)>;  // on a thread for each connection

  explicit TestServer(Handler handler);
  // With TLS; `ciphers` and `max_version` make an old server of it.
  TestServer(Handler handler, const net::Identity& identity, int max_version = 0,
             const char* ciphers = nullptr);
  // Cuts the connections off and waits for the handlers.
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // "http://127.0.0.1:PORT/path" or https.
  [[nodiscard]] std::string url(std::string_view path, std::string_view host = "127.0.0.1") const;
  // How many requests have been read, all together or of one path.
  [[nodiscard]] std::size_t requests(std::string_view path = {}) const;
  // Connections that were accepted, with or without a request.
  [[nodiscard]] std::size_t connections() const;
  // False if it takes longer than kPatience.
  [[nodiscard]] bool wait_for_requests(std::size_t count);

 private:
  void listen();
  void accept_clients();
  void serve(int fd);

  const Handler handler_;
  std::unique_ptr<SSL_CTX, net::FreeWith<SSL_CTX_free>> tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<int> open_;
  std::vector<std::string> paths_;
  std::size_t connections_ = 0;
  std::size_t serving_ = 0;
  bool stopping_ = false;
  std::thread acceptor_;
};

// Nothing in these tests takes so long, unless it is broken.
inline constexpr std::chrono::seconds kPatience{30};

}  // namespace tracegate::http
