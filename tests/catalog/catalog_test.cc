#include "src/catalog/catalog.h"

#include <gtest/gtest.h>

namespace tracegate::catalog {
namespace {

Relation relation(std::uint32_t oid, std::string schema, std::string name) {
  return {oid,
          std::move(schema),
          std::move(name),
          RelationKind::kTable,
          {{"id", 1, 23}, {"body", 3, 25}}};
}

std::shared_ptr<const Catalog> sample() {
  return Catalog::build(7,
                        {relation(1, "public", "traces"), relation(2, "archive", "traces"),
                         relation(3, "pg_catalog", "pg_class"), relation(4, "public", "pg_class"),
                         relation(5, "a", "bc"), relation(6, "ab", "c")});
}

std::uint32_t resolved(std::string_view name, const std::vector<std::string>& path) {
  const auto catalog = sample();
  const Relation* found = catalog->resolve(name, path);
  return found == nullptr ? 0 : found->oid;
}

TEST(Catalog, FindsRelationsByExactName) {
  const auto catalog = sample();
  EXPECT_EQ(catalog->version(), 7U);
  EXPECT_EQ(catalog->relations().size(), 6U);
  ASSERT_NE(catalog->find("public", "traces"), nullptr);
  EXPECT_EQ(catalog->find("public", "traces")->oid, 1U);
  EXPECT_EQ(catalog->find("archive", "traces")->oid, 2U);
  EXPECT_EQ(catalog->find("public", "Traces"), nullptr);
  EXPECT_EQ(catalog->find("", "traces"), nullptr);
  EXPECT_EQ(catalog->find("public", ""), nullptr);
}

TEST(Catalog, DoesNotConfuseSchemaAndName) {
  const auto catalog = sample();
  EXPECT_EQ(catalog->find("a", "bc")->oid, 5U);
  EXPECT_EQ(catalog->find("ab", "c")->oid, 6U);
  EXPECT_EQ(catalog->find("abc", ""), nullptr);
}

TEST(Catalog, AnEmptyOneKnowsNothing) {
  const auto catalog = Catalog::build(1, {});
  EXPECT_EQ(catalog->find("public", "traces"), nullptr);
  EXPECT_EQ(catalog->resolve("traces", std::vector<std::string>{"public"}), nullptr);
}

TEST(Catalog, ResolvesAlongTheSearchPath) {
  EXPECT_EQ(resolved("traces", {"public", "archive"}), 1U);
  EXPECT_EQ(resolved("traces", {"archive", "public"}), 2U);
  EXPECT_EQ(resolved("traces", {"nowhere", "archive"}), 2U);
  EXPECT_EQ(resolved("traces", {}), 0U);
  EXPECT_EQ(resolved("traces", {"nowhere"}), 0U);
}

TEST(Catalog, TheSystemSchemaComesFirstUnlessThePathNamesIt) {
  EXPECT_EQ(resolved("pg_class", {}), 3U);
  EXPECT_EQ(resolved("pg_class", {"public"}), 3U);
  EXPECT_EQ(resolved("pg_class", {"public", "pg_catalog"}), 4U);
  EXPECT_EQ(resolved("pg_class", {"pg_catalog", "public"}), 3U);
}

TEST(Catalog, FindsColumnsByExactName) {
  const Relation traces = relation(1, "public", "traces");
  ASSERT_NE(traces.find_column("body"), nullptr);
  EXPECT_EQ(traces.find_column("body")->attribute_number, 3);
  EXPECT_EQ(traces.find_column("Body"), nullptr);
  EXPECT_EQ(traces.find_column("ctid"), nullptr);
}

TEST(QuoteIdentifier, QuotesWhatWouldNotSurvive) {
  EXPECT_EQ(quote_identifier("traces_2"), "traces_2");
  EXPECT_EQ(quote_identifier("_x"), "_x");
  EXPECT_EQ(quote_identifier("Traces"), "\"Traces\"");
  EXPECT_EQ(quote_identifier("2x"), "\"2x\"");
  EXPECT_EQ(quote_identifier("a b"), "\"a b\"");
  EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quote_identifier(""), "\"\"");
  EXPECT_EQ(quote_identifier("äpfel"), "\"äpfel\"");
  EXPECT_EQ(quote_identifier("a$b"), "\"a$b\"");
}

TEST(QuoteIdentifier, QuotesReservedWords) {
  for (const char* word : {"select", "user", "table", "all", "xmltable", "left", "int"})
    EXPECT_EQ(quote_identifier(word), "\"" + std::string(word) + "\"");
  for (const char* word : {"name", "value", "type", "key", "data"})
    EXPECT_EQ(quote_identifier(word), word);
}

TEST(Relation, QualifiedNameIsQuotedPartByPart) {
  EXPECT_EQ(relation(1, "public", "traces").qualified_name(), "public.traces");
  EXPECT_EQ(relation(1, "My Schema", "user").qualified_name(), "\"My Schema\".\"user\"");
}

}  // namespace
}  // namespace tracegate::catalog
