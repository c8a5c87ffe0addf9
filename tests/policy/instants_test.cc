#include "src/policy/instants.h"

#include <gtest/gtest.h>

namespace tracegate::policy {
namespace {

using namespace std::chrono_literals;

std::string read(std::string_view text) {
  const Result<Microseconds> instant = parse_instant(text);
  return instant ? to_sql_timestamp(*instant) : "refused";
}

TEST(Instants, AreReadInUtc) {
  EXPECT_EQ(*parse_instant("1970-01-01"), 0us);
  EXPECT_EQ(*parse_instant("1970-01-01T00:00:01.5Z"), 1500ms);
  EXPECT_EQ(read("2026-01-31"), "2026-01-31 00:00:00");
  EXPECT_EQ(read("2026-01-31T23:59"), "2026-01-31 23:59:00");
  EXPECT_EQ(read("2026-01-31 23:59:58"), "2026-01-31 23:59:58");
  EXPECT_EQ(read("2026-01-31T23:59:58.000001Z"), "2026-01-31 23:59:58.000001");
  EXPECT_EQ(read("2024-02-29"), "2024-02-29 00:00:00");
  EXPECT_EQ(read("1969-12-31T23:59:59.999999Z"), "1969-12-31 23:59:59.999999");
}

TEST(Instants, OffsetsCount) {
  EXPECT_EQ(read("2026-01-01T00:30+01:00"), "2025-12-31 23:30:00");
  EXPECT_EQ(read("2026-01-01T00:30:00-05:45"), "2026-01-01 06:15:00");
}

TEST(Instants, BothEndsOfTime) {
  EXPECT_EQ(read("0001-01-01"), "0001-01-01 00:00:00");
  EXPECT_EQ(read("9999-12-31T23:59:59.999999Z"), "9999-12-31 23:59:59.999999");
  EXPECT_EQ(read("0001-01-01T00:00+00:01"), "refused");
  EXPECT_EQ(read("9999-12-31T23:59-00:01"), "refused");
  EXPECT_EQ(read("0000-12-31"), "refused");
}

TEST(Instants, WhateverElseIsRefused) {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-01",
                                      "2026-1-1",
                                      "2026-02-29",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-01-32",
                                      "26-01-01",
                                      "2026-01-01T",
                                      "2026-01-01T12",
                                      "2026-01-01T24:00",
                                      "2026-01-01T12:60",
                                      "2026-01-01T12:00:60",
                                      "2026-01-01T12:00:00.",
                                      "2026-01-01T12:00:00.1234567",
                                      "2026-01-01T12:00+1",
                                      "2026-01-01T12:00+16:00",
                                      "2026-01-01Z",
                                      "2026-01-01 ",
                                      " 2026-01-01",
                                      "2026-01-01T12:00Zz",
                                      "now",
                                      "-infinity",
                                      "2026-01-01'",
                                      "20260101",
                                      "+2026-01-01"})
    EXPECT_EQ(read(text), "refused") << text;
}

TEST(Windows, HaveOneOrTwoEnds) {
  const Microseconds from = *parse_instant("2026-01-01");
  const Microseconds to = *parse_instant("2026-02-01");
  EXPECT_EQ(*parse_window("2026-01-01/2026-02-01"), (TimeWindow{from, to}));
  EXPECT_EQ(*parse_window("2026-01-01/"), (TimeWindow{from, {}}));
  EXPECT_EQ(*parse_window("/2026-02-01"), (TimeWindow{{}, to}));
}

TEST(Windows, WhateverElseIsRefused) {
  for (const std::string_view text :
       {"", "/", "2026-01-01", "x/2026-01-01", "2026-01-01/x", "2026-01-01/2026-01-01",
        "2026-02-01/2026-01-01", "2026-01-01/2026-02-01/2026-03-01"})
    EXPECT_FALSE(parse_window(text)) << text;
}

}  // namespace
}  // namespace tracegate::policy
