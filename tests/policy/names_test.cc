#include "src/policy/names.h"

#include <gtest/gtest.h>

namespace tracegate::policy {
namespace {

TEST(TableName, FoldsAsSqlDoes) {
  const std::tuple<std::string_view, std::string_view, std::string_view> cases[] = {
      {"public.traces", "public", "traces"},
      {"Public.TRACES", "public", "traces"},
      {R"("My Schema"."T")", "My Schema", "T"},
      {R"("a""b".c)", "a\"b", "c"},
      {R"("a.b"."c.d")", "a.b", "c.d"},
      {"public.*", "public", ""},
      {R"("My Schema".*)", "My Schema", ""},
      {R"(public."*")", "public", "*"},
      {"_a$1.b2", "_a$1", "b2"},
      {"ÖÄ.Über", "ÖÄ", "Über"}};
  for (const auto& [text, schema, name] : cases) {
    const Result<QualifiedName> parsed = parse_table_name(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(parsed->schema, schema) << text;
    EXPECT_EQ(parsed->name, name) << text;
  }
}

TEST(TableName, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "traces", "*", "*.traces", ".traces", "public.", "a.b.c", "public. traces",
        "public .traces", "1a.b", "a-b.c", "\"a.b", "\"\".b", "public.\"\"", "public.tra*",
        "public.**", "$a.b", "a.b;", "\"a\"b.c"})
    EXPECT_FALSE(parse_table_name(text).ok()) << text;
}

TEST(TableName, SaysThatTheSchemaIsMissing) {
  EXPECT_EQ(parse_table_name("traces").error().message, "\"traces\" does not name its schema");
}

TEST(Identifier, HasAtMost63Bytes) {
  EXPECT_TRUE(parse_identifier(std::string(63, 'a')).ok());
  EXPECT_FALSE(parse_identifier(std::string(64, 'a')).ok());
}
TEST(Identifier, HasNoNul) {
  EXPECT_FALSE(parse_identifier(std::string_view("\"a\0b\"", 5)).ok());
}

TEST(FunctionName, IsOneOrTwoNamesOrAnOperator) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Similarity", "similarity"},
      {"public.similarity", "public.similarity"},
      {"\"F\"", "F"},
      {"\"a.b\"", "\"a.b\""},
      {"a.\"b.\"\"c\"", "a.\"b.\"\"c\""},
      {"<->", "<->"},
      {"public.<=>", "public.<=>"},
      {"%", "%"}};
  for (const auto& [text, name] : cases) {
    const Result<std::string> parsed = parse_function_name(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, name);
  }
  for (const std::string_view text :
       {"", "a.b.c", "f()", "a.*b", "a.", "<->.a", "<-> ", "a.--", "/*", "a b", ".f", "a.b.<->"})
    EXPECT_FALSE(parse_function_name(text).ok()) << text;
}

}  // namespace
}  // namespace tracegate::policy
