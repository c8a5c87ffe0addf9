// IPv4 and IPv6 addresses (RFC 4291, section 2.2, in all its forms, with zones of RFC 4007), read
// at a place where one may be. No engine: a scanner by hand is several times faster.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tracegate::mask::detect {

struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The IPv4 address whose first digit stands at `at`. Not one: 1.2.3 and 1.2.3.4.5, v1.2.3.4, and
// what a word before it calls a version.
[[nodiscard]] std::optional<Place> ipv4_at(std::string_view text, std::size_t at);

// The IPv6 address whose first colon stands at `colon`. Not one: times, and the short forms that
// are more often code ("a[1::2]", "std::fe").
[[nodiscard]] std::optional<Place> ipv6_around(std::string_view text, std::size_t colon);

}  // namespace tracegate::mask::detect
