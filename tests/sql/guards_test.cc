// Guards around what tells of objects: as text. What they do in a store is tested in
// tests/policy/introspection_in_postgres_test.cc.
#include <gtest/gtest.h>

#include "src/sql/guarded.h"
#include "src/sql/rewrite.h"
#include "tests/sql/trace_catalog.h"

namespace tracegate::sql {
namespace {

class TestViews : public Views {
 public:
  const RelationView* find(const catalog::Relation& relation) const override {
    return relation.name == "traces" ? &traces_ : nullptr;
  }
  Guard guard_of(ObjectKind kind) const override {
    if (kind == ObjectKind::kRelation) return {"pg_catalog.pg_class", "oid", "seen"};
    if (kind == ObjectKind::kType) return {"pg_catalog.pg_type", "oid", "seen"};
    if (kind == ObjectKind::kColumnNumber) return {"pg_catalog.pg_attribute", "attnum", "seen"};
    return {{}, {}, "false"};
  }
  bool has_schema(std::string_view name) const override { return name == "public"; }

 private:
  const RelationView traces_{{{"id", ""}, {"ns", ""}}, "", {}, false};
};

const std::pair<std::string_view, std::string_view> kShort[] = {
    {R"((SELECT "tracegate"."oid" FROM (SELECT ()", "<class "},
    {R"()::pg_catalog.oid) AS "tracegate_argument" ("oid"), pg_catalog.pg_class AS "tracegate" WHERE "tracegate"."oid" OPERATOR(pg_catalog.=) "tracegate_argument"."oid" AND (seen) LIMIT 1))",
     ">"},
    {R"((SELECT "tracegate"."oid" AS "oid" FROM (SELECT ()", "<class named oid "},
    {R"((SELECT "tracegate"."oid" AS "b" FROM (SELECT ()", "<class named b "},
    {R"((SELECT "tracegate"."oid" AS "regclass" FROM (SELECT ()", "<class named regclass "},
    {R"((SELECT NULL::pg_catalog.oid FROM (SELECT ()", "<none "},
    {R"()::pg_catalog.text) AS "tracegate_argument" ("oid") WHERE false))", ">"},
    {R"()::pg_catalog.oid) AS "tracegate_argument" ("oid"), pg_catalog.pg_type AS "tracegate" WHERE "tracegate"."oid" OPERATOR(pg_catalog.=) "tracegate_argument"."oid" AND (seen) LIMIT 1))",
     " as a type>"},
};

std::string shown(std::string_view sql) {
  static const auto catalog = make_trace_catalog();
  const Rewriting result = rewrite(sql, *catalog, public_path(), TestViews());
  if (result.refusal) return result.refusal->sqlstate + " " + result.refusal->construct;
  if (result.text.empty()) return "as it is";
  std::string text = result.text;
  for (const auto& [full, name] : kShort)
    for (std::size_t at = 0; (at = text.find(full, at)) != std::string::npos;)
      text.replace(at, full.size(), name);
  return text;
}

TEST(Guards, StandAroundTheArgument) {
  EXPECT_EQ(shown("select pg_table_is_visible(c.oid) from c"),
            "select pg_table_is_visible(<class c.oid>) from c");
  EXPECT_EQ(shown("select pg_catalog.format_type(a + f(1, 2), -1)"),
            "select pg_catalog.format_type(<class a + f(1, 2) as a type>, -1)");
  EXPECT_EQ(shown("select pg_get_expr(d, $1, true)"), "select pg_get_expr(d, <class $1>, true)");
  EXPECT_EQ(shown("select pg_relation_size('anything')"),
            "select pg_relation_size(<none 'anything'>)");
}

TEST(Guards, GuardsNest) {
  EXPECT_EQ(shown("select pg_relation_size('traces'::regclass)").find("could not"),
            std::string::npos);
  EXPECT_EQ(shown("select pg_table_is_visible(a|b::regclass)"),
            "select pg_table_is_visible(<class a|<class named b b>::regclass::pg_catalog.oid>)");
  EXPECT_EQ(shown("select pg_table_is_visible(pg_table_size(1)::oid)"),
            "select pg_table_is_visible(<class pg_table_size(<none 1>)::oid>)");
}

TEST(Guards, NamesOfRelationsAreLookedUpInTheRolesCatalog) {
  EXPECT_EQ(shown("select has_table_privilege('nothing', 'select')"),
            R"(42P01 relation "nothing" does not exist)");
  EXPECT_EQ(shown("select 1 where 1 = 'nothing'::regclass"),
            R"(42P01 relation "nothing" does not exist)");
  EXPECT_EQ(shown("select to_regclass('nothing')"), "select to_regclass(NULL)::pg_catalog.text");
}

TEST(Guards, CastsThatLookNamesUp) {
  EXPECT_EQ(shown("select x.oid::regclass from x"),
            "select <class named oid x.oid>::regclass::pg_catalog.text from x");
  EXPECT_EQ(shown("select to_regclass('x')label"),
            "select to_regclass(NULL)::pg_catalog.text label");
  EXPECT_EQ(shown("select 'public'::regnamespace::oid"), "select 'public'::regnamespace::oid");
}

TEST(Guards, AncestorsArePlainOids) {
  EXPECT_EQ(
      shown("select 1 where 1 in (select pg_catalog.pg_partition_ancestors('16526') union all "
            "values ('16526'::pg_catalog.regclass))"),
      "select 1 where 1 in (select pg_catalog.unnest(ARRAY[<class '16526'>]) union all values "
      "(<class named regclass '16526'>::pg_catalog.regclass::pg_catalog.oid))");
  EXPECT_EQ(shown("select relid from pg_partition_ancestors(1)"),
            "select relid from pg_catalog.unnest(ARRAY[<class 1>]) AS \"pg_partition_ancestors\" "
            "(\"relid\")");
}

TEST(Guards, OperandsOfCasts) {
  const auto cast = [](std::string_view operand) {
    return "select <class named regclass " + std::string(operand) + ">::regclass::text";
  };
  for (const char* operand : {"(1 + 2)", "((x).y)[2]", "f(1, (2))", "1::oid", "nullif(1, 2)",
                              "(select 1)", "case when true then 1 end", "cast(1 as oid)",
                              "coalesce(1)", "array(select 1)", "pg_catalog.f(x)"}) {
    const std::string sql = "select " + std::string(operand) + "::regclass::text";
    std::string text = shown(sql);
    // The name of the column is that of the operand where it has one.
    const std::size_t name = text.find("FROM (SELECT (");
    if (name != std::string::npos) text = "select <class named regclass " + text.substr(name + 14);
    EXPECT_EQ(text, cast(operand)) << sql;
  }
  for (const char* sql : {"select 1 in (1)::regclass", "select x is null::regclass from x",
                          "select x is normalized::regclass from x", "select row(1)::regclass"})
    EXPECT_EQ(shown(sql), "0A000 a cast could not be placed") << sql;
}

TEST(Guards, WhatCannotBeGuardedIsRefused) {
  for (const char* sql :
       {"select '{traces}'::regclass[]", "select 'x'::regconfig", "select regclass('traces')",
        "select * from to_regclass('traces') r", "select * from cast('traces' as regclass) r",
        "select to_regclass(a) from t", "select pg_get_indexdef()",
        "select pg_get_indexdef(variadic array[1])", "select pg_get_constraintdef(oid => 1)",
        "select has_table_privilege('a', 'b', 'c')",
        "select pg_get_serial_sequence(a, 'id') from t",
        "select * from json_to_record('{}') as r (x regclass)",
        "prepare p (regclass) as select 1"}) {
    const std::string text = shown(sql);
    EXPECT_TRUE(text.starts_with("0A000 ")) << sql << ": " << text;
    EXPECT_EQ(text.find("could not be limited"), std::string::npos) << sql;
  }
}

}  // namespace
}  // namespace tracegate::sql
