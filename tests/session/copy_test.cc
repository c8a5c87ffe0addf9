#include <gtest/gtest.h>

#include "tests/session/harness.h"

namespace tracegate::session::testing {
namespace {

CONVERSATION(CopyIn, SimpleQueryCopiesInAndCountsBytes) {
  h.with_model();
  h.say(say::query("COPY FROM STDIN"));
  EXPECT_EQ(h.to_client(), "CopyInResponse");
  h.say(say::copy_data("one\n") + say::copy_data("three\n") + say::copy_done());
  EXPECT_EQ(h.to_client(), "Complete(COPY 2) Ready(I)");
  EXPECT_EQ(h.to_store(), "Query(COPY FROM STDIN) CopyData(one\n) CopyData(three\n) CopyDone");
  EXPECT_EQ(h.intents(), "1 allow write copy_in [COPY FROM STDIN]");
  EXPECT_EQ(h.outcomes(), "1 completed COPY 2 rows=2");
  EXPECT_EQ(h.all_outcomes()[0].outcome.bytes_in, 10U);
}

CONVERSATION(CopyIn, DataSentBeforeTheStoreAsksWaits) {
  h.with_model();
  h.say(say::query("COPY FROM STDIN") + say::copy_data("1\n") + say::copy_done() +
        say::query("SELECT 0"));
  EXPECT_EQ(h.to_client(),
            "CopyInResponse Complete(COPY 1) Ready(I) RowDescription Complete(SELECT 0) Ready(I)");
}

TEST(CopyIn, ClientWaitsFromTheCopyToTheStoresAnswer) {
  SessionHarness h;
  h.say(say::query("COPY FROM STDIN") + say::copy_data("1\n"));
  EXPECT_EQ(h.to_store(), "Query(COPY FROM STDIN)");
  EXPECT_TRUE(h.session().client_blocked());
  h.answer(answer::copy_in());
  EXPECT_EQ(h.to_store(), "CopyData(1\n)");
}

CONVERSATION(CopyIn, AnEarlierStatementsEndDoesNotEndTheWait) {
  h.with_model();
  h.say(say::run("SELECT 1") + say::parse("", "FAIL") + say::bind("", "") + say::execute("") +
        say::sync() + say::query("FAIL") + say::query("COPY FROM STDIN") + say::copy_data("1\n") +
        say::copy_done());
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Row(SELECT 1 #1) Complete(SELECT 1) Ready(I) "
            "ParseComplete BindComplete Error(22012: division by zero) Ready(I) "
            "RowDescription Error(22012: division by zero) Ready(I) "
            "CopyInResponse Complete(COPY 1) Ready(I)")
      << "no data may be lost";
}

CONVERSATION(CopyIn, SeveralCopiesInOneText) {
  h.with_model();
  h.say(say::query("COPY FROM STDIN; SELECT 0; COPY FROM STDIN") + say::copy_data("a\n") +
        say::copy_done() + say::copy_data("b\n") + say::copy_data("c\n") + say::copy_done() +
        say::query("SELECT 0"));
  EXPECT_EQ(h.to_client(),
            "CopyInResponse Complete(COPY 1) RowDescription Complete(SELECT 0) CopyInResponse "
            "Complete(COPY 2) Ready(I) "
            "RowDescription Complete(SELECT 0) Ready(I)");
  EXPECT_EQ(h.outcomes(),
            "1 completed COPY 1 rows=1\n2 completed SELECT 0\n3 completed COPY 2 rows=2\n4 "
            "completed SELECT 0");
}

CONVERSATION(CopyIn, CopyFailEndsItWithAnError) {
  h.with_model();
  h.say(say::query("COPY FROM STDIN; SELECT 1") + say::copy_data("a\n") +
        say::copy_fail("changed my mind") + say::query("SELECT 0"));
  EXPECT_EQ(h.to_client(),
            "CopyInResponse Error(57014: COPY from stdin failed) Ready(I) RowDescription "
            "Complete(SELECT 0) Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 failed 57014\n2 skipped\n3 completed SELECT 0");
}

CONVERSATION(CopyIn, WhatTheClientStillSendsAfterAFailureIsIgnored) {
  h.with_model();
  h.say(say::query("COPY FROM STDIN") + say::copy_data("bad") + say::copy_data("more") +
        say::copy_done() + say::query("SELECT 0"));
  EXPECT_EQ(h.to_client(),
            "CopyInResponse Error(22P02: invalid input syntax) Ready(I) RowDescription "
            "Complete(SELECT 0) Ready(I)");
}

CONVERSATION(CopyIn, CopyThatFailsAtItsStart) {
  h.with_model();
  h.say(say::query("COPY MISSING FROM STDIN") + say::copy_data("1\n") + say::copy_done() +
        say::query("SELECT 0"));
  EXPECT_EQ(h.to_client(),
            "Error(42P01: relation \"missing\" does not exist) Ready(I) RowDescription "
            "Complete(SELECT 0) Ready(I)");
}

CONVERSATION(CopyIn, DeniedCopyNeverStarts) {
  h.with_model();
  h.judge.deny("COPY");
  h.say(say::query("COPY FROM STDIN") + say::copy_data("1\n") + say::copy_done() +
        say::query("SELECT 0"));
  EXPECT_EQ(h.to_store(), "Query(<refused>) Query(SELECT 0)");
}

CONVERSATION(CopyIn, ExtendedQueryWithTheEarlySyncOfLibpq) {
  h.with_model();
  h.say(say::run("COPY FROM STDIN"));
  EXPECT_EQ(h.to_client(), "ParseComplete BindComplete CopyInResponse");
  h.say(say::copy_data("1\n") + say::copy_data("2\n") + say::copy_done() + say::sync());
  EXPECT_EQ(h.to_client(), "Complete(COPY 2) Ready(I)");
  h.say(say::run("SELECT 0"));
  EXPECT_EQ(h.to_client(), "ParseComplete BindComplete Complete(SELECT 0) Ready(I)");
}

CONVERSATION(CopyIn, ExtendedQueryAllAtOnce) {
  h.with_model();
  h.say(say::run("COPY FROM STDIN") + say::copy_data("1\n") + say::flush() + say::copy_done() +
        say::sync() + say::run("COPY FROM STDIN") + say::copy_data("1\n") + say::copy_fail("no") +
        say::sync() + say::run("SELECT 0"));
  EXPECT_EQ(
      h.to_client(),
      "ParseComplete BindComplete CopyInResponse Complete(COPY 1) Ready(I) "
      "ParseComplete BindComplete CopyInResponse Error(57014: COPY from stdin failed) Ready(I) "
      "ParseComplete BindComplete Complete(SELECT 0) Ready(I)");
}

CONVERSATION(CopyIn, ExtendedQueryFailsInMidCopyAndSkipsToSync) {
  h.with_model();
  h.say(say::run("COPY FROM STDIN") + say::copy_data("bad") + say::copy_data("2\n") +
        say::copy_done() + say::parse("", "INSERT 1") + say::sync() + say::run("SELECT 0"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete CopyInResponse Error(22P02: invalid input syntax) Ready(I) "
            "ParseComplete BindComplete Complete(SELECT 0) Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 failed 22P02\n2 completed SELECT 0");
}

CONVERSATION(CopyIn, ExtendedQueryFailsAtItsStartAndTheEarlySyncCounts) {
  h.with_model();
  h.say(say::run("COPY MISSING FROM STDIN") + say::copy_data("2\n") + say::copy_done() +
        say::sync());
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Error(42P01: relation \"missing\" does not exist) Ready(I) "
            "Ready(I)");
}

CONVERSATION(CopyIn, SegmentThatFailsBeforeTheCopySkipsIt) {
  h.with_model();
  h.say(say::parse("", "FAIL") + say::bind("", "") + say::execute("") +
        say::parse("", "COPY FROM STDIN") + say::bind("", "") + say::execute("") + say::sync() +
        say::run("SELECT 0"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Error(22012: division by zero) Ready(I) "
            "ParseComplete BindComplete Complete(SELECT 0) Ready(I)");
}

TEST(CopyIn, StoreIsAskedToAnswerAnExtendedCopyAtOnce) {
  SessionHarness h;
  h.say(say::run("COPY FROM STDIN"));
  EXPECT_EQ(h.to_store(), "Parse(COPY FROM STDIN) Bind(-> ) Execute() Flush");
  h.answer(answer::parse_complete() + answer::bind_complete() + answer::complete("COPY 0"));
  EXPECT_EQ(h.to_store(), "Sync") << "it was no COPY FROM STDIN after all";
}

TEST(CopyIn, LargeCopyDataIsStreamed) {
  SessionHarness h;
  h.say(say::query("COPY FROM STDIN"));
  h.answer(answer::copy_in());
  h.forget();
  const std::string message = say::copy_data(std::string(1 << 20, 'x'));
  h.say(message.substr(0, 1000));
  EXPECT_EQ(h.unread_of_client(), 0U);
  EXPECT_FALSE(h.session().between_client_messages());
  h.say(message.substr(1000, 500'000));
  EXPECT_EQ(h.unread_of_client(), 0U);
  h.say(message.substr(501'000) + say::copy_done());
  EXPECT_EQ(h.to_store(), "CopyData(xxxxxxxx..(1048576)) CopyDone");
  EXPECT_TRUE(h.session().between_client_messages());
  h.answer(answer::complete("COPY 1") + answer::ready('I'));
  EXPECT_EQ(h.all_outcomes()[0].outcome.bytes_in, 1U << 20);
}

CONVERSATION(CopyOut, RowsPassAndAreCounted) {
  h.with_model();
  h.say(say::query("COPY 3 TO STDOUT; SELECT 0") + say::run("COPY 2 TO STDOUT"));
  EXPECT_EQ(h.to_client(),
            "CopyOutResponse CopyData(line 1\n) CopyData(line 2\n) CopyData(line 3\n) CopyDone "
            "Complete(COPY 3) "
            "RowDescription Complete(SELECT 0) Ready(I) "
            "ParseComplete BindComplete CopyOutResponse CopyData(line 1\n) CopyData(line 2\n) "
            "CopyDone Complete(COPY 2) Ready(I)");
  EXPECT_EQ(h.outcomes(),
            "1 completed COPY 3 rows=3\n2 completed SELECT 0\n3 completed COPY 2 rows=2");
}

CONVERSATION(CopyOut, FailureInMidCopyEndsIt) {
  h.say(say::query("COPY 3 TO STDOUT"));
  h.answer(answer::copy_out() + answer::copy_data("1\n") + answer::error("57014", "canceled") +
           answer::ready('I'));
  EXPECT_EQ(h.to_client(), "CopyOutResponse CopyData(1\n) Error(57014: canceled) Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 failed 57014 rows=1");
}

}  // namespace
}  // namespace tracegate::session::testing
