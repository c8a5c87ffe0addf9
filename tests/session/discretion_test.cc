// What a restricted role may not learn on the side: through errors of the store, through types that
// it declares for parameters, through statements that were prepared before the catalog changed.
#include <gtest/gtest.h>

#include "tests/session/harness.h"
#include "tests/session/messages.h"

namespace tracegate::session::testing {
namespace {

std::string store_error(std::string_view sqlstate, std::string_view detail, std::string_view hint) {
  std::string out;
  proto::encode_error({.sqlstate = sqlstate, .message = "m", .detail = detail, .hint = hint}, out);
  return out;
}

std::string error_of(std::vector<proto::ErrorFields::Field> fields) {
  proto::ErrorResponse error;
  error.fields = std::move(fields);
  std::string out;
  proto::encode(error, out);
  return out;
}

std::string parse_with_type(proto::Oid type) {
  return encoded(proto::Parse{"s", "SELECT 1", {type}});
}

CONVERSATION(Discretion, DetailOfAViolatedConstraintIsLeftOut) {
  h.say(say::query("INSERT 1"));
  h.answer(store_error("23502", "Failing row contains (null, secret).", "h") + answer::ready('I'));
  const std::string seen = h.client_bytes();
  EXPECT_EQ(seen, store_error("23502", {}, "h") + answer::ready('I'));
}

CONVERSATION(Discretion, DetailOfAViolatedCheckOptionIsLeftOut) {
  h.say(say::query("INSERT 1"));
  h.answer(store_error("44000", "Failing row contains (1, secret).", "h") + answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), store_error("44000", {}, "h") + answer::ready('I'));
}

CONVERSATION(Discretion, HintOfAnUnknownColumnIsLeftOut) {
  h.say(say::query("SELECT 1"));
  h.answer(store_error("42703", {}, "Perhaps you meant to reference the column \"t.secret\".") +
           answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), store_error("42703", {}, {}) + answer::ready('I'));
}

CONVERSATION(Discretion, RelationThatDoesNotExistForTheRoleIsNotNamed) {
  h.say(say::query("INSERT 1"));
  h.answer(error_of({{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "23503"},
                     {'M', "update on \"t\" violates foreign key \"f\" on table \"hidden_log\""},
                     {'s', "public"},
                     {'t', "hidden_log"},
                     {'n', "f"},
                     {'F', "ri.c"}}) +
           answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), error_of({{'S', "ERROR"},
                                        {'V', "ERROR"},
                                        {'C', "23503"},
                                        {'M', "the statement violates a constraint of the store"},
                                        {'F', "ri.c"}}) +
                                  answer::ready('I'));
}

CONVERSATION(Discretion, RelationThatExistsForTheRoleIsNamed) {
  const std::string error = error_of({{'S', "ERROR"},
                                      {'V', "ERROR"},
                                      {'C', "23505"},
                                      {'M', "duplicate key value"},
                                      {'s', "public"},
                                      {'t', "traces"},
                                      {'n', "traces_pkey"}}) +
                            answer::ready('I');
  h.say(say::query("INSERT 1"));
  h.answer(error);
  EXPECT_EQ(h.client_bytes(), error);
}

CONVERSATION(Discretion, WhatCodeOfTheStoreWasDoingIsNotTold) {
  h.say(say::query("INSERT 1"));
  h.answer(
      error_of(
          {{'S', "ERROR"},
           {'V', "ERROR"},
           {'C', "P0001"},
           {'M', "no"},
           {'p', "8"},
           {'q', "SELECT 1 FROM vault"},
           {'W',
            "SQL statement \"SELECT 1 FROM vault\"\nCOPY t, line 3\nPL/pgSQL function f() line 2"},
           {'L', "7"}}) +
      answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), error_of({{'S', "ERROR"},
                                        {'V', "ERROR"},
                                        {'C', "P0001"},
                                        {'M', "no"},
                                        {'W', "COPY t, line 3"},
                                        {'L', "7"}}) +
                                  answer::ready('I'));
}

CONVERSATION(Discretion, ContextOfTheClientsOwnDataIsTold) {
  const std::string error =
      error_of({{'S', "ERROR"},
                {'V', "ERROR"},
                {'C', "22P02"},
                {'M', "invalid input syntax for type json"},
                {'W', "JSON data, line 1: x\nCOPY t, line 3, column a: \"x\""}}) +
      answer::ready('I');
  h.say(say::query("INSERT 1"));
  h.answer(error);
  EXPECT_EQ(h.client_bytes(), error);
}

CONVERSATION(Discretion, OtherErrorsAndThoseOfUnrestrictedRolesPassAsTheyAre) {
  const std::string error = store_error("22012", "d", "h") + answer::ready('I');
  h.say(say::query("SELECT 1"));
  h.answer(error);
  EXPECT_EQ(h.client_bytes(), error);
  h.forget();
  h.judge.set_unrestricted(true);
  const std::string violated =
      store_error("23505", "Key (id)=(1) already exists.", {}) + answer::ready('I');
  h.say(say::query("INSERT 1"));
  h.answer(violated);
  EXPECT_EQ(h.client_bytes(), violated);
}

CONVERSATION(Discretion, ParametersOfOrdinaryTypesArePermitted) {
  h.with_model();
  for (const proto::Oid type : {0U, 23U, 25U, 2950U, 3802U}) {
    h.say(parse_with_type(type) + say::close_statement("s") + say::sync());
    EXPECT_EQ(h.to_client(), "ParseComplete CloseComplete Ready(I)") << type;
    h.forget();
  }
}

CONVERSATION(Discretion, ParametersOfTypesThatLookUpNamesOrRunCodeAreRefused) {
  h.with_model();
  // regproc, rows of pg_type, aclitem and its array, regclass and its array, rows of pg_authid,
  // regrole, a type of the catalog's own rows, a type of the store's.
  for (const proto::Oid type :
       {24U, 71U, 1033U, 1034U, 2205U, 2210U, 2842U, 4096U, 10000U, 16400U}) {
    h.say(parse_with_type(type) + say::sync());
    EXPECT_EQ(h.to_client(), "Error(42501: permission denied for a parameter of type " +
                                 std::to_string(type) + ") Ready(I)");
    h.forget();
  }
}

CONVERSATION(Discretion, PreparedStatementIsJudgedAgainAfterTheCatalogChanged) {
  h.with_model();
  h.say(say::parse("s", "SELECT 1") + say::sync());
  h.judge.deny("SELECT 1");
  h.judge.change_catalog();
  h.forget();
  h.say(say::run_prepared("s"));
  EXPECT_EQ(h.to_client(), "Error(42501: permission denied for SELECT 1) Ready(I)");
}

CONVERSATION(Discretion, StatementThatSqlPreparedIsStillThatStatementAfterTheCatalogChanged) {
  h.with_model();
  h.say(say::query("PREPARE s AS SELECT 1"));
  h.judge.change_catalog();
  h.forget();
  h.say(say::run_prepared("s"));
  EXPECT_EQ(h.intents(), "2 allow select [SELECT 1]");
  EXPECT_EQ(h.to_client(), "BindComplete Row(SELECT 1 #1) Complete(SELECT 1) Ready(I)");
}

}  // namespace
}  // namespace tracegate::session::testing
