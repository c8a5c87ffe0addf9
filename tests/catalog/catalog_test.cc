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

Function function(Oid oid, std::string schema, std::string name) {
  Function made;
  made.oid = oid;
  made.is_builtin = oid < kFirstNormalObject;
  made.schema = std::move(schema);
  made.name = std::move(name);
  return made;
}

Definitions definitions() {
  Definitions made;
  made.functions = {function(20002, "public", "length"), function(20001, "app", "f"),
                    function(1317, "pg_catalog", "length"), function(20003, "public", "f"),
                    function(870, "pg_catalog", "lower")};
  made.operators.resize(2);
  made.operators[0].symbol = "=";
  made.operators[0].is_builtin = true;
  made.operators[1].symbol = "<=>";
  made.types.resize(1);
  made.types[0] = {20010, "public", "mood", TypeKind::kEnum, kNoType, {}, false, ""};
  made.casts.resize(4);
  made.casts[0] = {23, 20, CastContext::kImplicit, true, "pg_catalog", "int8", "", false, {}, ""};
  made.casts[1] = {23, 20010, CastContext::kImplicit, false, "public", "f", "", false, {}, ""};
  made.casts[2] = {25, 20010, CastContext::kAssignment, false, "", "", "", false, {}, ""};
  made.casts[3] = {25, 3802, CastContext::kExplicit, false, "public", "f", "", false, {}, ""};
  return made;
}

TEST(CatalogDefinitions, AreFoundByName) {
  const auto catalog = Catalog::build(1, {}, definitions());
  ASSERT_EQ(catalog->functions("f").size(), 2U);
  EXPECT_EQ(catalog->functions("f")[0].oid, 20001U);
  EXPECT_EQ(catalog->functions("f")[1].oid, 20003U);
  EXPECT_EQ(catalog->functions("length").size(), 2U) << "with PostgreSQL's own";
  EXPECT_TRUE(catalog->functions("lower").empty()) << "only PostgreSQL has it";
  EXPECT_TRUE(catalog->functions("g").empty());
  EXPECT_EQ(catalog->operators("<=>").size(), 1U);
  EXPECT_TRUE(catalog->operators("=").empty());
  ASSERT_NE(catalog->find_type("public", "mood"), nullptr);
  EXPECT_EQ(catalog->find_type(20010), catalog->find_type("public", "mood"));
  EXPECT_EQ(catalog->find_type("app", "mood"), nullptr);
  EXPECT_EQ(catalog->find_type(20), nullptr);
}

TEST(CatalogDefinitions, CastsThatMatterAreKnown) {
  const auto catalog = Catalog::build(1, {}, definitions());
  EXPECT_TRUE(catalog->casts_implicitly(23, 20));
  EXPECT_TRUE(catalog->casts_implicitly(23, 20010));
  EXPECT_FALSE(catalog->casts_implicitly(25, 20010));
  EXPECT_FALSE(catalog->casts_implicitly(20, 23));
  EXPECT_EQ(catalog->calling_casts(), (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(catalog->widening_casts(), (std::vector<std::size_t>{1}));
}

TEST(CatalogDefinitions, StayWhenRelationsAreLeftOut) {
  const auto whole = Catalog::build(
      5, {relation(1, "public", "traces"), relation(2, "public", "other")}, definitions());
  const auto limited = whole->limited_to({relation(2, "public", "other")});
  EXPECT_EQ(limited->version(), 5U);
  EXPECT_EQ(limited->find("public", "traces"), nullptr);
  ASSERT_NE(limited->find(Oid{2}), nullptr);
  EXPECT_EQ(limited->find(Oid{2}), limited->find("public", "other"));
  EXPECT_EQ(limited->find(Oid{1}), nullptr);
  EXPECT_EQ(limited->functions("f").size(), 2U);
  EXPECT_EQ(limited->calling_casts().size(), 2U);
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
