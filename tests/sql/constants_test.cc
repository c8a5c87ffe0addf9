// replace_constants(): no value of a text survives.
#include <gtest/gtest.h>

#include "src/sql/analysis.h"
#include "tests/sql/case_file.h"

namespace tracegate::sql {
namespace {

struct Example {
  const char* text;
  const char* shown;
};

TEST(ReplaceConstants, NumbersThemLikePgStatStatements) {
  for (const Example& example : std::initializer_list<Example>{
           {"SELECT 1", "SELECT $1"},
           {"SELECT -1, - 2.5, 1e10, .5", "SELECT -$1, - $2, $3, $4"},
           {"SELECT 'a', E'b\\'c', U&'\\0041', n'd', b'01', x'1F'",
            "SELECT $1, $2, $3, n$4, $5, $6"},
           {"SELECT $tag$it's$tag$, $$x$$", "SELECT $1, $2"},
           {"SELECT 'a'\n  'b'", "SELECT $1"},
           {"SELECT U&'!0041' UESCAPE '!'", "SELECT $1 UESCAPE $2"},
           {"SELECT $2, 'x', $1", "SELECT $2, $3, $1"},
           {"SELECT\n  id\nFROM  traces", "SELECT\n  id\nFROM  traces"},
           {"  SELECT 1 ; ", "SELECT $1 ;"},
           {"SELECT 1; SELECT 'b'", "SELECT $1; SELECT $2"},
           {"SELECT 'a'b", "SELECT $1 b"},
           {"SELECT \"a\" FROM \"T\"\"x\"", "SELECT \"a\" FROM \"T\"\"x\""},
           {"SELECT 1 LIMIT 5 OFFSET 3", "SELECT $1 LIMIT $2 OFFSET $3"},
           {"SELECT x::varchar(10), interval '1' day", "SELECT x::varchar($1), interval $2 day"},
           {"INSERT INTO t VALUES (NULL, true, FALSE, 'x')",
            "INSERT INTO t VALUES ($1, $2, $3, $4)"},
           {"SELECT a IS NULL, b IS NOT NULL, c IS TRUE, d IS NOT FALSE, NOT true",
            "SELECT a IS NULL, b IS NOT NULL, c IS TRUE, d IS NOT FALSE, NOT $1"},
           {"CREATE TABLE t (a int NOT NULL DEFAULT 5)",
            "CREATE TABLE t (a int NOT NULL DEFAULT $1)"},
           {"CREATE ROLE r PASSWORD 'hunter2' VALID UNTIL '2030-01-01'",
            "CREATE ROLE r PASSWORD $1 VALID UNTIL $2"},
           {"ALTER SYSTEM SET x.token = abc", "ALTER SYSTEM SET x.token = $1"},
           {"SET x.token TO abc, def", "SET x.token TO $1, $2"},
           {"SET x.token TO DEFAULT", "SET x.token TO DEFAULT"},
           {"SET TIME ZONE 'UTC'", "SET TIME ZONE $1"},
           {"NOTIFY c, 'payload'", "NOTIFY c, $1"},
           {"DO $$ BEGIN x; END $$", "DO $1"},
           {"COPY t FROM STDIN WITH (DELIMITER '|', NULL 'n')",
            "COPY t FROM STDIN WITH (DELIMITER $1, NULL $2)"},
           {"PREPARE p (int) AS SELECT $1, 'x'", "PREPARE p (int) AS SELECT $1, $2"},
           {"EXECUTE p ('x', 1)", "EXECUTE p ($1, $2)"},
           {"PREPARE TRANSACTION 'gid'", "PREPARE TRANSACTION $1"}})
    EXPECT_EQ(replace_constants(example.text), example.shown) << example.text;
}

TEST(ReplaceConstants, DropsComments) {
  for (const Example& example : std::initializer_list<Example>{
           {"SELECT /* 'secret' */ a", "SELECT a"},
           {"SELECT a -- secret\n, b", "SELECT a , b"},
           {"/* secret */ SELECT a/* /* secret */ */FROM t -- secret", "SELECT a FROM t"},
           {"-- secret", ""},
           {"SELECT a /* x */ ; /* y */ SELECT b", "SELECT a ; SELECT b"},
           {"SELECT 'a'/* secret */", "SELECT $1"}})
    EXPECT_EQ(replace_constants(example.text), example.shown) << example.text;
}

TEST(ReplaceConstants, ShowsNothingOfWhatDoesNotParse) {
  for (const char* text : {"SELEC 'secret'", "SELECT 'secret", "SELECT 1; 'secret'", "'secret'"})
    EXPECT_EQ(replace_constants(text), "") << text;
}

// Every literal of the case files is replaced by one that holds a canary, in each notation.
TEST(ReplaceConstants, NoCanarySurvivesInAnyStatement) {
  const char* const canaries[] = {"'canary77'",      "E'canary77\\n'", "U&'canary77\\0041'",
                                  "$c$canary77$c$",  "$$canary77$$",   "771234577",
                                  "7712.34577",      "b'canary77'",    "'x' /* canary77 */",
                                  "'x'\n'canary77'", "n'canary77'",    "'canary77' -- canary77\n"};
  std::size_t tried = 0;
  for (const std::string& file : case_files()) {
    for (const Case& item : load_cases(file)) {
      const std::string& text = item.statement;
      for (std::size_t at = 0; at < text.size(); ++at) {
        const bool quote = text[at] == '\'';
        const bool digit = text[at] >= '0' && text[at] <= '9';
        // Behind these it is part of an identifier, a parameter or a literal with a prefix.
        const bool inside_word =
            at > 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0 ||
                       std::string_view("_$.\\!&").find(text[at - 1]) != std::string_view::npos);
        if ((!quote && !digit) || inside_word) continue;
        std::size_t end = quote ? text.find('\'', at + 1) + 1 : at + 1;
        if (end == 0) break;
        while (digit && end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
        for (const char* canary : canaries) {
          std::string variant = text;
          variant.replace(at, end - at, canary);
          const std::string shown = replace_constants(variant);
          if (shown.empty()) continue;
          ++tried;
          EXPECT_EQ(shown.find("canary77"), std::string::npos) << variant << "\n" << shown;
          EXPECT_EQ(shown.find("77"), std::string::npos) << variant << "\n" << shown;
        }
        at = end - 1;
      }
    }
  }
  EXPECT_GE(tried, 2000U);
}

TEST(ReplaceConstants, WhatIsShownStaysShort) {
  std::string text = "INSERT INTO traces (id) VALUES ('" + std::string(100000, 'x') + "')";
  EXPECT_EQ(replace_constants(text), "INSERT INTO traces (id) VALUES ($1)");
}

}  // namespace
}  // namespace tracegate::sql
