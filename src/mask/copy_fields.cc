#include "src/mask/copy_fields.h"

#include <array>
#include <cstring>

namespace tracegate::mask {
namespace {

using proto::CopyFormat;

// Control characters that are written as a letter behind a backslash, in pairs: itself, the letter.
constexpr std::array<std::array<char, 2>, 6> kLetters = {
    {{'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}, {'\v', 'v'}}};

// What stands behind the backslash for `c`; NUL if it is written as it is.
char escape_of(char c, char delimiter) {
  for (const auto& [control, letter] : kLetters)
    if (c == control) return letter;
  return c == '\\' || c == delimiter ? c : '\0';
}

// What a backslash and `escape` stand for; nothing if PostgreSQL does not write that.
std::optional<char> value_of(char escape, char delimiter) {
  for (const auto& [control, letter] : kLetters)
    if (escape == letter) return control;
  const bool may_be_itself = escape == '\\' || escape == delimiter;
  if (may_be_itself && escape_of(escape, delimiter) == escape) return escape;
  return std::nullopt;
}

// How many of `c` stand in a row just before `at`, not counting any before `begin`.
std::size_t run_before(std::string_view text, std::size_t begin, std::size_t at, char c) {
  std::size_t run = 0;
  while (at - run > begin && text[at - run - 1] == c) ++run;
  return run;
}

bool contains_any(std::string_view text, std::initializer_list<char> characters) {
  for (const char c : characters)
    if (text.find(c) != std::string_view::npos) return true;
  return false;
}

bool is_quoted(std::string_view field, const CopyFormat& format) {
  return !field.empty() && field.front() == format.quote;
}

// Where the quote stands that closes the field that one opens at `at`.
std::optional<std::size_t> closing_quote(std::string_view row, std::size_t at,
                                         const CopyFormat& format) {
  const std::size_t begin = at + 1;
  const bool doubled = format.escape == format.quote;
  for (std::size_t next = begin;; ++next) {
    next = row.find(format.quote, next);
    if (next == std::string_view::npos) return std::nullopt;
    if (doubled) {
      if (next + 1 == row.size() || row[next + 1] != format.quote) return next;
      ++next;
    } else if (run_before(row, begin, next, format.escape) % 2 == 0) {
      return next;
    }
  }
}

}  // namespace

std::size_t end_of_text_field(std::string_view row, std::size_t at, char delimiter) {
  for (std::size_t next = at;; ++next) {
    next = row.find(delimiter, next);
    if (next == std::string_view::npos) return row.size();
    if (run_before(row, at, next, '\\') % 2 == 0) return next;
  }
}

bool read_text(std::string_view field, char delimiter, std::string& out) {
  for (;;) {
    const std::size_t escape = field.find('\\');
    out += field.substr(0, escape);
    if (escape == std::string_view::npos) return true;
    if (escape + 1 == field.size()) return false;
    const std::optional<char> value = value_of(field[escape + 1], delimiter);
    if (!value) return false;
    out += *value;
    field.remove_prefix(escape + 2);
  }
}

void write_text(std::string_view value, char delimiter, std::string& out) {
  std::size_t written = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '\\' && c != delimiter) continue;
    const char escape = escape_of(c, delimiter);
    if (escape == '\0') continue;
    out.append(value.substr(written, i - written)) += '\\';
    out += escape;
    written = i + 1;
  }
  out += value.substr(written);
}

bool null_is_ambiguous(const CopyFormat& format) {
  if (format.kind != CopyFormat::Kind::kText) return false;  // binary has lengths, CSV has quotes
  std::string value;
  if (!read_text(format.null, format.delimiter, value)) return false;
  std::string written;
  write_text(value, format.delimiter, written);
  return written == format.null;
}

std::optional<std::size_t> end_of_csv_field(std::string_view row, std::size_t at,
                                            const CopyFormat& format) {
  if (at < row.size() && row[at] == format.quote) {
    const std::optional<std::size_t> quote = closing_quote(row, at, format);
    if (!quote) return std::nullopt;
    const std::size_t end = *quote + 1;
    if (end < row.size() && row[end] != format.delimiter) return std::nullopt;
    return end;
  }
  const std::size_t end = std::min(row.find(format.delimiter, at), row.size());
  if (contains_any(row.substr(at, end - at), {format.quote, '\n', '\r'})) return std::nullopt;
  return end;
}

bool read_csv(std::string_view field, const CopyFormat& format, std::string& out) {
  if (!is_quoted(field, format)) {
    out += field;
    return true;
  }
  field = field.substr(1, field.size() - 2);
  for (;;) {
    const std::size_t escape = field.find(format.escape);
    out += field.substr(0, escape);
    if (escape == std::string_view::npos) return true;
    if (escape + 1 == field.size()) return false;
    const char c = field[escape + 1];
    if (c != format.quote && c != format.escape) return false;
    out += c;
    field.remove_prefix(escape + 2);
  }
}

void write_csv(std::string_view value, const CopyFormat& format, std::size_t columns,
               std::string& out) {
  const bool is_end_mark = columns == 1 && value == "\\.";  // alone on a line it would end the data
  if (value != format.null && !is_end_mark &&
      !contains_any(value, {format.delimiter, format.quote, '\n', '\r'})) {
    out += value;
    return;
  }
  out += format.quote;
  std::size_t written = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != format.quote && value[i] != format.escape) continue;
    out.append(value.substr(written, i - written)) += format.escape;
    written = i;
  }
  out.append(value.substr(written)) += format.quote;
}

}  // namespace tracegate::mask
