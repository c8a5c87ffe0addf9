// Which statements a role's rules permit, and how a refusal reads.
#include "src/policy/judge.h"

#include <gtest/gtest.h>

#include "tests/policy/roles.h"

namespace tracegate::policy {
namespace {

using sql::Operation;
using sql::Statement;
using sql::StatementClass;

PlanRef judge_one(const Role& role, Statement statement, std::string_view text = "text") {
  return judge(PolicyVersion{3}, role, make_upstream(), *make_catalog(), text,
               analysis_of({std::move(statement)}));
}

// "" if permitted, else the reason.
std::string verdict(const Role& role, Statement statement) {
  const PlanRef plan = judge_one(role, std::move(statement));
  return plan->denial ? plan->denial->reason : "";
}

Statement select(std::vector<std::string> columns, std::string relation = "traces") {
  return make_statement(
      StatementClass::kSelect,
      {need_columns(Operation::kSelect, std::move(columns), std::move(relation))});
}
Statement select_all() {
  return make_statement(StatementClass::kSelect, {need_all(Operation::kSelect)});
}

// Each operation on a relation needs a rule of just that operation on just that table.
TEST(Judge, EachNeedNeedsItsOwnRule) {
  constexpr std::pair<Operation, StatementClass> kAll[] = {
      {Operation::kSelect, StatementClass::kSelect},
      {Operation::kInsert, StatementClass::kInsert},
      {Operation::kUpdate, StatementClass::kUpdate},
      {Operation::kDelete, StatementClass::kDelete},
      {Operation::kTruncate, StatementClass::kTruncate},
      {Operation::kCopyIn, StatementClass::kCopyIn},
      {Operation::kCopyOut, StatementClass::kCopyOut},
      {Operation::kLock, StatementClass::kLock}};
  for (const auto& [operation, statement_class] : kAll) {
    const Statement statement = make_statement(statement_class, {need_all(operation)});
    for (const auto& [permitted, unused] : kAll) {
      const Role role = make_role({make_rule(5, {permitted}, {"public.traces"})});
      EXPECT_EQ(verdict(role, statement).empty(), permitted == operation)
          << sql::to_string(operation) << " with a rule for " << sql::to_string(permitted);
    }
    EXPECT_NE(verdict(make_role({}), statement), "");
    EXPECT_NE(
        verdict(make_role({make_rule(5, {operation}, {"app.traces", "public.other"})}), statement),
        "");
    EXPECT_EQ(verdict(make_role({make_rule(5, {operation}, {"public.*"})}), statement), "");
  }
}

TEST(Judge, EveryNeedOfAStatementCounts) {
  Statement insert =
      make_statement(StatementClass::kInsert,
                     {need_all(Operation::kInsert), need_columns(Operation::kSelect, {"id"})});
  const Rule inserts = make_rule(5, {Operation::kInsert}, {"public.traces"});
  EXPECT_EQ(verdict(make_role({inserts}), insert), "select on public.traces: no rule permits it");
  EXPECT_EQ(
      verdict(make_role({inserts, make_rule(9, {Operation::kSelect}, {"public.traces"})}), insert),
      "");
}

TEST(Judge, CopyToNeedsExportAndRead) {
  const Statement copy = make_statement(
      StatementClass::kCopyOut, {need_all(Operation::kCopyOut), need_all(Operation::kSelect)});
  EXPECT_NE(verdict(make_role({make_rule(5, {Operation::kCopyOut}, {"public.traces"})}), copy), "");
  EXPECT_NE(verdict(make_role({make_rule(5, {Operation::kSelect}, {"public.traces"})}), copy), "");
  EXPECT_EQ(
      verdict(
          make_role({make_rule(5, {Operation::kSelect, Operation::kCopyOut}, {"public.traces"})}),
          copy),
      "");
}

TEST(JudgeColumns, ARuleWithColumnsPermitsThoseOnly) {
  const Role role =
      make_role({make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id", "score"})});
  EXPECT_EQ(verdict(role, select({"id"})), "");
  EXPECT_EQ(verdict(role, select({"id", "score"})), "");
  EXPECT_EQ(verdict(role, select({"id", "prompt"})),
            "select on public.traces: no rule permits column prompt");
  EXPECT_EQ(verdict(role, select_all()), "select on public.traces: no rule permits column prompt");
}
TEST(JudgeColumns, TheRelationAloneNeedsAnyColumn) {
  EXPECT_EQ(verdict(make_role({make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id"})}),
                    select({})),
            "");
  EXPECT_NE(verdict(make_role({}), select({})), "");
}
TEST(JudgeColumns, ColumnsOfSeveralRulesAddUp) {
  const Rule id = make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id"});
  const Rule score = make_rule(9, {Operation::kSelect}, {"public.traces"}, {"score"});
  const Rule prompt = make_rule(13, {Operation::kSelect}, {"public.traces"}, {"prompt"});
  EXPECT_EQ(verdict(make_role({id, score}), select({"id", "score"})), "");
  EXPECT_NE(verdict(make_role({id, score}), select_all()), "");
  EXPECT_EQ(verdict(make_role({id, score, prompt}), select_all()), "");
}
TEST(JudgeColumns, ColumnsOfOtherOperationsAndTablesDoNotAddUp) {
  const Rule id = make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id"});
  EXPECT_NE(
      verdict(make_role({id, make_rule(9, {Operation::kInsert}, {"public.traces"}, {"score"})}),
              select({"id", "score"})),
      "");
  EXPECT_NE(
      verdict(make_role({id, make_rule(9, {Operation::kSelect}, {"public.recent"}, {"score"})}),
              select({"id", "score"})),
      "");
}
TEST(JudgeColumns, AWholeRowOfAnUnknownRelationNeedsARuleWithoutColumns) {
  const Statement statement =
      make_statement(StatementClass::kSelect, {need_all(Operation::kSelect, "gone")});
  EXPECT_NE(
      verdict(make_role({make_rule(5, {Operation::kSelect}, {"public.gone"}, {"id"})}), statement),
      "");
  EXPECT_EQ(verdict(make_role({make_rule(5, {Operation::kSelect}, {"public.gone"})}), statement),
            "");
}

TEST(JudgeRule, NamesEveryRuleThatWasNeededOnce) {
  const Role role = make_role({make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id"}),
                               make_rule(9, {Operation::kSelect}, {"public.traces"}, {"score"}),
                               make_rule(13, {Operation::kInsert}, {"public.traces"})});
  EXPECT_EQ(judge_one(role, select({"id", "score"}))->statements[0].rule,
            "roles.toml:5, roles.toml:9");
  EXPECT_EQ(judge_one(role, select({"score"}))->statements[0].rule, "roles.toml:9");
  EXPECT_EQ(judge_one(role, make_statement(StatementClass::kInsert,
                                           {need_all(Operation::kInsert),
                                            need_columns(Operation::kInsert, {"id"})}))
                ->statements[0]
                .rule,
            "roles.toml:13");
}

// What needs no rule, and what needs one although it is on no table.
TEST(Judge, StatementsOfTheSessionNeedNothing) {
  for (const StatementClass each :
       {StatementClass::kSelect, StatementClass::kTransaction, StatementClass::kDiscard,
        StatementClass::kDeallocate, StatementClass::kFetch, StatementClass::kCloseCursor,
        StatementClass::kExecute, StatementClass::kUnlisten, StatementClass::kCopyOut}) {
    const PlanRef plan = judge_one(make_role({}), make_statement(each));
    EXPECT_FALSE(plan->denial) << sql::to_string(each);
    EXPECT_EQ(plan->statements.at(0).rule, "session");
  }
}

TEST(Judge, OperationsThatAreNotOnTablesNeedARule) {
  constexpr std::pair<Operation, StatementClass> kAll[] = {
      {Operation::kDdl, StatementClass::kDdl},
      {Operation::kCall, StatementClass::kCall},
      {Operation::kDo, StatementClass::kDo},
      {Operation::kExplain, StatementClass::kExplain},
      {Operation::kListen, StatementClass::kListen},
      {Operation::kNotify, StatementClass::kNotify},
      {Operation::kMaintenance, StatementClass::kMaintenance},
      {Operation::kTwoPhase, StatementClass::kTransaction}};
  for (const auto& [operation, statement_class] : kAll) {
    Statement statement = make_statement(statement_class);
    statement.operations = {operation};
    statement.inner = std::make_shared<Statement>(make_statement(StatementClass::kSelect));
    for (const auto& [permitted, unused] : kAll)
      EXPECT_EQ(verdict(make_role({make_rule(5, {permitted})}), statement).empty(),
                permitted == operation)
          << sql::to_string(operation) << " with a rule for " << sql::to_string(permitted);
    EXPECT_EQ(judge_one(make_role({make_rule(5, {operation})}), statement)->statements[0].rule,
              "roles.toml:5");
  }
}

// The class alone demands its operation, should the analysis ever leave it out.
TEST(Judge, TheClassItselfDemandsItsOperation) {
  for (const StatementClass each :
       {StatementClass::kDdl, StatementClass::kCall, StatementClass::kDo, StatementClass::kListen,
        StatementClass::kNotify, StatementClass::kMaintenance})
    EXPECT_NE(verdict(make_role({}), make_statement(each)), "") << sql::to_string(each);
}
TEST(Judge, WhatNamesNothingThatCouldBeJudgedIsRefused) {
  const Role reader = make_role(
      {make_rule(5, {Operation::kSelect, Operation::kInsert, Operation::kUpdate}, {"public.*"}),
       make_rule(9, {Operation::kExplain})});
  for (const StatementClass each :
       {StatementClass::kInsert, StatementClass::kUpdate, StatementClass::kDelete,
        StatementClass::kMerge, StatementClass::kTruncate, StatementClass::kCopyIn,
        StatementClass::kLock, StatementClass::kSet, StatementClass::kShow,
        StatementClass::kExplain, StatementClass::kPrepare, StatementClass::kDeclareCursor,
        StatementClass::kUnknown})
    EXPECT_EQ(verdict(reader, make_statement(each)),
              std::string(sql::to_string(each)) + ": nothing in the statement can be judged");
  // An UPDATE of which only the read is known.
  EXPECT_NE(
      verdict(reader, make_statement(StatementClass::kUpdate, {need_all(Operation::kSelect)})), "");
}

TEST(JudgeFunctions, PureOnesAreFreeOthersMustBeListed) {
  Statement statement = select({"id"});
  Role role = make_role({make_rule(5, {Operation::kSelect}, {"public.traces"})});
  statement.functions = {"lower", "pg_catalog.upper"};
  EXPECT_EQ(verdict(role, statement), "");
  for (const std::string name :
       {"pg_read_file", "similarity", "public.lower", "set_config", "nextval", "dblink"}) {
    statement.functions = {"lower", name};
    EXPECT_EQ(verdict(role, statement), "function " + name + ": neither pure nor listed");
  }
  role.functions = {"public.lower", "similarity"};
  statement.functions = {"public.lower", "similarity"};
  EXPECT_EQ(verdict(role, statement), "");
  statement.functions = {"public.similarity"};
  EXPECT_NE(verdict(role, statement), "");
}
TEST(JudgeFunctions, PoolsMayReleaseTheirAdvisoryLocks) {
  Statement statement = make_statement(StatementClass::kSelect);
  statement.functions = {"pg_advisory_unlock_all"};
  EXPECT_EQ(verdict(make_role({}), statement), "");
  statement.functions = {"public.pg_advisory_unlock_all"};
  EXPECT_NE(verdict(make_role({}), statement), "");
}

TEST(JudgeSettings, AreJudgedByTheAllowList) {
  Statement statement = make_statement(StatementClass::kSet);
  statement.settings = {{"timezone", {"UTC"}, false}};
  EXPECT_EQ(verdict(make_role({}), statement), "");
  statement.settings = {{"timezone", {"UTC"}, false}, {"search_path", {"app"}, false}};
  const PlanRef plan = judge_one(make_role({}), statement);
  ASSERT_TRUE(plan->denial);
  EXPECT_EQ(plan->denial->sqlstate, "42501");
  EXPECT_EQ(plan->denial->message,
            "permission denied to set parameter \"search_path\" to another value");
  EXPECT_EQ(plan->denial->rule, "default");
  Statement show = make_statement(StatementClass::kShow);
  show.shown_settings = {"server_version"};
  EXPECT_EQ(verdict(make_role({}), show), "");
  show.shown_settings = {"all"};
  EXPECT_NE(verdict(make_role({}), show), "");
}

TEST(JudgeRefusal, IsDeniedWithItsOwnCode) {
  Statement statement = select({"id"});
  statement.refusal = sql::Refusal{"42P01", "relation \"nosuch\" does not exist", 20};
  const PlanRef plan = judge_one(make_role({make_rule(5, {Operation::kSelect}, {"public.*"})}),
                                 statement, "select 'äöü' from nosuch");
  ASSERT_TRUE(plan->denial);
  EXPECT_EQ(plan->denial->sqlstate, "42P01");
  EXPECT_EQ(plan->denial->message, "relation \"nosuch\" does not exist");
  EXPECT_EQ(plan->denial->hint, "");
  EXPECT_EQ(plan->denial->position, 18);
  EXPECT_EQ(plan->denial->rule, "default");
}

TEST(JudgeWording, IsPostgresOwn) {
  const Role role = make_role({make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id"})});
  Statement statement = make_statement(StatementClass::kDelete, {need_all(Operation::kDelete)});
  statement.needs[0].location = 12;
  const PlanRef plan = judge_one(role, statement, "DELETE FROM traces");
  ASSERT_TRUE(plan->denial);
  EXPECT_EQ(plan->denial->sqlstate, "42501");
  EXPECT_EQ(plan->denial->message, "permission denied for table traces");
  EXPECT_EQ(plan->denial->hint,
            "role \"reader\" has no rule that permits delete on public.traces; ask the operator of "
            "this gateway");
  EXPECT_EQ(plan->denial->rule, "default");
  EXPECT_EQ(plan->denial->reason, "delete on public.traces: no rule permits it");
  EXPECT_EQ(plan->denial->position, 0);  // PostgreSQL gives none with a missing privilege
  EXPECT_EQ(plan->statements.at(0).rule, "default");
}
TEST(JudgeWording, NamesTheRuleThatPermitsLess) {
  const Role role = make_role({make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id"})});
  const PlanRef plan = judge_one(role, select({"prompt"}));
  EXPECT_EQ(plan->denial->message, "permission denied for table traces");
  EXPECT_EQ(plan->denial->hint,
            "role \"reader\" has no rule that permits select of column prompt on public.traces "
            "(roles.toml:5 "
            "permits other columns); ask the operator of this gateway");
  EXPECT_EQ(plan->denial->rule, "roles.toml:5");
  EXPECT_EQ(plan->denial->position, 0);
}
TEST(JudgeWording, SaysWhatKindOfRelationItIs) {
  EXPECT_EQ(judge_one(make_role({}), select({"id"}, "recent"))->denial->message,
            "permission denied for view recent");
  const Statement quoted =
      make_statement(StatementClass::kSelect, {need_all(Operation::kSelect, "Users", "app")});
  const PlanRef plan = judge_one(make_role({}), quoted);
  EXPECT_EQ(plan->denial->message, "permission denied for table Users");
  EXPECT_EQ(plan->denial->reason, "select on app.\"Users\": no rule permits it");
}
TEST(JudgeWording, OfOperationsAndFunctions) {
  EXPECT_EQ(judge_one(make_role({}), make_statement(StatementClass::kDdl))->denial->message,
            "permission denied for ddl statements");
  Statement statement = make_statement(StatementClass::kSelect);
  statement.functions = {"pg_read_file"};
  EXPECT_EQ(judge_one(make_role({}), statement)->denial->message,
            "permission denied for function pg_read_file");
  statement.functions = {"public.<->"};
  EXPECT_EQ(judge_one(make_role({}), statement)->denial->message,
            "permission denied for operator public.<->");
}

TEST(JudgeSyntaxError, IsDeniedAsPostgresWouldForRestrictedRoles) {
  sql::Analysis analysis;
  analysis.syntax_error = sql::SyntaxError{"syntax error at or near \"selec\"", 1};
  const PlanRef plan = judge(PolicyVersion{3}, make_role({}), make_upstream(), *make_catalog(),
                             "selec 's3cret'", analysis);
  ASSERT_TRUE(plan->denial);
  EXPECT_EQ(plan->denial->sqlstate, "42601");
  EXPECT_EQ(plan->denial->message, "syntax error at or near \"selec\"");
  EXPECT_EQ(plan->denial->hint, "");
  EXPECT_EQ(plan->denial->position, 1);
  EXPECT_EQ(plan->recorded_text, "/* 14 bytes that do not parse */");
}
TEST(JudgeSyntaxError, NothingOfTheTextIsRecorded) {
  sql::Analysis analysis;
  analysis.syntax_error = sql::SyntaxError{"unterminated quoted string at or near \"'s3cret\"", 8};
  const PlanRef plan = judge(PolicyVersion{3}, make_role({}), make_upstream(), *make_catalog(),
                             "insert 's3cret", analysis);
  ASSERT_TRUE(plan->denial);
  EXPECT_EQ(plan->denial->reason, "the text does not parse");
  EXPECT_EQ(plan->denial->message, "unterminated quoted string at or near \"'s3cret\"")
      << "the client is told PostgreSQL's words";
}
TEST(JudgeSyntaxError, ReachesTheStoreForUnrestrictedOnes) {
  sql::Analysis analysis;
  analysis.syntax_error = sql::SyntaxError{"syntax error at or near \"selec\"", 1};
  const PlanRef plan = judge(PolicyVersion{3}, make_unrestricted(), make_upstream(),
                             *make_catalog(), "selec 's3cret'", analysis);
  EXPECT_FALSE(plan->denial);
  ASSERT_EQ(plan->statements.size(), 1U);
  EXPECT_EQ(plan->statements[0].statement_class, StatementClass::kUnknown);
  EXPECT_EQ(plan->statements[0].rule, "roles.toml:99");
  EXPECT_TRUE(plan->writes);
  EXPECT_TRUE(plan->may_copy_in);
  EXPECT_EQ(plan->recorded_text, "/* 14 bytes that do not parse */");
}

TEST(JudgeUtf8, InvalidTextIsDeniedAsPostgresWould) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"select '\xe9'", "invalid byte sequence for encoding \"UTF8\": 0xe9 0x27"},
      {"select 'ä\xff'", "invalid byte sequence for encoding \"UTF8\": 0xff"},
      {"select '\xc3", "invalid byte sequence for encoding \"UTF8\": 0xc3"},
      {"select '\xf0\x9f'''", "invalid byte sequence for encoding \"UTF8\": 0xf0 0x9f 0x27 0x27"},
      {std::string_view("select '\0'", 10), "invalid byte sequence for encoding \"UTF8\": 0x00"}};
  for (const auto& [text, message] : cases) {
    const PlanRef plan = refuse_invalid_utf8(PolicyVersion{3}, text);
    ASSERT_TRUE(plan->denial);
    EXPECT_EQ(plan->denial->sqlstate, "22021");
    EXPECT_EQ(plan->denial->message, message);
    EXPECT_EQ(plan->recorded_text,
              "/* " + std::to_string(text.size()) + " bytes that are not valid UTF-8 */");
  }
}

TEST(JudgeSeveral, OneRefusedStatementRefusesTheText) {
  const Role role = make_role({make_rule(5, {Operation::kSelect}, {"public.traces"})});
  const PlanRef plan =
      judge(PolicyVersion{3}, role, make_upstream(), *make_catalog(), "text",
            analysis_of({select({"id"}),
                         make_statement(StatementClass::kDelete, {need_all(Operation::kDelete)}),
                         make_statement(StatementClass::kDdl)}));
  ASSERT_TRUE(plan->denial);
  EXPECT_EQ(plan->denial->reason, "delete on public.traces: no rule permits it");  // the first one
  ASSERT_EQ(plan->statements.size(), 3U);
  EXPECT_EQ(plan->statements[0].rule, "roles.toml:5");
  EXPECT_EQ(plan->statements[1].rule, "default");
}
TEST(JudgeSeveral, AnEmptyTextIsPermitted) {
  const PlanRef plan = judge(PolicyVersion{3}, make_role({}), make_upstream(), *make_catalog(),
                             " -- nothing", analysis_of({}));
  EXPECT_FALSE(plan->denial);
  EXPECT_TRUE(plan->statements.empty());
  EXPECT_FALSE(plan->writes);
  EXPECT_EQ(plan->recorded_text, " -- nothing");
}

TEST(JudgeUnrestricted, EverythingIsPermitted) {
  Statement refused = make_statement(StatementClass::kDdl);
  refused.refusal = sql::Refusal{"42501", "not understood", -1};
  refused.functions = {"pg_read_file"};
  refused.settings = {{"role", {"postgres"}, false}};
  const PlanRef plan = judge_one(make_unrestricted(), refused);
  EXPECT_FALSE(plan->denial);
  EXPECT_EQ(plan->statements.at(0).rule, "roles.toml:99");
  EXPECT_TRUE(plan->statements.at(0).may_copy_in);  // what was not understood may do anything
}

}  // namespace
}  // namespace tracegate::policy
