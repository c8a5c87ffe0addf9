// A plain socket of the system, for peers that misbehave.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tracegate::net {

class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {}
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() { close(); }

  // `mode`: SOCK_NONBLOCK begins to connect, 0 waits for it.
  static RawSocket connected_to(std::uint16_t port, int mode = 0) {
    RawSocket made(::socket(AF_INET, SOCK_STREAM | mode, 0));
    made.begin_connect(port);
    return made;
  }
  // Holds a port on which nobody listens.
  static RawSocket bound() {
    RawSocket made(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address = loopback(0);
    ::bind(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return made;
  }
  // Accepts nobody and has no room for anybody: connection attempts get no answer.
  static RawSocket full_listener(std::vector<RawSocket>& fillers) {
    RawSocket made = bound();
    ::listen(made.fd_, 0);
    for (int i = 0; i < 3; ++i) fillers.push_back(connected_to(made.port(), SOCK_NONBLOCK));
    return made;
  }

  void begin_connect(std::uint16_t port) const {
    const sockaddr_in address = loopback(port);
    static_cast<void>(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  }
  [[nodiscard]] std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }
  void send(std::string_view text) const { ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  // What has arrived up to now; `ended` tells whether the end has been seen.
  std::string receive(bool* ended = nullptr) const {
    std::string all;
    char buffer[4096];
    ssize_t n = 0;
    while ((n = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
      all.append(buffer, static_cast<std::size_t>(n));
    if (ended != nullptr) *ended = n == 0;
    return all;
  }
  void shut_down_sending() const { ::shutdown(fd_, SHUT_WR); }
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  int fd_;
};

}  // namespace tracegate::net
