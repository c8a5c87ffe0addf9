// Statements and their facts, from the files of tests/sql/cases and tests/corpus/sql.
#include <gtest/gtest.h>

#include "tests/sql/case_file.h"
#include "tests/sql/describe.h"
#include "tests/sql/trace_catalog.h"

namespace tracegate::sql {
namespace {

class Cases : public testing::TestWithParam<std::string> {};

TEST_P(Cases, HaveTheFactsWrittenBesideThem) {
  const auto catalog = make_trace_catalog();
  for (const Case& item : load_cases(GetParam())) {
    std::string facts = describe(analyze(item.statement, *catalog, public_path()));
    if (facts.empty()) facts = "nothing";
    EXPECT_EQ(facts, item.facts) << item.statement << "\n  in " << GetParam()
                                 << ".txt:" << item.line;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Cases, testing::ValuesIn(case_files()), [](const auto& file) {
  std::string name = file.param;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
});

TEST(CaseFiles, AreManyAndCoverEveryClassOfStatement) {
  const auto catalog = make_trace_catalog();
  std::size_t count = 0;
  std::vector<bool> seen(static_cast<std::size_t>(StatementClass::kUnknown) + 1);
  for (const std::string& name : case_files()) {
    for (const Case& item : load_cases(name)) {
      ++count;
      for (const Statement& statement : analyze(item.statement, *catalog, public_path()).statements)
        seen[static_cast<std::size_t>(statement.statement_class)] = true;
    }
  }
  EXPECT_GE(count, 700U);
  for (std::size_t i = 0; i + 1 < seen.size(); ++i)
    EXPECT_TRUE(seen[i]) << to_string(static_cast<StatementClass>(i));
  EXPECT_FALSE(seen.back()) << "a statement kind of PostgreSQL 15 that nobody listed";
}

}  // namespace
}  // namespace tracegate::sql
