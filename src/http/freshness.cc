#include "src/http/freshness.h"

#include <algorithm>
#include <string>

#include "src/http/text.h"

namespace tracegate::http {
namespace {

using std::chrono::seconds;

// delta-seconds (RFC 9111 section 1.2.2): digits, of any count.
std::optional<seconds> parse_delta(std::string_view text) {
  if (text.empty()) return std::nullopt;
  seconds value{0};
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + seconds(c - '0'), kLongestDelta);
  }
  return value;
}

struct Directive {
  std::string name;
  std::string value;  // without its quotes
};

// Takes directives off a Cache-Control (RFC 9111 section 5.2): #( token [ "=" ( token / quoted ) ]
// ).
class Directives {
 public:
  explicit Directives(std::string_view text) : left_(text) {}

  // Nothing at the end, and after anything malformed.
  std::optional<Directive> next() {
    left_ = trimmed(left_);
    while (consume(',')) left_ = trimmed(left_);  // a list may have empty elements
    if (left_.empty()) return std::nullopt;
    Directive directive;
    directive.name = take_token();
    if (consume('=')) {
      if (consume('"')) {
        take_quoted(directive.value);
      } else {
        directive.value = take_token();
      }
    }
    left_ = trimmed(left_);
    if (!left_.empty() && left_.front() != ',') malformed_ = true;
    if (malformed_) return std::nullopt;
    return directive;
  }
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  bool consume(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  std::string_view take_token() {
    const auto end = std::find_if_not(left_.begin(), left_.end(), is_token_character);
    const std::string_view token = left_.substr(0, static_cast<std::size_t>(end - left_.begin()));
    left_.remove_prefix(token.size());
    if (token.empty()) malformed_ = true;
    return token;
  }
  void take_quoted(std::string& value) {
    while (!left_.empty() && left_.front() != '"') {
      if (left_.front() == '\\') left_.remove_prefix(1);
      if (left_.empty()) break;
      value += left_.front();
      left_.remove_prefix(1);
    }
    if (!consume('"')) malformed_ = true;
  }

  std::string_view left_;
  bool malformed_ = false;
};

// Section 5.1: the first value counts if there are several, an invalid one is as none.
seconds age_of(const ResponseHeaders& headers) {
  const std::string_view all = headers.age ? std::string_view(*headers.age) : std::string_view();
  return parse_delta(trimmed(all.substr(0, all.find(',')))).value_or(seconds{0});
}

}  // namespace

std::optional<seconds> fresh_for(const ResponseHeaders& headers) {
  if (!headers.cache_control) return std::nullopt;
  std::optional<seconds> lifetime;
  Directives directives(*headers.cache_control);
  while (const std::optional<Directive> directive = directives.next()) {
    if (equal_ignoring_case(directive->name, "no-store") ||
        equal_ignoring_case(directive->name, "no-cache"))
      return seconds{0};
    if (!equal_ignoring_case(directive->name, "max-age")) continue;
    const seconds said = parse_delta(directive->value).value_or(seconds{0});
    lifetime = std::min(lifetime.value_or(said), said);
  }
  if (directives.malformed()) return seconds{0};
  if (!lifetime) return std::nullopt;
  return std::max(*lifetime - age_of(headers), seconds{0});
}

std::optional<seconds> retry_after(const ResponseHeaders& headers) {
  if (!headers.retry_after) return std::nullopt;
  return parse_delta(*headers.retry_after);
}

}  // namespace tracegate::http
