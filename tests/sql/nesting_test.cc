// Texts made to exhaust the stack, the parser or the time: each is answered, with the error that
// PostgreSQL would give, on the smallest stack that a worker has.
#include <gtest/gtest.h>
#include <pthread.h>

#include <chrono>

#include "tests/sql/describe.h"
#include "tests/sql/trace_catalog.h"

namespace tracegate::sql {
namespace {

std::string repeat(std::string_view part, int count) {
  std::string out;
  out.reserve(part.size() * static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) out += part;
  return out;
}

constexpr std::size_t kWorkerStack = 8 * 1024 * 1024;

// Runs `work` on a thread with a stack of `stack` bytes; a crash ends the test program.
void on_small_stack(std::size_t stack, std::function<void()> work) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, stack), 0);
  pthread_t thread;
  const auto start = [](void* argument) -> void* {
    (*static_cast<std::function<void()>*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, start, &work), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
}

struct Nesting {
  const char* name;
  std::string (*make)(int depth);
};

const Nesting kNestings[] = {
    {"parentheses", [](int n) { return "SELECT " + repeat("(", n) + "1" + repeat(")", n); }},
    {"minus", [](int n) { return "SELECT " + repeat("- ", n) + "1"; }},
    {"not", [](int n) { return "SELECT " + repeat("NOT ", n) + "true"; }},
    {"prefix_operator", [](int n) { return "SELECT " + repeat("@ ", n) + "1"; }},
    {"sum", [](int n) { return "SELECT 1" + repeat("+1", n); }},
    {"power", [](int n) { return "SELECT 1" + repeat(" ^ (1", n) + repeat(")", n); }},
    {"casts", [](int n) { return "SELECT 1" + repeat("::int", n); }},
    {"collations", [](int n) { return "SELECT 'a'" + repeat(" COLLATE \"C\"", n); }},
    {"is_null", [](int n) { return "SELECT " + repeat("(", n) + "1" + repeat(" IS NULL)", n); }},
    {"time_zones", [](int n) { return "SELECT now()" + repeat(" AT TIME ZONE 'UTC'", n); }},
    {"and", [](int n) { return "SELECT true" + repeat(" AND true", n); }},
    {"and_or",
     [](int n) { return "SELECT " + repeat("(true AND (true OR ", n) + "true" + repeat("))", n); }},
    {"comparison", [](int n) { return "SELECT " + repeat("(1 = ", n) + "1" + repeat(")", n); }},
    {"scalar_sub_selects",
     [](int n) { return repeat("SELECT (", n) + "SELECT 1" + repeat(")", n); }},
    {"exists", [](int n) { return repeat("SELECT EXISTS (", n) + "SELECT 1" + repeat(")", n); }},
    {"from_sub_selects",
     [](int n) { return repeat("SELECT * FROM (", n) + "SELECT 1" + repeat(") x", n); }},
    {"lateral",
     [](int n) {
       return repeat("SELECT * FROM traces, LATERAL (", n) + "SELECT 1" + repeat(") x", n);
     }},
    {"select_parentheses", [](int n) { return repeat("(", n) + "SELECT 1" + repeat(")", n); }},
    {"union", [](int n) { return "SELECT 1" + repeat(" UNION ALL SELECT 1", n); }},
    {"union_right",
     [](int n) { return repeat("SELECT 1 UNION (", n) + "SELECT 1" + repeat(")", n); }},
    {"with", [](int n) { return repeat("WITH x AS (", n) + "SELECT 1" + repeat(") SELECT 1", n); }},
    {"with_list",
     [](int n) {
       std::string text = "WITH w AS (SELECT 1 AS a)";
       for (int i = 0; i < n; ++i) text += ", w" + std::to_string(i) + " AS (SELECT * FROM w)";
       return text + " SELECT 1";
     }},
    {"case",
     [](int n) { return "SELECT " + repeat("CASE WHEN true THEN ", n) + "1" + repeat(" END", n); }},
    {"case_operand",
     [](int n) { return "SELECT " + repeat("CASE ", n) + "1" + repeat(" WHEN 1 THEN 1 END", n); }},
    {"arrays", [](int n) { return "SELECT " + repeat("ARRAY[", n) + "1" + repeat("]", n); }},
    {"array_brackets",
     [](int n) { return "SELECT ARRAY" + repeat("[", n) + "1" + repeat("]", n); }},
    {"subscripts", [](int n) { return "SELECT a" + repeat("[1]", n); }},
    {"subscript_nest", [](int n) { return "SELECT " + repeat("a[", n) + "1" + repeat("]", n); }},
    {"fields", [](int n) { return "SELECT a" + repeat(".b", n); }},
    {"field_nest", [](int n) { return "SELECT " + repeat("(", n) + "a" + repeat(").b", n); }},
    {"calls", [](int n) { return "SELECT " + repeat("abs(", n) + "1" + repeat(")", n); }},
    {"rows", [](int n) { return "SELECT " + repeat("ROW(", n) + "1" + repeat(")", n); }},
    {"coalesce", [](int n) { return "SELECT " + repeat("coalesce(", n) + "1" + repeat(")", n); }},
    {"in_lists", [](int n) { return "SELECT " + repeat("1 IN (", n) + "1" + repeat(")", n); }},
    {"between", [](int n) { return "SELECT " + repeat("1 BETWEEN 1 AND ", n) + "1"; }},
    {"joins", [](int n) { return "SELECT 1 FROM traces" + repeat(" CROSS JOIN traces", n); }},
    {"join_nest",
     [](int n) {
       return "SELECT 1 FROM " + repeat("(traces CROSS JOIN ", n) + "traces" + repeat(")", n);
     }},
    {"grouping_sets",
     [](int n) {
       return "SELECT 1 GROUP BY " + repeat("GROUPING SETS (", n) + "1" + repeat(")", n);
     }},
    {"xml", [](int n) { return "SELECT " + repeat("xmlconcat(", n) + "'a'" + repeat(")", n); }},
    {"explain", [](int n) { return repeat("EXPLAIN ", n) + "SELECT 1"; }},
    {"comments", [](int n) { return "SELECT " + repeat("/*", n) + repeat("*/", n) + "1"; }},
    {"statements", [](int n) { return repeat("SELECT 1;", n); }},
    {"insert_rows", [](int n) { return "INSERT INTO traces VALUES (1)" + repeat(",(1)", n); }},
    {"columns", [](int n) { return "SELECT id" + repeat(",id", n) + " FROM traces"; }},
    {"set_columns",
     [](int n) { return "UPDATE traces SET (id" + repeat(",id", n) + ") = (SELECT 1)"; }},
};

class Nestings : public testing::TestWithParam<Nesting> {};

// Every answer is one of: judged, refused as PostgreSQL refuses it, or not parsed.
void expect_answer(const std::string& text) {
  const auto catalog = make_trace_catalog();
  const Analysis analysis = analyze(text, *catalog, public_path());
  if (analysis.syntax_error) {
    EXPECT_TRUE(analysis.syntax_error->message.starts_with("memory exhausted") ||
                analysis.syntax_error->message.starts_with("syntax error"))
        << analysis.syntax_error->message;
    return;
  }
  for (const Statement& statement : analysis.statements) {
    if (!statement.refusal) continue;
    EXPECT_EQ(statement.refusal->sqlstate, "54001") << statement.refusal->construct;
    EXPECT_TRUE(statement.writes);
  }
}

TEST_P(Nestings, AreAnsweredAtEveryDepthOnAWorkersStack) {
  for (const int depth : {1, 10, 100, 1000, 3000, 7900, 8100, 9900, 10100, 30000, 100000})
    on_small_stack(kWorkerStack, [&] { expect_answer(GetParam().make(depth)); });
}

TEST_P(Nestings, LeaveNoConstantBehindAtEveryDepth) {
  for (const int depth : {10, 8100, 100000})
    on_small_stack(kWorkerStack, [&] {
      const std::string shown = replace_constants(GetParam().make(depth) + "; SELECT 'canary'");
      EXPECT_EQ(shown.find("canary"), std::string::npos);
    });
}

INSTANTIATE_TEST_SUITE_P(Kinds, Nestings, testing::ValuesIn(kNestings),
                         [](const auto& kind) { return std::string(kind.param.name); });

TEST(Nesting, WhatPostgresExecutesIsJudged) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "frames are several times as large with AddressSanitizer";
#endif
  const auto catalog = make_trace_catalog();
  // The deepest that PostgreSQL 15 accepts with its default of max_stack_depth = 2MB.
  for (const std::string& text :
       {"SELECT 1" + repeat("+1", 4000), "SELECT " + repeat("NOT ", 7600) + "true",
        "SELECT 1" + repeat(" UNION ALL SELECT 1", 7200),
        repeat("SELECT (", 2100) + "SELECT 1" + repeat(")", 2100)}) {
    const Analysis analysis = analyze(text, *catalog, public_path());
    ASSERT_EQ(analysis.statements.size(), 1U);
    EXPECT_FALSE(analysis.statements[0].refusal) << text.substr(0, 40);
  }
}

TEST(Nesting, TooDeepIsRefusedAsPostgresDoes) {
  const auto catalog = make_trace_catalog();
  const Analysis analysis = analyze("SELECT 1" + repeat("+1", 100000), *catalog, public_path());
  EXPECT_EQ(describe(analysis), "select writes; refused 54001");
  EXPECT_EQ(analysis.statements[0].refusal->construct, "stack depth limit exceeded");
}

// PostgreSQL's lexer is quadratic in these.
TEST(Nesting, RunsOfOperatorCharactersEndSoon) {
  const auto catalog = make_trace_catalog();
  for (const std::string& text :
       {"SELECT " + std::string(1000000, '+') + "1",
        "SELECT " + repeat("/*", 500000) + repeat("*/", 500000),
        "SELECT " + repeat("/**/", 250000) + "1", "SELECT 1 " + std::string(1000000, '=') + "1",
        "SELECT 1 /*" + repeat("/*/*/**/*/*/", 100000) + "*/",
        "SELECT 1" + repeat("@-", 500000) + "1", "SELECT " + std::string(1000000, '-') + "\n1",
        "SELECT /*" + std::string(1000000, '*') + "*/ 1"}) {
    const auto start = std::chrono::steady_clock::now();
    const Analysis analysis = analyze(text, *catalog, public_path());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2))
        << text.substr(0, 20);
    EXPECT_TRUE(analysis.syntax_error || analysis.statements.size() == 1);
  }
}

TEST(Nesting, TextsThatTakeTooMuchMemoryAreRefused) {
  const auto catalog = make_trace_catalog();
  const Analysis analysis = analyze("SELECT 1" + repeat("+1", 1000000), *catalog, public_path());
  ASSERT_TRUE(analysis.syntax_error);
  EXPECT_EQ(analysis.syntax_error->message,
            "memory exhausted: the statement has too many tokens to be judged");
}

TEST(Nesting, LongLiteralsAndCommentsAreNoBurden) {
  const auto catalog = make_trace_catalog();
  for (const std::string& filler :
       {std::string(3000000, '+'), repeat("/*", 1000000), repeat("a b ", 1000000),
        std::string(3000000, '-'), repeat("''", 1000000)}) {
    for (const std::string& text : {"INSERT INTO traces (id) VALUES ('" + filler + "')",
                                    "INSERT INTO traces (id) VALUES (E'\\'" + filler + "')",
                                    "INSERT INTO traces (id) VALUES ($a$" + filler + "$a$)"}) {
      EXPECT_EQ(describe(analyze(text, *catalog, public_path())),
                "insert writes; insert public.traces(id)")
          << text.substr(0, 60);
      EXPECT_LT(replace_constants(text).size(), 60U);
    }
  }
  const std::string commented = "SELECT id /* " + repeat("a b '", 600000) + "*/ FROM traces";
  EXPECT_EQ(describe(analyze(commented, *catalog, public_path())),
            "select; select public.traces(id)");
}

// Names times relations must not become a denial of service.
TEST(Nesting, AQuadraticStatementEndsSoon) {
  const auto catalog = make_trace_catalog();
  std::string text = "SELECT c200";
  text += repeat(",c200", 20000) + " FROM wide w0";
  for (int i = 1; i < 3000; ++i) text += ", wide w" + std::to_string(i);
  const auto start = std::chrono::steady_clock::now();
  const Analysis analysis = analyze(text, *catalog, public_path());
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took, std::chrono::seconds(10));
  ASSERT_TRUE(analysis.statements.at(0).refusal);
  EXPECT_EQ(analysis.statements[0].refusal->sqlstate, "54001");
}

TEST(Nesting, DoublingSubSelectsEndSoon) {
  const auto catalog = make_trace_catalog();
  std::string text = "WITH w0 AS (SELECT * FROM wide)";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "w" + std::to_string(i - 1);
    text += ", w" + std::to_string(i) + " AS (SELECT * FROM " + before + " a, " + before + " b)";
  }
  const auto start = std::chrono::steady_clock::now();
  const Analysis analysis = analyze(text + " SELECT 1", *catalog, public_path());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_EQ(analysis.statements.size(), 1U);
}

}  // namespace
}  // namespace tracegate::sql
