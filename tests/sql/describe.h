// One line for all facts of a statement, so that a table of statements and expected facts can be
// read side by side:
//   insert writes; insert public.traces(id,prompt); select public.traces(id); calls f; refused
//   42P01
#pragma once

#include <string>

#include "src/sql/analysis.h"

namespace tracegate::sql {

[[nodiscard]] std::string describe(const Statement& statement);
// The statements joined by " | "; "syntax error at 5: message" if there is one.
[[nodiscard]] std::string describe(const Analysis& analysis);

}  // namespace tracegate::sql
