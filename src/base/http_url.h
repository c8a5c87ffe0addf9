// The URL of something that the gateway fetches: absolute, of http or https (RFC 3986, RFC 9110
// section 4.2). Strict, because others (libcurl, a resolver) read the same text again and must see
// the same host in it: what one of them could read in another way is refused.
//   - "https://" or "http://", in lower case
//   - the host: a name of letters, digits, '-' and '_' in labels (an internationalised one in its
//     xn-- form), an IPv4 address in four decimal parts, or an IPv6 address in brackets; no user
//     information, no dot at the end, no number that a resolver would take for an address
//   - a port of 1 to 65535, without leading zeros, or none
//   - a path and a query of the characters that RFC 3986 permits there; no fragment
//   - at most kMaxSize bytes
// Threading: plain values. Errors say what is wrong and do not repeat the text, whose path or query
// may hold a secret.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace tracegate {

struct HttpUrl {
  enum class Scheme { kHttp, kHttps };
  static constexpr std::size_t kMaxSize = 2048;

  Scheme scheme = Scheme::kHttps;
  std::string host = {};     // in lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;  // the one written, or the scheme's
  std::string path = {};     // as written: empty, or begins with '/'
  std::optional<std::string> query = std::nullopt;  // as written, without its '?'

  [[nodiscard]] static Result<HttpUrl> parse(std::string_view text);

  // "https://login.example.com", "http://[::1]:8080": what may be shown of any URL.
  [[nodiscard]] std::string origin() const;
  // Whether the host can only be this machine: "localhost", 127.0.0.0/8, ::1. Asks no resolver.
  [[nodiscard]] bool is_loopback() const;
};

}  // namespace tracegate
