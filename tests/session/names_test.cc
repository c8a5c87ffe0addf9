// Which plan a name stands for, whatever the client does with names. Under a wrong one, something
// that was never judged would run.
#include <gtest/gtest.h>

#include "tests/session/harness.h"

namespace tracegate::session::testing {
namespace {

CONVERSATION(Names, ParseOverANameThatExistsFailsAndTheOldStatementStays) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::sync());
  h.say(say::parse("s", "INSERT 2") + say::sync());
  h.say(say::run_prepared("s"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete Ready(I) Error(42P05: prepared statement \"s\" already exists) Ready(I) "
            "BindComplete Row(SELECT 1 #1) Complete(SELECT 1) Ready(I)");
  EXPECT_EQ(h.intents(), "1 allow insert [INSERT 2]\n2 allow select [SELECT 1]");
  EXPECT_EQ(h.outcomes(), "1 failed 42P05\n2 completed SELECT 1 rows=1");
}

CONVERSATION(Names, TheOldStatementIsUsedAlsoWhenAllIsOnePipeline) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::sync() + say::parse("s", "INSERT 2") + say::sync() +
        say::run_prepared("s"));
  EXPECT_EQ(h.intents(), "1 allow insert [INSERT 2]\n2 allow select [SELECT 1]");
  EXPECT_EQ(h.outcomes(), "1 failed 42P05\n2 completed SELECT 1 rows=1");
}

TEST(Names, BindWaitsUntilAnEarlierSegmentHasDecidedWhatItsNameIs) {
  SessionHarness h;
  h.say(say::parse("s", "SELECT 1") + say::sync() + say::run_prepared("s"));
  EXPECT_EQ(h.to_store(), "Parse(s: SELECT 1) Sync");
  EXPECT_TRUE(h.session().client_blocked());
  h.answer(answer::parse_complete());
  EXPECT_EQ(h.to_store(), "Bind(-> s) Execute() Sync");
  EXPECT_FALSE(h.session().client_blocked());
}

TEST(Names, BindOfAnotherNameDoesNotWait) {
  SessionHarness h;
  h.say(say::parse("s", "SELECT 1") + say::sync());
  h.answer(answer::parse_complete() + answer::ready('I'));
  h.say(say::parse("t", "SELECT 2") + say::sync() + say::run_prepared("s"));
  EXPECT_EQ(h.to_store(),
            "Parse(s: SELECT 1) Sync Parse(t: SELECT 2) Sync Bind(-> s) Execute() Sync");
}

CONVERSATION(Names, NamesAgreeInTheirFirst63BytesAsInTheStore) {
  h.with_model();
  const std::string stem(63, 'n');
  h.say(say::parse(stem + "-read", "SELECT 1") + say::sync());
  h.say(say::close_statement(stem + "-other") + say::parse(stem + "-write", "INSERT 2") +
        say::sync());
  h.say(say::run_prepared(stem + "-read"));
  EXPECT_EQ(h.intents(), "1 allow write insert [INSERT 2]") << "that is what the store runs";
  EXPECT_EQ(h.outcomes(), "1 completed INSERT 0 2 rows=2");
}

CONVERSATION(Names, PortalNamesAgreeInTheirFirst63BytesToo) {
  h.with_model();
  const std::string stem(63, 'n');
  h.say(say::parse("r", "SELECT 1") + say::parse("w", "INSERT 2") + say::bind(stem + "1", "r") +
        say::close_portal(stem + "2") + say::bind(stem + "3", "w") + say::execute(stem + "1") +
        say::sync());
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 1]\n2 allow write insert [INSERT 2]");
  EXPECT_EQ(h.outcomes(), "1 suspended\n2 completed INSERT 0 2 rows=2");
}

CONVERSATION(Names, UnnamedStatementIsReplacedByEachParse) {
  h.with_model();
  h.say(say::parse("", "SELECT 1") + say::parse("", "INSERT 2") + say::bind("", "") +
        say::execute("") + say::sync());
  EXPECT_EQ(h.intents(), "1 allow write insert [INSERT 2]");
}

CONVERSATION(Names, FailedParseOfTheUnnamedStatementLeavesNone) {
  h.with_model();
  h.say(say::parse("", "SELECT 1") + say::sync());
  h.say(say::parse("", "NONSENSE") + say::sync());
  h.say(say::run_prepared(""));
  EXPECT_EQ(h.to_client(),
            "ParseComplete Ready(I) Error(42601: syntax error) Ready(I) "
            "Error(26000: unnamed prepared statement does not exist) Ready(I)");
}

CONVERSATION(Names, DeniedParseOfTheUnnamedStatementLeavesNone) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::parse("", "SELECT 1") + say::sync() + say::parse("", "SELECT 9") + say::sync() +
        say::run_prepared(""));
  EXPECT_EQ(h.to_client(),
            "ParseComplete Ready(I) Error(42501: permission denied for SELECT 9) Ready(I) "
            "Error(26000: unnamed prepared statement does not exist) Ready(I)");
}

CONVERSATION(Names, DeniedParseOfANameLeavesWhatIsThere) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::parse("s", "SELECT 1") + say::sync() + say::parse("s", "SELECT 9") + say::sync() +
        say::run_prepared("s"));
  EXPECT_EQ(h.intents(), "1 deny select 42501 [SELECT 9]\n2 allow select [SELECT 1]");
}

CONVERSATION(Names, AQueryDropsTheUnnamedStatement) {
  h.with_model();
  h.say(say::parse("", "SELECT 1") + say::sync() + say::query("SELECT 0") + say::run_prepared(""));
  EXPECT_EQ(h.to_client(),
            "ParseComplete Ready(I) RowDescription Complete(SELECT 0) Ready(I) "
            "Error(26000: unnamed prepared statement does not exist) Ready(I)");
}

CONVERSATION(Names, CloseInTheSameSegmentCounts) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::close_statement("s") + say::parse("s", "INSERT 2") +
        say::bind("", "s") + say::execute("") + say::sync());
  EXPECT_EQ(h.intents(), "1 allow write insert [INSERT 2]");
  EXPECT_EQ(h.to_client(),
            "ParseComplete CloseComplete ParseComplete BindComplete Complete(INSERT 0 2) Ready(I)");
  h.say(say::close_statement("s") + say::bind("", "s") + say::sync());
  EXPECT_EQ(h.to_client(),
            "CloseComplete Error(26000: prepared statement \"s\" does not exist) Ready(I)");
}

CONVERSATION(Names, ClosingAStatementLeavesItsPortals) {
  h.with_model();
  h.say(say::run("BEGIN") + say::parse("s", "SELECT 1") + say::bind("p", "s") +
        say::close_statement("s") + say::execute("p") + say::sync());
  EXPECT_EQ(
      h.to_client(),
      "ParseComplete BindComplete Complete(BEGIN) Ready(T) "
      "ParseComplete BindComplete CloseComplete Row(SELECT 1 #1) Complete(SELECT 1) Ready(T)");
}

CONVERSATION(Names, ClosingWhatDoesNotExistIsNoError) {
  h.with_model();
  h.say(say::close_statement("s") + say::close_portal("p") + say::close_statement("") +
        say::sync());
  EXPECT_EQ(h.to_client(), "CloseComplete CloseComplete CloseComplete Ready(I)");
}

CONVERSATION(Names, PortalIsTiedToTheStatementItWasBoundTo) {
  h.with_model();
  h.say(say::run("BEGIN") + say::parse("", "SELECT 1") + say::bind("p", "") +
        say::parse("", "INSERT 2") + say::execute("p") + say::sync());
  EXPECT_EQ(h.intents(),
            "1 allow transaction [BEGIN]\n2 allow select [SELECT 1]\n3 allow select [SELECT 1]");
  EXPECT_EQ(h.outcomes(), "1 completed BEGIN\n2 suspended\n3 completed SELECT 1 rows=1");
}

CONVERSATION(Names, BindOverAPortalThatExistsFails) {
  h.with_model();
  h.say(say::run("BEGIN") + say::parse("a", "SELECT 1") + say::parse("b", "SELECT 0") +
        say::bind("p", "a") + say::bind("p", "b") + say::execute("p") + say::sync());
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Complete(BEGIN) Ready(T) ParseComplete ParseComplete "
            "BindComplete "
            "Error(42P03: cursor \"p\" already exists) Ready(E)");
}

CONVERSATION(Names, FailedBindMakesNoPortal) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::bind("p", "s", {"bad"}) + say::sync() +
        say::execute("p") + say::sync());
  EXPECT_EQ(h.to_client(),
            "ParseComplete Error(22P02: invalid input syntax) Ready(I) "
            "Error(34000: portal \"p\" does not exist) Ready(I)");
}

CONVERSATION(Names, SqlPreparedStatementIsOneWithThoseOfTheProtocol) {
  h.with_model();
  h.say(say::query("PREPARE s AS SELECT 1") + say::run_prepared("s") + say::query("EXECUTE s"));
  EXPECT_EQ(h.intents(),
            "1 allow prepare [PREPARE s AS SELECT 1]\n2 allow select [SELECT 1]\n3 allow write "
            "execute [EXECUTE s]");
  EXPECT_EQ(h.to_client(),
            "Complete(PREPARE) Ready(I) BindComplete Row(SELECT 1 #1) Complete(SELECT 1) Ready(I) "
            "RowDescription Row(SELECT 1 #1) Complete(SELECT 1) Ready(I)");
  h.say(say::close_statement("s") + say::sync() + say::query("EXECUTE s"));
  EXPECT_EQ(
      h.to_client(),
      "CloseComplete Ready(I) Error(26000: prepared statement \"s\" does not exist) Ready(I)");
}

CONVERSATION(Names, FetchWritesIfItsCursorDoes) {
  h.with_model();
  h.say(say::query("BEGIN; DECLARE r FOR SELECT 1") + say::parse("s", "INSERT 1 RETURNING") +
        say::bind("w", "s") + say::sync());
  h.forget();
  h.say(say::query("FETCH 1 r") + say::query("FETCH 1 w"));
  EXPECT_EQ(h.intents(), "4 allow fetch [FETCH 1 r]\n5 allow write fetch [FETCH 1 w]");
}

// Else the session would not know what the store has under the names: a write could run as a read.
CONVERSATION(Names, SqlExecuteOfAStatementThatChangesNamesIsRefused) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::parse("drop", "DEALLOCATE s") +
        say::parse("make", "PREPARE s AS INSERT 2") + say::parse("copy", "COPY FROM STDIN") +
        say::parse("outer", "EXECUTE drop") + say::sync());
  h.forget();
  for (const char* name : {"drop", "make", "copy", "outer"}) {
    h.say(say::query(std::string("EXECUTE ") + name));
    EXPECT_EQ(h.to_client(),
              "Error(0A000: EXECUTE cannot run a prepared statement that changes names or copies "
              "in) Ready(I)");
  }
  h.say(say::run_prepared("s"));
  EXPECT_EQ(h.outcomes(), "5 completed SELECT 1 rows=1");
}

CONVERSATION(Names, FetchFromAPortalThatExecutesIsJudgedByWhatItExecutes) {
  h.with_model();
  h.say(say::parse("s", "INSERT 2 RETURNING") + say::parse("e", "EXECUTE s") + say::query("BEGIN") +
        say::bind("c", "e") + say::sync());
  h.forget();
  h.say(say::query("FETCH 1 c"));
  EXPECT_EQ(h.intents(), "3 allow write fetch [FETCH 1 c]");
  h.judge.deny("INSERT 2");
  h.judge.reload();
  h.say(say::query("FETCH 1 c"));
  EXPECT_EQ(h.to_client(),
            "RowDescription Row(INSERT 2 RETURNING #1) Complete(FETCH 1) Ready(T) "
            "Error(42501: permission denied for INSERT 2 RETURNING) Ready(E)");
}

CONVERSATION(Names, PortalThatFetchesFromItselfIsRefused) {
  h.with_model();
  h.say(say::parse("f", "FETCH 1 c") + say::query("BEGIN") + say::bind("c", "f") + say::sync());
  h.forget();
  h.say(say::query("FETCH 1 c"));
  EXPECT_EQ(h.to_client(),
            "Error(54001: cursors that fetch from one another are nested too deeply) Ready(E)");
}

CONVERSATION(Names, CreateTableAsExecuteIsAWriteWhateverItExecutes) {
  h.with_model();
  h.say(say::query("PREPARE s AS SELECT 1") + say::query("CREATE AS EXECUTE s"));
  EXPECT_EQ(h.intents(),
            "1 allow prepare [PREPARE s AS SELECT 1]\n2 allow write ddl [CREATE AS EXECUTE s]");
}

CONVERSATION(Names, DeniedSqlPrepareLeavesNothing) {
  h.with_model();
  h.judge.deny("SELECT 9");
  h.say(say::query("PREPARE s AS SELECT 9") + say::query("EXECUTE s"));
  EXPECT_EQ(h.to_client(),
            "Error(42501: permission denied for PREPARE s AS SELECT 9) Ready(I) "
            "Error(26000: prepared statement \"s\" does not exist) Ready(I)");
}

CONVERSATION(Names, FailedSqlPrepareLeavesTheOldStatement) {
  h.with_model();
  h.say(say::query("PREPARE s AS SELECT 1") + say::query("PREPARE s AS INSERT 2") +
        say::query("EXECUTE s"));
  EXPECT_EQ(h.outcomes(), "1 completed PREPARE\n2 failed 42P05\n3 completed SELECT 1 rows=1");
}

CONVERSATION(Names, PrepareAndExecuteInOneText) {
  h.with_model();
  h.say(say::query("PREPARE s AS INSERT 1; EXECUTE s; DEALLOCATE s"));
  EXPECT_EQ(h.to_client(), "Complete(PREPARE) Complete(INSERT 0 1) Complete(DEALLOCATE) Ready(I)");
  h.say(say::query("PREPARE s AS SELECT 1; DEALLOCATE s; EXECUTE s"));
  EXPECT_EQ(h.to_client(), "Error(26000: prepared statement \"s\" does not exist) Ready(I)");
}

CONVERSATION(Names, DeallocateInAPipelineIsWaitedFor) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::parse("t", "SELECT 1") + say::sync());
  h.say(say::run("DEALLOCATE s") + say::run_prepared("s") + say::run("DEALLOCATE ALL") +
        say::run_prepared("t"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete ParseComplete Ready(I) "
            "ParseComplete BindComplete Complete(DEALLOCATE) Ready(I) "
            "Error(26000: prepared statement \"s\" does not exist) Ready(I) "
            "ParseComplete BindComplete Complete(DEALLOCATE ALL) Ready(I) "
            "Error(26000: prepared statement \"t\" does not exist) Ready(I)");
}

CONVERSATION(Names, DeallocateInTheSameSegmentCounts) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::parse("d", "DEALLOCATE s") + say::bind("", "d") +
        say::execute("") + say::parse("s", "INSERT 2") + say::bind("", "s") + say::execute("") +
        say::sync());
  EXPECT_EQ(h.outcomes(), "1 completed DEALLOCATE\n2 completed INSERT 0 2 rows=2");
  EXPECT_EQ(h.intents(), "1 allow deallocate [DEALLOCATE s]\n2 allow write insert [INSERT 2]");
}

CONVERSATION(Names, DiscardAllKeepsTheUnnamedStatementOnly) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::parse("d", "DISCARD ALL") + say::parse("", "SELECT 0") +
        say::bind("", "d") + say::execute("") + say::sync());
  h.say(say::run_prepared("") + say::run_prepared("s"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete ParseComplete ParseComplete BindComplete Complete(DISCARD ALL) Ready(I) "
            "BindComplete Complete(SELECT 0) Ready(I) "
            "Error(26000: prepared statement \"s\" does not exist) Ready(I)");
}

CONVERSATION(Names, CursorIsFetchedAndClosed) {
  h.with_model();
  h.say(say::query("BEGIN") + say::query("DECLARE c FOR SELECT 3") + say::query("FETCH 2 c") +
        say::query("CLOSE c") + say::query("FETCH 2 c") + say::query("ROLLBACK"));
  EXPECT_EQ(h.to_client(),
            "Complete(BEGIN) Ready(T) Complete(DECLARE CURSOR) Ready(T) "
            "RowDescription Row(SELECT 3 #1) Row(SELECT 3 #2) Complete(FETCH 2) Ready(T) "
            "Complete(CLOSE CURSOR) Ready(T) Error(34000: cursor \"c\" does not exist) Ready(E) "
            "Complete(ROLLBACK) Ready(I)");
}

CONVERSATION(Names, CursorOfSqlIsAPortalOfTheProtocol) {
  h.with_model();
  h.say(say::query("BEGIN; DECLARE c FOR SELECT 3") + say::describe_portal("c") +
        say::execute("c", 2) + say::sync());
  EXPECT_EQ(h.to_client(),
            "Complete(BEGIN) Complete(DECLARE CURSOR) Ready(T) "
            "RowDescription Row(SELECT 3 #1) Row(SELECT 3 #2) PortalSuspended Ready(T)");
  EXPECT_EQ(
      h.intents(),
      "1 allow transaction [BEGIN; DECLARE c FOR SELECT 3]\n"
      "2 allow declare_cursor index=1 [BEGIN; DECLARE c FOR SELECT 3]\n3 allow select [SELECT 3]");
}

CONVERSATION(Names, CursorsEndWithTheTransactionUnlessWithHold) {
  h.with_model();
  h.say(say::query("BEGIN; DECLARE a FOR SELECT 1; DECLARE b HOLD FOR SELECT 1; COMMIT") +
        say::query("FETCH 1 b") + say::query("FETCH 1 a"));
  EXPECT_EQ(
      h.to_client(),
      "Complete(BEGIN) Complete(DECLARE CURSOR) Complete(DECLARE CURSOR) Complete(COMMIT) Ready(I) "
      "RowDescription Row(SELECT 1 #1) Complete(FETCH 1) Ready(I) "
      "Error(34000: cursor \"a\" does not exist) Ready(I)");
}

CONVERSATION(Names, CommitEndsPortalsAlsoWhenTheNextTransactionHasBegun) {
  h.with_model();
  h.say(say::query("BEGIN; DECLARE a FOR SELECT 1"));
  h.say(say::query("COMMIT; BEGIN"));
  h.say(say::query("FETCH 1 a"));
  EXPECT_EQ(
      h.to_client(),
      "Complete(BEGIN) Complete(DECLARE CURSOR) Ready(T) Complete(COMMIT) Complete(BEGIN) Ready(T) "
      "Error(34000: cursor \"a\" does not exist) Ready(E)");
  EXPECT_EQ(h.all_intents().back().allowed, false) << "the session knew it";
}

CONVERSATION(Names, CloseAllAndDiscardAllEndCursorsWithHold) {
  h.with_model();
  h.say(say::query("DECLARE a HOLD FOR SELECT 1") + say::query("CLOSE ALL") +
        say::query("FETCH 1 a"));
  h.say(say::query("DECLARE b HOLD FOR SELECT 1") + say::query("DISCARD ALL") +
        say::query("FETCH 1 b"));
  EXPECT_EQ(h.to_client(),
            "Complete(DECLARE CURSOR) Ready(I) Complete(CLOSE CURSOR ALL) Ready(I) "
            "Error(34000: cursor \"a\" does not exist) Ready(I) "
            "Complete(DECLARE CURSOR) Ready(I) Complete(DISCARD ALL) Ready(I) "
            "Error(34000: cursor \"b\" does not exist) Ready(I)");
}

CONVERSATION(Names, PreparedFetchUsesTheCursorOfItsDay) {
  h.with_model();
  h.say(say::parse("f", "FETCH 1 c") + say::sync() + say::query("BEGIN; DECLARE c FOR SELECT 1") +
        say::run_prepared("f") + say::run("CLOSE c") + say::run_prepared("f"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete Ready(I) Complete(BEGIN) Complete(DECLARE CURSOR) Ready(T) "
            "BindComplete Row(SELECT 1 #1) Complete(FETCH 1) Ready(T) "
            "ParseComplete BindComplete Complete(CLOSE CURSOR) Ready(T) "
            "BindComplete Error(34000: cursor \"c\" does not exist) Ready(E)");
}

CONVERSATION(Names, PolicyChangeBetweenParseAndBindDeniesTheBind) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::sync());
  h.judge.deny("SELECT 1");
  h.judge.reload();
  h.say(say::run_prepared("s") + say::describe_statement("s") + say::sync() +
        say::query("EXECUTE s"));
  EXPECT_EQ(h.to_client(),
            "ParseComplete Ready(I) Error(42501: permission denied for SELECT 1) Ready(I) "
            "Error(42501: permission denied for SELECT 1) Ready(I) "
            "Error(42501: permission denied for SELECT 1) Ready(I)");
}

CONVERSATION(Names, PolicyChangeBetweenBindAndExecuteDeniesTheExecute) {
  h.with_model();
  h.say(say::run("BEGIN") + say::parse("s", "SELECT 4") + say::bind("p", "s") +
        say::execute("p", 2) + say::sync());
  h.say(say::query("DECLARE c FOR SELECT 4"));
  h.forget();
  h.judge.deny("SELECT 4");
  h.judge.reload();
  h.say(say::execute("p", 2) + say::sync());
  EXPECT_EQ(h.to_client(), "Error(42501: permission denied for SELECT 4) Ready(E)");
}

CONVERSATION(Names, PolicyChangeReachesCursors) {
  h.with_model();
  h.say(say::query("DECLARE c HOLD FOR SELECT 4"));
  h.forget();
  h.judge.deny("SELECT 4");
  h.judge.reload();
  h.say(say::query("FETCH 1 c"));
  EXPECT_EQ(h.to_client(), "Error(42501: permission denied for SELECT 4) Ready(I)");
  h.judge.permit_everything();
  h.judge.reload();
  h.say(say::query("FETCH 1 c"));
  EXPECT_EQ(h.to_client(), "RowDescription Row(SELECT 4 #1) Complete(FETCH 1) Ready(I)");
}

CONVERSATION(Names, StatementIsJudgedOnceAfterAPolicyChangeThatPermitsItStill) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::sync());
  h.judge.reload();
  h.say(say::run_prepared("s") + say::run_prepared("s") + say::run_prepared("s"));
  EXPECT_EQ(h.judge.plans_made(), 2U);
  EXPECT_EQ(
      h.outcomes(),
      "1 completed SELECT 1 rows=1\n2 completed SELECT 1 rows=1\n3 completed SELECT 1 rows=1");
}

CONVERSATION(Names, PortalThatOnlyTheStoreKnowsIsRefusedOnceTheRoleIsRestricted) {
  h.judge.set_unrestricted(true);
  h.say(say::bind("p", "made_by_a_function") + say::flush());
  h.answer(answer::bind_complete());
  h.judge.set_unrestricted(false);
  h.judge.reload();
  h.say(say::execute("p") + say::flush());
  EXPECT_EQ(h.to_store(), "Bind(p-> made_by_a_function) Flush Parse(aside: <refused>)");
  h.answer(answer::refusal());
  EXPECT_EQ(h.to_client(), "BindComplete Error(34000: portal \"p\" does not exist)");
}

}  // namespace
}  // namespace tracegate::session::testing
