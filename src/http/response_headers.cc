#include "src/http/response_headers.h"

#include <algorithm>

#include "src/http/text.h"

namespace tracegate::http {

Status HeaderReader::add(std::string_view line) {
  bytes_ += line.size();
  if (bytes_ > kMaxBytes.value) return Error("the header of the answer is larger than 64 KiB");
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    headers_ = {};
    delimited_ = false;
    complete_ = false;
    return Ok{};
  }
  if (line.empty()) complete_ = true;
  if (complete_) return Ok{};
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return Error("the header of the answer has a malformed line");
  return take(line.substr(0, colon), trimmed(line.substr(colon + 1)));
}

Status HeaderReader::take(std::string_view name, std::string_view value) {
  if (equal_ignoring_case(name, "content-encoding") && !equal_ignoring_case(value, "identity"))
    return Error("the answer has a Content-Encoding, although none was offered");
  if (equal_ignoring_case(name, "transfer-encoding") && !equal_ignoring_case(value, "chunked"))
    return Error("the answer has a Transfer-Encoding other than chunked");
  if (equal_ignoring_case(name, "content-length") || equal_ignoring_case(name, "transfer-encoding"))
    delimited_ = true;

  std::optional<std::string>* wanted = nullptr;
  if (equal_ignoring_case(name, "age")) wanted = &headers_.age;
  if (equal_ignoring_case(name, "cache-control")) wanted = &headers_.cache_control;
  if (equal_ignoring_case(name, "content-type")) wanted = &headers_.content_type;
  if (equal_ignoring_case(name, "retry-after")) wanted = &headers_.retry_after;
  if (wanted == nullptr) return Ok{};
  if (*wanted) {
    wanted->value().append(", ").append(value);
  } else {
    *wanted = value;
  }
  return Ok{};
}

}  // namespace tracegate::http
