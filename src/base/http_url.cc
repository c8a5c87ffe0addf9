#include "src/base/http_url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace tracegate {
namespace {

constexpr std::size_t kMaxHost = 253;  // RFC 1035 section 2.3.4, without the dot at the end
constexpr std::size_t kMaxLabel = 63;

// Not <cctype>: the answer must not depend on a locale.
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}
bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return host.find('\0') == std::string::npos && ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// A last label that begins with a digit is a number to some resolver ("127.1", "0x7f000001"), so
// that the whole has to be an address in the one form that all agree on.
bool is_name_or_ipv4(const std::string& host) {
  if (host.empty() || host.size() > kMaxHost) return false;
  std::string_view left = host;
  while (true) {
    const std::string_view label = left.substr(0, left.find('.'));
    if (label.empty() || label.size() > kMaxLabel || label.front() == '-' || label.back() == '-')
      return false;
    if (!std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }))
      return false;
    if (label.size() == left.size()) return !is_digit(label.front()) || is_ipv4(host);
    left.remove_prefix(label.size() + 1);
  }
}

// RFC 3986 section 3.3 (pchar and '/'); section 3.4 adds '?' in the query.
bool is_path_character(char c) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@/";
  return is_letter(c) || is_digit(c) || kOthers.find(c) != std::string_view::npos;
}

bool well_formed(std::string_view part, bool (*permitted)(char)) {
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '%') {
      if (i + 2 >= part.size() || !is_hex(part[i + 1]) || !is_hex(part[i + 2])) return false;
      i += 2;
    } else if (!permitted(part[i])) {
      return false;
    }
  }
  return true;
}

Status parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.begin(), text.end(), port);
  if (error != std::errc() || end != text.end() || text.front() == '0')
    return Error("the port of a URL is a number of 1 to 65535");
  return Ok{};
}

// `authority` is host[:port].
Status parse_authority(std::string_view authority, HttpUrl& url) {
  if (authority.find('@') != std::string_view::npos)
    return Error("a URL here has no user name and no password in it");
  std::size_t host_end = authority.find(':');
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return Error("a '[' in a URL is not closed");
    url.host = authority.substr(1, bracket - 1);
    if (!is_ipv6(url.host)) return Error("what stands in brackets in a URL is not an IPv6 address");
    host_end = bracket + 1;
  } else {
    url.host = authority.substr(0, host_end);
    if (!is_name_or_ipv4(url.host)) return Error("the host of a URL is not a name or an address");
  }
  std::transform(url.host.begin(), url.host.end(), url.host.begin(), lower);
  std::string_view rest = authority.substr(std::min(host_end, authority.size()));
  if (rest.empty()) return Ok{};
  if (!consume(rest, ":")) return Error("what follows the host of a URL is not a port");
  return parse_port(rest, url.port);
}

}  // namespace

Result<HttpUrl> HttpUrl::parse(std::string_view text) {
  if (text.size() > kMaxSize) return Error("a URL is longer than 2048 bytes");
  HttpUrl url;
  if (consume(text, "http://")) {
    url.scheme = Scheme::kHttp;
    url.port = 80;
  } else if (!consume(text, "https://")) {
    return Error("a URL does not begin with https://");
  }
  if (text.find('#') != std::string_view::npos) return Error("a URL here has no fragment");
  const std::string_view authority = text.substr(0, text.find_first_of("/?"));
  TG_TRY(parse_authority(authority, url));
  text.remove_prefix(authority.size());

  const std::size_t question = text.find('?');
  url.path = text.substr(0, question);
  if (question != std::string_view::npos) url.query = text.substr(question + 1);
  if (!well_formed(url.path, is_path_character))
    return Error("the path of a URL holds a character that must be percent-encoded");
  if (url.query &&
      !well_formed(*url.query, [](char c) { return is_path_character(c) || c == '?'; }))
    return Error("the query of a URL holds a character that must be percent-encoded");
  return url;
}

std::string HttpUrl::origin() const {
  std::string text = scheme == Scheme::kHttps ? "https://" : "http://";
  text += host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (scheme == Scheme::kHttps ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

bool HttpUrl::is_loopback() const {
  if (host == "localhost") return true;
  if (is_ipv4(host)) return host.starts_with("127.");
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
}

}  // namespace tracegate
