// Socket addresses and options. Private to src/net.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tracegate::net {

struct SocketAddress {
  sockaddr_storage storage{};

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] socklen_t size() const;
  [[nodiscard]] std::uint16_t port() const;
  // "192.0.2.7:5432", "[2001:db8::7]:5432"
  [[nodiscard]] std::string to_string() const;
};

// A numeric IPv4 or IPv6 address (without brackets; IPv6 may carry a %scope), else nothing.
[[nodiscard]] std::optional<SocketAddress> parse_numeric(const std::string& host,
                                                         std::uint16_t port);

// The address that a socket is bound to.
[[nodiscard]] SocketAddress local_address(int fd);

// Two probes, after one and after two times `idle` of silence; closed after three times.
void set_keepalive(int fd, std::chrono::seconds idle);
void set_option(int fd, int level, int option, int value);

}  // namespace tracegate::net
