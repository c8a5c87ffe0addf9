#include "src/config/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tracegate::config {
namespace {

using std::chrono_literals::operator""s;
using ::testing::ElementsAre;

enum class Fruit : std::uint8_t { kApple, kPear };
constexpr Choice<Fruit> kFruits[] = {{"apple", Fruit::kApple}, {"pear", Fruit::kPear}};

// A text as the top-level table, and what reading it gave.
class Reading {
 public:
  explicit Reading(std::string_view text)
      : value_(parse_document(text, "f.toml", out_)), table(value_, "", out_) {}

  [[nodiscard]] std::vector<std::string> finish() {
    table.finish();
    return complaints();
  }
  [[nodiscard]] std::vector<std::string> complaints() const {
    std::vector<std::string> list;
    for (const Diagnostic& each : out_.list()) list.push_back(each.to_string());
    return list;
  }

 private:
  Diagnostics out_;
  Value value_;

 public:
  Table table;
};

TEST(Table, GivesWhatIsWritten) {
  Reading in(
      "t = \"x\"\nb = true\ni = 5\nd = \"10s\"\nz = \"1KiB\"\ne = \"h:1\"\nl = [\"a\", \"b\"]\nc = "
      "\"pear\"\n"
      "hosts = [\"h:1\", \"[::1]:2\"]\n");
  EXPECT_EQ(in.table.text("t"), "x");
  EXPECT_TRUE(in.table.boolean("b", false));
  EXPECT_EQ(in.table.integer("i", {1, 9}, 7), 5);
  EXPECT_EQ(in.table.duration("d", {0s, 60s}, 1s), 10s);
  EXPECT_EQ(in.table.size("z", {{0}, 1_MiB}, {1}), 1_KiB);
  EXPECT_EQ(in.table.required_endpoint("e"), (Endpoint{"h", 1}));
  EXPECT_EQ(in.table.texts("l").at(1).value, "b");
  EXPECT_EQ(in.table.texts("l").at(1).place.to_string(), "f.toml:7:11");
  EXPECT_EQ(in.table.choice<Fruit>("c", kFruits, Fruit::kApple), Fruit::kPear);
  EXPECT_EQ(in.table.endpoints("hosts").at(1).value, (Endpoint{"::1", 2}));
  EXPECT_THAT(in.finish(), ElementsAre());
}

TEST(Table, GivesTheFallbackForWhatIsMissing) {
  Reading in("");
  EXPECT_EQ(in.table.text("t", "y"), "y");
  EXPECT_TRUE(in.table.boolean("b", true));
  EXPECT_EQ(in.table.integer("i", {1, 9}, 7), 7);
  EXPECT_EQ(in.table.duration("d", {0s, 60s}, 1s), 1s);
  EXPECT_EQ(in.table.size("z", {{0}, 1_MiB}, {1}), ByteCount{1});
  EXPECT_TRUE(in.table.texts("l").empty());
  EXPECT_EQ(in.table.choice<Fruit>("c", kFruits, Fruit::kPear), Fruit::kPear);
  EXPECT_FALSE(in.table.table("sub"));
  EXPECT_TRUE(in.table.tables("list").empty());
  EXPECT_TRUE(in.table.named_tables("named").empty());
  EXPECT_THAT(in.finish(), ElementsAre());
}

TEST(Table, UnknownKeysAreErrorsWithTheNearestKnownOne) {
  Reading in("[limits]\nmax_sesions = 1\nport = 1\n[limit]\nx = 1\n");
  std::optional<Table> limits = in.table.table("limits");
  (void)limits->integer("max_sessions", {1, 9}, 7);
  limits->finish();
  EXPECT_THAT(
      in.finish(),
      ElementsAre("f.toml:2:1: error: unknown key \"max_sesions\" in [limits]; did you mean "
                  "\"max_sessions\"?",
                  "f.toml:3:1: error: unknown key \"port\" in [limits]; known: \"max_sessions\"",
                  "f.toml:4:2: error: unknown table \"limit\"; did you mean \"limits\"?"));
}

TEST(Table, WrongTypesAreErrorsWithWhatIsThere) {
  Reading in(
      "a = 1\nb = \"x\"\nc = \"10\"\nd = 10\ne = 1.5\nf = \"x\"\ng = [1]\nh = [1]\ni = "
      "2024-01-01\nj = {}\n");
  EXPECT_EQ(in.table.text("a", "y"), "y");
  EXPECT_TRUE(in.table.boolean("b", true));
  EXPECT_EQ(in.table.integer("c", {1, 9}, 7), 7);
  EXPECT_EQ(in.table.duration("d", {0s, 60s}, 1s), 1s);
  EXPECT_EQ(in.table.size("e", {{0}, 1_MiB}, {1}), ByteCount{1});
  (void)in.table.texts("f");
  (void)in.table.texts("g");
  (void)in.table.table("h");
  (void)in.table.tables("i");
  (void)in.table.tables("j");
  EXPECT_THAT(
      in.finish(),
      ElementsAre(
          "f.toml:1:5: error: \"a\" must be a string, not the integer 1",
          "f.toml:2:5: error: \"b\" must be a boolean, not the string \"x\"",
          "f.toml:3:5: error: \"c\" must be an integer, not the string \"10\"",
          "f.toml:4:5: error: \"d\" must be a string, not the integer 10",
          "f.toml:5:5: error: \"e\" must be a string, not the floating point number 1.5",
          "f.toml:6:5: error: \"f\" must be a list of strings, not the string \"x\"; write [\"x\"]",
          "f.toml:7:6: error: \"g\" must hold strings only, not the integer 1",
          "f.toml:8:5: error: \"h\" must be a table, not a list",
          "f.toml:9:5: error: \"i\" must be a list of tables ([[i]]), not a date or time",
          "f.toml:10:5: error: \"j\" must be a list of tables ([[j]]), not a table"));
}

TEST(Table, NumbersOutOfRangeAreErrors) {
  Reading in("[l]\na = 0\nb = \"2h\"\nc = \"1GiB\"\nd = \"10\"\ne = \"1KB\"\n");
  std::optional<Table> table = in.table.table("l");
  EXPECT_EQ(table->integer("a", {1, 9}, 7), 7);
  EXPECT_EQ(table->duration("b", {1s, 3600s}, 1s), 1s);
  EXPECT_EQ(table->size("c", {1_KiB, 1_MiB}, {1}), ByteCount{1});
  EXPECT_EQ(table->duration("d", {1s, 3600s}, 1s), 1s);
  EXPECT_EQ(table->size("e", {1_KiB, 1_MiB}, {1}), ByteCount{1});
  EXPECT_THAT(
      in.complaints(),
      ElementsAre(
          "f.toml:2:5: error: \"a\" in [l] is 0; it must be from 1 to 9",
          "f.toml:3:5: error: \"b\" in [l] is 2h; it must be from 1s to 1h",
          "f.toml:4:5: error: \"c\" in [l] is 1GiB; it must be from 1KiB to 1MiB",
          "f.toml:5:5: error: \"d\" in [l]: \"10\" is not a duration; write a whole number and its "
          "unit: \"500ms\", \"10s\", \"5min\", \"8h\", \"30d\"",
          "f.toml:6:5: error: \"e\" in [l]: \"1KB\" is not a size; write a whole number and its "
          "unit: \"512B\", \"64KiB\", \"16MiB\", \"1GiB\""));
}

TEST(Table, ListsHoldNeitherEmptyNorRepeatedStrings) {
  Reading in("l = [\"a\", \"\", \"a\"]\ne = []\nt = \"\"\n");
  EXPECT_EQ(in.table.texts("l").size(), 1U);
  in.table.refuse_empty_list("e");
  (void)in.table.text("t");
  EXPECT_THAT(in.finish(), ElementsAre("f.toml:1:11: error: \"l\" holds an empty string",
                                       "f.toml:1:15: error: \"l\" holds \"a\" twice",
                                       "f.toml:2:5: error: \"e\" is empty",
                                       "f.toml:3:5: error: \"t\" must not be empty"));
}

TEST(Table, AChoiceSaysWhatIsAllowed) {
  Reading in("c = \"plum\"\n");
  EXPECT_EQ(in.table.choice<Fruit>("c", kFruits, Fruit::kPear), Fruit::kPear);
  EXPECT_THAT(
      in.finish(),
      ElementsAre("f.toml:1:5: error: \"c\" is \"plum\"; it must be one of \"apple\", \"pear\""));
}

TEST(Table, EndpointsNeedHostAndPort) {
  Reading in("[l]\na = \"h\"\nb = [\"h:1\", \"h\"]\n");
  std::optional<Table> table = in.table.table("l");
  EXPECT_FALSE(table->required_endpoint("a"));
  EXPECT_EQ(table->endpoints("b").size(), 1U);
  constexpr std::string_view kForm = R"(write "host:port", "127.0.0.1:5432" or "[::1]:5432")";
  EXPECT_THAT(in.complaints(),
              ElementsAre("f.toml:2:5: error: \"a\" in [l]: \"h\" is not a host and a port; " +
                              std::string(kForm),
                          "f.toml:3:13: error: \"b\" in [l]: \"h\" is not a host and a port; " +
                              std::string(kForm)));
}

TEST(Table, RequiredKeysAreReportedAtTheirTable) {
  Reading in("\n[role.a]\nx = 1\n");
  Table role = in.table.named_tables("role").at(0).table;
  (void)role.required_text("store_user");
  EXPECT_THAT(in.complaints(),
              ElementsAre("f.toml:2:1: error: \"store_user\" is missing in [role.a]"));
}

TEST(Table, NamedTablesComeInOrderOfName) {
  Reading in("[r.b]\n[r.a]\n[r.\"c d\"]\nx = 1\n");
  std::vector<Table::Named> named = in.table.named_tables("r");
  ASSERT_EQ(named.size(), 3U);
  EXPECT_EQ(named[0].name, "a");
  EXPECT_EQ(named[1].name, "b");
  EXPECT_EQ(named[2].table.path(), "r.\"c d\"");
}

TEST(Table, ANamedTableMustBeATable) {
  Reading in("[r]\na = 1\n");
  EXPECT_TRUE(in.table.named_tables("r").empty());
  EXPECT_THAT(
      in.complaints(),
      ElementsAre("f.toml:2:1: error: \"a\" in [r] must be a table ([r.NAME]), not the integer 1"));
}

TEST(Table, EachTableOfAListIsReadOnItsOwn) {
  Reading in("[[l]]\nx = 1\n[[l]]\ny = 1\n");
  std::vector<Table> list = in.table.tables("l");
  ASSERT_EQ(list.size(), 2U);
  for (Table& each : list) {
    (void)each.integer("x", {1, 9}, 7);
    each.finish();
  }
  EXPECT_THAT(in.finish(),
              ElementsAre("f.toml:4:1: error: unknown key \"y\" in [l]; did you mean \"x\"?"));
}

}  // namespace
}  // namespace tracegate::config
