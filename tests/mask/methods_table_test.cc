// The table of docs/masking.md, "Methods and types", is what make_mask() does.
#include <fstream>
#include <sstream>

#include "tests/mask/masks.h"

namespace tracegate::mask {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const std::size_t first = cell.find_first_not_of(' ');
    cells.push_back(cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
  }
  return cells;
}

std::vector<std::vector<std::string>> documented_rows() {
  std::ifstream file(DOCUMENT);
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "<!-- /methods and types -->") break;
    if (inside && line.starts_with("|") && !line.starts_with("|---"))
      rows.push_back(cells_of(line));
    inside = inside || line == "<!-- methods and types -->";
  }
  return rows;
}

// The words of the table's first column, and a value that redact takes.
struct Types {
  std::vector<std::string> names;
  std::string value;
};
const std::map<std::string, Types>& types_of_rows() {
  static const std::map<std::string, Types> known = {
      {"text, varchar, char(n)",
       {{"text", "character varying", "character varying(32)", "character(40)", "app.short"}, "x"}},
      {"citext", {{"app.citext"}, "x"}},
      {"name", {{"name"}, "x"}},
      {"json", {{"json"}, "{}"}},
      {"jsonb", {{"jsonb"}, "{}"}},
      {"uuid", {{"uuid"}, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}},
      {"smallint, integer", {{"smallint", "integer"}, "1"}},
      {"bigint", {{"bigint"}, "1"}},
      {"numeric", {{"numeric", "numeric(30,2)"}, "1"}},
      {"boolean", {{"boolean"}, "true"}},
      {"bytea", {{"bytea"}, "\\x"}},
      // A value in the place of these is another for each.
      {"date, timestamp, timestamptz",
       {{"date", "timestamp without time zone", "timestamp with time zone"}, {}}},
      {"an enum", {{"app.mood"}, "sad"}},
      {"a composite type, any other type", {{"app.pair", "point", "app.traces"}, "x"}},
      {"text[], varchar[], char(n)[]",
       {{"text[]", "character varying[]", "character(40)[]"}, "{}"}},
      {"citext[]", {{"app.citext[]"}, "{}"}},
      {"uuid[]", {{"uuid[]"}, "{}"}},
      {"smallint[], integer[]", {{"smallint[]", "integer[]", "app.ages"}, "{}"}},
      {"bigint[]", {{"bigint[]"}, "{}"}},
      {"other arrays, arrays of a domain",
       {{"json[]", "date[]", "numeric[]", "app.mood[]", "app.short[]"}, "{}"}},
  };
  return known;
}

std::string value_for(const Types& types, const std::string& type) {
  if (type == "date") return "2026-01-31";
  if (type == "timestamp without time zone") return "2026-01-31 00:00:00";
  if (type == "timestamp with time zone") return "2026-01-31 00:00:00Z";
  return types.value;
}

Spec spec_of(const std::string& method, const std::string& value) {
  if (method == "redact, with a value") return redact(value);
  if (method == "partial") return partial(1, 1);
  if (method == "email") return email();
  if (method == "hash") return hash();
  if (method == "json") return json({{"a", redact()}});
  if (method == "detect") return detect();
  Spec spec = redact();
  if (method == "truncate") {
    spec = truncate(TimeUnit::kMonth);
    spec.bucket = 10;
  }
  return spec;
}

std::string place_of(const Spec& spec, const std::string& type_name) {
  const Result<ColumnMask> mask =
      make_mask(spec, type_named(type_name), test_key(), test_detectors());
  if (!mask.ok()) {
    EXPECT_GT(mask.error().message.size(), 20u) << "not a sentence";
    return "no";
  }
  if (mask->on_rows == nullptr) return mask->expression.empty() ? "nowhere" : "store";
  return mask->expression.empty() ? "rows" : "both";
}

TEST(MethodsTable, IsTrue) {
  const auto rows = documented_rows();
  ASSERT_EQ(rows.size(), types_of_rows().size() + 1) << "with the header";
  const std::vector<std::string>& methods = rows[0];
  ASSERT_EQ(methods.size(), 9u);
  for (std::size_t row = 1; row < rows.size(); ++row) {
    ASSERT_EQ(rows[row].size(), methods.size()) << rows[row][0];
    const Types& types = types_of_rows().at(rows[row][0]);
    for (const std::string& type : types.names)
      for (std::size_t column = 1; column < methods.size(); ++column)
        EXPECT_EQ(place_of(spec_of(methods[column], value_for(types, type)), type),
                  rows[row][column])
            << methods[column] << " of " << type;
  }
}

}  // namespace
}  // namespace tracegate::mask
