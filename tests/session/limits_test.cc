// What is bounded, and that nobody waits for anybody for ever.
#include <gtest/gtest.h>

#include "src/base/utf8.h"
#include "tests/session/harness.h"

namespace tracegate::session::testing {
namespace {

CONVERSATION(Pipeline, FullPipelineIsAnsweredWithoutTheClientsSync) {
  h.with_options({.max_pipeline = 4});
  h.with_model();
  std::string script;
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    script += say::parse("", "SELECT 0") + say::bind("", "") + say::execute("");
    expected += "ParseComplete BindComplete Complete(SELECT 0) ";
  }
  h.say(script + say::sync());
  EXPECT_EQ(h.to_client(), expected + "Ready(I)");
}

CONVERSATION(Pipeline, FullPipelineIsAnsweredAlsoWhenTheClientSendsNothingMore) {
  h.with_options({.max_pipeline = 4});
  h.with_model();
  for (int i = 0; i < 3; ++i) h.say(say::parse("", "SELECT 0"));
  EXPECT_EQ(h.to_client(), "");
  h.say(say::parse("", "SELECT 0"));
  EXPECT_EQ(h.to_client(), "ParseComplete ParseComplete ParseComplete ParseComplete");
  EXPECT_FALSE(h.session().client_blocked());
}

TEST(Pipeline, AtMostSoManyAnswersAreUnderWay) {
  SessionHarness h;
  h.with_options({.max_pipeline = 3});
  h.say(say::query("SELECT 1") + say::query("SELECT 2") + say::query("SELECT 3") +
        say::query("SELECT 4"));
  EXPECT_EQ(h.to_store(), "Query(SELECT 1) Query(SELECT 2) Query(SELECT 3)")
      << "each flushes by itself";
  EXPECT_TRUE(h.session().client_blocked());
  h.answer(answer::complete("SELECT 1") + answer::ready('I'));
  EXPECT_EQ(h.to_store(), "Query(SELECT 4)");
}

TEST(Pipeline, TextUnderWayIsBoundedToo) {
  SessionHarness h;
  h.with_options({.max_pipeline_text = ByteCount{1000}});
  const std::string large =
      "NONSENSE" + std::string(600, 'x');  // kept twice: as judged and as recorded
  h.say(say::parse("", large) + say::parse("", large));
  EXPECT_EQ(h.to_store(), "Parse(NONSENSE..(608)) Flush");
  EXPECT_TRUE(h.session().client_blocked());
  h.answer(answer::parse_complete());
  EXPECT_EQ(h.to_store(), "Parse(NONSENSE..(608)) Flush");
}

CONVERSATION(Pipeline, TextThatStillFillsItWhenTheSyncBeforeItIsAnsweredIsAnsweredToo) {
  h.with_options({.max_pipeline_text = ByteCount{1000}});
  h.with_model();
  h.say(say::sync() + say::parse("", "SET x " + std::string(600, 'v')));
  EXPECT_EQ(h.to_client(), "Ready(I) ParseComplete");
  EXPECT_FALSE(h.session().client_blocked());
}

TEST(Pipeline, NoFlushIsInsertedIntoALargeBind) {
  SessionHarness h;
  h.with_options({.limits = {.hold_bind = 50}, .max_pipeline = 2});
  h.say(say::parse("", "SELECT 1"));
  const std::string bind = say::bind("", "", {std::string(200, 'v')});
  h.say(bind.substr(0, 60));
  EXPECT_EQ(h.unread_of_client(), 0U);
  h.say(bind.substr(60));
  EXPECT_EQ(h.to_store(), "Parse(SELECT 1) Bind(-> : vvvvvvvv..(200)) Flush");
}

CONVERSATION(Limits, TooManyPreparedStatementsAreRefused) {
  h.with_options({.max_names = 2});
  h.with_model();
  h.say(say::parse("a", "SELECT 1") + say::sync() + say::query("PREPARE b AS SELECT 1"));
  h.forget();
  h.say(say::parse("c", "SELECT 1") + say::sync() + say::query("PREPARE c AS SELECT 1"));
  EXPECT_EQ(h.to_client(),
            "Error(53400: too many prepared statements or portals in this session) Ready(I) "
            "Error(53400: too many prepared statements or portals in this session) Ready(I)");
  h.say(say::parse("", "SELECT 1") + say::close_statement("a") + say::sync());
  h.say(say::parse("c", "SELECT 1") + say::sync());
  EXPECT_EQ(h.to_client(), "ParseComplete CloseComplete Ready(I) ParseComplete Ready(I)");
}

CONVERSATION(Limits, TooManyNamesInOneTextAreRefused) {
  h.with_options({.max_names = 2});
  h.with_model();
  h.say(say::query("PREPARE a AS SELECT 1; PREPARE b AS SELECT 1; PREPARE c AS SELECT 1"));
  EXPECT_EQ(h.to_client(),
            "Error(53400: too many prepared statements or portals in this session) Ready(I)");
}

CONVERSATION(Limits, TooManyPortalsAreRefused) {
  h.with_options({.max_names = 2});
  h.with_model();
  h.say(say::query("BEGIN; DECLARE a FOR SELECT 1") + say::parse("", "SELECT 1") +
        say::bind("b", "") + say::sync());
  h.forget();
  h.say(say::bind("", "") + say::bind("c", "") + say::sync());
  EXPECT_EQ(h.to_client(),
            "BindComplete Error(53400: too many prepared statements or portals in this session) "
            "Ready(E)");
  h.say(say::query("ROLLBACK; BEGIN") + say::query("DECLARE d FOR SELECT 1"));
  EXPECT_EQ(h.to_client(),
            "Complete(ROLLBACK) Complete(BEGIN) Ready(T) "
            "Error(53400: too many prepared statements or portals in this session) Ready(E)")
      << "a ROLLBACK may be one to a savepoint: what it ended is known when the session is idle";
}

TEST(Limits, NamesThatAreUnderWayCount) {
  const std::string refused =
      "Error(53400: too many prepared statements or portals in this session) ";
  SessionHarness h;
  h.with_options({.max_names = 2});
  h.with_model();
  std::string script;
  for (const char* name : {"a", "b", "c", "d"}) script += say::parse(name, "SELECT 1");
  h.say(script + say::sync());
  EXPECT_EQ(h.to_client(), "ParseComplete ParseComplete " + refused + "Ready(I)");
  h.forget();
  h.say(say::close_statement("a") + say::close_statement("b") + say::sync());
  h.say(say::query("PREPARE a AS SELECT 1") + say::query("PREPARE b AS SELECT 1") +
        say::query("PREPARE c AS SELECT 1"));
  EXPECT_EQ(h.to_client(),
            "CloseComplete CloseComplete Ready(I) Complete(PREPARE) Ready(I) Complete(PREPARE) "
            "Ready(I) " +
                refused + "Ready(I)");
  h.forget();
  h.say(say::parse("", "SELECT 1") + say::bind("p", "") + say::bind("q", "") + say::bind("r", "") +
        say::sync());
  EXPECT_EQ(h.to_client(), "ParseComplete BindComplete BindComplete " + refused + "Ready(I)");
}

CONVERSATION(Limits, TextHeldByNamesIsBounded) {
  h.with_options({.max_names_text = ByteCount{100}});
  h.with_model();
  h.say(say::parse("a", "SELECT 1 OF 1000000000000000000 BYTES") + say::sync());
  h.say(say::parse("b", "SELECT 1 OF 1000000000000000000 BYTES") + say::sync());
  EXPECT_EQ(h.to_client(),
            "ParseComplete Ready(I) Error(53400: too many prepared statements or portals in this "
            "session) Ready(I)");
  h.say(say::close_statement("a") + say::sync());
  h.say(say::parse("b", "SELECT 1 OF 1000000000000000000 BYTES") + say::sync());
  EXPECT_EQ(h.to_client(), "CloseComplete Ready(I) ParseComplete Ready(I)");
}

TEST(Limits, MoreStatementsThanARecordCanNumberAreRefused) {
  SessionHarness h;
  h.with_model();
  std::string text;
  for (int i = 0; i < 65'536; ++i) text += "BEGIN; ";
  h.say(say::query(text));
  EXPECT_EQ(h.to_client(), "Error(54000: too many statements in one message) Ready(I)");
  EXPECT_EQ(h.all_intents().size(), 1U);
}

TEST(Limits, ManyStatementsThatUseNamesAreCheckedInOnePass) {
  SessionHarness h;
  h.with_model();
  std::string text = "PREPARE s AS SELECT 0";
  for (int i = 0; i < 20'000; ++i) text += "; DEALLOCATE x; EXECUTE s";
  h.say(say::query(text));
  EXPECT_EQ(h.outcomes().substr(0, 44), "1 completed PREPARE\n2 failed 26000\n3 skipped");
}

TEST(Streaming, LargeRowsPassAsTheyCome) {
  SessionHarness h;
  h.say(say::query("SELECT 1"));
  const std::string row = answer::row(std::string(3 << 20, 'x'));
  h.answer(answer::columns() + row.substr(0, 100));
  EXPECT_EQ(h.unread_of_store(), 0U);
  for (std::size_t at = 100; at < row.size(); at += 100'000) h.answer(row.substr(at, 100'000));
  h.answer(answer::row("2") + answer::complete("SELECT 2") + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "RowDescription Row(xxxxxxxx..(3145728)) Row(2) Complete(SELECT 2) Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 completed SELECT 2 rows=2");
  EXPECT_EQ(h.all_outcomes()[0].outcome.bytes, answer::columns().size() + row.size() +
                                                   answer::row("2").size() +
                                                   answer::complete("SELECT 2").size());
}

TEST(Streaming, NoMessageOfOursStandsInTheMiddleOfARow) {
  SessionHarness h;
  h.say(say::query("SELECT 1"));
  const std::string row = answer::row(std::string(1000, 'x'));
  h.answer(row.substr(0, 100));
  h.send_fatal("57P01", "shutting down");
  h.answer(row.substr(100));
  EXPECT_EQ(h.to_client(), "Row(xxxxxxxx..(1000))");
  h.send_fatal("57P01", "shutting down");
  h.answer(answer::notice("still here"));
  EXPECT_EQ(h.to_client(), "Fatal(57P01: shutting down) Notice(00000: still here)");
}

TEST(Streaming, LargeBindIsCutAnywhere) {
  const std::string bind = say::bind("portal", "s", {std::string(300, 'v')});
  for (std::size_t cut = 0; cut <= bind.size(); ++cut) {
    SessionHarness h;
    h.with_options({.limits = {.hold_bind = 100}});
    h.with_model();
    h.say(say::parse("s", "SELECT 1"));
    h.say(bind.substr(0, cut));
    h.say(bind.substr(cut) + say::execute("portal") + say::sync());
    EXPECT_EQ(h.to_client(),
              "ParseComplete BindComplete Row(SELECT 1 #1) Complete(SELECT 1) Ready(I)")
        << cut;
    EXPECT_EQ(h.to_store(),
              "Parse(s: SELECT 1) Bind(portal-> s: vvvvvvvv..(300)) Execute(portal) Sync")
        << cut;
  }
}

TEST(Streaming, LargeRefusedBindIsDroppedAsItComes) {
  const std::string bind = say::bind("", "nowhere", {std::string(300, 'v')});
  for (std::size_t cut = 0; cut <= bind.size(); ++cut) {
    SessionHarness h;
    h.with_options({.limits = {.hold_bind = 100}});
    h.with_model();
    h.say(bind.substr(0, cut));
    EXPECT_TRUE(h.session().between_client_messages()) << "for the store";
    h.say(bind.substr(cut) + say::sync() + say::query("SELECT 0"));
    EXPECT_EQ(h.to_store(), "Parse(aside: <refused>) Sync Query(SELECT 0)") << cut;
    EXPECT_EQ(h.all_intents().size(), 2U) << cut;
  }
}

TEST(Streaming, ValuesOfALargeBindAreLeftToTheStoreHoweverItIsCut) {
  std::string bind = say::bind("", "s", {std::string(300, 'v')});
  bind[13] = '\x7f';  // in the length of the value
  for (const std::size_t cut : {std::size_t{0}, std::size_t{30}}) {
    SessionHarness h;
    h.with_options({.limits = {.hold_bind = 100}});
    h.with_model();
    h.say(say::parse("s", "SELECT 1") + bind.substr(0, cut));
    h.say(bind.substr(cut) + say::sync());
    EXPECT_EQ(h.to_client(), "ParseComplete Error(08P01: invalid message format) Ready(I)");
    EXPECT_EQ(h.closed(), "");
  }
}

TEST(Streaming, LargeFunctionResultPassesAsItComes) {
  const std::string result = answer::function_result(std::string(200'000, 'r'));
  for (const std::size_t cut : {std::size_t{5}, std::size_t{100}, result.size() - 1}) {
    SessionHarness h;
    h.judge.set_unrestricted(true);
    h.say(say::function_call());
    h.answer(result.substr(0, cut));
    EXPECT_EQ(h.unread_of_store(), 0U);
    h.answer(result.substr(cut) + answer::ready('I'));
    EXPECT_EQ(h.to_client(), "FunctionCallResponse Ready(I)");
    EXPECT_EQ(h.outcomes(), "1 completed");
  }
}

// ---- Errors that quote a huge value.

CONVERSATION(LongReports, OfAnErrorTheFrontIsPassedOnAndTheSessionLives) {
  h.with_options({.limits = {.hold_report = 100'000}});
  h.say(say::query("SELECT 1") + say::query("SELECT 2"));
  const std::string quoted = "invalid: " + std::string(300'000, 'x');
  h.answer(answer::error("22P02", quoted) + answer::ready('I'));
  const std::string seen = h.to_client();
  EXPECT_TRUE(seen.starts_with("Error(22P02: invalid: xxx")) << seen.substr(0, 100);
  EXPECT_TRUE(seen.ends_with("xxx ...) Ready(I)"));
  EXPECT_LT(seen.size(), 10'000U);
  EXPECT_EQ(h.outcomes(), "1 failed 22P02");
  h.answer(answer::complete("SELECT 0") + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Complete(SELECT 0) Ready(I)");
}

TEST(LongReports, NoCharacterIsCut) {
  for (std::size_t before = 0; before < 4; ++before) {
    SessionHarness h;
    h.with_options({.limits = {.hold_report = 10'000}});
    h.say(say::query("SELECT 1"));
    std::string quoted(before, 'x');
    for (int i = 0; i < 20'000; ++i) quoted += "\xe2\x82\xac";
    h.answer(answer::error("22P02", quoted) + answer::ready('I'));
    EXPECT_TRUE(is_valid_utf8(h.client_bytes().substr(5)));
  }
}

CONVERSATION(LongReports, ANoticeIsPassedOnAsItComes) {
  h.with_options({.limits = {.hold_report = 1'000}});
  const std::string notice = answer::notice(std::string(50'000, 'n'));
  h.say(say::query("SELECT 1"));
  h.answer(notice + answer::complete("SELECT 0") + answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), notice + answer::complete("SELECT 0") + answer::ready('I'));
}

CONVERSATION(LongReports, ADenialReplacesALongErrorAsAnyOther) {
  h.with_options({.limits = {.hold_report = 10'000}});
  h.judge.deny("SELECT 9");
  h.say(say::query("SELECT 9"));
  h.answer(answer::error("42P01", std::string(50'000, 'x')) + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Error(42501: permission denied for SELECT 9) Ready(I)");
}

}  // namespace
}  // namespace tracegate::session::testing
