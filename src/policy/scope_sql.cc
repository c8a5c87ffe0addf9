#include "src/policy/scope_sql.h"

#include <fmt/format.h>

#include <type_traits>

#include "src/policy/scope_types.h"

namespace tracegate::policy {
namespace {

constexpr std::string_view kNoRow = "false";

std::string in_double_quotes(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + '"';
}

// Of enums there is one "=" for all, which does not look through domains.
std::string without_domain(const ScopeType& type, std::string_view operand) {
  const bool is_domain = type.stored != type.carrier;
  return type.in_namespaces == NamespaceType::kEnum && is_domain
             ? fmt::format("CAST({} AS {})", operand, type.carrier)
             : std::string(operand);
}

// A cast to the column's type: a literal or a parameter that stands alone takes its type from what
// is around it, and must be compared as what it will be stored as.
std::string as_stored(const ScopeType& type, std::string_view value) {
  return without_domain(type, fmt::format("CAST({} AS {})", value, type.stored));
}

// All of `parts`. None at all would be no limit, which no scope means.
std::string all_of(const std::vector<std::string>& parts) {
  return parts.empty() ? std::string(kNoRow) : fmt::format("{}", fmt::join(parts, " AND "));
}

std::vector<std::string> permitted_values(const NamespaceScope& scope, const ScopeType& type,
                                          const Claims& claims) {
  std::vector<std::string> values = scope.values;
  if (!scope.claim.empty()) {
    const auto claim = claims.find(scope.claim);
    values = claim != claims.end() ? claim->second : std::vector<std::string>();
  }
  std::erase_if(values, [&](const std::string& value) { return !can_be(type, value); });
  return values;
}

std::string equals_any(std::string_view operand, const std::vector<std::string>& values) {
  // With one value the order of an index behind the namespace column stays of use.
  if (values.size() == 1 && !holds_mark(values.front()))
    return fmt::format("{} OPERATOR(pg_catalog.=) {}", operand,
                       catalog::quote_literal(values.front()));
  return fmt::format("{} OPERATOR(pg_catalog.=) ANY ({})", operand, quote_array(values));
}

// Whether the extension's operator ignores case is the extension's matter, as is its index.
std::string is_any_caseless(std::string_view operand, const ScopeType& type,
                            const std::vector<std::string>& values) {
  return fmt::format("{} OPERATOR({}.=) ANY (CAST({} AS {}[]))", operand,
                     catalog::quote_identifier(type.own->schema), quote_array(values),
                     type.carrier);
}

std::string namespace_condition(std::string_view operand, const NamespaceScope& scope,
                                const ScopeType& type, const Claims& claims) {
  const std::vector<std::string> values = permitted_values(scope, type, claims);
  if (values.empty()) return std::string(kNoRow);
  if (type.in_namespaces == NamespaceType::kCaseless) return is_any_caseless(operand, type, values);
  return equals_any(operand, values);
}

// A column without a zone holds UTC; a date is its first instant.
std::string instant_literal(Microseconds instant, const ScopeType& type) {
  const std::string text = to_sql_timestamp(instant);
  return has_zone(type) ? fmt::format("CAST('{}+00' AS pg_catalog.\"timestamptz\")", text)
                        : fmt::format("CAST('{}' AS pg_catalog.\"timestamp\")", text);
}

// STABLE, so that an index serves the comparison, and without a word of the session's TimeZone:
// hours and less are subtracted from an instant as they are, and the offset zero needs no look into
// the table of zones.
std::string sliding_start(Microseconds last, const ScopeType& type) {
  const std::string start = fmt::format(
      "pg_catalog.statement_timestamp() OPERATOR(pg_catalog.-) "
      "CAST('{} microseconds' AS pg_catalog.\"interval\")",
      last.count());
  if (has_zone(type)) return fmt::format("({})", start);
  return fmt::format("pg_catalog.timezone(CAST('0' AS pg_catalog.\"interval\"), {})", start);
}

// Nothing: the claim cannot be read.
std::optional<TimeWindow> claimed_window(const TimeScope& scope, const Claims& claims) {
  if (scope.claim.empty()) return TimeWindow{};
  const auto claim = claims.find(scope.claim);
  if (claim == claims.end() || claim->second.size() != 1) return std::nullopt;
  const Result<TimeWindow> window = parse_window(claim->second.front());
  return window ? std::optional(*window) : std::nullopt;
}

std::string time_condition(std::string_view operand, const TimeScope& scope, const ScopeType& type,
                           const Claims& claims) {
  const std::optional<TimeWindow> claimed = claimed_window(scope, claims);
  if (!claimed || !is_time(type)) return std::string(kNoRow);
  std::vector<std::string> parts;
  const auto add = [&](std::string_view comparison, std::string_view bound) {
    parts.push_back(fmt::format("{} OPERATOR(pg_catalog.{}) {}", operand, comparison, bound));
  };
  if (scope.last) add(">=", sliding_start(*scope.last, type));
  for (const TimeWindow& window : {scope.fixed, *claimed}) {
    if (window.from) add(">=", instant_literal(*window.from, type));
    if (window.to) add("<", instant_literal(*window.to, type));
  }
  return all_of(parts);
}

class Builder {
 public:
  Builder(const Role& role, const catalog::Catalog& catalog, const Claims& claims)
      : role_(role), catalog_(catalog), claims_(claims) {}

  // Over `alias`, which is that of `depth`.
  std::string predicate(const Scope& scope, const catalog::Relation& relation,
                        std::string_view alias, int depth) const {
    std::vector<std::string> parts;
    for_each_part(scope, [&](std::string_view column, const auto& part) {
      const ScopeType type = type_of(relation, column);
      const std::string operand =
          fmt::format("{}.{}", in_double_quotes(alias), in_double_quotes(column));
      parts.push_back(type.carrier.empty()
                          ? std::string(kNoRow)
                          : condition(without_domain(type, operand), type, part, depth));
    });
    return all_of(parts);
  }

  std::vector<sql::ScopeColumn> columns(const Scope& scope,
                                        const catalog::Relation& relation) const {
    std::vector<sql::ScopeColumn> result;
    for_each_part(scope, [&](std::string_view column, const auto& part) {
      const ScopeType type = type_of(relation, column);
      constexpr bool kQueries = std::is_same_v<decltype(part), const ThroughScope&>;
      result.push_back({std::string(column),
                        type.carrier.empty() ? std::string(kNoRow) : value_condition(type, part),
                        type.carrier, kQueries});
    });
    return result;
  }

 private:
  template <typename Visitor>
  static void for_each_part(const Scope& scope, Visitor visit) {
    if (scope.in_namespace) visit(scope.in_namespace->column.value, *scope.in_namespace);
    if (scope.in_time) visit(scope.in_time->column.value, *scope.in_time);
    if (scope.through) visit(scope.through->column.value, *scope.through);
  }

  // Empty if there is no such column, or none that can be compared.
  ScopeType type_of(const catalog::Relation& relation, std::string_view column) const {
    const catalog::Column* found = relation.find_column(column);
    return found ? scope_type(*found, catalog_) : ScopeType{};
  }

  std::string condition(std::string_view operand, const ScopeType& type, const NamespaceScope& part,
                        int) const {
    return namespace_condition(operand, part, type, claims_);
  }
  std::string condition(std::string_view operand, const ScopeType& type, const TimeScope& part,
                        int) const {
    return time_condition(operand, part, type, claims_);
  }
  std::string condition(std::string_view operand, const ScopeType&, const ThroughScope& part,
                        int depth) const {
    const std::string alias = alias_of(depth + 1);
    const std::optional<Other> other = find(part, alias, depth + 1);
    if (!other) return std::string(kNoRow);
    return fmt::format("{} OPERATOR(pg_catalog.=) ANY (SELECT {} FROM {} AS {} WHERE {})", operand,
                       other->key, other->relation->qualified_name(), in_double_quotes(alias),
                       other->predicate);
  }

  std::string value_condition(const ScopeType& type, const NamespaceScope& part) const {
    return namespace_condition(as_stored(type, kValueMark), part, type, claims_);
  }
  std::string value_condition(const ScopeType& type, const TimeScope& part) const {
    return time_condition(as_stored(type, kValueMark), part, type, claims_);
  }
  std::string value_condition(const ScopeType& type, const ThroughScope& part) const {
    const std::string alias = alias_of(1);
    const std::optional<Other> other = find(part, alias, 1);
    if (!other) return std::string(kNoRow);
    return fmt::format(
        "EXISTS (SELECT 1 FROM (SELECT {}) AS \"tracegate_value\" (\"value\"), {} AS {} WHERE {} "
        "OPERATOR(pg_catalog.=) \"tracegate_value\".\"value\" AND {})",
        as_stored(type, kValueMark), other->relation->qualified_name(), in_double_quotes(alias),
        other->key, other->predicate);
  }

  // The table that a scope goes through, as seen from one depth further in.
  struct Other {
    const catalog::Relation* relation;
    std::string key;
    std::string predicate;
  };
  std::optional<Other> find(const ThroughScope& part, std::string_view alias, int depth) const {
    const Scope* scope = role_.find_scope(part.table.schema, part.table.name);
    const catalog::Relation* relation = catalog_.find(part.table.schema, part.table.name);
    if (!scope || !relation || !relation->find_column(part.key.value)) return std::nullopt;
    const std::string key =
        fmt::format("{}.{}", in_double_quotes(alias), in_double_quotes(part.key.value));
    return Other{relation, without_domain(type_of(*relation, part.key.value), key),
                 predicate(*scope, *relation, alias, depth)};
  }

  static std::string alias_of(int depth) { return fmt::format("{}_{}", sql::kRowAlias, depth); }

  const Role& role_;
  const catalog::Catalog& catalog_;
  const Claims& claims_;
};

}  // namespace

ScopeSql to_sql(const Role& role, const Scope& scope, const catalog::Relation& relation,
                const catalog::Catalog& catalog, const Claims& claims) {
  const Builder builder(role, catalog, claims);
  return {builder.predicate(scope, relation, sql::kRowAlias, 0), builder.columns(scope, relation)};
}

// Each element in double quotes, in which a backslash takes the next character as it is (PostgreSQL
// 15, section 8.15.6). One before every character that is neither letter nor digit is more than
// needed, and keeps the marks of scope_sql.h from appearing.
std::string quote_array(const std::vector<std::string>& values) {
  std::string array = "{";
  for (const std::string& value : values) {
    array += array.size() > 1 ? ",\"" : "\"";
    bool after_symbol = false;
    for (const char c : value) {
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      const bool is_plain =
          is_letter || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
      if (!is_plain || (after_symbol && is_letter)) array += '\\';
      array += c;
      after_symbol = !is_plain;
    }
    array += '"';
  }
  return catalog::quote_literal(array + '}');
}

bool holds_mark(std::string_view text) {
  return text.find(kValueMark) != std::string_view::npos ||
         text.find(in_double_quotes(sql::kRowAlias)) != std::string_view::npos;
}

}  // namespace tracegate::policy
