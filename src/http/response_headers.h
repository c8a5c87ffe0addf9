// The header of one HTTP answer: the four fields that anybody here needs, and the checks of what
// would let the body mean something else than its bytes.
//
// Refused: a Content-Encoding, as none was offered, and what unpacks may unpack without end; a
// Transfer-Encoding other than "chunked"; a line that continues the one before (RFC 9112 section
// 5.2), or that has no name; more than kMaxBytes in all.
//
// Fields after the body (RFC 9110 section 6.5) are passed over, and interim answers (1xx) are
// forgotten when the next begins.
// Threading: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace tracegate::http {

// Values without the white space around them. A field that comes more than once has its values
// joined by ", " (RFC 9110 section 5.3).
struct ResponseHeaders {
  std::optional<std::string> age = std::nullopt;
  std::optional<std::string> cache_control = std::nullopt;
  std::optional<std::string> content_type = std::nullopt;
  std::optional<std::string> retry_after = std::nullopt;
};

class HeaderReader {
 public:
  static constexpr ByteCount kMaxBytes = 64_KiB;

  // One line as it was received, status lines and the empty line at the end included, with or
  // without its line end.
  [[nodiscard]] Status add(std::string_view line);

  [[nodiscard]] const ResponseHeaders& headers() const { return headers_; }
  // Whether the answer says itself where its body ends. One that ends with the connection cannot be
  // told from one that was cut (RFC 9112 section 8).
  [[nodiscard]] bool delimited() const { return delimited_; }

 private:
  Status take(std::string_view name, std::string_view value);

  ResponseHeaders headers_;
  bool delimited_ = false;
  bool complete_ = false;  // what comes now follows the body
  std::size_t bytes_ = 0;
};

}  // namespace tracegate::http
