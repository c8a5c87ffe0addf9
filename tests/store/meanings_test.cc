// What names mean, by PostgreSQL itself: a function with a parsed body depends on every function
// and operator that was chosen for it (pg_depend). Whatever of them is not PostgreSQL's own, the
// analysis over the loaded catalog must have reported.
#include <random>

#include "src/policy/judge.h"
#include "src/sql/analysis.h"
#include "src/store/catalog_loader.h"
#include "tests/policy/roles.h"
#include "tests/store/harness.h"

namespace tracegate::store {
namespace {

constexpr const char* kExtensions = R"sql(
  CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION cube;
  CREATE EXTENSION isn; CREATE EXTENSION pg_trgm;
)sql";

constexpr const char* kTables = R"sql(
  CREATE TYPE mood AS ENUM ('ok', 'bad');
  CREATE DOMAIN word AS text;
  CREATE TABLE plain (i int, b bigint, n numeric, s text, v varchar(10), c char(3), j jsonb, a int[], ta text[],
    ts timestamptz, d date, bo bool, r int4range, pt point, tv tsvector, w word, f float8, by bytea);
  CREATE TABLE rich (LIKE plain, ci citext, h hstore, l ltree, cu cube, isb isbn13, m mood, ma mood[], cia citext[]);
)sql";

constexpr const char* kOverloads = R"sql(
  CREATE EXTENSION intarray;
  CREATE TYPE pair AS (x int, y text);
  CREATE DOMAIN rude AS citext;
  ALTER TABLE rich ADD p pair, ADD ru rude;
  CREATE FUNCTION length(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION lower(plain) RETURNS text LANGUAGE sql AS 'SELECT $1.s';
  CREATE FUNCTION upper(anyelement) RETURNS text LANGUAGE sql AS 'SELECT $1::text';
  CREATE FUNCTION abs(text, int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION replace(text, VARIADIC int[]) RETURNS mood LANGUAGE sql AS $$ SELECT 'ok'::mood $$;
  CREATE FUNCTION strpos(mood, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION min(word, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION translate(pair, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION glue(text, text) RETURNS text LANGUAGE sql AS 'SELECT $1';
  CREATE FUNCTION mix(int, text) RETURNS bool LANGUAGE sql AS 'SELECT true';
  CREATE FUNCTION cheer(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1';
  CREATE FUNCTION words(word, word) RETURNS bool LANGUAGE sql AS 'SELECT true';
  CREATE FUNCTION moody(timestamptz, mood) RETURNS mood LANGUAGE sql AS 'SELECT $2';
  CREATE OPERATOR + (FUNCTION = glue, LEFTARG = text, RIGHTARG = text);
  CREATE OPERATOR = (FUNCTION = mix, LEFTARG = int, RIGHTARG = text);
  CREATE OPERATOR - (FUNCTION = cheer, RIGHTARG = mood);
  CREATE OPERATOR <> (FUNCTION = words, LEFTARG = word, RIGHTARG = word);
  CREATE OPERATOR + (FUNCTION = moody, LEFTARG = timestamptz, RIGHTARG = mood);
  CREATE OPERATOR % (FUNCTION = cheer, RIGHTARG = mood);
  CREATE FUNCTION int_to_mood(int) RETURNS mood LANGUAGE sql AS $$ SELECT 'ok'::mood $$;
  CREATE FUNCTION date_to_text(date) RETURNS text LANGUAGE sql AS $$ SELECT '' $$;
  CREATE FUNCTION text_to_json(text) RETURNS jsonb LANGUAGE sql AS $$ SELECT NULL::jsonb $$;
  CREATE CAST (int AS mood) WITH FUNCTION int_to_mood(int) AS ASSIGNMENT;
  CREATE CAST (text AS jsonb) WITH FUNCTION text_to_json(text);
)sql";

constexpr const char* kImplicitCasts = R"sql(
  CREATE CAST (date AS text) WITH FUNCTION date_to_text(date) AS IMPLICIT;
  CREATE FUNCTION bytes_to_mood(bytea) RETURNS mood LANGUAGE sql AS $$ SELECT 'ok'::mood $$;
  CREATE CAST (bytea AS mood) WITH FUNCTION bytes_to_mood(bytea) AS IMPLICIT;
)sql";

// What a statement depends on, a line for each: "function", "operator"; "error" if it is none.
constexpr const char* kProbe = R"sql(
  CREATE FUNCTION meant(parameters text, statement text) RETURNS text LANGUAGE plpgsql
    SET search_path = public AS $$
  DECLARE found text;
  BEGIN
    BEGIN
      EXECUTE format('CREATE FUNCTION probe(%s) RETURNS void LANGUAGE sql BEGIN ATOMIC %s; END', parameters, statement);
      PERFORM set_config('search_path', 'pg_catalog', true);
      SELECT string_agg(DISTINCT CASE refclassid WHEN 'pg_proc'::regclass THEN refobjid::regprocedure::text
                                        ELSE refobjid::regoperator::text END, ' ; ') INTO found
      FROM pg_depend
      WHERE classid = 'pg_proc'::regclass AND refobjid >= 16384 AND refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
        AND objid = (SELECT oid FROM pg_proc WHERE proname = 'probe');
      RAISE EXCEPTION USING ERRCODE = 'TG001';
    EXCEPTION WHEN SQLSTATE 'TG001' THEN RETURN coalesce(found, '');
      WHEN OTHERS THEN RETURN 'error';
    END;
  END $$;
)sql";

// Statements over `plain` and `rich`, mostly with names that are overloaded.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::string statement() {
    rich_ = below(4) == 0;
    const std::string table = rich_ ? "rich" : "plain";
    switch (below(8)) {
      case 0:
        return "SELECT 1 FROM " + table + " t WHERE " + value(1) + " IN (" + value(0) + ", " +
               value(0) + ")";
      case 1:
        return "SELECT x.i FROM plain x JOIN " + table + " t USING (" + one({"i", "s", "v", "w"}) +
               ") WHERE " + value(1) + " IS NULL";
      case 2:
        return "INSERT INTO " + table + " (" + column() + ") SELECT " + value(1) + " FROM " +
               table + " t";
      case 3:
        return "SELECT " + value(3) + " FROM " + table + " t";
      default:
        return "SELECT " + value(1 + (below(2) == 0 ? 0 : 1)) + " FROM " + table + " t";
    }
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::string one(std::initializer_list<const char*> words) {
    return *(words.begin() + below(words.size()));
  }

  std::string column() {
    if (rich_ && below(3) == 0) return one({"ci", "h", "l", "cu", "isb", "m", "ma", "cia"});
    return one({"i", "b", "n", "s", "v", "c", "j", "a", "ta", "ts", "d", "bo", "r", "pt", "tv", "w",
                "f", "by"});
  }
  std::string literal() {
    return one({"'1'", "'ok'", "'{1,2}'", "'(1,2)'", "'a=>1'", "'2020-01-01'", "NULL", "5", "2.5",
                "3000000000", "true"});
  }
  std::string atom() {
    switch (below(10)) {
      case 0:
      case 1:
      case 2:
        return (below(2) == 0 ? "t." : "") + column();
      case 3:
      case 4:
        return literal();
      case 5:
        return one({"$1", "$2", "$3"});
      case 6:
        return literal() + "::" +
               one({"int", "text", "varchar", "jsonb", "mood", "citext", "word", "timestamptz",
                    "int[]", "cube", "date"});
      case 7:
        return one({"t", "ARRAY[1,2]", "ARRAY['a']", "ROW(1,'a')", "(ROW('ok', 1)).f1", "now()",
                    "current_date"});
      case 8:
        return "CAST(" + column() + " AS " +
               one({"text", "jsonb", "mood", "int", "hstore", "citext"}) + ")";
      default:
        return one({"lower('x')", "count(*)", "max(t.s)", "coalesce('a', 'b')", "(SELECT 'ok')",
                    "'{ok}'::mood[]"});
    }
  }
  std::string symbol() {
    return one({"=",  "=",  "<>", "<", ">=", "+",  "+",  "-", "||", "||", "@>",  "<@",
                "&&", "->", "?",  "%", "~",  "~~", "@@", "&", "|",  "#",  "<->", "*"});
  }
  std::string function() {
    return one({"length", "lower", "upper", "abs", "replace", "strpos", "min", "max", "translate",
                "split_part", "regexp_match", "regexp_replace", "similarity", "each", "text",
                "jsonb", "citext", "word", "mood"});
  }
  std::string value(int depth) {
    if (depth == 0) return atom();
    switch (below(9)) {
      case 0:
      case 1:
      case 2:
        return "(" + value(depth - 1) + " " + symbol() + " " + value(depth - 1) + ")";
      case 3:
      case 4: {
        std::string text = function() + "(" + value(depth - 1);
        for (std::size_t more = below(4); more > 0; --more) text += ", " + value(0);
        return text + ")";
      }
      case 5:
        return "(" + one({"-", "%", "#", "+"}) + value(depth - 1) + ")";
      case 6:
        return one({"", "NOT "}) + ("(" + value(0) + " BETWEEN ") + value(0) + " AND " + value(0) +
               ")";
      case 7:
        return "CASE " + value(0) + " WHEN " + value(0) + " THEN 1 END";
      default:
        switch (below(4)) {
          case 0:
            return "NULLIF(" + value(0) + ", " + value(0) + ")";
          case 1:
            return "((" + value(0) + ", " + value(0) + ") " + one({"=", "<>", "<"}) + " (" +
                   value(0) + ", " + value(0) + "))";
          case 2:
            return "(" + value(0) + " " + symbol() + " ANY (" +
                   one({"ARRAY['a']", "t.ta", "'{1}'", "'{1}'::int[]", "$1",
                        "(SELECT i FROM plain)"}) +
                   "))";
          default:
            return "(" + value(0) + " IS DISTINCT FROM " + value(0) + ")";
        }
    }
  }

  std::mt19937 random_;
  bool rich_ = false;
};

class Meanings : public StoreTest {
 protected:
  void load() {
    const Result<LoadedCatalog> loaded = load_catalog(config(), 1);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    catalog_ = loaded->catalog;
  }
  // Signatures and cast functions that the analysis reports.
  std::vector<std::string> reported(const std::string& text) const {
    const std::vector<std::string> path = {"public"};
    const sql::Analysis analysis = sql::analyze(text, *catalog_, path);
    std::vector<std::string> names;
    for (const sql::Statement& statement : analysis.statements)
      for (const sql::UserDefined& each : statement.user_defined)
        if (each.kind == sql::UserDefined::Kind::kCast)
          names.push_back(each.name);
        else if (each.kind != sql::UserDefined::Kind::kType)
          names.push_back(each.signature);
    return names;
  }
  std::string all_reported(const std::string& text) const {
    std::string joined;
    for (const std::string& each : reported(text)) joined += (joined.empty() ? "" : " ") + each;
    return joined;
  }
  // Casts of an extension between its own types are part of them.
  bool is_cast_of_type(const std::string& function) const {
    for (const catalog::Cast& cast : catalog_->definitions().casts)
      if (!cast.extension.empty() &&
          function.starts_with(cast.function_schema + "." + cast.function_name + "("))
        return true;
    return false;
  }
  bool is_reported(const std::string& object, const std::vector<std::string>& reports) const {
    const std::string name = object.substr(0, object.find('('));
    for (const std::string& each : reports)
      if (each == object || each == name) return true;
    return is_cast_of_type(object);
  }

  struct Tally {
    int valid = 0;
    int with_meanings = 0;
    int reported_in_vain = 0;
  };
  Tally compare(std::uint32_t seed, int count) {
    Generator generator(seed);
    Tally tally;
    std::vector<std::string> statements;
    std::string probes = "SELECT meant(parameters, statement) FROM (VALUES ";
    constexpr const char* kParameters[] = {"text, text, text",        "int, bigint, text",
                                           "int[], numeric, varchar", "date, bytea, timestamptz",
                                           "jsonb, text[], bpchar",   "bool, point, int"};
    for (int i = 0; i < count; ++i) {
      statements.push_back(generator.statement());
      probes += (i == 0 ? "" : ", ") + ("(" + std::to_string(i)) + ", '" + kParameters[i % 6] +
                "', $q$" + statements.back() + "$q$)";
    }
    const std::string answer = query(probes + ") v(number, parameters, statement) ORDER BY number");
    std::size_t at = 0;
    for (const std::string& statement : statements) {
      const std::size_t end = std::min(answer.find('\n', at), answer.size());
      const std::string meant = answer.substr(at, end - at);
      at = std::min(end + 1, answer.size());
      if (meant == "error") continue;
      ++tally.valid;
      const std::vector<std::string> reports = reported(statement);
      if (!meant.empty()) ++tally.with_meanings;
      if (meant.empty() && !reports.empty()) ++tally.reported_in_vain;
      for (std::size_t from = 0; from < meant.size();) {
        const std::size_t to = std::min(meant.find(" ; ", from), meant.size());
        const std::string object = meant.substr(from, to - from);
        EXPECT_TRUE(is_reported(object, reports))
            << statement << "\n  means " << object << "\n  reported " << all_reported(statement);
        from = to + 3;
      }
    }
    return tally;
  }

  // "" if a role with these lists, which may read every table of public, is permitted the text.
  std::string verdict(const std::string& text, std::vector<std::string> functions = {},
                      std::vector<std::string> extensions = {}) const {
    policy::Role role = policy::make_role(
        {policy::make_rule(5, {sql::Operation::kSelect, sql::Operation::kInsert}, {"public.*"})});
    role.functions = std::move(functions);
    role.extensions = std::move(extensions);
    const policy::Upstream upstream = policy::make_upstream();
    const policy::PlanRef plan = policy::judge(PolicyVersion{1}, role, upstream, *catalog_, text,
                                               sql::analyze(text, *catalog_, upstream.search_path));
    return plan->denial ? plan->denial->message : "";
  }

  std::shared_ptr<const catalog::Catalog> catalog_;
};

TEST_F(Meanings, WhateverPostgresChoosesIsReported) {
  query(std::string(kExtensions) + kTables + kOverloads + kProbe);
  load();
  const Tally tally = compare(1, 30000);
  EXPECT_GT(tally.valid, 500);
  EXPECT_GT(tally.with_meanings, 150);
}

TEST_F(Meanings, ImplicitCastsOfUsersAreReportedAsWell) {
  query(std::string(kExtensions) + kTables + kOverloads + kImplicitCasts + kProbe);
  load();
  const Tally tally = compare(2, 15000);
  EXPECT_GT(tally.with_meanings, 100);
}

TEST_F(Meanings, ExtensionsAloneAreReportedWhereTheyAreMeant) {
  query(std::string(kExtensions) + kTables + kProbe);
  load();
  const Tally tally = compare(3, 30000);
  EXPECT_GT(tally.with_meanings, 100);
  // Types are not computed, so that some are reported in vain: not many.
  EXPECT_LT(tally.reported_in_vain, tally.valid / 10);
}

TEST_F(Meanings, EverydayStatementsMeanNothingOfExtensions) {
  query(std::string(kExtensions) + kTables);
  load();
  for (const char* statement :
       {"SELECT * FROM plain WHERE i = 1",
        "SELECT * FROM plain WHERE i = $1 AND s = 'x' AND b <> 5",
        "SELECT s || 'x', v || 'x', lower(s) || ': ' || v FROM plain",
        "SELECT j -> 'a' ->> 'b', j @> '{}' FROM plain",
        "SELECT max(i), min(s), count(*) FROM plain GROUP BY d HAVING count(*) > 5 ORDER BY 1",
        "SELECT * FROM plain WHERE s LIKE 'a%' OR s ILIKE $1 OR s ~ '^x'",
        "SELECT i + 1, n * 2.5, b - i, i / 2, i % 10 FROM plain",
        "SELECT * FROM plain WHERE ts > now() - interval '1 day' AND d BETWEEN '2020-01-01' AND $1",
        "SELECT * FROM plain WHERE i IN (1, 2, 3) AND s = ANY ($1) AND i = ANY ('{1,2}'::int[])",
        "SELECT * FROM plain x JOIN plain y USING (i) WHERE x.b = y.b",
        "SELECT CASE s WHEN 'a' THEN 1 END FROM plain",
        "SELECT replace(s, 'a', 'b'), strpos(s, 'x'), split_part(s, ',', 1), translate(v, 'a', "
        "'b') FROM plain",
        "SELECT split_part('a,b', ',', 1), regexp_replace('abc', 'b', 'x'), 'a' || 'b', 'a' < 'b'",
        "SELECT date_trunc('day', ts), count(*) FROM plain WHERE ts >= $1 AND ts < $2 GROUP BY 1",
        "SELECT * FROM plain WHERE (i, s) > ($1, $2) ORDER BY i, s LIMIT 10",
        "SELECT nullif(s, ''), coalesce(i, 0) FROM plain",
        "SELECT * FROM plain WHERE a && '{1}' AND 5 = ANY (a) AND ta @> ARRAY['x']",
        "SELECT * FROM plain WHERE i <= $1 * 2",
        "WITH x AS (SELECT s, count(*) AS n FROM plain GROUP BY s) SELECT * FROM x WHERE n > 3 AND "
        "s <> ''",
        "SELECT i FROM rich WHERE i = 1 AND s = 'x'",
        "SELECT ci, h, l FROM rich",
        "INSERT INTO rich (ci, i) VALUES ('x', $1)",
        "UPDATE plain SET s = s || $1 WHERE i = $2",
        "SELECT r @> 5, pt <-> '(1,2)', tv @@ 'a & b' FROM plain",
        "SELECT s <> ALL ($1), v IS DISTINCT FROM 'x' FROM plain WHERE m = 'ok'"})
    EXPECT_EQ(all_reported(statement), "") << statement;
}

TEST_F(Meanings, OverloadsAreReportedWhereTheyCanBeMeant) {
  query(std::string(kExtensions) + kTables + kOverloads);
  load();
  EXPECT_EQ(all_reported("SELECT length(i) FROM plain"), "public.length(integer)");
  EXPECT_EQ(all_reported("SELECT length(s), length(b), length('x') FROM plain"), "");
  EXPECT_EQ(all_reported("SELECT s + s FROM plain"), "public.+(text,text)");
  EXPECT_EQ(all_reported("SELECT i + 1, b + i, d + 1 FROM plain"), "");
  EXPECT_EQ(all_reported("SELECT * FROM plain WHERE i = s"), "public.=(integer,text)");
  EXPECT_EQ(all_reported("SELECT t.lower FROM plain t"), "public.lower(public.plain)");
  EXPECT_EQ(all_reported("SELECT * FROM rich WHERE ci = 'x'"),
            "public.=(public.citext,public.citext)");
  EXPECT_EQ(all_reported("SELECT pg_catalog.length(i), i OPERATOR(pg_catalog.+) i FROM plain"), "");
  EXPECT_EQ(all_reported("SELECT s::jsonb FROM plain"), "public.text_to_json");
  EXPECT_EQ(all_reported("INSERT INTO rich (m) SELECT i FROM plain"), "public.int_to_mood");
  EXPECT_EQ(all_reported("SELECT a - a FROM plain"), "public.-(integer[],integer[])");
  EXPECT_EQ(all_reported("SELECT i - 1 FROM plain"), "");
}

// From the store's definitions to the verdict.
TEST_F(Meanings, ARoleMayUseWhatItLists) {
  query(std::string(kExtensions) + "CREATE EXTENSION tablefunc; CREATE EXTENSION \"uuid-ossp\";" +
        kTables + kOverloads +
        "CREATE FUNCTION spy(text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT $1';"
        "ALTER EXTENSION citext ADD FUNCTION spy(text);"
        "CREATE SCHEMA app; CREATE FUNCTION app.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'");
  load();
  struct Case {
    const char* text;
    const char* refusal;
    std::vector<std::string> functions;
    std::vector<std::string> extensions;
  };
  const Case cases[] = {
      {"SELECT length(i) FROM plain",
       "permission denied for function public.length(integer)",
       {"public.length"},
       {}},
      {"SELECT length(i) FROM plain",
       "permission denied for function public.length(integer)",
       {"length"},
       {}},
      {"SELECT s + 'x' FROM plain",
       "permission denied for operator public.+(text,text)",
       {"+"},
       {}},
      {"SELECT s + 'x' FROM plain",
       "permission denied for operator public.+(text,text)",
       {"public.+"},
       {}},
      {"SELECT s::jsonb FROM plain",
       "permission denied for cast from text to jsonb",
       {"public.text_to_json"},
       {}},
      {"INSERT INTO rich (m) SELECT i FROM plain",
       "permission denied for cast from integer to public.mood",
       {"int_to_mood"},
       {}},
      {"SELECT m FROM rich WHERE m = 'ok'::mood",
       "permission denied for type public.mood",
       {"mood", "public.int_to_mood"},
       {}},
      {"SELECT ci FROM rich WHERE ci = 'x'",
       "permission denied for operator public.=(public.citext,public.citext)",
       {},
       {"citext"}},
      {"SELECT s FROM plain WHERE s::citext = 'x'",
       "permission denied for operator public.=(public.citext,public.citext)",
       {},
       {"citext"}},
      {"SELECT similarity(s, 'x') FROM plain",
       "permission denied for function public.similarity(text,text)",
       {},
       {"pg_trgm"}},
      {"SELECT public.similarity(s, 'x') FROM plain",
       "permission denied for function public.similarity(text,text)",
       {},
       {"pg_trgm"}},
      {"SELECT s % 'x', s <-> v FROM plain",
       "permission denied for operator public.%(text,text)",
       {},
       {"pg_trgm"}},
      {"SELECT spy(s) FROM plain",
       "permission denied for function public.spy(text)",
       {"public.spy"},
       {"citext"}},
      {"SELECT uuid_generate_v4()",
       "permission denied for function public.uuid_generate_v4()",
       {"uuid_generate_v4"},
       {}},
      {"SELECT * FROM crosstab('SELECT 1') AS c(a int)",
       "permission denied for function public.crosstab(text)",
       {"crosstab"},
       {}},
      {"SELECT app.f(1)", "permission denied for function app.f(integer)", {"app.f"}, {}},
      {"SELECT f(1)", "permission denied for function f", {"f"}, {}}};
  for (const Case& each : cases) {
    EXPECT_EQ(verdict(each.text), each.refusal) << each.text;
    EXPECT_EQ(verdict(each.text, each.functions, each.extensions), "") << each.text;
  }
  EXPECT_NE(verdict("SELECT spy(s) FROM plain", {}, {"citext"}), "") << "SECURITY DEFINER";
  EXPECT_NE(verdict("SELECT uuid_generate_v4()", {}, {"uuid-ossp"}), "") << "VOLATILE";
  EXPECT_NE(verdict("SELECT * FROM crosstab('SELECT 1') AS c(a int)", {}, {"tablefunc"}), "")
      << "runs SQL";
  EXPECT_NE(verdict("SELECT app.f(1)", {"f"}), "") << "not in the search path";
  EXPECT_EQ(verdict("SELECT i, lower(s), s || 'x' FROM plain WHERE i = 5 AND s LIKE 'a%'"), "");
}

}  // namespace
}  // namespace tracegate::store
