#include "src/mask/sql_text.h"

#include "src/catalog/catalog.h"
#include "src/mask/column_mask.h"
#include "src/mask/hash_key.h"
#include "src/mask/hex.h"

namespace tracegate::mask {
namespace {

// One of the two halves of the key.
std::string sql_setting(std::string_view name) {
  return "pg_catalog.decode(pg_catalog.current_setting(" + sql_literal(name) + "), 'hex')";
}

}  // namespace

std::string sql_literal(std::string_view text) {
  if (text.find(kColumnMark) == std::string_view::npos) return catalog::quote_literal(text);
  std::string out = "U&'";
  for (const char c : text) {
    if (c == '$')
      out += "\\0024";
    else if (c == '\\' || c == '\'')
      out.append(2, c);
    else
      out.push_back(c);
  }
  return out + "'";
}

std::string sql_cast(std::string_view value, std::string_view type) {
  std::string out = "CAST(";
  return out.append(value).append(" AS ").append(type).append(")");
}

std::string sql_constant(std::string_view text, std::string_view type) {
  return sql_cast(sql_literal(text), type);
}

std::string sql_operation(std::string_view left, std::string_view symbol, std::string_view right) {
  std::string out = "(";
  return out.append(left)
      .append(" OPERATOR(pg_catalog.")
      .append(symbol)
      .append(") ")
      .append(right)
      .append(")");
}

std::string sql_pseudonym(std::string_view domain, std::string_view value) {
  std::string prefix = "\\x";
  append_hex(as_bytes(domain), prefix);
  prefix += "00";
  const std::string message = sql_operation(sql_constant(prefix, "pg_catalog.bytea"), "||", value);
  const std::string inner =
      "pg_catalog.sha256(" + sql_operation(sql_setting(kInnerSetting), "||", message) + ")";
  return "pg_catalog.sha256(" + sql_operation(sql_setting(kOuterSetting), "||", inner) + ")";
}

std::string sql_pseudonym_of_text(std::string_view domain, std::string_view value) {
  return sql_pseudonym(domain, "pg_catalog.convert_to(" + std::string(value) + ", 'UTF8')");
}

std::string sql_hex(std::string_view value, std::uint32_t bytes) {
  return "pg_catalog.encode(pg_catalog.substr(" + std::string(value) + ", 1, " +
         std::to_string(bytes) + "), 'hex')";
}

std::string at_column_marks(std::string_view sql, std::string_view value) {
  std::string out;
  for (;;) {
    const std::size_t mark = sql.find(kColumnMark);
    out += sql.substr(0, mark);
    if (mark == std::string_view::npos) return out;
    out += value;
    sql.remove_prefix(mark + kColumnMark.size());
  }
}

}  // namespace tracegate::mask
