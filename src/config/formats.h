// The written forms of values for which TOML has no type. Each is one string with its unit in it; a
// bare number is refused, so that nobody has to guess what 10 means.
// Pure functions; an Error's message names the offending text, its hint the expected form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/result.h"

namespace tracegate::config {

// "500ms", "10s", "5min", "8h", "30d": a whole number directly followed by its unit.
[[nodiscard]] Result<Milliseconds> parse_duration(std::string_view text);

// "512B", "64KiB", "16MiB", "1GiB", "2TiB". Powers of 1024 only, hence no "KB".
[[nodiscard]] Result<ByteCount> parse_size(std::string_view text);

struct Endpoint {
  std::string host;  // a name or an address; IPv6 without its brackets
  std::uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
  // "127.0.0.1:5432", "[::1]:5432"
  [[nodiscard]] std::string to_string() const;
  // Whether it can only be this machine: "localhost", 127.0.0.0/8, ::1. Never asks a resolver.
  [[nodiscard]] bool is_loopback() const;
};

// "host:port", "127.0.0.1:6432", "[::1]:6432". Both parts are required.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);

[[nodiscard]] std::string to_string(Milliseconds duration);  // in the largest unit that is exact
[[nodiscard]] std::string to_string(ByteCount size);

}  // namespace tracegate::config
