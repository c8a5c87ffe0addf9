// Recorded before it takes effect, recorded before it is seen.
#include <gtest/gtest.h>

#include "tests/session/harness.h"

namespace tracegate::session::testing {
namespace {

CONVERSATION(Durability, WriteLeavesOnlyWhenItsIntentIsDurable) {
  h.hold_records();
  h.say(say::query("INSERT 1"));
  EXPECT_EQ(h.to_store(), "");
  EXPECT_EQ(h.gated(), "Query(INSERT 1)");
  h.durable_up_to(1);
  EXPECT_EQ(h.to_store(), "Query(INSERT 1)");
}

CONVERSATION(Durability, ReadLeavesAtOnceAndItsAnswerWaits) {
  h.hold_records();
  h.say(say::query("SELECT 1"));
  EXPECT_EQ(h.to_store(), "Query(SELECT 1)");
  h.answer(answer::columns() + answer::row("secret") + answer::complete("SELECT 1") +
           answer::ready('I'));
  EXPECT_EQ(h.to_client(), "");
  EXPECT_TRUE(h.session().store_blocked());
  h.durable_up_to(1);
  EXPECT_EQ(h.to_client(), "RowDescription Row(secret) Complete(SELECT 1) Ready(I)");
  EXPECT_FALSE(h.session().store_blocked());
}

CONVERSATION(Durability, WhatStandsBehindAWriteWaitsForIt) {
  h.hold_records();
  h.say(say::run("SELECT 1") + say::run("INSERT 1") + say::query("SELECT 2") + say::sync());
  const std::string passed = h.to_store();
  const std::string held = h.gated();
  EXPECT_EQ(passed + (passed.empty() || held.empty() ? "" : " ") + held,
            "Parse(SELECT 1) Bind(-> ) Execute() Sync Parse(INSERT 1) Bind(-> ) Execute() Sync "
            "Query(SELECT 2) Sync");
  EXPECT_EQ(passed.find("Execute() Sync Parse(INSERT 1) Bind(-> ) Execute()"), std::string::npos)
      << "held: " << held;
  EXPECT_EQ(passed.find("Query"), std::string::npos);
  h.durable_up_to(2);  // the read's is 1, the write's 2, of the Query behind it 3
  EXPECT_EQ(h.gated(), "");
}

CONVERSATION(Durability, SecondWriteWaitsForItsOwnIntent) {
  h.hold_records();
  h.say(say::query("INSERT 1"));
  h.say(say::query("INSERT 2"));
  h.durable_up_to(1);
  EXPECT_EQ(h.to_store(), "Query(INSERT 1)");
  EXPECT_EQ(h.gated(), "Query(INSERT 2)");
  h.durable_up_to(2);
  EXPECT_EQ(h.to_store(), "Query(INSERT 2)");
}

CONVERSATION(Durability, AnswerWaitsForItsOwnIntentOnly) {
  h.hold_records();
  h.say(say::query("SELECT 1") + say::query("SELECT 2"));
  h.durable_up_to(1);
  h.answer(answer::columns() + answer::complete("SELECT 0") + answer::ready('I') +
           answer::columns());
  EXPECT_EQ(h.to_client(), "RowDescription Complete(SELECT 0) Ready(I)");
  EXPECT_TRUE(h.session().store_blocked());
  h.durable_up_to(3);  // the outcome of the first took a number too
  EXPECT_EQ(h.to_client(), "RowDescription");
}

CONVERSATION(Durability, AnswersThatShowNothingDoNotWait) {
  h.hold_records();
  h.say(say::parse("", "SELECT 1") + say::flush());
  h.answer(answer::parse_complete());
  EXPECT_EQ(h.to_client(), "ParseComplete");
}

// The store plans at Bind, which can run functions.
CONVERSATION(Durability, BindLeavesOnRecord) {
  h.hold_records();
  h.say(say::parse("", "SELECT 1") + say::parse("w", "INSERT 1") + say::bind("", ""));
  EXPECT_EQ(h.to_store(), "Parse(SELECT 1) Parse(w: INSERT 1)") << "what follows is not known";
  h.say(say::flush());
  EXPECT_EQ(h.to_store(), "Bind(-> ) Flush");
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 1]");
  h.answer(answer::parse_complete() + answer::parse_complete() + answer::bind_complete());
  h.durable_up_to(1);
  EXPECT_EQ(h.to_client(), "ParseComplete ParseComplete BindComplete");
  EXPECT_EQ(h.outcomes(), "1 suspended");
  h.say(say::bind("", "w") + say::sync());
  EXPECT_EQ(h.to_store(), "");
  EXPECT_EQ(h.gated(), "Bind(-> w) Sync");
  h.durable_up_to(3);
  EXPECT_EQ(h.to_store(), "Bind(-> w) Sync");
}

CONVERSATION(Durability, BindAndItsExecuteAreOneRecord) {
  h.hold_records();
  h.say(say::parse("w", "INSERT 1") + say::bind("", "w") + say::describe_portal("") +
        say::execute(""));
  EXPECT_EQ(h.intents(), "1 allow write insert [INSERT 1]");
  EXPECT_EQ(h.to_store().find("Bind"), std::string::npos) << "it plans, so it waits as well";
  h.durable_up_to(1);
  const std::string left = h.to_store();
  EXPECT_TRUE(left.ends_with("Bind(-> w) Describe(P ) Execute()")) << left;
}

CONVERSATION(Durability, WhatFailsBeforeItRunsIsOnRecordBeforeItsErrorIsSeen) {
  h.hold_records();
  h.say(say::parse("", "SELECT 1") + say::sync());
  h.answer(answer::error("42703", "no such column") + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "");
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 1]");
  h.durable_up_to(1);
  EXPECT_EQ(h.to_client(), "Error(42703: no such column) Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 failed 42703");
}

CONVERSATION(Durability, WhatFailsAtBindFailsInTheRecordOfItsExecute) {
  h.say(say::run("SELECT 1"));
  h.answer(answer::parse_complete() + answer::error("22012", "division by zero") +
           answer::ready('I'));
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 1]");
  EXPECT_EQ(h.outcomes(), "1 failed 22012");
}

TEST(Durability, WhatLeadsUpToAStatementLeavesInOnePieceWithItsAnswer) {
  SessionHarness h;
  h.hold_records();
  h.say(say::parse("", "SELECT 1") + say::sync() + say::bind("", "") + say::execute("") +
        say::sync());
  h.answer(answer::parse_complete() + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "ParseComplete Ready(I)");
  h.answer(answer::bind_complete() + answer::row("secret"));
  EXPECT_EQ(h.to_client(), "");
  h.durable_up_to(1);
  EXPECT_EQ(h.to_client(), "BindComplete Row(secret)");
}

CONVERSATION(Durability, EveryStatementOfATextMustBeOnRecordBeforeAnyAnswer) {
  h.hold_records();
  h.say(say::query("SELECT 1; SELECT 2"));
  h.answer(answer::columns());
  h.durable_up_to(1);
  EXPECT_EQ(h.to_client(), "");
  h.durable_up_to(2);
  EXPECT_EQ(h.to_client(), "RowDescription");
  h.answer(answer::complete("SELECT 0") + answer::columns() + answer::complete("SELECT 0") +
           answer::ready('I'));
}

CONVERSATION(Durability, TextWithOneWriteIsAWrite) {
  h.hold_records();
  h.say(say::query("SELECT 1; INSERT 2"));
  EXPECT_EQ(h.to_store(), "");
  h.durable_up_to(1);
  EXPECT_EQ(h.to_store(), "");
  h.durable_up_to(2);
  EXPECT_EQ(h.to_store(), "Query(SELECT 1; INSERT 2)");
}

CONVERSATION(Durability, DenialIsSeenOnlyWhenItIsOnRecord) {
  h.hold_records();
  h.judge.deny("SELECT 9");
  h.say(say::query("SELECT 9"));
  EXPECT_EQ(h.to_store(), "Query(<refused>)");
  h.answer(answer::refusal() + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "");
  h.durable_up_to(1);
  EXPECT_EQ(h.to_client(), "Error(42501: permission denied for SELECT 9) Ready(I)");
}

CONVERSATION(Durability, RefusalBehindAWriteKeepsItsPlace) {
  h.hold_records();
  h.judge.deny("SELECT 9");
  h.say(say::query("INSERT 1"));
  h.say(say::query("SELECT 9"));
  EXPECT_EQ(h.gated(), "Query(INSERT 1) Query(<refused>)");
  h.durable_all();
  EXPECT_EQ(h.to_store(), "Query(INSERT 1) Query(<refused>)");
}

CONVERSATION(Durability, ResumedPortalWaitsForTheIntentOfItsExecute) {
  h.with_model();
  h.say(say::run("BEGIN") + say::parse("s", "SELECT 3") + say::bind("p", "s") +
        say::execute("p", 1) + say::sync());
  h.forget();
  h.hold_records();
  h.say(say::execute("p", 1) + say::sync());
  EXPECT_EQ(h.to_client(), "");
  h.durable_all();
  EXPECT_EQ(h.to_client(), "Row(SELECT 3 #2) PortalSuspended Ready(T)");
}

CONVERSATION(Durability, FunctionCallIsGated) {
  h.judge.set_unrestricted(true);
  h.hold_records();
  h.say(say::function_call());
  EXPECT_EQ(h.to_store(), "");
  h.durable_up_to(1);
  EXPECT_EQ(h.to_store(), "FunctionCall");
}

CONVERSATION(Durability, CopyInIsGatedAndItsDataFollows) {
  h.hold_records();
  h.say(say::query("COPY FROM STDIN") + say::copy_data("1\n"));
  EXPECT_EQ(h.gated(), "Query(COPY FROM STDIN)");
  h.durable_up_to(1);
  h.answer(answer::copy_in());
  EXPECT_EQ(h.to_store(), "Query(COPY FROM STDIN) CopyData(1\n)");
}

}  // namespace
}  // namespace tracegate::session::testing
