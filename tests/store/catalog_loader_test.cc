#include "src/store/catalog_loader.h"

#include "src/store/connection.h"
#include "tests/store/harness.h"

namespace tracegate::store {
namespace {

class CatalogLoader : public StoreTest {
 protected:
  std::shared_ptr<const catalog::Catalog> load(std::uint64_t version = 1) {
    const Result<LoadedCatalog> loaded = load_catalog(config(), version);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message;
    return loaded.ok() ? loaded->catalog : nullptr;
  }
  // "a:1:23 b:2:25": name, number and type of each column.
  static std::string columns(const catalog::Relation& relation) {
    std::string out;
    for (const catalog::Column& column : relation.columns) {
      out += (out.empty() ? "" : " ") + column.name + ":" +
             std::to_string(column.attribute_number) + ":" + std::to_string(column.type_oid);
    }
    return out;
  }
};

TEST_F(CatalogLoader, KnowsEveryKindOfRelation) {
  query(R"sql(
    CREATE TABLE plain (id int, body text);
    CREATE TABLE parted (at timestamptz, n bigint) PARTITION BY RANGE (at);
    CREATE TABLE parted_2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE VIEW a_view AS SELECT id AS number FROM plain;
    CREATE MATERIALIZED VIEW a_matview AS SELECT body FROM plain;
    CREATE SEQUENCE a_sequence;
    CREATE EXTENSION file_fdw;
    CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
    CREATE FOREIGN TABLE a_foreign (line text) SERVER files OPTIONS (filename '/dev/null');
    CREATE INDEX an_index ON plain (id);
    CREATE TYPE a_type AS (x int);
  )sql");
  const auto catalog = load(7);
  ASSERT_NE(catalog, nullptr);
  EXPECT_EQ(catalog->version(), 7U);
  using enum catalog::RelationKind;
  const std::pair<const char*, catalog::RelationKind> expected[] = {
      {"plain", kTable},           {"parted", kPartitionedTable},    {"parted_2024", kTable},
      {"a_view", kView},           {"a_matview", kMaterializedView}, {"a_sequence", kSequence},
      {"a_foreign", kForeignTable}};
  for (const auto& [name, kind] : expected) {
    const catalog::Relation* const relation = catalog->find("public", name);
    ASSERT_NE(relation, nullptr) << name;
    EXPECT_EQ(relation->kind, kind) << name;
    EXPECT_EQ(std::to_string(relation->oid),
              query(std::string("SELECT '") + name + "'::regclass::oid"));
  }
  EXPECT_EQ(catalog->find("public", "an_index"), nullptr);
  EXPECT_EQ(catalog->find("public", "a_type"), nullptr);
  EXPECT_EQ(columns(*catalog->find("public", "plain")), "id:1:23 body:2:25");
}

TEST_F(CatalogLoader, KnowsTheSystemCatalogs) {
  const auto catalog = load();
  ASSERT_NE(catalog, nullptr);
  const catalog::Relation* const pg_class = catalog->find("pg_catalog", "pg_class");
  ASSERT_NE(pg_class, nullptr);
  EXPECT_EQ(pg_class->oid, 1259U);
  EXPECT_NE(pg_class->find_column("relname"), nullptr);
  EXPECT_EQ(pg_class->find_column("ctid"), nullptr) << "system columns are left out";
  EXPECT_NE(catalog->find("information_schema", "columns"), nullptr);
  EXPECT_EQ(catalog->relations().size(),
            std::stoul(
                query("SELECT count(*) FROM pg_class WHERE relkind IN ('r','p','v','m','f','S')")));
}

TEST_F(CatalogLoader, TakesNamesAsTheyAre) {
  query(R"sql(
    CREATE SCHEMA "My ""Schema""";
    CREATE TABLE "My ""Schema"""."select" ("a.b" int, "Ünïcödé 😀" text, "tab	and
line feed" int, "'; DROP TABLE x --" int);
    CREATE TABLE "x23456789012345678901234567890123456789012345678901234567890123" (c int);
    CREATE TABLE no_columns ();
  )sql");
  const auto catalog = load();
  ASSERT_NE(catalog, nullptr);
  const catalog::Relation* const odd = catalog->find("My \"Schema\"", "select");
  ASSERT_NE(odd, nullptr);
  EXPECT_EQ(columns(*odd),
            "a.b:1:23 Ünïcödé 😀:2:25 tab\tand\nline feed:3:23 '; DROP TABLE x --:4:23");
  const catalog::Relation* const longest =
      catalog->find("public", "x23456789012345678901234567890123456789012345678901234567890123");
  ASSERT_NE(longest, nullptr);
  const catalog::Relation* const empty = catalog->find("public", "no_columns");
  ASSERT_NE(empty, nullptr);
  EXPECT_TRUE(empty->columns.empty());
}

TEST_F(CatalogLoader, LeavesDroppedColumnsOutAndKeepsNumbers) {
  query(
      "CREATE TABLE t (a int, b int, c text); ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD d "
      "bool");
  EXPECT_EQ(columns(*load()->find("public", "t")), "a:1:23 c:3:25 d:4:16");
}

TEST_F(CatalogLoader, ReadsNamesOfAnotherEncodingAsUtf8) {
  const std::string latin = database_ + ".latin1";
  ASSERT_TRUE(
      cluster().create_database(latin, "ENCODING LATIN1 LOCALE 'C' TEMPLATE template0").ok());
  ASSERT_TRUE(cluster().query(latin, "CREATE TABLE \"größe\" (\"é\" int)").ok());
  ConnectionConfig other = config();
  other.database = latin;
  const Result<LoadedCatalog> loaded = load_catalog(other, 1);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const catalog::Relation* const table = loaded->catalog->find("public", "größe");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(columns(*table), "é:1:23");
}

TEST_F(CatalogLoader, NeedsNoPrivilegeOnTables) {
  query(
      "DROP ROLE IF EXISTS catalog_reader; CREATE ROLE catalog_reader LOGIN PASSWORD 'x';"
      "CREATE SCHEMA hidden; CREATE TABLE hidden.secrets (s text)");
  ConnectionConfig reader = config();
  reader.user = "catalog_reader";
  reader.password = Secret("x");
  const Result<LoadedCatalog> loaded = load_catalog(reader, 1);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_NE(loaded->catalog->find("hidden", "secrets"), nullptr);
}

TEST_F(CatalogLoader, LoadsAgainOnlyWhatHasChanged) {
  query("CREATE TABLE t (a int)");
  const Result<LoadedCatalog> first = load_catalog(config(), 1);
  ASSERT_TRUE(first.ok());
  ASSERT_NE(first->catalog, nullptr);
  std::string known = first->fingerprint;
  query("INSERT INTO t SELECT generate_series(1, 1000); ANALYZE t");
  query("VACUUM t");
  const Result<LoadedCatalog> same = load_catalog(config(), 2, known);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->catalog, nullptr);
  EXPECT_EQ(same->fingerprint, known);
  for (const char* change :
       {"ALTER TABLE t ADD b text", "ALTER TABLE t RENAME b TO c",
        "ALTER TABLE t ALTER c TYPE varchar(9)", "ALTER TABLE t DROP c",
        "ALTER TABLE t RENAME TO u", "CREATE VIEW v AS SELECT 1 AS one", "CREATE SCHEMA s",
        "ALTER TABLE u SET SCHEMA s", "ALTER SCHEMA s RENAME TO s2", "DROP TABLE s2.u"}) {
    query(change);
    const Result<LoadedCatalog> loaded = load_catalog(config(), 3, known);
    ASSERT_TRUE(loaded.ok());
    EXPECT_NE(loaded->catalog, nullptr) << change;
    known = loaded->fingerprint;
  }
}

TEST_F(CatalogLoader, TemporaryTablesOfOtherSessionsAreNotInIt) {
  const Result<std::unique_ptr<Connection>> session = Connection::open(config(), nullptr);
  ASSERT_TRUE(session.ok());
  ASSERT_TRUE(
      (*session)->run("CREATE TEMP TABLE passing (x int); CREATE TEMP SEQUENCE passing_too").ok());
  const auto catalog = load();
  ASSERT_NE(catalog, nullptr);
  for (const catalog::Relation& relation : catalog->relations())
    EXPECT_FALSE(relation.name.starts_with("passing")) << relation.schema;
}

TEST_F(CatalogLoader, DatabaseThatIsNotThereIsAnError) {
  ConnectionConfig nowhere = config();
  nowhere.database = "no such database";
  const Result<LoadedCatalog> loaded = load_catalog(nowhere, 1);
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("no such database"), std::string::npos);
}

}  // namespace
}  // namespace tracegate::store
