// Keeps texts from the parser that cost it far more than their length: PostgreSQL's lexer looks to
// the end of a run of operator characters for each operator and each comment in it, so that
// "+++...+" and
// "/*/*/*..." take time quadratic in their length; and a parse tree takes some 250 bytes for two
// characters of "+1+1+1...". A server process that does this hurts itself; here it would hurt every
// session of the worker.
//
// The look at the text is rough and errs on the side of passing it on: what counts for judging is
// the parser alone. Threading: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "src/sql/analysis.h"

namespace tracegate::sql {

// Words, literals and symbols in one text; a tree of so many takes up to 150 MB for the moment.
inline constexpr std::size_t kMaxTokens = 1'000'000;

// The error that stands for parsing `text`; nothing if it may be parsed.
[[nodiscard]] std::optional<SyntaxError> check_text_limits(std::string_view text);

}  // namespace tracegate::sql
