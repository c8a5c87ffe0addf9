// Proof that the walk misses nothing: every token of every statement of the case files is replaced,
// one at a time, by a call, a sub-select, a type, an operator and a table that occur nowhere else.
// If the text still parses and the parser's own description of the tree (JSON) contains the
// stranger, the facts must name it. So each place where the grammar allows an expression, a
// relation, a type or an operator, and that any statement of the files uses, is shown to be
// visited.
#include <gtest/gtest.h>
#include <pg_query.h>

#include "src/sql/analysis.h"
#include "tests/sql/case_file.h"
#include "tests/sql/trace_catalog.h"

namespace tracegate::sql {
namespace {

std::string tree_as_json(const std::string& text) {
  const PgQueryParseResult result = pg_query_parse(text.c_str());
  std::string json = result.error == nullptr ? result.parse_tree : "";
  pg_query_free_parse_result(result);
  return json;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c == '"' || c == '\'';
}

struct Span {
  std::size_t begin;
  std::size_t end;
};

// Rough tokens: words, quoted or not, and runs of operator characters. Mistakes only lose a
// variant.
std::vector<Span> tokens(std::string_view text) {
  std::vector<Span> found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (text[at] == '\'' || text[at] == '"') {
      at = text.find(text[at], at + 1);
      at = at == std::string_view::npos ? text.size() : at + 1;
    } else if (is_word(text[at])) {
      while (at < text.size() && is_word(text[at])) ++at;
    } else if (std::string_view("+-*/<>=~!@#%^&|`?").find(text[at]) != std::string_view::npos) {
      while (at < text.size() &&
             std::string_view("+-*/<>=~!@#%^&|`?").find(text[at]) != std::string_view::npos)
        ++at;
    } else {
      ++at;
      continue;
    }
    found.push_back({begin, at});
  }
  return found;
}

// What these define or maintain is not followed: the operation as such must be permitted.
bool carries_no_facts(const Statement& statement) {
  return statement.statement_class == StatementClass::kDdl ||
         statement.statement_class == StatementClass::kMaintenance ||
         (statement.inner && carries_no_facts(*statement.inner));
}

// FOR UPDATE OF and SET CONSTRAINTS hold names in the tree as if they were tables.
bool only_names_it(const std::string& json) {
  return json.find(R"("lockedRels":[{"RangeVar":{"relname":"zz_table")") != std::string::npos ||
         json.find("ConstraintsSetStmt") != std::string::npos;
}

struct Stranger {
  const char* text;     // what is put in place of a token
  const char* in_tree;  // how the tree shows that it is used as such
  bool (*in_facts)(const Statement&);
};

bool calls(const Statement& statement, std::string_view name) {
  return std::find(statement.functions.begin(), statement.functions.end(), name) !=
         statement.functions.end();
}
bool needs_stranger_table(const Statement& statement, bool with_column) {
  return std::any_of(statement.needs.begin(), statement.needs.end(), [&](const Need& need) {
    return need.relation == "zz_table" &&
           (!with_column || need.columns.all || need.columns.names.size() == 1);
  });
}

constexpr Stranger kStrangers[] = {
    {"zz_call()", R"("FuncCall":{"funcname":[{"String":{"sval":"zz_call"}}])",
     [](const Statement& statement) { return calls(statement, "zz_call"); }},
    {"(SELECT zz_col FROM zz_table)", R"("relname":"zz_table")",
     [](const Statement& statement) { return needs_stranger_table(statement, true); }},
    {"zz_table", R"("RangeVar":{"relname":"zz_table")",
     [](const Statement& statement) { return needs_stranger_table(statement, false); }},
    {"NULL::zz_type", R"("names":[{"String":{"sval":"zz_type"}}])",
     [](const Statement& statement) { return calls(statement, "zz_type"); }},
    {"zz_type", R"("names":[{"String":{"sval":"zz_type"}}])",
     [](const Statement& statement) { return calls(statement, "zz_type"); }},
    {"~%%~", R"({"String":{"sval":"~%%~"}})",
     [](const Statement& statement) {
       return std::any_of(statement.functions.begin(), statement.functions.end(),
                          [](const std::string& name) { return name.ends_with("~%%~"); });
     }},
    {"(1).zz_field", R"("A_Indirection":{"arg":{"A_Const")",
     [](const Statement& statement) { return calls(statement, "zz_field"); }},
    {"(WITH zz AS (DELETE FROM zz_table) SELECT 1)",
     R"("DeleteStmt":{"relation":{"relname":"zz_table")", [](const Statement& statement) {
       return statement.writes && needs_stranger_table(statement, true);
     }}};

class Coverage : public testing::TestWithParam<Stranger> {};

TEST_P(Coverage, AStrangerInAnyPlaceIsSeen) {
  const auto catalog = make_trace_catalog();
  const Stranger& stranger = GetParam();
  std::size_t seen = 0;
  for (const std::string& file : case_files()) {
    for (const Case& item : load_cases(file)) {
      for (const Span& token : tokens(item.statement)) {
        std::string variant = item.statement;
        variant.replace(token.begin, token.end - token.begin, stranger.text);
        const Analysis analysis = analyze(variant, *catalog, public_path());
        if (analysis.statements.size() != 1 || carries_no_facts(analysis.statements[0])) continue;
        const std::string json = tree_as_json(variant);
        if (json.find(stranger.in_tree) == std::string::npos || only_names_it(json)) continue;
        ++seen;
        EXPECT_TRUE(stranger.in_facts(analysis.statements[0])) << variant;
      }
    }
  }
  EXPECT_GE(seen, 60U) << "too few places were tried for the test to mean anything";
}

INSTANTIATE_TEST_SUITE_P(Strangers, Coverage, testing::ValuesIn(kStrangers),
                         [](const auto& kind) { return "No" + std::to_string(kind.index); });

// Each word of the files that the tree shows as the name of a table is needed, unless a WITH query
// of the statement bears it.
TEST(Coverage, EveryTableOfTheTreeIsNeededOrAWithQuery) {
  const auto catalog = make_trace_catalog();
  std::size_t seen = 0;
  for (const std::string& file : case_files()) {
    for (const Case& item : load_cases(file)) {
      const Analysis analysis = analyze(item.statement, *catalog, public_path());
      if (analysis.statements.size() != 1) continue;
      const Statement& statement = analysis.statements[0];
      if (statement.refusal || carries_no_facts(statement)) continue;
      const std::string json = tree_as_json(item.statement);
      constexpr std::string_view kKey = R"("relname":")";
      for (std::size_t at = json.find(kKey); at != std::string::npos;
           at = json.find(kKey, at + 1)) {
        const std::size_t begin = at + kKey.size();
        const std::string name = json.substr(begin, json.find('"', begin) - begin);
        const bool needed = std::any_of(statement.needs.begin(), statement.needs.end(),
                                        [&](const Need& need) { return need.relation == name; });
        const bool with_query = json.find(R"("ctename":")" + name + '"') != std::string::npos;
        // FOR UPDATE OF names aliases, which the tree holds as tables.
        const bool locked_alias = json.find("lockedRels") != std::string::npos && name.size() == 1;
        ++seen;
        EXPECT_TRUE(needed || with_query || locked_alias) << name << "\n" << item.statement;
      }
    }
  }
  EXPECT_GE(seen, 300U);
}

}  // namespace
}  // namespace tracegate::sql
