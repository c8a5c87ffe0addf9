// UTF-8 as PostgreSQL accepts it (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
#pragma once

#include <cstddef>
#include <string_view>

namespace tracegate {

// Length in bytes (1 to 4) of the valid sequence that `text` starts with; 0 if it starts with none.
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view text);

// What a valid sequence stands for, as utf8_sequence_length() measured it.
[[nodiscard]] char32_t utf8_code_point(std::string_view sequence);

// Whether a character shows nothing itself but may change how a terminal or a reader takes the text
// around it: control characters, soft hyphens, joiners, direction marks, line separators, byte
// order marks, annotations, tags.
[[nodiscard]] bool is_invisible(char32_t character);

// Whether all of `text` is valid UTF-8. NUL counts as valid here.
[[nodiscard]] bool is_valid_utf8(std::string_view text);

}  // namespace tracegate
