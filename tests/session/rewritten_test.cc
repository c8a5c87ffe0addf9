// Texts that policy has rewritten: what goes to the store, and what of its answers is led back.
#include <gtest/gtest.h>

#include "tests/session/harness.h"
#include "tests/session/messages.h"

namespace tracegate::session::testing {
namespace {

std::string error_at(std::string_view sqlstate, std::string_view message, std::int32_t position) {
  std::string out;
  proto::encode_error({.sqlstate = sqlstate, .message = message, .position = position}, out);
  return out;
}

CONVERSATION(Rewritten, TheStoreGetsTheRewrittenText) {
  h.judge.rewrite("SELECT 1", "NOTICE; SELECT 1");
  h.say(say::query("SELECT 1"));
  EXPECT_EQ(h.to_store(), "Query(NOTICE; SELECT 1)");
  h.answer(answer::complete("SELECT 1") + answer::ready('I'));
  h.say(encoded(proto::Parse{"s", "SELECT 1", {25, 0}}) + say::sync());
  EXPECT_EQ(h.client_bytes().find("NOTICE"), std::string::npos);
  EXPECT_EQ(h.intents(), "1 allow select [SELECT 1]");
}

TEST(Rewritten, ParseKeepsItsNameAndTypes) {
  SessionHarness h;
  h.judge.rewrite("SELECT 1", "NOTICE; SELECT 1");
  h.say(encoded(proto::Parse{"s", "SELECT 1", {25, 0}}));
  EXPECT_EQ(h.store_bytes_total(), encoded(proto::Parse{"s", "NOTICE; SELECT 1", {25, 0}}).size());
}

CONVERSATION(Rewritten, AWriteWaitsForItsIntentAndWhatIsBeforeItDoesNot) {
  h.judge.rewrite("INSERT 1", "NOTICE; INSERT 1");
  h.hold_records();
  h.say(say::query("SELECT 1"));
  EXPECT_EQ(h.to_store(), "Query(SELECT 1)");
  h.say(say::query("INSERT 1"));
  EXPECT_EQ(h.to_store(), "");
  EXPECT_EQ(h.gated(), "Query(NOTICE; INSERT 1)");
  h.durable_up_to(2);
  EXPECT_EQ(h.to_store(), "Query(NOTICE; INSERT 1)");
}

TEST(Rewritten, WhatStandsBeforeAWriteInOnePacketDoesNotWait) {
  SessionHarness h;
  h.judge.rewrite("INSERT 1", "NOTICE; INSERT 1");
  h.hold_records();
  h.say(say::query("SELECT 1") + say::query("INSERT 1"));
  EXPECT_EQ(h.to_store(), "Query(SELECT 1)");
  EXPECT_EQ(h.gated(), "Query(NOTICE; INSERT 1)");
}

CONVERSATION(Rewritten, PositionsAreLedBack) {
  h.judge.rewrite("SELECT 1", "NOTICE; SELECT 1");
  h.say(say::query("SELECT 1"));
  h.answer(error_at("42703", "m", 16) + answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), error_at("42703", "m", 8) + answer::ready('I'));
  h.say(say::query("SELECT 2"));
  h.answer(error_at("42703", "m", 16) + answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), error_at("42703", "m", 16) + answer::ready('I'));
}

CONVERSATION(Rewritten, AValueOutOfScopeIsRefusedInTheGatewaysWords) {
  h.judge.rewrite("INSERT 1", "NOTICE; INSERT 1");
  h.say(say::query("INSERT 1"));
  h.answer(error_at("22P02", "invalid: \"tracegate: out of scope secret\"", 3) +
           answer::ready('I'));
  const std::string seen = h.client_bytes();
  EXPECT_NE(seen.find("42501"), std::string::npos);
  EXPECT_EQ(seen.find("secret"), std::string::npos);
  EXPECT_EQ(seen.find("22P02"), std::string::npos);
  EXPECT_EQ(h.outcomes(), "1 failed 42501");
}

TEST(Rewritten, TheSameErrorOfATextThatWasNotRewrittenIsItsOwn) {
  SessionHarness h;
  const std::string error = error_at("22P02", "invalid: \"tracegate: out of scope\"", 3);
  h.say(say::query("SELECT 1"));
  h.answer(error + answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), error + answer::ready('I'));
}

CONVERSATION(Rewritten, WhatWasPreparedUnderAnotherPolicyIsRefused) {
  h.judge.rewrite("SELECT 1", "NOTICE; SELECT 1");
  h.say(say::parse("s", "SELECT 1") + say::sync());
  h.answer(answer::parse_complete() + answer::ready('I'));
  h.judge.reload();
  h.forget();
  h.say(say::run_prepared("s"));  // the text is rewritten as before
  EXPECT_EQ(h.to_store(), "Bind(-> s) Execute() Sync");
  h.answer(answer::bind_complete() + answer::complete("SELECT 1") + answer::ready('I'));
  h.judge.rewrite("SELECT 1", "BEGIN; SELECT 1");
  h.judge.reload();
  h.forget();
  h.say(say::run_prepared("s"));
  h.answer(answer::refusal() + answer::ready('I'));
  EXPECT_TRUE(h.to_client().starts_with("Error(26000: prepared statement"));
  h.forget();
  h.say(say::parse("t", "SELECT 1") + say::sync());
  EXPECT_EQ(h.to_store(), "Parse(t: BEGIN; SELECT 1) Sync");
}

CONVERSATION(Rewritten, WhatSqlPreparedUnderAnotherPolicyIsRefused) {
  const std::string prepare = "PREPARE s AS SELECT 1", declare = "DECLARE c HOLD FOR SELECT 1";
  for (const std::string& text : {prepare, declare}) {
    h.judge.rewrite(text, "NOTICE; " + text);
    h.say(say::query(text));
    h.answer(answer::complete(text.substr(0, text.find(' '))) + answer::ready('I'));
  }
  h.judge.reload();
  h.forget();
  h.say(say::query("EXECUTE s"));  // rewritten as before
  EXPECT_EQ(h.to_store(), "Query(EXECUTE s)");
  h.answer(answer::complete("SELECT 1") + answer::ready('I'));
  for (const std::string& text : {prepare, declare}) h.judge.rewrite(text, "BEGIN; " + text);
  h.judge.reload();
  h.forget();
  h.say(say::query("EXECUTE s"));
  h.answer(answer::refusal() + answer::ready('I'));
  EXPECT_TRUE(h.to_client().starts_with("Error(26000: prepared statement")) << h.to_client();
  h.forget();
  h.say(say::query("FETCH 1 c"));
  h.answer(answer::refusal() + answer::ready('I'));
  EXPECT_TRUE(h.to_client().starts_with("Error(34000: portal")) << h.to_client();
}

}  // namespace
}  // namespace tracegate::session::testing
