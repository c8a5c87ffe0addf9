// The options of COPY, as ProcessCopyOptions in commands/copy.c of PostgreSQL 15 reads them.
#include <algorithm>

#include "src/sql/statements.h"

namespace tracegate::sql {
namespace {

using Kind = proto::CopyFormat::Kind;

// Of a string or a word; nothing for anything else.
std::optional<std::string> text_of(const Node* value) {
  if (value == nullptr || !has_tag(value, T_String)) return std::nullopt;
  return std::string(string_of(value));
}

std::optional<char> byte_of(const Node* value) {
  const std::optional<std::string> text = text_of(value);
  if (!text || text->size() != 1) return std::nullopt;
  return text->front();
}

std::optional<bool> boolean_of(const Node* value) {
  if (value == nullptr) return true;
  if (has_tag(value, T_Boolean)) return as<Boolean>(value).boolval;
  if (has_tag(value, T_Integer)) {
    const int number = as<Integer>(value).ival;
    return number == 0 || number == 1 ? std::optional(number == 1) : std::nullopt;
  }
  std::string word = text_of(value).value_or("");
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (word == "true" || word == "on") return true;
  if (word == "false" || word == "off") return false;
  return std::nullopt;
}

std::optional<Kind> kind_of(const Node* value) {
  const std::optional<std::string> name = text_of(value);
  if (name == "text") return Kind::kText;
  if (name == "csv") return Kind::kCsv;
  if (name == "binary") return Kind::kBinary;
  return std::nullopt;
}

bool is_utf8(std::string name) {
  std::erase_if(name, [](char c) { return c == '-' || c == '_'; });
  return name == "UTF8" || name == "utf8" || name == "Utf8";
}

}  // namespace

std::optional<proto::CopyFormat> copy_format_of(const List* options) {
  proto::CopyFormat format;
  std::optional<char> delimiter;
  std::optional<char> quote;
  std::optional<char> escape;
  std::optional<std::string> null;
  for (const Node* item : Nodes(options)) {
    if (!has_tag(item, T_DefElem)) return std::nullopt;
    const DefElem& option = as<DefElem>(item);
    const std::string_view name = view(option.defname);
    if (name == "format") {
      const std::optional<Kind> kind = kind_of(option.arg);
      if (!kind) return std::nullopt;
      format.kind = *kind;
    } else if (name == "header") {
      const std::optional<bool> header = boolean_of(option.arg);
      if (!header) return std::nullopt;
      format.header = *header;
    } else if (name == "delimiter" || name == "quote" || name == "escape") {
      const std::optional<char> byte = byte_of(option.arg);
      if (!byte) return std::nullopt;
      (name == "delimiter" ? delimiter : name == "quote" ? quote : escape) = byte;
    } else if (name == "null") {
      null = text_of(option.arg);
      if (!null) return std::nullopt;
    } else if (name == "encoding") {
      if (!is_utf8(text_of(option.arg).value_or(""))) return std::nullopt;
    } else if (name != "force_quote") {  // which a reader of the format need not know
      return std::nullopt;
    }
  }
  const bool is_csv = format.kind == Kind::kCsv;
  format.delimiter = delimiter.value_or(is_csv ? ',' : '\t');
  format.null = null.value_or(is_csv ? "" : "\\N");
  format.quote = quote.value_or('"');
  format.escape = escape.value_or(format.quote);
  return format;
}

}  // namespace tracegate::sql
