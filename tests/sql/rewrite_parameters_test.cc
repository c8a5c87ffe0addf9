// Which comparisons may be looked at below the row filter depends on the types of both sides, those
// of parameters among them: where one is converted row by row, that may fail for a row that the
// role does not see.
#include <gtest/gtest.h>

#include "src/sql/comparisons.h"
#include "src/sql/meanings.h"
#include "src/sql/rewrite.h"

namespace tracegate::sql {
namespace {

constexpr catalog::Oid kInt8 = 20, kInt4 = 23, kText = 25, kOid = 26, kFloat8 = 701, kDate = 1082,
                       kNumeric = 1700, kInt8Array = 1016, kOidArray = 1028;

class RowsOfA : public Views {
 public:
  const RelationView* find(const catalog::Relation&) const override {
    static const RelationView view = {
        {{"id", ""}, {"cost", ""}, {"score", ""}, {"object", ""}, {"name", ""}, {"day", ""}},
        R"("tracegate"."name" OPERATOR(pg_catalog.=) 'a')",
        {}};
    return &view;
  }
};

const catalog::Catalog& store() {
  static const auto catalog = [] {
    catalog::Relation runs;
    runs.oid = 1;
    runs.schema = "public";
    runs.name = "runs";
    runs.columns = {{"id", 1, kInt8},    {"cost", 2, kNumeric}, {"score", 3, kFloat8},
                    {"object", 4, kOid}, {"name", 5, kText},    {"day", 6, kDate}};
    catalog::Relation sums = runs;
    sums.oid = 2;
    sums.name = "sums";
    sums.columns = {
        {"id", 1, kOid}, {"cost", 2, kFloat8}, {"name", 3, kText}, {"score", 4, kFloat8}};
    return catalog::Catalog::build(1, {runs, sums});
  }();
  return *catalog;
}

// Whether the statement needs no fence.
bool is_open(std::string_view sql, std::vector<catalog::Oid> types = {}) {
  static const std::vector<std::string> path = {"public"};
  const Rewriting result = rewrite(sql, store(), path, RowsOfA(), types);
  EXPECT_FALSE(result.refusal) << sql;
  EXPECT_FALSE(result.text.empty()) << sql;
  return result.text.find("OFFSET 0") == std::string::npos;
}

bool is_open_where(std::string_view condition, std::vector<catalog::Oid> types = {}) {
  return is_open("select name from runs where " + std::string(condition), std::move(types));
}

TEST(RewriteParameters, LiteralsOfTheColumnsKind) {
  for (const char* condition : {"id = 5",
                                "id = '5'",
                                "id = 5::int2",
                                "id = 1.5",
                                "id = '1'::numeric",
                                "id = 1::float8",
                                "cost = 5",
                                "cost = 1.5",
                                "cost = '1'::numeric",
                                "score > 1.5",
                                "object = 5",
                                "id in (1, 2.5)",
                                "id = any ('{1,2}')",
                                "id = any ('{1,2}'::bigint[])",
                                "id = any (array[1, 2])",
                                "day > '2025-01-01'::timestamptz",
                                "name = 'x'::varchar",
                                "1 = 1",
                                "id = id",
                                "id > cost"})
    EXPECT_TRUE(is_open_where(condition)) << condition;
}

TEST(RewriteParameters, ConversionsOfAColumnThatCanFail) {
  for (const char* condition :
       {"id = '5'::oid", "id = object", "object = id", "id in (1, '5'::oid)",
        "id = any ('{1}'::oid[])", "id between '1'::oid and 5", "'5'::oid = id", "cost = 1::float8",
        "cost > '1'::float4", "cost = score", "score < cost", "cost in (1, 2::float8)",
        "cost = any ('{1}'::float8[])"})
    EXPECT_FALSE(is_open_where(condition)) << condition;
}

TEST(RewriteParameters, ConversionsThatMayWaitForRows) {
  for (const char* condition :
       {"day = 'x'::text::date", "id = '1'::text::int8", "day > $1::text::date",
        "name = 1e30::money::text", "$1 = 5", "$1 = $2"})
    EXPECT_FALSE(is_open_where(condition)) << condition;
}

TEST(RewriteParameters, OneThatIsInferredTakesTheColumnsType) {
  for (const char* condition :
       {"id = $1", "cost = $1", "object = $1", "id = any ($1)", "id in ($1, $2)", "day = $1::date",
        "cost between $1 and $2", "name = $1::text", "id = $1 and cost = $2",
        "id = any ($1::int8[])"})
    EXPECT_TRUE(is_open_where(condition)) << condition;
}

TEST(RewriteParameters, OneThatStandsInSeveralPlacesMayBeOfAnyType) {
  EXPECT_FALSE(is_open("select $1::oid from runs where id = $1"));
  EXPECT_FALSE(is_open_where("cost = $1 or score = $1"));
  EXPECT_FALSE(is_open("select $1::text from runs where day = $1::date"));
  EXPECT_TRUE(is_open_where("name = $1 or name <> $1"));
}

TEST(RewriteParameters, DeclaredTypes) {
  EXPECT_TRUE(is_open_where("id = $1", {kInt8}));
  EXPECT_TRUE(is_open_where("id = $1", {kInt4}));
  EXPECT_FALSE(is_open_where("id = $1", {kOid}));
  EXPECT_TRUE(is_open_where("id = any ($1)", {kInt8Array}));
  EXPECT_FALSE(is_open_where("id = any ($1)", {kOidArray}));
  EXPECT_TRUE(is_open_where("cost = $1", {kNumeric}));
  EXPECT_FALSE(is_open_where("cost = $1", {kFloat8}));
  EXPECT_FALSE(is_open_where("score = $1", {kNumeric}));  // is converted row by row
  EXPECT_FALSE(is_open_where("object = $1", {kInt8}));
  EXPECT_FALSE(is_open_where("day = $1::date", {kText}));
  EXPECT_TRUE(is_open_where("day = $1::date", {kDate}));
  EXPECT_TRUE(is_open_where("id = $2", {0, kInt8}));
  EXPECT_TRUE(is_open_where("id = $1 or id > $1", {kInt8}));
}

TEST(RewriteParameters, TypesOfPrepare) {
  EXPECT_TRUE(is_open("prepare p as select name from runs where id = $1"));
  EXPECT_TRUE(is_open("prepare p (bigint) as select name from runs where id = $1"));
  EXPECT_FALSE(is_open("prepare p (oid) as select name from runs where id = $1"));
  EXPECT_FALSE(is_open("prepare p (text) as select name from runs where day = $1::date"));
  EXPECT_FALSE(is_open("prepare p (float8) as select name from runs where cost = $1"));
}

TEST(RewriteParameters, ColumnsThatAreJoined) {
  EXPECT_TRUE(is_open("select 1 from runs join sums using (name)"));
  EXPECT_TRUE(is_open("select 1 from runs join sums using (score)"));
  EXPECT_FALSE(is_open("select 1 from runs join sums using (id)"));
  EXPECT_FALSE(is_open("select 1 from runs join sums using (cost)"));
  EXPECT_TRUE(is_open("select 1 from runs a join runs b using (id) join runs c using (id)"));
}

TEST(RewriteParameters, OneThatStandsInSeveralPlacesIsNotRepeatedInFrontOfThem) {
  static const std::vector<std::string> path = {"public"};
  const auto count = [](const Rewriting& result) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = result.text.find("$1", at)) != std::string::npos; ++at) ++found;
    return found;
  };
  const std::string_view once = "select 1 from runs where name = $1 and name like 'x%'";
  EXPECT_EQ(count(rewrite(once, store(), path, RowsOfA())), 2U);
  const std::string_view twice = "select $1 from runs where name = $1 and name like 'x%'";
  EXPECT_EQ(count(rewrite(twice, store(), path, RowsOfA())), 2U);
  const std::vector<catalog::Oid> declared = {kText};
  EXPECT_EQ(count(rewrite(twice, store(), path, RowsOfA(), declared)), 3U);
}

}  // namespace
}  // namespace tracegate::sql
