#include "tests/mask/masks.h"

namespace tracegate::mask {
namespace {

TEST(RedactMask, NullServesEveryType) {
  for (const char* type : {"text", "jsonb", "point", "date[]", "app.pair", "app.mood[]",
                           "app.short[]", "app.traces", "numeric"}) {
    const ColumnMask mask = mask_of(redact(), type);
    EXPECT_EQ(masked(mask, "anything"), kNullValue) << type;
    EXPECT_EQ(masked_null(mask), kKeptValue) << type;
    EXPECT_EQ(mask.expression, "CAST(NULL AS " + type_named(type).sql_name + ")");
  }
}

TEST(RedactMask, AConstantHidesNullToo) {
  const ColumnMask mask = mask_of(redact("gone"), "text");
  EXPECT_EQ(masked(mask, "anything"), "gone");
  EXPECT_EQ(masked(mask, "anything", Format::kBinary), "gone");
  EXPECT_EQ(masked_null(mask), "gone");
  EXPECT_EQ(masked_null(mask, Format::kBinary), "gone");
}

struct Case {
  const char* type;
  const char* value;
  const char* text;    // as PostgreSQL writes it
  const char* binary;  // in digits
};

TEST(RedactMask, ConstantsBecomeWhatPostgresqlMakesOfThem) {
  for (const auto& [type, value, text, binary] : std::vector<Case>{
           {"smallint", "-07", "-7", "fff9"},
           {"integer", "42", "42", "0000002a"},
           {"bigint", "-1", "-1", "ffffffffffffffff"},
           {"boolean", "true", "t", "01"},
           {"boolean", "false", "f", "00"},
           {"uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11"},
           {"bytea", "\\xDEad", "\\xdead", "dead"},
           {"bytea", "\\x", "\\x", ""},
           {"app.mood", "so so", "so so", "736f20736f"},
           {"app.shorter", "x", "x", "78"},
           {"app.citext", "x", "x", "78"},
           {"json", "{ \"a\": [1e5] }", "{ \"a\": [1e5] }", "7b202261223a205b3165355d207d"},
           {"jsonb", " \"\\u0041\\/\" ", "\"A/\"", "0122412f22"},
           {"jsonb", "-1.50", "-1.50", "012d312e3530"},
           {"jsonb", "-0", "0", "0130"},
           {"jsonb", "null", "null", "016e756c6c"},
           {"jsonb", "{ }", "{}", "017b7d"},
           {"jsonb", "[]", "[]", "015b5d"},
           {"integer[]", "{}", "{}", "000000000000000000000017"},
           {"app.mood[]", "{}", "{}", "000000000000000000004e22"},
       }) {
    const ColumnMask mask = mask_of(redact(value), type);
    EXPECT_EQ(masked_null(mask), text);
    EXPECT_EQ(masked_null(mask, Format::kBinary), bytes(binary)) << type;
  }
}

TEST(RedactMask, SomeConstantsAreForTheStore) {
  for (const auto& [type, value, expression] : std::vector<std::array<const char*, 3>>{
           {"numeric", "-007.50", "CAST('-7.50' AS pg_catalog.numeric)"},
           {"numeric", "-0.00", "CAST('0.00' AS pg_catalog.numeric)"},
           {"date", "2026-02-28", "CAST('2026-02-28' AS pg_catalog.date)"},
           {"timestamp without time zone", "2026-02-28 23:59:59",
            "CAST('2026-02-28 23:59:59' AS pg_catalog.timestamp)"},
           {"timestamp with time zone", "2026-02-28 23:59:59Z",
            "CAST('2026-02-28 23:59:59+00' AS pg_catalog.timestamptz)"},
       }) {
    const ColumnMask mask = mask_of(redact(value), type);
    EXPECT_EQ(mask.on_rows, nullptr) << type;
    EXPECT_EQ(mask.expression, expression);
  }
}

TEST(RedactMask, ConstantsOfAnotherTypeAreRefused) {
  for (const auto& [type, value, error] : std::vector<std::array<std::string, 3>>{
           {"smallint", "32768", "a whole number between -32768 and 32767"},
           {"integer", "1.5", "a whole number between -2147483648 and 2147483647"},
           {"integer", "", "a whole number between -2147483648 and 2147483647"},
           {"numeric", "1e5", "a number without exponent, of at most 1000 digits"},
           {"numeric", "1.", "a number without exponent, of at most 1000 digits"},
           {"numeric(4,2)", "100", "a number of at most 2 digits before the point for this column"},
           {"boolean", "yes", "true or false"},
           {"uuid", "x", "a UUID of the form 01234567-89ab-cdef-0123-456789abcdef"},
           {"bytea", "abc", "\\x and pairs of hexadecimal digits"},
           {"bytea", "\\xa", "\\x and pairs of hexadecimal digits"},
           {"app.mood", "angry", "one of the labels of the enum"},
           {"json", "{", "JSON text of at most 64 levels"},
           {"jsonb", "{\"a\": 1}",
            "a string, a number without exponent, true, false, null, {} or [] in JSON"},
           {"jsonb", "\"\\u0000\"",
            "a string, a number without exponent, true, false, null, {} or [] in JSON"},
           {"jsonb", "01",
            "a string, a number without exponent, true, false, null, {} or [] in JSON"},
           {"jsonb", "1e5",
            "a string, a number without exponent, true, false, null, {} or [] in JSON"},
           {"character varying(3)", "four", "at most 3 characters for this column"},
           {"name", std::string(64, 'x'), "at most 63 bytes for a name"},
           {"text", std::string("a\0b", 3), "UTF-8 without zero bytes"},
           {"text", "\xff", "UTF-8 without zero bytes"},
           {"date", "2026-02-29", "a date of the form 2026-01-31"},
           {"date", "0000-01-01", "a date of the form 2026-01-31"},
           {"date", "infinity", "a date of the form 2026-01-31"},
           {"timestamp without time zone", "2026-01-31 23:59:59Z",
            "a time of the form 2026-01-31 23:59:59"},
           {"timestamp without time zone", "2026-01-31 24:00:00",
            "a time of the form 2026-01-31 23:59:59"},
           {"timestamp with time zone", "2026-01-31 23:59:59",
            "a time of the form 2026-01-31 23:59:59Z"},
           {"text[]", "{a}", "{} for an array"},
       })
    EXPECT_EQ(refusal_of(redact(value), type), "the value of redact must be " + error) << type;
  EXPECT_EQ(refusal_of(redact("(1,2)"), "point"),
            "redact has no other value than NULL for this type");
  EXPECT_EQ(refusal_of(redact("(1,2)"), "app.pair"),
            "redact has no other value than NULL for composite types");
}

TEST(RedactMask, LengthIsInCharacters) {
  EXPECT_EQ(refusal_of(redact("äöü"), "character varying(3)"), "");
}

}  // namespace
}  // namespace tracegate::mask
