// Rows and expressions give the same: for every type and method that has both, over odd and random
// values, in both formats, against a PostgreSQL of its own.
#include "src/mask/json_scan.h"
#include "src/mask/sql_text.h"
#include "src/store/catalog_loader.h"
#include "tests/mask/masks.h"
#include "tests/mask/random_values.h"
#include "tests/mask/store_session.h"

namespace tracegate::mask {
namespace {

constexpr const char* kDatabase = "masks";

struct Kind {
  std::string table;
  std::string type;  // as in CREATE TABLE
  Values values;
  bool is_array = false;
  std::string constant;  // that redact takes; empty: none
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"as_text", "text", Values::kText, false, "it's \\ {\"$column\"}"},
      {"as_caseless", "text COLLATE app.caseless", Values::kText, false, "x"},
      {"as_varchar", "varchar", Values::kText, false, "x"},
      {"as_short_varchar", "varchar(40)", Values::kShortText, false, "x"},
      {"as_char", "char(40)", Values::kShortText, false, "x  "},
      {"as_name", "name", Values::kName, false, "x"},
      {"as_citext", "app.citext", Values::kText, false, "x"},
      {"as_domain", "app.shorter", Values::kShortText, false, "longer than the domain permits"},
      {"as_json", "json", Values::kJson, false, " {\"a\" : [ 1e5 ] }"},
      {"as_jsonb", "jsonb", Values::kJsonb, false, "\"\\u0041\\n$column\""},
      {"as_uuid", "uuid", Values::kUuid, false, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"},
      {"as_int2", "smallint", Values::kInt2, false, "-32768"},
      {"as_int4", "integer", Values::kInt4, false, "-0007"},
      {"as_int8", "bigint", Values::kInt8, false, "9223372036854775807"},
      {"as_numeric", "numeric", Values::kNumeric, false, "-007.50"},
      {"as_small_numeric", "numeric(30,4)", Values::kSmallNumeric, false, "0"},
      {"as_boolean", "boolean", Values::kBoolean, false, "false"},
      {"as_bytea", "bytea", Values::kBytea, false, "\\xDEAD"},
      {"as_date", "date", Values::kDate, false, "2026-01-31"},
      {"as_timestamp", "timestamp", Values::kTimestamp, false, "2026-01-31 23:59:59"},
      {"as_timestamptz", "timestamptz", Values::kTimestampTz, false, "2026-01-31 23:59:59Z"},
      {"as_mood", "app.mood", Values::kMood, false, "so so"},
      {"as_pair", "app.pair", Values::kPair, false, ""},
      {"as_point", "point", Values::kPoint, false, ""},
      {"as_texts", "text[]", Values::kText, true, "{}"},
      {"as_varchars", "varchar(40)[]", Values::kShortText, true, "{}"},
      {"as_chars", "char(40)[]", Values::kShortText, true, "{}"},
      {"as_names", "name[]", Values::kName, true, "{}"},
      {"as_citexts", "app.citext[]", Values::kText, true, "{}"},
      {"as_uuids", "uuid[]", Values::kUuid, true, "{}"},
      {"as_int2s", "smallint[]", Values::kInt2, true, "{}"},
      {"as_int4s", "integer[]", Values::kInt4, true, "{}"},
      {"as_ages", "app.ages", Values::kInt4, true, "{}"},
      {"as_int8s", "bigint[]", Values::kInt8, true, "{}"},
      {"as_numerics", "numeric[]", Values::kNumeric, true, "{}"},
      {"as_moods", "app.mood[]", Values::kMood, true, "{}"},
      {"as_domains", "app.short[]", Values::kShortText, true, "{}"},
  };
  return all;
}

std::vector<Spec> specs_for(const Kind& kind) {
  std::vector<Spec> specs = {redact(),
                             partial(0, 0),
                             partial(2, 3),
                             partial(1, 0),
                             email(),
                             hash("users"),
                             hash("it's $column \xc3\xa4")};
  if (!kind.constant.empty()) specs.push_back(redact(kind.constant));
  for (const TimeUnit unit : {TimeUnit::kHour, TimeUnit::kDay, TimeUnit::kMonth, TimeUnit::kYear})
    for (const std::int64_t width :
         {std::int64_t{1}, std::int64_t{7}, std::int64_t{1000}, INT64_MAX}) {
      specs.push_back(truncate(unit));
      specs.back().bucket = width;
    }
  specs.push_back(json({{"a", redact("it's $column")}, {"b", redact()}}));
  specs.push_back(json({{"user.email", email()},
                        {"messages[*].content", partial(1, 1)},
                        {"tags.*", hash()},
                        {"*.a", partial(0, 1)}}));
  specs.push_back(json({{"[*].a", email()},
                        {"[*][*]", hash()},
                        {"a.a", redact()},
                        {"*.*.*", partial(1, 0)},
                        {"a[*].b", redact("x")},
                        {"\"\"", email()},
                        {"*[*][*]", hash()}}));
  specs.push_back(json({{"*", partial(2, 2)}, {"[*]", hash("other")}}));
  return specs;
}

std::string name_of(const Spec& spec, const Kind& kind) {
  std::string name = std::string(to_string(spec.method)) + " of " + kind.type;
  if (spec.method == Method::kTruncate)
    name += " unit " + (spec.unit ? std::to_string(static_cast<int>(*spec.unit)) : "none") +
            " width " + std::to_string(spec.bucket);
  if (spec.method == Method::kPartial)
    name += " " + std::to_string(spec.keep_first) + "," + std::to_string(spec.keep_last);
  if (spec.method == Method::kJson) name += " of " + std::to_string(spec.paths.size()) + " paths";
  return name;
}

class MasksInPostgres : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = test::PostgresCluster::create();
    ASSERT_TRUE(made.ok()) << made.error().message;
    cluster_ = std::move(*made).release();
    ASSERT_TRUE(cluster_->create_database(kDatabase).ok());
    StoreSession session(*cluster_, kDatabase, nullptr);
    for (const char* sql :
         {"CREATE SCHEMA app", "CREATE EXTENSION citext SCHEMA app",
          "CREATE TYPE app.mood AS ENUM ('sad', 'so so', 'happy')",
          "CREATE TYPE app.pair AS (a int, b text)",
          "CREATE DOMAIN app.short AS text CHECK (length(VALUE) <= 40)",
          "CREATE DOMAIN app.shorter AS app.short NOT NULL", "CREATE DOMAIN app.ages AS integer[]",
          "CREATE COLLATION app.caseless (provider = icu, locale = 'und-u-ks-level2', "
          "deterministic = false)"})
      session.run(sql);
    for (const Kind& kind : kinds()) fill(session, kind);
    auto loaded = store::load_catalog(config(), 1);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    catalog_ = new std::shared_ptr(loaded->catalog);
  }
  static void TearDownTestSuite() {
    delete cluster_;
    delete catalog_;
  }

  static void fill(StoreSession& session, const Kind& kind) {
    session.run("CREATE TABLE " + kind.table + " (id serial, c " + kind.type + ")");
    session.run("BEGIN");
    if (kind.type != "app.shorter") session.run("INSERT INTO " + kind.table + " (c) VALUES (NULL)");
    for (const std::string& value : kind.is_array ? arrays_of(kind.values) : values_of(kind.values))
      session.run("INSERT INTO " + kind.table + " (c) VALUES ($1)", {value});
    session.run("COMMIT");
  }

  static store::ConnectionConfig config() {
    store::ConnectionConfig config;
    config.host = "127.0.0.1";
    config.port = cluster_->port();
    config.database = kDatabase;
    config.user = test::PostgresCluster::superuser();
    config.password = Secret(test::PostgresCluster::password());
    config.tls = store::Tls::kOff;
    return config;
  }

  static ColumnType column_type(const Kind& kind) {
    return type_of(*(*catalog_)->find("public", kind.table)->find_column("c"), **catalog_);
  }
  static std::string masked_column(const ColumnMask& mask) {
    return at_column_marks(mask.expression, "\"tracegate\".\"c\"");
  }
  static Answer select(StoreSession& session, const Kind& kind, const std::string& column,
                       Format format) {
    return session.ask(
        "SELECT " + column + " FROM " + kind.table + " AS \"tracegate\" ORDER BY \"tracegate\".id",
        format);
  }

  static inline test::PostgresCluster* cluster_ = nullptr;
  static inline std::shared_ptr<const catalog::Catalog>* catalog_ = nullptr;
};

StoredValue apply(const ValueMask& mask, const StoredValue& value, Format format) {
  std::string out;
  const Fate fate =
      value ? mask.apply(as_bytes(*value), format, out) : mask.apply_to_null(format, out);
  if (fate == Fate::kKept) return value;
  if (fate == Fate::kNull) return std::nullopt;
  return out;
}

std::string shown(const StoredValue& value) {
  return value ? value->substr(0, 500) : "NULL";
}

TEST_F(MasksInPostgres, RowsAndExpressionsGiveTheSame) {
  StoreSession session(*cluster_, kDatabase, test_key());
  std::size_t pairs = 0;
  for (const Kind& kind : kinds()) {
    const ColumnType type = column_type(kind);
    for (const Format format : {Format::kText, Format::kBinary}) {
      const Answer raw = select(session, kind, "\"tracegate\".c", format);
      ASSERT_EQ(raw.error, "") << kind.type;
      for (const Spec& spec : specs_for(kind)) {
        const auto mask = make_mask(spec, type, test_key(), nullptr);
        if (!mask.ok() || mask->expression.empty() || mask->on_rows == nullptr) continue;
        const Answer stored = select(session, kind, masked_column(*mask), format);
        ASSERT_EQ(stored.error, "") << name_of(spec, kind);
        ASSERT_EQ(stored.values.size(), raw.values.size());
        for (std::size_t i = 0; i < raw.values.size(); ++i, ++pairs) {
          const StoredValue on_row = apply(*mask->on_rows, raw.values[i], format);
          ASSERT_TRUE(on_row == stored.values[i])
              << name_of(spec, kind) << ", format " << static_cast<int>(format)
              << "\nvalue: " << shown(raw.values[i]) << "\nrow: " << shown(on_row)
              << "\nstore: " << shown(stored.values[i]);
        }
      }
    }
  }
  EXPECT_GT(pairs, 50'000u);
}

TEST_F(MasksInPostgres, ExpressionsKeepTheTypeAndNeverFail) {
  StoreSession session(*cluster_, kDatabase, test_key());
  for (const Kind& kind : kinds()) {
    const ColumnType type = column_type(kind);
    EXPECT_EQ(select(session, kind, "\"tracegate\".c", Format::kText).type, type.wire_type);
    for (const Spec& spec : specs_for(kind)) {
      const auto mask = make_mask(spec, type, test_key(), nullptr);
      if (!mask.ok() || mask->expression.empty()) continue;
      const Answer stored = select(session, kind, masked_column(*mask), Format::kText);
      EXPECT_EQ(stored.error, "") << name_of(spec, kind);
      EXPECT_EQ(stored.type, type.wire_type) << name_of(spec, kind);
      EXPECT_EQ(stored.modifier, -1) << name_of(spec, kind);
    }
  }
}

// The planner computes what it can beforehand; that must not fail either, nor give something else.
TEST_F(MasksInPostgres, ExpressionsOverConstantsAreTheSame) {
  StoreSession session(*cluster_, kDatabase, test_key());
  for (const Kind& kind : kinds()) {
    const ColumnType type = column_type(kind);
    const auto values = kind.is_array ? arrays_of(kind.values) : values_of(kind.values);
    for (const Spec& spec : specs_for(kind)) {
      const auto mask = make_mask(spec, type, test_key(), nullptr);
      if (spec.method == Method::kRedact || !mask.ok() || mask->expression.empty()) continue;
      const Answer stored = select(session, kind, masked_column(*mask), Format::kText);
      const std::size_t nulls = stored.values.size() - values.size();
      const std::string over_constant = at_column_marks(
          mask->expression, "CAST($1 AS " + kind.type.substr(0, kind.type.find(" COLLATE")) + ")");
      for (std::size_t i = 0; i < values.size(); i += 17) {
        const Answer constant = session.ask("SELECT " + over_constant, Format::kText, {values[i]});
        ASSERT_EQ(constant.error, "") << name_of(spec, kind);
        EXPECT_EQ(constant.values[0], stored.values[i + nulls]) << name_of(spec, kind);
      }
    }
  }
}

// A schema before pg_catalog in which everything has another meaning, and settings that change how
// values are read and written.
TEST_F(MasksInPostgres, NoSettingChangesExpressions) {
  StoreSession plain(*cluster_, kDatabase, test_key());
  StoreSession odd(*cluster_, kDatabase, test_key());
  odd.run("CREATE SCHEMA evil");
  for (const char* type : {"text", "varchar", "jsonb", "json", "int4", "int8", "uuid", "bytea",
                           "date", "timestamp", "timestamptz", "bool", "numeric", "name", "bit"})
    odd.run("CREATE TYPE evil." + std::string(type) + " AS (never int)");
  for (const char* arguments :
       {"text, text", "bytea, bytea", "int4, int4", "int8, int8", "int8, int4", "numeric, numeric",
        "date, int4", "date, date", "timestamp, timestamp", "timestamptz, timestamptz",
        "jsonb, text[]"}) {
    const std::string list = arguments;
    const std::size_t comma = list.find(',');
    odd.run("CREATE FUNCTION evil.f(" + list +
            ") RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RAISE ''evil''; END'");
    for (const char* symbol : {"=", "<", ">", "<=", ">=", "||", "-", "%", "#>>"})
      odd.run("CREATE OPERATOR evil." + std::string(symbol) + " (FUNCTION = evil.f, LEFTARG = " +
              list.substr(0, comma) + ", RIGHTARG = " + list.substr(comma + 1) + ")");
  }
  odd.run("SET search_path = evil, pg_catalog");
  odd.run("SET DateStyle = 'SQL, DMY'");
  odd.run("SET TimeZone = 'Asia/Kathmandu'");
  odd.run("SET IntervalStyle = 'iso_8601'");
  odd.run("SET timezone_abbreviations = 'India'");
  odd.run("SET bytea_output = 'escape'");
  odd.run("SET lc_numeric = 'C'");
  odd.run("SET extra_float_digits = 0");
  odd.run("SET xmloption = 'document'");
  for (Kind kind : kinds()) {
    const ColumnType type = column_type(kind);
    kind.table.insert(0, "public.");
    for (const Spec& spec : specs_for(kind)) {
      const auto mask = make_mask(spec, type, test_key(), nullptr);
      if (!mask.ok() || mask->expression.empty()) continue;
      const Answer expected = select(plain, kind, masked_column(*mask), Format::kBinary);
      const Answer stored = select(odd, kind, masked_column(*mask), Format::kBinary);
      ASSERT_EQ(stored.error, "") << name_of(spec, kind);
      EXPECT_EQ(stored.type, type.wire_type) << name_of(spec, kind);
      EXPECT_TRUE(stored.values == expected.values) << name_of(spec, kind);
    }
  }
  odd.run("DROP SCHEMA evil CASCADE");
}

TEST_F(MasksInPostgres, ByteaInEscapesIsReadToo) {
  StoreSession session(*cluster_, kDatabase, test_key());
  const Kind kind = {"as_bytea", "bytea", Values::kBytea, false, {}};
  const auto mask = make_mask(hash(), column_type(kind), test_key(), nullptr);
  const Answer stored = select(session, kind, masked_column(*mask), Format::kText);
  session.run("SET bytea_output = 'escape'");
  const Answer raw = select(session, kind, "\"tracegate\".c", Format::kText);
  ASSERT_EQ(raw.values.size(), stored.values.size());
  for (std::size_t i = 0; i < raw.values.size(); ++i)
    EXPECT_EQ(apply(*mask->on_rows, raw.values[i], Format::kText), stored.values[i]);
}

// Every text that json may hold comes out as JSON of the same shape, so that drivers read it.
TEST_F(MasksInPostgres, MaskedJsonStaysJson) {
  StoreSession session(*cluster_, kDatabase, test_key());
  for (const Kind& kind : kinds()) {
    if (kind.values != Values::kJson) continue;
    const Answer raw = select(session, kind, "\"tracegate\".c", Format::kText);
    for (const Spec& spec : specs_for(kind)) {
      const auto mask = make_mask(spec, column_type(kind), test_key(), nullptr);
      if (spec.method != Method::kJson) continue;
      ASSERT_TRUE(mask.ok());
      for (const StoredValue& value : raw.values) {
        const StoredValue edited = apply(*mask->on_rows, value, Format::kText);
        ASSERT_EQ(edited.has_value(), value.has_value()) << shown(value);
        if (!edited) continue;
        const Answer read = session.ask("SELECT $1::json", Format::kText, {*edited});
        EXPECT_EQ(read.error, "") << *edited;
      }
    }
  }
}

TEST_F(MasksInPostgres, NoJsonIsTooDeep) {
  StoreSession session(*cluster_, kDatabase, nullptr);
  const std::string depth = std::to_string(JsonScanner::kMaxDepth);
  for (const char* type : {"json", "jsonb"}) {
    const Answer answer = session.ask("SELECT CAST(repeat('[', " + depth + ") || repeat(']', " +
                                      depth + ") AS " + type + ")");
    EXPECT_NE(answer.error.find("stack depth limit exceeded"), std::string::npos) << type;
  }
}

struct Cut {
  const char* type;
  Spec spec;
  const char* value;
  const char* expected;
};

TEST_F(MasksInPostgres, TimesAndNumbersAreCut) {
  StoreSession session(*cluster_, kDatabase, nullptr);
  session.run("SET TimeZone = 'Asia/Kathmandu'");
  const auto check = [&](const Cut& cut, const char* oid_name) {
    catalog::Column column;
    column.type_oid = static_cast<catalog::Oid>(
        std::stoul(*session.ask("SELECT '" + std::string(oid_name) + "'::regtype::oid").values[0]));
    column.type_name = cut.type;
    const auto mask = make_mask(cut.spec, type_of(column, **catalog_), nullptr, nullptr);
    ASSERT_TRUE(mask.ok()) << mask.error().message;
    const auto constant = [&](const char* value) { return sql_constant(value, cut.type); };
    const Answer answer =
        session.ask("SELECT " + at_column_marks(mask->expression, constant(cut.value)) +
                    "::text, " + constant(cut.expected) + "::text");
    const Answer expected = session.ask("SELECT " + constant(cut.expected) + "::text");
    ASSERT_EQ(answer.error, "") << cut.type << ' ' << cut.value;
    EXPECT_EQ(answer.values[0], expected.values[0]) << cut.type << ' ' << cut.value;
  };
  const Spec hour = truncate(TimeUnit::kHour);
  const Spec day = truncate(TimeUnit::kDay);
  const Spec month = truncate(TimeUnit::kMonth);
  const Spec year = truncate(TimeUnit::kYear);
  for (const Cut& cut : std::vector<Cut>{
           {"date", month, "2026-03-17", "2026-03-01"},
           {"date", year, "2026-03-17", "2026-01-01"},
           {"date", year, "2024-12-31", "2024-01-01"},
           {"date", month, "4714-11-30 BC", "4714-11-24 BC"},
           {"date", month, "4714-12-02 BC", "4714-12-01 BC"},
           {"date", year, "4714-12-31 BC", "4714-11-24 BC"},
           {"date", year, "4713-12-31 BC", "4713-01-01 BC"},
           {"date", year, "5874897-12-31", "5874897-01-01"},
           {"date", year, "infinity", "infinity"},
           {"date", month, "-infinity", "-infinity"},
           {"timestamp", hour, "2026-03-17 12:34:56.7", "2026-03-17 12:00:00"},
           {"timestamp", day, "2026-03-17 12:34:56.7", "2026-03-17 00:00:00"},
           {"timestamp", month, "2026-03-17 12:34:56.7", "2026-03-01 00:00:00"},
           {"timestamp", year, "2026-03-17 12:34:56.7", "2026-01-01 00:00:00"},
           {"timestamp", year, "4714-11-24 00:00:01 BC", "4714-11-24 00:00:00 BC"},
           {"timestamp", month, "-infinity", "-infinity"},
           {"timestamptz", hour, "2026-03-17 12:34:56+00", "2026-03-17 12:00:00+00"},
           {"timestamptz", day, "2026-03-17 22:34:56+00", "2026-03-17 00:00:00+00"},
           {"timestamptz", month, "2026-03-31 22:34:56+00", "2026-03-01 00:00:00+00"},
           {"timestamptz", year, "2026-12-31 22:34:56+00", "2026-01-01 00:00:00+00"},
           {"timestamptz", month, "4714-11-24 00:00:01+00 BC", "4714-11-24 00:00:00+00 BC"},
           {"timestamptz", year, "infinity", "infinity"},
           {"numeric", buckets(10), "19.99", "10"},
           {"numeric", buckets(10), "20.00", "20"},
           {"numeric", buckets(10), "-0.01", "-10"},
           {"numeric", buckets(10), "-10", "-10"},
           {"numeric", buckets(3), "29999999999999999999999999.99999999999999999999",
            "29999999999999999999999997"},
           {"numeric", buckets(10), "NaN", "NaN"},
           {"numeric", buckets(10), "-Infinity", "-Infinity"},
           {"numeric", buckets(10), "-2e131071", "-1e131071"},
       })
    check(cut, cut.type);
}

TEST_F(MasksInPostgres, HashesOfNumericDependOnItsValueOnly) {
  StoreSession session(*cluster_, kDatabase, test_key());
  const Kind kind = {"as_numeric", "numeric", Values::kNumeric, false, {}};
  const auto mask = make_mask(hash(), column_type(kind), test_key(), nullptr);
  const auto hashed = [&](const std::string& value) {
    return *session
                .ask("SELECT " +
                     at_column_marks(mask->expression, "CAST(" + value + " AS numeric)"))
                .values[0];
  };
  EXPECT_EQ(hashed("1"), hashed("1.000"));
  EXPECT_EQ(hashed("0"), hashed("-0.0"));
  EXPECT_EQ(hashed("100"), hashed("1e2"));
  EXPECT_NE(hashed("1"), hashed("10"));
  EXPECT_NE(hashed("1"), hashed("-1"));
  const std::string digits = hashed("1");
  EXPECT_LE(digits.size(), 18u);
  EXPECT_EQ(digits.find_first_not_of("0123456789"), std::string::npos);
}

// The list of PostgreSQL's own types is the store's.
TEST_F(MasksInPostgres, BuiltinTypesAreThoseOfPostgresql) {
  StoreSession session(*cluster_, kDatabase, nullptr);
  const Answer oids = session.ask(
      "SELECT oid FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace "
      "AND typtype IN ('b', 'r', 'm') AND oid < 10000 ORDER BY oid");
  const Answer names = session.ask(
      "SELECT CASE WHEN e.oid IS NULL THEN format('pg_catalog.%s', t.typname) ELSE "
      "format('pg_catalog.%s[]', e.typname) END FROM pg_type t LEFT JOIN pg_type e "
      "ON e.typarray = t.oid WHERE t.typnamespace = 'pg_catalog'::regnamespace "
      "AND t.typtype IN ('b', 'r', 'm') AND t.oid < 10000 ORDER BY t.oid");
  std::size_t known = 0;
  for (std::size_t i = 0; i < oids.values.size(); ++i) {
    catalog::Column column;
    column.type_oid = static_cast<catalog::Oid>(std::stoul(*oids.values[i]));
    const ColumnType type = type_of(column, **catalog_);
    if (type.sql_name.empty()) continue;
    EXPECT_EQ(type.sql_name, names.values[i]);
    ++known;
  }
  EXPECT_GT(known, 100u);
}

}  // namespace
}  // namespace tracegate::mask
