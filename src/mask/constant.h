// Constants of policies as values of a type.
// Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/mask/column_mask.h"

namespace tracegate::mask {

struct Constant {
  std::string text;    // as PostgreSQL writes it, and reads it under all settings of a session
  std::string binary;  // likewise
  // Settings of the session, which the gateway does not follow, say how its text is written, or its
  // binary form is not worth knowing: only the store has it.
  bool is_store_only = false;
};

// What `text` means as a value of `type`; the error says what the type needs instead:
// text family  any text that the type has room for
// json         JSON text of at most 64 levels; jsonb: a string, number, true, false, null, {} or []
// uuid         8-4-4-4-12 hexadecimal digits
// integers     in range; numeric: digits, with a point or not
// boolean      true or false
// enum         one of its labels
// bytea        \x and hexadecimal digits
// date         YYYY-MM-DD; timestamp: YYYY-MM-DD HH:MM:SS; timestamptz: likewise, with Z, in UTC
// arrays       {}
[[nodiscard]] Result<Constant> make_constant(std::string_view text, const ColumnType& type);

}  // namespace tracegate::mask
