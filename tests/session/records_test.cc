// One intent for each statement that runs, one outcome each at most, with the right numbers.
#include <gtest/gtest.h>

#include "tests/session/harness.h"

namespace tracegate::session::testing {
namespace {

CONVERSATION(Records, BytesAreThoseRelayedForTheStatement) {
  h.say(say::query("SELECT 2; SELECT 1"));
  const std::string first =
      answer::columns() + answer::row("one") + answer::row("two") + answer::complete("SELECT 2");
  const std::string second =
      answer::columns() + answer::row("three") + answer::complete("SELECT 1");
  h.answer(first + second + answer::ready('I'));
  ASSERT_EQ(h.all_outcomes().size(), 2U);
  EXPECT_EQ(h.all_outcomes()[0].outcome.bytes, first.size());
  EXPECT_EQ(h.all_outcomes()[0].outcome.rows, 2U);
  EXPECT_EQ(h.all_outcomes()[1].outcome.bytes, second.size());
  EXPECT_EQ(h.all_outcomes()[1].outcome.rows, 1U);
}

CONVERSATION(Records, BytesOfAFailedStatementIncludeTheError) {
  h.say(say::query("SELECT 2"));
  const std::string error = answer::error("22012", "division by zero");
  h.answer(answer::row("one") + error + answer::ready('I'));
  EXPECT_EQ(h.all_outcomes()[0].outcome.bytes, answer::row("one").size() + error.size());
}

CONVERSATION(Records, RowsAreThoseOfTheTagForAWriteWithoutThem) {
  h.say(say::query("INSERT 5"));
  h.answer(answer::complete("INSERT 0 5") + answer::ready('I'));
  EXPECT_EQ(h.outcomes(), "1 completed INSERT 0 5 rows=5");
}

TEST(Records, DurationRunsFromTheIntentToTheEnd) {
  SessionHarness h;
  h.say(say::query("SELECT 1; SELECT 1"));
  h.pass_time(Microseconds{30});
  h.answer(answer::columns() + answer::complete("SELECT 0"));
  h.pass_time(Microseconds{12});
  h.answer(answer::columns() + answer::complete("SELECT 0") + answer::ready('I'));
  EXPECT_EQ(h.all_outcomes()[0].outcome.duration, Microseconds{30});
  EXPECT_EQ(h.all_outcomes()[1].outcome.duration, Microseconds{12});
}

TEST(Records, WhatIsUnderWayWhenTheSessionEndsIsAborted) {
  SessionHarness h;
  h.say(say::query("SELECT 1; INSERT 1") + say::run("SELECT 2"));
  h.answer(answer::columns() + answer::row("1"));
  h.end();
  EXPECT_EQ(h.outcomes(), "1 aborted rows=1\n2 aborted\n3 aborted");
}

TEST(Records, DenialUnderWayWhenTheSessionEndsHasNoOutcome) {
  SessionHarness h;
  h.judge.deny("SELECT 9");
  h.say(say::query("SELECT 9"));
  h.end();
  EXPECT_EQ(h.outcomes(), "");
}

CONVERSATION(Records, FatalErrorInMidStatementIsItsOutcome) {
  h.say(say::query("SELECT 1; SELECT 2"));
  h.answer(answer::columns() + answer::row("1") + answer::fatal("57P01", "terminating connection"));
  EXPECT_EQ(h.to_client(), "RowDescription Row(1) Fatal(57P01: terminating connection)");
  EXPECT_EQ(h.outcomes(), "1 failed 57P01 rows=1");
  EXPECT_TRUE(h.session().store_said_fatal());
  h.end();
  EXPECT_EQ(h.outcomes(), "2 aborted");
}

CONVERSATION(Records, FatalErrorOfAnIdleStoreIsRelayed) {
  h.answer(answer::fatal("57P01", "terminating connection due to administrator command"));
  EXPECT_EQ(h.to_client(), "Fatal(57P01: terminating connection due to administrator command)");
  EXPECT_EQ(h.closed(), "") << "the store closes";
}

CONVERSATION(Records, NoticesSettingsAndNotificationsPassAtAnyTime) {
  h.answer(answer::notification("news"));
  EXPECT_EQ(h.to_client(), "Notification(news)");
  h.say(say::query("SELECT 1"));
  h.answer(answer::notice("careful") + answer::columns() +
           answer::parameter_status("TimeZone", "UTC") + answer::row("1") + answer::notice("more") +
           answer::complete("SELECT 1") + answer::notification("news") + answer::ready('I'));
  EXPECT_EQ(
      h.to_client(),
      "Notice(00000: careful) RowDescription Setting(TimeZone=UTC) Row(1) Notice(00000: more) "
      "Complete(SELECT 1) Notification(news) Ready(I)");
  h.answer(answer::parameter_status("DateStyle", "ISO"));
  EXPECT_EQ(h.to_client(), "Setting(DateStyle=ISO)");
  EXPECT_EQ(h.outcomes(), "1 completed SELECT 1 rows=1");
}

CONVERSATION(Records, NoticeBeforeARefusedStatementsErrorPasses) {
  h.judge.deny("SELECT 9");
  h.say(say::query("SELECT 9"));
  h.answer(answer::notice("careful") + answer::refusal() +
           answer::parameter_status("TimeZone", "UTC") + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "Notice(00000: careful) Error(42501: permission denied for SELECT 9) "
            "Setting(TimeZone=UTC) Ready(I)");
}

CONVERSATION(Records, TerminateIsForwardedAndAnswersUnderWayStillPass) {
  h.with_model();
  h.say(say::query("SELECT 1") + say::terminate() + say::query("SELECT 2"));
  EXPECT_TRUE(h.session().terminating());
  EXPECT_EQ(h.to_store(), "Query(SELECT 1) Terminate");
  EXPECT_EQ(h.to_client(), "RowDescription Row(SELECT 1 #1) Complete(SELECT 1) Ready(I)");
}

TEST(Records, TerminateBehindAGatedWriteWaitsForIt) {
  SessionHarness h;
  h.hold_records();
  h.say(say::query("INSERT 1") + say::terminate());
  EXPECT_EQ(h.gated(), "Query(INSERT 1) Terminate");
}

CONVERSATION(Records, TerminateWhileTheStoreSkipsIsForwarded) {
  h.with_model();
  h.say(say::parse("", "NONSENSE") + say::terminate());
  EXPECT_EQ(h.to_store(), "Parse(NONSENSE) Terminate");
}

}  // namespace
}  // namespace tracegate::session::testing
