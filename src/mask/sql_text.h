// Pieces of the SQL of masks. Functions are written with their schema and operators as
// OPERATOR(pg_catalog.x), so that no search path gives them another meaning.
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tracegate::mask {

// As a string literal in which kColumnMark does not occur. `text` has no NUL.
[[nodiscard]] std::string sql_literal(std::string_view text);
// CAST(value AS type)
[[nodiscard]] std::string sql_cast(std::string_view value, std::string_view type);
// A constant of a type, from how PostgreSQL reads one.
[[nodiscard]] std::string sql_constant(std::string_view text, std::string_view type);
// (left OPERATOR(pg_catalog.symbol) right)
[[nodiscard]] std::string sql_operation(std::string_view left, std::string_view symbol,
                                        std::string_view right);
// Of type bytea: what HashKey::pseudonym() gives for `value`, of type bytea.
[[nodiscard]] std::string sql_pseudonym(std::string_view domain, std::string_view value);
// Likewise, for a value of type text.
[[nodiscard]] std::string sql_pseudonym_of_text(std::string_view domain, std::string_view value);
// The first `bytes` of a bytea in hexadecimal digits.
[[nodiscard]] std::string sql_hex(std::string_view value, std::uint32_t bytes);
// `sql` with `value` in the place of every kColumnMark.
[[nodiscard]] std::string at_column_marks(std::string_view sql, std::string_view value);

}  // namespace tracegate::mask
