// Claims of arbitrary bytes in scopes: the predicate and the conditions parse, read nothing but the
// columns of the scope and call nothing but what the gateway put in, and however a value looks it
// is one constant. The first byte is the number of values in the window claim, the others are
// values, separated by bytes that UTF-8 does not have.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/policy/scope_sql.h"
#include "src/sql/analysis.h"

namespace {

using namespace tracegate;
using policy::Claims;

constexpr char kSeparator = '\xfe';

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> values;
  while (values.size() < 16) {
    const std::string_view part = text.substr(0, text.find(kSeparator));
    values.emplace_back(part);
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
  }
  return values;
}

const policy::Role& role() {
  static const policy::Role made = [] {
    policy::Scope traces;
    traces.table = {"public", "traces", {}};
    traces.in_namespace = policy::NamespaceScope{{"namespace", {}}, {}, "namespaces"};
    traces.in_time = policy::TimeScope{{"at", {}}, std::chrono::hours(24), {}, "window"};
    policy::Scope feedback;
    feedback.table = {"public", "feedback", {}};
    feedback.through = policy::ThroughScope{{"trace_id", {}}, traces.table, {"id", {}}};
    policy::Role result;
    result.scopes = {traces, feedback};
    return result;
  }();
  return made;
}

const catalog::Catalog& store() {
  using catalog::RelationKind;
  static const auto made = catalog::Catalog::build(
      1,
      {{1,
        "public",
        "traces",
        RelationKind::kTable,
        {{"id", 1, 20}, {"namespace", 2, 25}, {"at", 3, 1184}, {"secret", 4, 25}}},
       {2, "public", "feedback", RelationKind::kTable, {{"trace_id", 1, 20}, {"secret", 2, 25}}}});
  return *made;
}

// The text with $n for each constant.
std::string shape_of(const std::string& table, const std::string& condition) {
  const std::string text = "SELECT FROM " + table + " AS \"tracegate\" WHERE " + condition;
  const sql::Analysis analysis = sql::analyze(text, store(), {});
  TG_CHECK(!analysis.syntax_error, "a scope does not parse");
  TG_CHECK(analysis.statements.size() == 1, "a scope is not one condition");
  const sql::Statement& statement = analysis.statements.front();
  TG_CHECK(!statement.refusal && !statement.writes, "a scope does what it should not");
  for (const sql::Need& need : statement.needs) {
    TG_CHECK(need.operation == sql::Operation::kSelect && !need.columns.all, "a scope reads a row");
    for (const std::string& column : need.columns.names)
      TG_CHECK(column != "secret", "a scope reads another column");
  }
  for (const std::string& function : statement.functions)
    TG_CHECK(function == "pg_catalog.statement_timestamp", "a scope calls something");
  return sql::replace_constants(text);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size())
    ++found;
  return found;
}

void check(const std::string& table, const Claims& claims, const std::vector<std::string>& known) {
  const policy::ScopeSql made = policy::to_sql(role(), *role().find_scope("public", table),
                                               *store().find("public", table), store(), claims);
  const std::string shape = shape_of("public." + table, made.predicate);
  bool is_known = false;
  for (const std::string& each : known) is_known = is_known || shape == each;
  TG_CHECK(is_known, "a value is more than a constant");
  for (const sql::ScopeColumn& column : made.columns) {
    TG_CHECK(count(column.condition, "\"tracegate\".") == 0, "a condition refers to the row");
    TG_CHECK(count(column.condition, "$value") <= 3, "a value holds a mark");
    std::string filled = column.condition;
    for (std::size_t at = 0; (at = filled.find("$value", at)) != std::string::npos;)
      filled.replace(at, 6, "\"tracegate\".\"" + column.name + "\"");
    static_cast<void>(shape_of("public." + table, filled));
  }
}

// Every shape that well-behaved claims give.
std::vector<std::string> known_shapes(const std::string& table) {
  std::vector<std::string> shapes;
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{}, std::vector<std::string>{"a"},
        std::vector<std::string>{"a", "b"}})
    for (const std::vector<std::string>& window :
         {std::vector<std::string>{}, std::vector<std::string>{"2026-01-01/"},
          std::vector<std::string>{"/2026-01-01"},
          std::vector<std::string>{"2026-01-01/2026-02-01"}})
      shapes.push_back(
          shape_of("public." + table, policy::to_sql(role(), *role().find_scope("public", table),
                                                     *store().find("public", table), store(),
                                                     {{"namespaces", names}, {"window", window}})
                                          .predicate));
  return shapes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const std::vector<std::string> traces = known_shapes("traces");
  static const std::vector<std::string> feedback = known_shapes("feedback");
  std::vector<std::string> values = split({reinterpret_cast<const char*>(data) + 1, size - 1});
  const std::size_t windows = std::min<std::size_t>(data[0] % 3, values.size());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(windows);
  const Claims claims = {{"window", {values.begin(), middle}},
                         {"namespaces", {middle, values.end()}}};
  check("traces", claims, traces);
  check("feedback", claims, feedback);
  return 0;
}
