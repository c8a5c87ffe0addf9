// A json mask as SQL over jsonb.
// Pure functions, thread-safe.
#pragma once

#include <string>

#include "src/mask/json_rules.h"

namespace tracegate::mask {

// Of type jsonb, over kColumnMark; empty if the store cannot do what a rule says. Fails if it would
// be longer than a statement should carry.
[[nodiscard]] Result<std::string> json_to_sql(const JsonRules& rules);

}  // namespace tracegate::mask
