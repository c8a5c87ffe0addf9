// The start-up parameter `options`: command-line switches for the store's session process, in one
// text. Split as PostgreSQL 15 does in pg_split_opts (utils/init/postinit.c): at white space, a
// backslash takes the next character as it is. Of the switches only those that set something are
// read (-c name=value, -cname=value, --name=value; "-" in a name counts as "_", ParseLongOption of
// utils/misc/guc.c); any other is refused, for every role. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/policy/settings.h"

namespace tracegate::policy {

[[nodiscard]] std::vector<std::string> split_options(std::string_view options);

// The settings in `options`, in order; names as written, with "_". Errors: 42601.
[[nodiscard]] Result<std::vector<Parameter>> parse_options(std::string_view options);

}  // namespace tracegate::policy
