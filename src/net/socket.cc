#include "src/net/socket.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <uv.h>

#include <algorithm>

namespace tracegate::net {
namespace {

const sockaddr_in& as_ipv4(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in&>(address.storage);
}
const sockaddr_in6& as_ipv6(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in6&>(address.storage);
}

}  // namespace

socklen_t SocketAddress::size() const {
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

std::uint16_t SocketAddress::port() const {
  return ntohs(family() == AF_INET6 ? as_ipv6(*this).sin6_port : as_ipv4(*this).sin_port);
}

std::string SocketAddress::to_string() const {
  char host[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET6) {
    uv_ip6_name(&as_ipv6(*this), host, sizeof host);
    return fmt::format("[{}]:{}", host, port());
  }
  uv_ip4_name(&as_ipv4(*this), host, sizeof host);
  return fmt::format("{}:{}", host, port());
}

std::optional<SocketAddress> parse_numeric(const std::string& host, std::uint16_t port) {
  SocketAddress address;
  if (uv_ip4_addr(host.c_str(), port, reinterpret_cast<sockaddr_in*>(&address.storage)) == 0)
    return address;
  if (uv_ip6_addr(host.c_str(), port, reinterpret_cast<sockaddr_in6*>(&address.storage)) == 0)
    return address;
  return std::nullopt;
}

SocketAddress local_address(int fd) {
  SocketAddress address;
  socklen_t size = sizeof address.storage;
  getsockname(fd, address.get(), &size);
  return address;
}

// Failure of an option is not worth a connection: these are improvements only.
void set_option(int fd, int level, int option, int value) {
  static_cast<void>(setsockopt(fd, level, option, &value, sizeof value));
}

void set_keepalive(int fd, std::chrono::seconds idle) {
  using Count = std::chrono::seconds::rep;
  constexpr Count kMost = 32767;  // the kernel's limit for TCP_KEEPIDLE
  const int seconds = static_cast<int>(std::clamp<Count>(idle.count(), 1, kMost));
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 2);
}

}  // namespace tracegate::net
