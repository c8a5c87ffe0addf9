#include "tests/http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace tracegate::http {

using SslPtr = std::unique_ptr<SSL, net::FreeWith<SSL_free>>;

std::string Exchange::path() const {
  const std::size_t begin = text_.find(' ') + 1;
  return text_.substr(begin, text_.find(' ', begin) - begin);
}

std::string Exchange::body() const {
  return text_.substr(text_.find("\r\n\r\n") + 4);
}

bool Exchange::read_more() {
  char buffer[16384];
  const auto size = tls_ != nullptr ? SSL_read(tls_, buffer, sizeof buffer)
                                    : static_cast<int>(::recv(fd_, buffer, sizeof buffer, 0));
  if (size <= 0) return false;
  text_.append(buffer, static_cast<std::size_t>(size));
  return true;
}

bool Exchange::read_request() {
  std::size_t end = 0;
  while ((end = text_.find("\r\n\r\n")) == std::string::npos)
    if (!read_more()) return false;
  std::size_t length = 0;
  constexpr std::string_view kLength = "Content-Length: ";
  if (const std::size_t at = text_.find(kLength); at < end)
    std::from_chars(text_.data() + at + kLength.size(), text_.data() + end, length);
  while (text_.size() < end + 4 + length)
    if (!read_more()) return false;
  return true;
}

bool Exchange::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = tls_ != nullptr
                          ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                          : static_cast<int>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Exchange::answer(int status, std::string_view body, const std::vector<std::string>& headers) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Reason\r\n";
  for (const std::string& header : headers) text += header + "\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return send(text.append(body));
}

void Exchange::wait_until_closed() {
  while (read_more()) {
  }
}

TestServer::TestServer(Handler handler) : handler_(std::move(handler)) {
  listen();
}

TestServer::TestServer(Handler handler, const net::Identity& identity, int max_version,
                       const char* ciphers)
    : handler_(std::move(handler)), tls_(SSL_CTX_new(TLS_server_method())) {
  // What it offers is up to the test; an old version needs security level 0.
  SSL_CTX_set_security_level(tls_.get(), 0);
  SSL_CTX_set_max_proto_version(tls_.get(), max_version);
  if (ciphers != nullptr) {
    EXPECT_EQ(SSL_CTX_set_cipher_list(tls_.get(), ciphers), 1);
  }
  EXPECT_EQ(SSL_CTX_use_certificate_chain_file(tls_.get(), identity.certificate_file.c_str()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey_file(tls_.get(), identity.key_file.c_str(), SSL_FILETYPE_PEM),
            1);
  listen();
}

void TestServer::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener_, 512), 0);
  EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_clients(); });
}

TestServer::~TestServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return serving_ == 0; });
  ::close(listener_);
}

void TestServer::accept_clients() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(fd);
      return;
    }
    ++connections_;
    ++serving_;
    open_.insert(fd);
    std::thread([this, fd] { serve(fd); }).detach();  // the destructor waits for `serving_`
  }
}

void TestServer::serve(int fd) {
  // A write to a client that is gone is an error here, not a signal.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  {
    const SslPtr tls(tls_ ? SSL_new(tls_.get()) : nullptr);
    if (tls) SSL_set_fd(tls.get(), fd);
    Exchange exchange(fd, tls.get());
    if ((!tls || SSL_accept(tls.get()) == 1) && exchange.read_request()) {
      {
        const std::lock_guard lock(mutex_);
        paths_.push_back(exchange.path());
        changed_.notify_all();
      }
      handler_(exchange);
      if (tls) SSL_shutdown(tls.get());
    }
  }
  const std::lock_guard lock(mutex_);
  open_.erase(fd);
  ::close(fd);
  --serving_;
  changed_.notify_all();
}

std::string TestServer::url(std::string_view path, std::string_view host) const {
  return (tls_ ? "https://" : "http://") + std::string(host) + ":" + std::to_string(port_) +
         std::string(path);
}

std::size_t TestServer::requests(std::string_view path) const {
  const std::lock_guard lock(mutex_);
  if (path.empty()) return paths_.size();
  return static_cast<std::size_t>(std::count(paths_.begin(), paths_.end(), path));
}

std::size_t TestServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

bool TestServer::wait_for_requests(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return paths_.size() >= count; });
}

}  // namespace tracegate::http
