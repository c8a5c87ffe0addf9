// What a plan says about its text beyond the verdict: effects, names, what is recorded.
#include <gtest/gtest.h>

#include "src/base/bytes.h"
#include "src/crypto/digest.h"
#include "src/policy/judge.h"
#include "tests/policy/roles.h"

namespace tracegate::policy {
namespace {

using sql::Operation;
using sql::Statement;
using sql::StatementClass;

const Role& writer() {
  static const Role role =
      make_role({make_rule(5, {Operation::kSelect, Operation::kInsert, Operation::kCopyIn},
                           {"public.traces"}),
                 make_rule(9, {Operation::kExplain})});
  return role;
}

PlanRef plan_of(std::string_view text, std::vector<Statement> statements) {
  return judge(PolicyVersion{3}, writer(), make_upstream(), *make_catalog(), text,
               analysis_of(std::move(statements)));
}

Statement select() {
  return make_statement(StatementClass::kSelect, {need_all(Operation::kSelect)});
}
Statement insert() {
  Statement statement = make_statement(StatementClass::kInsert, {need_all(Operation::kInsert)});
  statement.has_constants = true;
  return statement;
}

TEST(PlanEffects, AreThoseOfAnyStatement) {
  EXPECT_FALSE(plan_of("r", {select()})->writes);
  const PlanRef both = plan_of("rw", {select(), insert()});
  EXPECT_TRUE(both->writes);
  EXPECT_FALSE(both->statements[0].writes);
  EXPECT_TRUE(both->statements[1].writes);
  EXPECT_FALSE(both->may_copy_in);
  Statement copy = make_statement(StatementClass::kCopyIn, {need_all(Operation::kCopyIn)});
  copy.copies_in = true;
  const PlanRef in = plan_of("c", {select(), copy});
  EXPECT_TRUE(in->may_copy_in);
  EXPECT_FALSE(in->statements[0].may_copy_in);
}

TEST(PlanEffects, VersionAndTextAreKept) {
  const PlanRef plan = plan_of("select 1", {select()});
  EXPECT_EQ(plan->policy_version, PolicyVersion{3});
  EXPECT_EQ(plan->text, "select 1");
  EXPECT_FALSE(plan->text_recorded);
}

TEST(RecordedText, IsTheTextOfReads) {
  Statement read = select();
  read.has_constants = true;
  const PlanRef plan = plan_of("select * from traces where prompt = 'x'", {read});
  EXPECT_EQ(plan->recorded_text, plan->text);
  EXPECT_EQ(plan->text_hash, crypto::sha256(as_bytes(plan->recorded_text)));
}

TEST(RecordedText, HasNoValuesOfWrites) {
  const std::string text = "insert into traces values (1, 's3cret')";
  const PlanRef plan = plan_of(text, {insert()});
  EXPECT_EQ(plan->recorded_text, sql::replace_constants(text));
  EXPECT_EQ(plan->recorded_text.find("s3cret"), std::string::npos);
  EXPECT_EQ(plan->text_hash, crypto::sha256(as_bytes(plan->recorded_text)));
}

TEST(RecordedText, HasNoValuesOfRefusedWritesEither) {
  const PlanRef plan = judge(PolicyVersion{3}, make_role({}), make_upstream(), *make_catalog(),
                             "insert into traces values (1, 's3cret')", analysis_of({insert()}));
  ASSERT_TRUE(plan->denial);
  EXPECT_EQ(plan->recorded_text.find("s3cret"), std::string::npos);
}

TEST(RecordedText, IsTheTextOfWritesWithoutValues) {
  Statement statement = insert();
  statement.has_constants = false;
  const PlanRef plan = plan_of("insert into traces values ($1, $2)", {statement});
  EXPECT_EQ(plan->recorded_text, plan->text);
}

TEST(RecordedText, HasNoValuesWhereOneOfSeveralWrites) {
  const PlanRef plan =
      plan_of("select 1; insert into traces values (1, 's3cret')", {select(), insert()});
  EXPECT_EQ(plan->recorded_text.find("s3cret"), std::string::npos);
}

TEST(RecordedText, HasNoValuesWhereOneStatementWritesAndAnotherHasThem) {
  Statement truncate = make_statement(StatementClass::kTruncate, {need_all(Operation::kTruncate)});
  truncate.writes = true;
  Statement read = select();
  read.has_constants = true;
  for (const std::string text :
       {"truncate traces; select 's3cret'", "select 's3cret'; truncate traces"})
    EXPECT_EQ(plan_of(text, text.starts_with("select") ? std::vector{read, truncate}
                                                       : std::vector{truncate, read})
                  ->recorded_text.find("s3cret"),
              std::string::npos)
        << text;
}

TEST(RecordedText, HasNoValuesOfWhatIsPreparedOrExecuted) {
  Statement prepare = make_statement(StatementClass::kPrepare, {need_all(Operation::kInsert)});
  prepare.writes = false;
  prepare.has_constants = true;
  prepare.inner = std::make_shared<Statement>(insert());
  EXPECT_EQ(plan_of("prepare p as insert into traces values (1, 's3cret')", {prepare})
                ->recorded_text.find("s3cret"),
            std::string::npos);
  Statement execute = make_statement(StatementClass::kExecute);
  execute.writes = false;
  execute.has_constants = true;
  EXPECT_EQ(plan_of("execute p('s3cret')", {execute})->recorded_text.find("s3cret"),
            std::string::npos);
}

TEST(PlanNames, PrepareHoldsThePlanOfItsStatement) {
  Statement prepare = make_statement(StatementClass::kPrepare, {need_all(Operation::kInsert)});
  prepare.writes = false;
  prepare.name_action = sql::NameAction::kPrepare;
  prepare.name = "p";
  prepare.inner = std::make_shared<Statement>(insert());
  const PlanRef plan = plan_of("prepare p as insert into traces values (1)", {prepare});
  ASSERT_FALSE(plan->denial);
  const StatementPlan& outer = plan->statements.at(0);
  EXPECT_EQ(outer.name_action, sql::NameAction::kPrepare);
  EXPECT_EQ(outer.name, "p");
  EXPECT_FALSE(outer.writes);
  EXPECT_FALSE(plan->writes);
  ASSERT_TRUE(outer.inner);
  EXPECT_TRUE(outer.inner->writes);
  EXPECT_EQ(outer.inner->statements.at(0).statement_class, StatementClass::kInsert);
  EXPECT_EQ(outer.inner->statements.at(0).rule, "roles.toml:5");
  EXPECT_EQ(outer.inner->policy_version, PolicyVersion{3});
  EXPECT_EQ(outer.inner->text_hash, plan->text_hash);
}

TEST(PlanNames, DeclareHoldsThePlanOfItsQuery) {
  Statement declare =
      make_statement(StatementClass::kDeclareCursor, {need_all(Operation::kSelect)});
  declare.writes = false;
  declare.name_action = sql::NameAction::kDeclare;
  declare.name = "c";
  declare.with_hold = true;
  declare.inner = std::make_shared<Statement>(select());
  const PlanRef plan = plan_of("declare c cursor with hold for table traces", {declare});
  const StatementPlan& outer = plan->statements.at(0);
  EXPECT_TRUE(outer.with_hold);
  ASSERT_TRUE(outer.inner);
  EXPECT_FALSE(outer.inner->writes);
}

TEST(PlanNames, ExplainHoldsNone) {
  Statement explain = make_statement(StatementClass::kExplain, {need_all(Operation::kSelect)});
  explain.operations = {Operation::kExplain};
  explain.inner = std::make_shared<Statement>(select());
  const PlanRef plan = plan_of("explain table traces", {explain});
  EXPECT_FALSE(plan->denial);
  EXPECT_FALSE(plan->statements.at(0).inner);
}

TEST(Explain, ShowsThePermitted) {
  Statement prepare = make_statement(StatementClass::kPrepare, {need_all(Operation::kSelect)});
  prepare.writes = false;
  prepare.name_action = sql::NameAction::kPrepare;
  prepare.name = "p";
  prepare.inner = std::make_shared<Statement>(select());
  EXPECT_EQ(explain(*plan_of("prepare p as table traces", {prepare}), analysis_of({prepare})),
            "permitted\n"
            "policy version 3, 1 statement(s)\n"
            "  1: prepare, reads, prepares statement \"p\"; rule: roles.toml:5\n"
            "     stores: select, reads; rule: roles.toml:5\n"
            "     select public.traces: whole rows\n"
            "recorded as: prepare p as table traces\n");
}

TEST(Explain, ShowsTheRefused) {
  Statement statement = make_statement(StatementClass::kDelete, {need_all(Operation::kDelete)});
  statement.needs[0].location = 12;
  EXPECT_EQ(explain(*plan_of("delete from traces", {statement}), analysis_of({statement})),
            "denied\n"
            "  error 42501: permission denied for table traces\n"
            "  hint: role \"reader\" has no rule that permits delete on public.traces; ask the "
            "operator of "
            "this gateway\n"
            "  rule: default; reason: delete on public.traces: no rule permits it\n"
            "policy version 3, 1 statement(s)\n"
            "  1: delete, writes; rule: default\n"
            "     delete public.traces: whole rows\n"
            "recorded as: delete from traces\n");
}

}  // namespace
}  // namespace tracegate::policy
