#include "src/mask/json_sql.h"

#include "src/mask/sql_text.h"

namespace tracegate::mask {
namespace {

constexpr std::string_view kJsonb = "pg_catalog.jsonb";
constexpr std::string_view kText = "pg_catalog.text";

std::string is_kind(const std::string& value, std::string_view kind) {
  return sql_operation("pg_catalog.jsonb_typeof(" + value + ")", "=",
                       "'" + std::string(kind) + "'");
}

// "tracegate_2.value" for the values of the second level.
std::string column_of(std::size_t level, std::string_view name) {
  return "tracegate_" + std::to_string(level) + "." + std::string(name);
}

// SQL of values by the states of their ways. Objects and arrays are taken apart in sub-selects that
// read nothing but the value, and put together again; jsonb orders keys by itself.
class Translation {
 public:
  explicit Translation(const JsonRules& rules) : rules_(rules) {}

  std::string value(JsonRules::State state, const std::string& value, std::size_t level) {
    const JsonRules::Node& node = rules_.node(state);
    if (node.leaf != nullptr) return leaf(*node.leaf, value);
    std::string sql = "CASE";
    if (node.leads_through_objects()) sql += object(node, value, level + 1);
    if (node.element != JsonRules::kNowhere) sql += array(node.element, value, level + 1);
    sql += " ELSE " + value + " END";
    length_ += sql.size();
    return sql;
  }
  // Each piece counts on every level that it is within, which bounds the work as well.
  [[nodiscard]] bool is_too_long() const { return length_ > kMaxLength; }

 private:
  static constexpr std::size_t kMaxLength = 131'072;

  std::string leaf(const JsonLeaf& leaf, const std::string& value) {
    if (leaf.method == nullptr) return sql_constant(leaf.constant, kJsonb);
    const std::string text =
        "(" + value + " OPERATOR(pg_catalog.#>>) " + sql_constant("{}", "pg_catalog.text[]") + ")";
    return "CASE WHEN " + is_kind(value, "string") + " THEN pg_catalog.to_jsonb(" +
           leaf.method->to_sql(text) + ") WHEN " + is_kind(value, "null") + " THEN " + value +
           " ELSE " + sql_constant(kReplacedJson, kJsonb) + " END";
  }

  std::string object(const JsonRules::Node& node, const std::string& value, std::size_t level) {
    const std::string member = column_of(level, "value");
    std::string masked = "CASE";
    for (const auto& [key, state] : node.keys) {
      // No collation says that keys are the same which differ.
      masked += " WHEN " +
                sql_operation("(" + column_of(level, "key") + " COLLATE pg_catalog.\"C\")", "=",
                              sql_constant(key, kText)) +
                " THEN " + step(state, member, level);
    }
    if (node.keys.empty())
      masked = step(node.other_key, member, level);
    else
      masked += " ELSE " + step(node.other_key, member, level) + " END";
    return " WHEN " + is_kind(value, "object") +
           " THEN (SELECT coalesce(pg_catalog.jsonb_object_agg(" + column_of(level, "key") + ", " +
           masked + "), " + sql_constant("{}", kJsonb) + ") FROM pg_catalog.jsonb_each(" + value +
           ") AS tracegate_" + std::to_string(level) + "(key, value))";
  }

  std::string array(JsonRules::State element, const std::string& value, std::size_t level) {
    return " WHEN " + is_kind(value, "array") + " THEN (SELECT coalesce(pg_catalog.jsonb_agg(" +
           step(element, column_of(level, "value"), level) + " ORDER BY " +
           column_of(level, "place") + "), " + sql_constant("[]", kJsonb) +
           ") FROM pg_catalog.jsonb_array_elements(" + value + ") WITH ORDINALITY AS tracegate_" +
           std::to_string(level) + "(value, place))";
  }

  std::string step(JsonRules::State state, const std::string& value, std::size_t level) {
    // Once it is too long, what is still added does not matter.
    if (state == JsonRules::kNowhere || is_too_long()) return value;
    return this->value(state, value, level);
  }

  const JsonRules& rules_;
  std::size_t length_ = 0;
};

}  // namespace

Result<std::string> json_to_sql(const JsonRules& rules) {
  if (rules.detects()) return std::string();
  Translation translation(rules);
  std::string sql = translation.value(JsonRules::kRoot, sql_cast(kColumnMark, kJsonb), /*level=*/0);
  if (translation.is_too_long()) return Error("the paths of json are too many for an expression");
  return sql;
}

}  // namespace tracegate::mask
