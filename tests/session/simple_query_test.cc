#include <gtest/gtest.h>

#include "tests/session/harness.h"

namespace tracegate::session::testing {
namespace {

CONVERSATION(SimpleQuery, PermittedTextPassesUnchangedAndSoDoesItsAnswer) {
  h.with_model();
  h.say(say::query("SELECT 2"));
  EXPECT_EQ(h.to_store(), "Query(SELECT 2)");
  EXPECT_EQ(h.to_client(),
            "RowDescription Row(SELECT 2 #1) Row(SELECT 2 #2) Complete(SELECT 2) Ready(I)");
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 2]");
  EXPECT_EQ(h.outcomes(), "1 completed SELECT 2 rows=2");
  EXPECT_TRUE(h.session().idle());
}

CONVERSATION(SimpleQuery, EmptyTextIsAnsweredAndNotRecorded) {
  h.with_model();
  h.say(say::query(""));
  EXPECT_EQ(h.to_client(), "EmptyQueryResponse Ready(I)");
  EXPECT_EQ(h.intents(), "");
}

CONVERSATION(SimpleQuery, DeniedTextNeverReachesTheStoreAndTheSessionLives) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::query("SELECT 9"));
  EXPECT_EQ(h.to_store(), "Query(<refused>)");
  EXPECT_EQ(h.to_client(), "Error(42501: permission denied for SELECT 9) Ready(I)");
  EXPECT_EQ(h.intents(), "1 deny select 42501 [SELECT 9]");
  EXPECT_EQ(h.outcomes(), "");
  h.say(say::query("SELECT 1"));
  EXPECT_EQ(h.to_client(), "RowDescription Row(SELECT 1 #1) Complete(SELECT 1) Ready(I)");
}

CONVERSATION(SimpleQuery, DenialAbortsTheTransactionAsAnErrorOfTheStoreWould) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::query("BEGIN") + say::query("SELECT 9") + say::query("SELECT 1") +
        say::query("ROLLBACK"));
  EXPECT_EQ(h.to_client(),
            "Complete(BEGIN) Ready(T) "
            "Error(42501: permission denied for SELECT 9) Ready(E) "
            "Error(25P02: current transaction is aborted, commands ignored until end of "
            "transaction block) Ready(E) "
            "Complete(ROLLBACK) Ready(I)");
}

CONVERSATION(SimpleQuery, DenialInAnAbortedTransactionIsTheStoresOwn) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::query("BEGIN; FAIL") + say::query("SELECT 9"));
  EXPECT_EQ(h.to_client(),
            "Complete(BEGIN) RowDescription Error(22012: division by zero) Ready(E) "
            "Error(25P02: current transaction is aborted, commands ignored until end of "
            "transaction block) Ready(E)");
  EXPECT_EQ(h.intents(),
            "1 allow transaction [BEGIN; FAIL]\n2 allow select index=1 [BEGIN; FAIL]\n"
            "3 deny select 42501 [SELECT 9]");
}

CONVERSATION(SimpleQuery, OneDeniedStatementKeepsTheWholeTextFromTheStore) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::query("INSERT 1; SELECT 9; INSERT 2"));
  EXPECT_EQ(h.to_store(), "Query(<refused>)");
  EXPECT_EQ(h.to_client(), "Error(42501: permission denied for SELECT 9) Ready(I)");
}

CONVERSATION(SimpleQuery, EachStatementOfATextHasItsOwnRecords) {
  h.with_model();
  h.say(say::query("SELECT 2; INSERT 3; SELECT 0"));
  EXPECT_EQ(h.intents(),
            "1 allow write select [SELECT 2; INSERT 3; SELECT 0]\n"
            "2 allow write insert index=1 [SELECT 2; INSERT 3; SELECT 0]\n"
            "3 allow write select index=2 [SELECT 2; INSERT 3; SELECT 0]");
  EXPECT_EQ(h.outcomes(),
            "1 completed SELECT 2 rows=2\n2 completed INSERT 0 3 rows=3\n3 completed SELECT 0");
}

CONVERSATION(SimpleQuery, WhatStandsBehindAFailedStatementIsOnRecordAsSkipped) {
  h.with_model();
  h.say(say::query("SELECT 1; FAIL AFTER 2; SELECT 3"));
  EXPECT_EQ(h.to_client(),
            "RowDescription Row(SELECT 1 #1) Complete(SELECT 1) "
            "RowDescription Row(FAIL AFTER 2 #1) Row(FAIL AFTER 2 #2) Error(22012: division by "
            "zero) Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 completed SELECT 1 rows=1\n2 failed 22012 rows=2\n3 skipped");
}

CONVERSATION(SimpleQuery, PipelinedQueriesAreAnsweredInOrder) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::query("SELECT 1") + say::query("SELECT 9") + say::query("FAIL") +
        say::query("SELECT 0"));
  EXPECT_EQ(h.to_client(),
            "RowDescription Row(SELECT 1 #1) Complete(SELECT 1) Ready(I) "
            "Error(42501: permission denied for SELECT 9) Ready(I) "
            "RowDescription Error(22012: division by zero) Ready(I) "
            "RowDescription Complete(SELECT 0) Ready(I)");
}

CONVERSATION(SimpleQuery, DenialCarriesHintAndPosition) {
  h.judge.deny("SELECT 9");
  h.say(say::query("SELECT 9"));
  h.answer(answer::refusal() + answer::ready('I'));
  std::string expected;
  proto::encode_error({.severity = proto::Severity::kError,
                       .sqlstate = "42501",
                       .message = "permission denied for SELECT 9",
                       .hint = "Ask for another rule."},
                      expected);
  EXPECT_EQ(h.client_bytes(), expected + answer::ready('I'));
}

CONVERSATION(SimpleQuery, ACancelOfARefusedStatementStandsAsTheStoreSaidIt) {
  h.judge.deny("SELECT 9");
  h.say(say::query("SELECT 9"));
  h.answer(answer::error("57014", "canceling statement due to user request") + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Error(57014: canceling statement due to user request) Ready(I)");
}

CONVERSATION(SimpleQuery, TextOfAStatementIsRecordedOnce) {
  h.with_model();
  h.say(say::query("SELECT 1") + say::query("SELECT 1"));
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 1]\n2 allow select [SELECT 1]");
}

CONVERSATION(SimpleQuery, TransactionStatusIsWhatTheStoreSaid) {
  h.with_model();
  h.say(say::query("BEGIN"));
  EXPECT_EQ(h.session().transaction_status(), proto::TransactionStatus::kInTransaction);
  h.say(say::query("FAIL"));
  EXPECT_EQ(h.session().transaction_status(), proto::TransactionStatus::kFailed);
  h.say(say::query("ROLLBACK"));
  EXPECT_EQ(h.session().transaction_status(), proto::TransactionStatus::kIdle);
}

}  // namespace
}  // namespace tracegate::session::testing
