#include "src/policy/names.h"

#include <algorithm>
#include <optional>

#include "src/base/utf8.h"
#include "src/config/diagnostics.h"

namespace tracegate::policy {
namespace {

using config::in_quotes;

bool starts_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_identifier(char c) {
  return starts_identifier(c) || (c >= '0' && c <= '9') || c == '$';
}

// Takes one identifier off the front of `rest`; nothing if there is none.
std::optional<std::string> take_identifier(std::string_view& rest) {
  std::string name;
  std::size_t at = 0;
  if (rest.starts_with('"')) {
    for (at = 1;; ++at) {
      if (at >= rest.size() || rest[at] == '\0') return std::nullopt;
      if (rest[at] == '"' && (at + 1 == rest.size() || rest[at + 1] != '"')) break;
      if (rest[at] == '"') ++at;
      name += rest[at];
    }
    ++at;
  } else if (!rest.empty() && starts_identifier(rest.front())) {
    while (at < rest.size() && continues_identifier(rest[at])) ++at;
    name = fold_case(rest.substr(0, at));
  }
  if (name.empty() || name.size() > kMaxNameBytes || !is_valid_utf8(name)) return std::nullopt;
  rest.remove_prefix(at);
  return name;
}

}  // namespace

std::string fold_case(std::string_view text) {
  std::string folded(text);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded;
}

Result<std::string> parse_identifier(std::string_view text) {
  std::string_view rest = text;
  std::optional<std::string> name = take_identifier(rest);
  if (name && rest.empty()) return *std::move(name);
  return Error(
      "", in_quotes(text) + " is not a name",
      "write it as in SQL: trace_id, or '\"Trace Id\"' in double quotes; 63 bytes at most");
}

Result<QualifiedName> parse_table_name(std::string_view text) {
  QualifiedName result;
  std::string_view rest = text;
  std::optional<std::string> schema = take_identifier(rest);
  if (schema && rest == ".*") return QualifiedName{*std::move(schema), {}};
  if (schema && rest.empty())
    return Error("", in_quotes(text) + " does not name its schema", "write \"schema.table\"");
  if (schema && rest.starts_with('.')) {
    rest.remove_prefix(1);
    std::optional<std::string> name = take_identifier(rest);
    if (name && rest.empty()) return QualifiedName{*std::move(schema), *std::move(name)};
  }
  return Error(
      "", in_quotes(text) + " is not the name of a table",
      "write \"schema.table\", \"schema.*\" or, where quotes are needed, '\"My Schema\".\"T\"'");
}

namespace {

// The characters of an operator's name (PostgreSQL 15, section 4.1.3).
constexpr std::string_view kOperatorCharacters = "+-*/<>=~!@#%^&|`?";

bool is_operator(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         text.find_first_not_of(kOperatorCharacters) == std::string_view::npos &&
         text.find("--") == std::string_view::npos && text.find("/*") == std::string_view::npos;
}

// Distinguishes "a.b" in quotes, one name, from a.b without, which is two.
std::string keep_quotes_where_needed(const std::string& name) {
  if (name.find_first_of(".\"") == std::string::npos) return name;
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + '"';
}

}  // namespace

Result<std::string> parse_function_name(std::string_view text) {
  std::string canonical;
  std::string_view rest = text;
  if (is_operator(rest)) return std::string(rest);
  for (int part = 0; part < 2; ++part) {
    std::optional<std::string> name = take_identifier(rest);
    if (!name) break;
    canonical += keep_quotes_where_needed(*name);
    if (rest.empty()) return canonical;
    if (part > 0 || !rest.starts_with('.')) break;
    canonical += '.';
    rest.remove_prefix(1);
    if (is_operator(rest)) return canonical.append(rest);
  }
  return Error("", in_quotes(text) + " is not the name of a function, a type or an operator",
               "write it as statements do, without arguments: \"similarity\", "
               "\"public.similarity\" or \"<->\"");
}

}  // namespace tracegate::policy
