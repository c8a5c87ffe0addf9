#include <gtest/gtest.h>

#include "tests/session/harness.h"

namespace tracegate::session::testing {
namespace {

CONVERSATION(ExtendedQuery, PermittedPipelinePassesUnchanged) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::describe_statement("s") + say::bind("p", "s", {"7"}) +
        say::describe_portal("p") + say::execute("p") + say::close_portal("p") + say::sync());
  EXPECT_EQ(
      h.to_store(),
      "Parse(s: SELECT 1) Describe(S s) Bind(p-> s: 7) Describe(P p) Execute(p) Close(P p) Sync");
  EXPECT_EQ(h.to_client(),
            "ParseComplete ParameterDescription RowDescription BindComplete RowDescription "
            "Row(SELECT 1 #1) Complete(SELECT 1) CloseComplete Ready(I)");
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 1]");
  EXPECT_EQ(h.outcomes(), "1 completed SELECT 1 rows=1");
}

CONVERSATION(ExtendedQuery, EachExecuteIsRecordedAndParseIsNot) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::sync());
  EXPECT_EQ(h.intents(), "");
  h.say(say::run_prepared("s") + say::run_prepared("s"));
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 1]\n2 allow select [SELECT 1]");
}

CONVERSATION(ExtendedQuery, StatementWithoutRowsIsDescribedByNoData) {
  h.with_model();
  h.say(say::parse("", "INSERT 1") + say::describe_statement("") + say::bind("", "") +
        say::describe_portal("") + say::execute("") + say::sync());
  EXPECT_EQ(h.to_client(),
            "ParseComplete ParameterDescription NoData BindComplete NoData Complete(INSERT 0 1) "
            "Ready(I)");
}

CONVERSATION(ExtendedQuery, EmptyTextRunsAndIsNotRecorded) {
  h.with_model();
  h.say(say::run(""));
  EXPECT_EQ(h.to_client(), "ParseComplete BindComplete EmptyQueryResponse Ready(I)");
  EXPECT_EQ(h.intents(), "");
}

CONVERSATION(ExtendedQuery, DeniedParseFailsInPlaceAndTheRestIsSkippedToSync) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::run("SELECT 9") + say::run("SELECT 1"));
  EXPECT_EQ(h.to_store(), "Parse(<refused>) Sync Parse(SELECT 1) Bind(-> ) Execute() Sync");
  EXPECT_EQ(h.to_client(),
            "Error(42501: permission denied for SELECT 9) Ready(I) "
            "ParseComplete BindComplete Row(SELECT 1 #1) Complete(SELECT 1) Ready(I)");
  EXPECT_EQ(h.intents(), "1 deny select 42501 [SELECT 9]\n2 allow select [SELECT 1]");
}

CONVERSATION(ExtendedQuery, DenialInMidPipelineEndsItsSegmentOnly) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::parse("", "INSERT 1") + say::bind("", "") + say::execute("") +
        say::parse("x", "SELECT 9") + say::bind("", "x") + say::execute("") +
        say::parse("", "INSERT 2") + say::sync() + say::run("SELECT 1"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Complete(INSERT 0 1) "
            "Error(42501: permission denied for SELECT 9) Ready(I) "
            "ParseComplete BindComplete Row(SELECT 1 #1) Complete(SELECT 1) Ready(I)");
}

CONVERSATION(ExtendedQuery, NothingIsJudgedOrRecordedBetweenARefusalAndItsSync) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.judge.deny("SELECT 8");
  h.say(say::parse("", "SELECT 9") + say::parse("", "SELECT 8") + say::query("SELECT 8") +
        say::bind("", "nowhere") + say::function_call() + say::flush());
  EXPECT_EQ(h.to_client(), "Error(42501: permission denied for SELECT 9)");
  h.say(say::parse("", "SELECT 8") + say::sync());
  EXPECT_EQ(h.to_client(), "Ready(I)");
  EXPECT_EQ(h.intents(), "1 deny select 42501 [SELECT 9]");
  EXPECT_EQ(h.judge.plans_made(), 1U);
  EXPECT_EQ(h.to_store(), "Parse(<refused>) Sync");
}

CONVERSATION(ExtendedQuery, RefusalInALaterSegmentOutlivesTheFailureOfAnEarlierOne) {
  h.judge.deny("SELECT 9");
  h.say(say::parse("", "FAIL") + say::sync() + say::parse("", "SELECT 9") + say::bind("", "") +
        say::execute(""));
  EXPECT_EQ(h.to_store(), "Parse(FAIL) Sync Parse(<refused>)");
  h.answer(answer::error("42601", "syntax error") + answer::ready('I'));
  h.say(say::parse("", "SELECT 1"));
  EXPECT_EQ(h.to_store(), "") << "the store is about to skip it";
  h.answer(answer::refusal());
  h.say(say::sync());
  h.answer(answer::ready('I'));
  EXPECT_EQ(
      h.to_client(),
      "Error(42601: syntax error) Ready(I) Error(42501: permission denied for SELECT 9) Ready(I)");
}

CONVERSATION(ExtendedQuery, FailureSkipsToSyncAlsoWhatComesLater) {
  h.with_model();
  h.say(say::parse("", "FAIL") + say::bind("", "") + say::execute("") + say::flush());
  EXPECT_EQ(h.to_client(), "ParseComplete BindComplete Error(22012: division by zero)");
  EXPECT_FALSE(h.session().idle());
  h.say(say::run("INSERT 1"));
  EXPECT_EQ(h.to_client(), "Ready(I)");
  EXPECT_EQ(h.intents(), "1 allow select [FAIL]");
  EXPECT_EQ(h.outcomes(), "1 failed 22012");
  EXPECT_TRUE(h.session().idle());
}

CONVERSATION(ExtendedQuery, ExecutesBehindAFailureAreOnRecordAsSkipped) {
  h.say(say::parse("a", "FAIL") + say::parse("b", "INSERT 1") + say::bind("", "a") +
        say::execute("") + say::bind("", "b") + say::execute("") + say::sync());
  h.answer(answer::parse_complete() + answer::parse_complete() + answer::bind_complete() +
           answer::error("22012", "division by zero") + answer::ready('I'));
  EXPECT_EQ(h.outcomes(), "1 failed 22012\n2 skipped");
  EXPECT_TRUE(h.session().idle());
}

CONVERSATION(ExtendedQuery, ExecuteFailsAtSyncWhenItsTransactionCannotCommit) {
  h.say(say::run("INSERT 1"));
  h.answer(answer::parse_complete() + answer::bind_complete() + answer::complete("INSERT 0 1") +
           answer::error("23503", "deferred constraint") + answer::ready('I'));
  EXPECT_EQ(
      h.to_client(),
      "ParseComplete BindComplete Complete(INSERT 0 1) Error(23503: deferred constraint) Ready(I)");
  h.say(say::query("SELECT 1"));
  EXPECT_EQ(h.to_store(), "Parse(INSERT 1) Bind(-> ) Execute() Sync Query(SELECT 1)");
  EXPECT_EQ(h.closed(), "");
}

CONVERSATION(ExtendedQuery, DenialInATransactionAbortsIt) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::run("BEGIN") + say::run("SELECT 9") + say::run("SELECT 9") + say::run("ROLLBACK"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Complete(BEGIN) Ready(T) "
            "Error(42501: permission denied for SELECT 9) Ready(E) "
            "Error(25P02: current transaction is aborted, commands ignored until end of "
            "transaction block) Ready(E) "
            "ParseComplete BindComplete Complete(ROLLBACK) Ready(I)");
}

CONVERSATION(ExtendedQuery, FlushWithoutSyncIsAnswered) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::describe_statement("s") + say::flush());
  EXPECT_EQ(h.to_client(), "ParseComplete ParameterDescription RowDescription");
  h.say(say::bind("", "s") + say::execute("") + say::flush());
  EXPECT_EQ(h.to_client(), "BindComplete Row(SELECT 1 #1) Complete(SELECT 1)");
  h.say(say::sync());
  EXPECT_EQ(h.to_client(), "Ready(I)");
}

CONVERSATION(ExtendedQuery, SuspendedPortalResumesEachTimeOnRecord) {
  h.with_model();
  h.say(say::run("BEGIN") + say::parse("s", "SELECT 5") + say::bind("p", "s") +
        say::execute("p", 2) + say::sync());
  h.say(say::execute("p", 2) + say::sync() + say::execute("p", 2) + say::sync());
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Complete(BEGIN) Ready(T) ParseComplete BindComplete "
            "Row(SELECT 5 #1) Row(SELECT 5 #2) PortalSuspended Ready(T) "
            "Row(SELECT 5 #3) Row(SELECT 5 #4) PortalSuspended Ready(T) "
            "Row(SELECT 5 #5) Complete(SELECT 1) Ready(T)");
  EXPECT_EQ(
      h.outcomes(),
      "1 completed BEGIN\n2 suspended rows=2\n3 suspended rows=2\n4 completed SELECT 1 rows=1");
}

CONVERSATION(ExtendedQuery, PortalEndsWithItsTransaction) {
  h.with_model();
  h.say(say::parse("s", "SELECT 5") + say::bind("p", "s") + say::execute("p", 2) + say::sync());
  h.say(say::execute("p", 2) + say::sync());
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Row(SELECT 5 #1) Row(SELECT 5 #2) PortalSuspended Ready(I) "
            "Error(34000: portal \"p\" does not exist) Ready(I)");
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 5]\n2 deny unknown 34000");
}

CONVERSATION(ExtendedQuery, QueryWithoutSyncBeforeItEndsTheSegment) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::bind("", "s") + say::execute("") +
        say::query("SELECT 0") + say::run_prepared("s"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Row(SELECT 1 #1) Complete(SELECT 1) "
            "RowDescription Complete(SELECT 0) Ready(I) "
            "BindComplete Row(SELECT 1 #1) Complete(SELECT 1) Ready(I)");
}

CONVERSATION(ExtendedQuery, QueryInAFailedSegmentIsSkippedWithIt) {
  h.with_model();
  h.say(say::parse("", "NONSENSE") + say::query("INSERT 1") + say::bind("", "") + say::sync() +
        say::query("SELECT 0"));
  EXPECT_EQ(h.to_client(),
            "Error(42601: syntax error) Ready(I) RowDescription Complete(SELECT 0) Ready(I)");
}

CONVERSATION(ExtendedQuery, FailedQueryInASegmentDoesNotSkipWhatFollows) {
  h.with_model();
  h.say(say::parse("s", "SELECT 0") + say::query("FAIL") + say::bind("", "s") + say::execute("") +
        say::sync());
  EXPECT_EQ(h.to_client(),
            "ParseComplete RowDescription Error(22012: division by zero) Ready(I) "
            "BindComplete Complete(SELECT 0) Ready(I)");
}

CONVERSATION(ExtendedQuery, DeniedQueryInASegmentDoesNotSkipWhatFollows) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::parse("s", "SELECT 0") + say::query("SELECT 9") + say::bind("", "s") +
        say::execute("") + say::sync());
  EXPECT_EQ(h.to_client(),
            "ParseComplete Error(42501: permission denied for SELECT 9) Ready(I) "
            "BindComplete Complete(SELECT 0) Ready(I)");
}

CONVERSATION(ExtendedQuery, UnknownStatementIsRefusedAsTheStoreWould) {
  h.with_model();
  h.say(say::run_prepared("nowhere") + say::run_prepared(""));
  EXPECT_EQ(h.to_client(),
            "Error(26000: prepared statement \"nowhere\" does not exist) Ready(I) "
            "Error(26000: unnamed prepared statement does not exist) Ready(I)");
  EXPECT_EQ(h.to_store(), "Parse(aside: <refused>) Sync Parse(aside: <refused>) Sync");
}

CONVERSATION(ExtendedQuery, UnknownNamesComeBeforeAnAbortedTransaction) {
  h.with_model();
  h.say(say::query("BEGIN; FAIL"));
  EXPECT_EQ(h.to_client(),
            "Complete(BEGIN) RowDescription Error(22012: division by zero) Ready(E)");
  h.say(say::run_prepared("nowhere") + say::execute("nowhere") + say::sync());
  EXPECT_EQ(h.to_client(),
            "Error(26000: prepared statement \"nowhere\" does not exist) Ready(E) "
            "Error(34000: portal \"nowhere\" does not exist) Ready(E)");
}

CONVERSATION(ExtendedQuery, UnknownNameToDescribeIsTheStoresToRefuse) {
  h.with_model();
  h.say(say::describe_statement("nowhere") + say::sync() + say::describe_portal("nowhere") +
        say::sync());
  EXPECT_EQ(h.to_client(),
            "Error(26000: prepared statement \"nowhere\" does not exist) Ready(I) "
            "Error(34000: portal \"nowhere\" does not exist) Ready(I)");
}

CONVERSATION(ExtendedQuery, AnUnrestrictedRoleMayUseNamesThatOnlyTheStoreKnows) {
  h.judge.set_unrestricted(true);
  h.say(say::bind("", "made_by_a_function") + say::execute("") + say::sync());
  EXPECT_EQ(h.to_store(), "Bind(-> made_by_a_function) Execute() Sync");
  h.answer(answer::bind_complete() + answer::row("1") + answer::complete("SELECT 1") +
           answer::ready('I'));
  EXPECT_EQ(h.to_client(), "BindComplete Row(1) Complete(SELECT 1) Ready(I)");
  EXPECT_EQ(h.intents(), "1 allow write unknown");
}

CONVERSATION(ExtendedQuery, SeveralStatementsInOneParseAreTheStoresToRefuse) {
  h.with_model();
  h.say(say::run("SELECT 1; SELECT 2"));
  EXPECT_EQ(h.to_client(),
            "Error(42601: cannot insert multiple commands into a prepared statement) Ready(I)");
}

CONVERSATION(ExtendedQuery, FunctionCallIsRefusedForARestrictedRole) {
  h.with_model();
  h.say(say::function_call() + say::query("SELECT 0"));
  EXPECT_EQ(h.to_store(), "Query(<refused>) Query(SELECT 0)");
  EXPECT_EQ(h.to_client(),
            "Error(42501: permission denied for function calls that are not SQL) Ready(I) "
            "RowDescription Complete(SELECT 0) Ready(I)");
  EXPECT_EQ(h.intents(), "1 deny call 42501\n2 allow select [SELECT 0]");
}

CONVERSATION(ExtendedQuery, FunctionCallOfAnUnrestrictedRolePassesAsAWrite) {
  h.with_model();
  h.judge.set_unrestricted(true);
  h.say(say::function_call());
  EXPECT_EQ(h.to_store(), "FunctionCall");
  EXPECT_EQ(h.to_client(), "FunctionCallResponse Ready(I)");
  EXPECT_EQ(h.intents(), "1 allow write call");
  EXPECT_EQ(h.outcomes(), "1 completed");
}

}  // namespace
}  // namespace tracegate::session::testing
