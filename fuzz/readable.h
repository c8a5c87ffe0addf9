// What a fuzz target demands of every reason that reaches a log or a record.
#pragma once

#include <string_view>

#include "src/base/result.h"
#include "src/base/utf8.h"

namespace tracegate {

inline void check_readable(std::string_view text) {
  TG_CHECK(!text.empty() && text.size() < 4096, "a reason that nobody can read");
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    TG_CHECK(length != 0 && !is_invisible(utf8_code_point(text.substr(0, length))),
             "a reason that is not printable");
    text.remove_prefix(length);
  }
}

}  // namespace tracegate
