// Fields of COPY's text and CSV formats: where they end in a row, what value they stand for, and
// how PostgreSQL writes a value. A row is one line, without the newline that ends it; in CSV it may
// have newlines within quotes.
//
// They read what PostgreSQL writes, and refuse whatever would be ambiguous: COPY FROM takes more.
//
// Source: PostgreSQL 15, src/backend/commands/copyto.c, CopyAttributeOutText() and
// CopyAttributeOutCSV(). Threading: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "proto_pg/copy_format.h"

namespace tracegate::mask {

// ---- Text: a backslash before the delimiter, before itself, and for control characters.

// Where the field that begins at `at` ends: at a delimiter, or at the end of the row.
[[nodiscard]] std::size_t end_of_text_field(std::string_view row, std::size_t at, char delimiter);
// Appends the value of a field that is not NULL; false if no value is written so.
[[nodiscard]] bool read_text(std::string_view field, char delimiter, std::string& out);
void write_text(std::string_view value, char delimiter, std::string& out);

// A value can look like NULL ("COPY ... (NULL 'x')", and a value x): the row does not tell them
// apart.
[[nodiscard]] bool null_is_ambiguous(const proto::CopyFormat& format);

// ---- CSV: quotes around a value that needs them.

// Likewise; nothing if the quotes of the field do not close, or close within it.
[[nodiscard]] std::optional<std::size_t> end_of_csv_field(std::string_view row, std::size_t at,
                                                          const proto::CopyFormat& format);
[[nodiscard]] bool read_csv(std::string_view field, const proto::CopyFormat& format,
                            std::string& out);
// Quotes the value if it needs quotes. `columns` is how many the row has.
void write_csv(std::string_view value, const proto::CopyFormat& format, std::size_t columns,
               std::string& out);

}  // namespace tracegate::mask
