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

TEST_F(CatalogLoader, KnowsWhatWritesMayViolate) {
  query(R"sql(
    CREATE TABLE plain (id int, during int4range);
    CREATE INDEX plain_index ON plain (id);
    CREATE TABLE keyed (id int PRIMARY KEY);
    CREATE TABLE excluding (during int4range, EXCLUDE USING gist (during WITH &&));
    CREATE TABLE referring (id int REFERENCES keyed);
    CREATE TABLE parted (id int, part int) PARTITION BY LIST (part);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1) PARTITION BY LIST (id);
    CREATE TABLE parted_1_1 PARTITION OF parted_1 FOR VALUES IN (1);
    CREATE UNIQUE INDEX ON parted_1_1 (id);
    ALTER TABLE parted_1_1 ADD FOREIGN KEY (id) REFERENCES keyed;
    CREATE TABLE child () INHERITS (plain);
    CREATE UNIQUE INDEX ON child (id);
  )sql");
  const auto catalog = load();
  ASSERT_NE(catalog, nullptr);
  const auto checks = [&](const char* name) {
    const catalog::Relation* relation = catalog->find("public", name);
    return std::string(relation->has_unique_index ? "unique " : "") +
           (relation->has_foreign_key ? "foreign" : "");
  };
  EXPECT_EQ(checks("plain"), "");  // nothing is written to a child
  EXPECT_EQ(checks("child"), "unique ");
  EXPECT_EQ(checks("keyed"), "unique ");
  EXPECT_EQ(checks("excluding"), "unique ");
  EXPECT_EQ(checks("referring"), "foreign");
  EXPECT_EQ(checks("parted"), "unique foreign");
  EXPECT_EQ(checks("parted_1"), "unique foreign");
}

TEST_F(CatalogLoader, KnowsWhatViewsRead) {
  query(R"sql(
    CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE TABLE unread (id int);
    CREATE VIEW plain AS SELECT id FROM a;
    CREATE VIEW deep AS WITH x AS (SELECT id FROM b) SELECT 1 AS one FROM plain
      WHERE EXISTS (SELECT FROM x) OR (SELECT count(*) FROM a) > 1;
    CREATE MATERIALIZED VIEW stored AS SELECT count(*) FROM b;
    CREATE RULE no_view AS ON INSERT TO a DO ALSO INSERT INTO unread VALUES (1);
  )sql");
  const auto first = load_catalog(config(), 1);
  ASSERT_TRUE(first.ok());
  const auto names = [](const catalog::Catalog& catalog, const char* view) {
    std::string found;
    for (const catalog::Oid oid : catalog.find("public", view)->reads)
      found += (found.empty() ? "" : " ") + catalog.find(oid)->name;
    return found;
  };
  EXPECT_EQ(names(*first->catalog, "plain"), "a");
  EXPECT_EQ(names(*first->catalog, "deep"), "a b plain");
  EXPECT_EQ(names(*first->catalog, "stored"), "b");
  EXPECT_EQ(names(*first->catalog, "a"), "");
  query("CREATE OR REPLACE VIEW plain AS SELECT id FROM b");
  const auto second = load_catalog(config(), 2, first->fingerprint);
  ASSERT_TRUE(second.ok() && second->catalog);
  EXPECT_EQ(names(*second->catalog, "plain"), "b");
}

TEST_F(CatalogLoader, KnowsWhichWritesRulesRewrite) {
  query(R"sql(
    CREATE TABLE a (id int); CREATE TABLE b (id int);
    CREATE VIEW over_a AS SELECT id FROM a; CREATE VIEW over_view AS SELECT id FROM over_a;
    CREATE VIEW over_b AS SELECT id FROM b;
    CREATE RULE tells AS ON INSERT TO a DO ALSO SELECT id FROM b;
    CREATE RULE keeps AS ON DELETE TO over_b DO INSTEAD NOTHING;
    CREATE RULE changes AS ON UPDATE TO over_b DO INSTEAD NOTHING;
  )sql");
  const auto catalog = load();
  ASSERT_NE(catalog, nullptr);
  const auto rules = [&](const char* name) {
    const auto& found = catalog->find("public", name)->rewrite_rules;
    return std::string(found.on_insert ? "i" : "") + (found.on_update ? "u" : "") +
           (found.on_delete ? "d" : "");
  };
  EXPECT_EQ(rules("a"), "i");
  EXPECT_EQ(rules("over_a"), "i");
  EXPECT_EQ(rules("over_view"), "i");
  EXPECT_EQ(rules("b"), "");
  EXPECT_EQ(rules("over_b"), "ud");
}

TEST_F(CatalogLoader, NoticesIndexesAndLabels) {
  query("CREATE TABLE t (id int); CREATE TYPE mood AS ENUM ('b', 'it''s')");
  const Result<LoadedCatalog> before = load_catalog(config(), 1);
  ASSERT_TRUE(before.ok());
  query("ALTER TYPE mood ADD VALUE 'a' BEFORE 'b'");
  const Result<LoadedCatalog> labelled = load_catalog(config(), 2, before->fingerprint);
  ASSERT_TRUE(labelled.ok() && labelled->catalog);
  EXPECT_EQ(labelled->catalog->find_type("public", "mood")->labels,
            (std::vector<std::string>{"a", "b", "it's"}));
  query("CREATE UNIQUE INDEX ON t (id)");
  const Result<LoadedCatalog> indexed = load_catalog(config(), 3, labelled->fingerprint);
  ASSERT_TRUE(indexed.ok() && indexed->catalog);
  EXPECT_TRUE(indexed->catalog->find("public", "t")->has_unique_index);
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
       {"ALTER TABLE t ADD b text",
        "ALTER TABLE t RENAME b TO c",
        "ALTER TABLE t ALTER c TYPE varchar(9)",
        "ALTER TABLE t DROP c",
        "ALTER TABLE t RENAME TO u",
        "CREATE VIEW v AS SELECT 1 AS one",
        "CREATE SCHEMA s",
        "ALTER TABLE u SET SCHEMA s",
        "ALTER SCHEMA s RENAME TO s2",
        "DROP TABLE s2.u",
        "CREATE TABLE p (a int); CREATE TABLE c (a int)",
        "ALTER TABLE c INHERIT p",
        "ALTER TABLE p ALTER a SET NOT NULL",
        "ALTER TABLE p ALTER a SET DEFAULT 1",
        "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION f SECURITY DEFINER",
        "ALTER FUNCTION f RENAME TO g",
        "CREATE OPERATOR ### (FUNCTION = g, RIGHTARG = int)",
        "ALTER OPERATOR ### (NONE, int) SET SCHEMA s2",
        "CREATE TYPE mood AS ENUM ('ok')",
        "ALTER TYPE mood RENAME TO humour",
        "CREATE TYPE pair AS (a int, b int)",
        "ALTER TYPE pair ADD ATTRIBUTE c text",
        "CREATE FUNCTION h(int) RETURNS humour LANGUAGE sql AS 'SELECT null::humour'",
        "CREATE CAST (int AS humour) WITH FUNCTION h(int)",
        "DROP CAST (int AS humour)",
        "CREATE EXTENSION citext",
        "ALTER EXTENSION citext ADD FUNCTION g(int)",
        "ALTER EXTENSION citext DROP FUNCTION g(int)",
        "DROP EXTENSION citext",
        "DROP FUNCTION h"}) {
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

TEST_F(CatalogLoader, KnowsWhatAColumnIs) {
  query(R"sql(
    CREATE TYPE mood AS ENUM ('ok');
    CREATE DOMAIN short AS varchar(9);
    CREATE TABLE t (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, other int GENERATED BY DEFAULT AS IDENTITY,
      price numeric(10,2) DEFAULT 0, moods mood[] NOT NULL, s short, at timestamptz(3),
      twice numeric GENERATED ALWAYS AS (price * 2) STORED, c "char", b bpchar);
  )sql");
  const auto catalog = load();
  ASSERT_NE(catalog, nullptr);
  std::string described;
  using enum catalog::Identity;
  for (const catalog::Column& column : catalog->find("public", "t")->columns) {
    described += column.name + " " + column.type_name;
    if (column.not_null) described += " not-null";
    if (column.has_default) described += " default";
    if (column.is_generated) described += " generated";
    if (column.identity == kAlways) described += " always";
    if (column.identity == kByDefault) described += " by-default";
    described += "; ";
  }
  EXPECT_EQ(described,
            "id bigint not-null always; other integer not-null by-default; "
            "price numeric(10,2) default; moods public.mood[] not-null; s public.short; "
            "at timestamp(3) with time zone; twice numeric generated; c \"char\"; b bpchar; ");
}

TEST_F(CatalogLoader, KnowsPartitionsAndHeirs) {
  query(R"sql(
    CREATE TABLE parted (at date, n int) PARTITION BY RANGE (at);
    CREATE TABLE y2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (n);
    CREATE TABLE y2024_1 PARTITION OF y2024 FOR VALUES IN (1);
    CREATE INDEX ON parted (n);
    CREATE TABLE parent (a int);
    CREATE TABLE one () INHERITS (parent);
    CREATE TABLE two () INHERITS (parent);
  )sql");
  const auto catalog = load();
  ASSERT_NE(catalog, nullptr);
  const auto children = [&](std::string_view name) {
    std::string names;
    for (const catalog::Oid oid : catalog->find("public", name)->children)
      names += catalog->find(oid)->name + " ";
    return names;
  };
  EXPECT_EQ(children("parted"), "y2024 ");
  EXPECT_EQ(children("y2024"), "y2024_1 ");
  EXPECT_EQ(children("y2024_1"), "");
  EXPECT_EQ(children("parent"), "one two ");
}

TEST_F(CatalogLoader, KnowsFunctionsThatAreNotPostgresOwn) {
  query(R"sql(
    CREATE TYPE mood AS ENUM ('ok');
    CREATE FUNCTION length(int, mood DEFAULT 'ok', OUT a mood, OUT b text) LANGUAGE sql IMMUTABLE
      AS $$ SELECT $2, '' $$;
    CREATE FUNCTION sneaky(VARIADIC text[]) RETURNS SETOF mood LANGUAGE sql STABLE SECURITY DEFINER
      AS $$ SELECT 'ok'::mood $$;
    CREATE PROCEDURE act() LANGUAGE sql AS '';
    CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
    CREATE FUNCTION a_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE FUNCTION pg_catalog.lower(mood) RETURNS text LANGUAGE sql AS $$ SELECT '' $$;
    CREATE EXTENSION citext;
  )sql");
  const auto catalog = load();
  ASSERT_NE(catalog, nullptr);
  using enum catalog::Volatility;
  using catalog::FunctionKind;
  const auto only = [&](std::string_view name) {
    for (const catalog::Function& function : catalog->functions(name))
      if (!function.is_builtin) return function;
    return catalog::Function();
  };
  const catalog::Type* const mood = catalog->find_type("public", "mood");
  ASSERT_NE(mood, nullptr);
  const catalog::Function length = only("length");
  EXPECT_EQ(length.signature, "public.length(integer,public.mood)");
  EXPECT_EQ(length.arguments, (std::vector<catalog::Oid>{23, mood->oid}));
  EXPECT_EQ(length.default_count, 1);
  EXPECT_EQ(length.results, (std::vector<catalog::Oid>{2249, mood->oid, 25}));
  EXPECT_EQ(length.volatility, kImmutable);
  EXPECT_FALSE(length.security_definer);
  EXPECT_EQ(length.extension, "");
  EXPECT_GT(catalog->functions("length").size(), 5U) << "with PostgreSQL's own";

  const catalog::Function sneaky = only("sneaky");
  EXPECT_TRUE(sneaky.variadic);
  EXPECT_TRUE(sneaky.security_definer);
  EXPECT_EQ(sneaky.volatility, kStable);
  EXPECT_EQ(sneaky.results, (std::vector<catalog::Oid>{mood->oid}));
  EXPECT_EQ(only("act").kind, FunctionKind::kProcedure);
  EXPECT_EQ(only("total").kind, FunctionKind::kAggregate);
  EXPECT_EQ(only("lower").schema, "pg_catalog");
  EXPECT_EQ(only("strpos").extension, "citext");
  EXPECT_TRUE(catalog->functions("a_trigger").empty()) << "SQL cannot call it";
  EXPECT_EQ(catalog->functions("citext_eq").size(), 1U);
  EXPECT_TRUE(catalog->functions("upper").empty()) << "only PostgreSQL has it";
}

TEST_F(CatalogLoader, KnowsOperatorsTypesAndCasts) {
  query(R"sql(
    CREATE EXTENSION hstore;
    CREATE TYPE mood AS ENUM ('ok');
    CREATE DOMAIN moods AS mood[];
    CREATE TYPE pair AS (a int, b int);
    CREATE TYPE span AS RANGE (SUBTYPE = mood);
    CREATE TABLE row_type (a int);
    CREATE FUNCTION glue(text, text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT $1 $$;
    CREATE OPERATOR + (FUNCTION = glue, LEFTARG = text, RIGHTARG = text);
    CREATE OPERATOR %% (FUNCTION = length, RIGHTARG = text);
    CREATE FUNCTION to_mood(int) RETURNS mood LANGUAGE sql AS $$ SELECT 'ok'::mood $$;
    CREATE CAST (int AS mood) WITH FUNCTION to_mood(int) AS IMPLICIT;
    CREATE CAST (text AS mood) WITH INOUT AS ASSIGNMENT;
  )sql");
  const auto catalog = load();
  ASSERT_NE(catalog, nullptr);
  std::string found;
  for (const catalog::Operator& each : catalog->operators("+"))
    if (!each.is_builtin) found += each.signature + (each.security_definer ? " definer " : " ");
  for (const catalog::Operator& each : catalog->operators("%%"))
    found += each.signature + (each.left == catalog::kNoType ? " prefix " : " ") + each.extension;
  EXPECT_EQ(found,
            "public.+(text,text) definer public.%%(NONE,text) prefix "
            "public.%%(NONE,public.hstore) prefix hstore");
  EXPECT_GT(catalog->operators("+").size(), 30U) << "with PostgreSQL's own";
  EXPECT_TRUE(catalog->operators("||/").empty()) << "only PostgreSQL has it";

  const auto inner = [&](std::string_view name) -> std::string {
    const catalog::Type* type = catalog->find_type("public", name);
    if (type == nullptr) return "unknown";
    const catalog::Type* held = catalog->find_type(type->inner);
    return held == nullptr ? "itself" : held->name;
  };
  EXPECT_EQ(inner("mood"), "itself");
  EXPECT_EQ(inner("moods"), "_mood");
  EXPECT_EQ(inner("_mood"), "mood");
  EXPECT_EQ(inner("span"), "mood");
  EXPECT_EQ(inner("span_multirange"), "mood");
  EXPECT_EQ(inner("pair"), "itself");
  EXPECT_EQ(inner("row_type"), "unknown");
  EXPECT_EQ(inner("_row_type"), "unknown");
  EXPECT_EQ(catalog->find_type("public", "hstore")->extension, "hstore");
  EXPECT_EQ(catalog->find_type("public", "_hstore")->extension, "hstore");

  std::string casts;
  for (const std::size_t i : catalog->calling_casts()) {
    const catalog::Cast& cast = catalog->definitions().casts[i];
    if (cast.extension.empty()) casts += cast.signature + " by " + cast.function_name;
  }
  EXPECT_EQ(casts, "cast from integer to public.mood by to_mood");
  const catalog::Oid mood = catalog->find_type("public", "mood")->oid;
  EXPECT_TRUE(catalog->casts_implicitly(23, mood));
  EXPECT_FALSE(catalog->casts_implicitly(25, mood)) << "only in assignments";
  EXPECT_TRUE(catalog->casts_implicitly(23, 20));
  EXPECT_FALSE(catalog->casts_implicitly(23, 25));
  ASSERT_EQ(catalog->widening_casts().size(), 1U);
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
