// What either side must not do, and how the session ends when it does.
#include <gtest/gtest.h>

#include <functional>

#include "tests/session/harness.h"

namespace tracegate::session::testing {
namespace {

std::string frame(char type, std::string_view body) {
  std::string out;
  proto::Writer writer(out);
  writer.begin_message(type);
  writer.bytes(as_bytes(body));
  writer.end_message();
  return out;
}

// ---- The client.

void expect_client_fault(SessionHarness& h, const std::string& bad,
                         std::string_view sqlstate = "08P01") {
  h.forget();
  h.say(bad + say::query("INSERT 1"));
  EXPECT_EQ(h.to_store(), "") << "nothing of a bad message, and nothing behind it";
  EXPECT_EQ(h.to_client().substr(0, 12), "Fatal(" + std::string(sqlstate) + ":");
  EXPECT_EQ(h.closed(), "protocol violation by the client");
}

struct BadMessage {
  const char* name;
  std::string bytes;
};

const std::vector<BadMessage>& malformed_messages() {
  using namespace std::string_literals;
  static const std::vector<BadMessage> messages = {
      {"unknown type", "z\0\0\0\4"s},
      {"length below itself", "Q\0\0\0\3"s},
      {"negative length", "Q\xff\xff\xff\xff"s},
      {"enormous length", "d\x7f\xff\xff\xff"s},
      {"password after the login", say::password("x")},
      {"query without its terminator", frame('Q', "SELECT 1")},
      {"query with trailing bytes", frame('Q', "SELECT 1\0SELECT 2\0"s)},
      {"empty query body", frame('Q', "")},
      {"parse without types", frame('P', "s\0SELECT 1\0"s)},
      {"parse with more types than bytes", frame('P', "s\0SELECT 1\0\0\2\0\0\0\1"s)},
      {"parse with trailing bytes", frame('P', "s\0SELECT 1\0\0\0x"s)},
      {"bind with a count beyond its body", frame('B', "\0\0\0\0\xff\xff"s)},
      {"bind with a value beyond its body", frame('B', "\0\0\0\0\0\1\0\0\0\7x\0\0"s)},
      {"bind with a negative length", frame('B', "\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"s)},
      {"bind with trailing bytes", frame('B', "\0\0\0\0\0\0\0\0x"s)},
      {"describe of neither", frame('D', "Xs\0"s)},
      {"describe without a name", frame('D', "S")},
      {"execute without a limit", frame('E', "p\0"s)},
      {"close of neither", frame('C', "?s\0"s)},
      {"sync with a body", frame('S', "x")},
      {"flush with a body", frame('H', "x")},
      {"terminate with a body", frame('X', "x")},
  };
  return messages;
}

TEST(ClientFault, MalformedMessageEndsTheSessionAndReachesNobody) {
  for (const BadMessage& bad : malformed_messages()) {
    SCOPED_TRACE(bad.name);
    for_each_delivery([&](SessionHarness& h) { expect_client_fault(h, bad.bytes); });
  }
}

TEST(ClientFault, WhatStandsBeforeTheBadMessageReachesTheStore) {
  for_each_delivery([](SessionHarness& h) {
    h.say(say::query("SELECT 1") + say::password("x"));
    EXPECT_EQ(h.to_store(), "Query(SELECT 1)");
    EXPECT_EQ(h.closed(), "protocol violation by the client");
  });
}

TEST(ClientFault, CopyInTakesNothingButItsOwnMessages) {
  const std::vector<std::string> wrong = {say::query("SELECT 1"),   say::parse("", "SELECT 1"),
                                          say::bind("", ""),        say::execute(""),
                                          say::describe_portal(""), say::close_portal(""),
                                          say::function_call(),     say::password("x")};
  for (const std::string& bad : wrong) {
    for_each_delivery([&](SessionHarness& h) {
      h.say(say::query("COPY FROM STDIN"));
      h.answer(answer::copy_in());
      h.say(say::copy_data("1\n"));
      expect_client_fault(h, bad);
    });
  }
}

TEST(ClientFault, PasswordIsRefusedAlsoWhileTheStoreSkips) {
  SessionHarness h;
  h.with_model();
  h.say(say::parse("", "NONSENSE"));
  expect_client_fault(h, say::password("x"));
}

TEST(ClientFault, TooLongAStatementIsSaidToBeSo) {
  SessionHarness h;
  h.with_options({.limits = {.max_statement = 100}});
  expect_client_fault(h, say::query(std::string(200, 'x')), "54000");
}

TEST(ClientFault, LimitIsSeenInTheHeaderBeforeAnythingIsHeld) {
  SessionHarness h;
  h.with_options({.limits = {.max_statement = 100}});
  h.say(say::query(std::string(200, 'x')).substr(0, 5));
  EXPECT_EQ(h.closed(), "protocol violation by the client");
}

TEST(ClientFault, NamesAtTheHeadOfALargeBindMustEnd) {
  SessionHarness h;
  h.with_options({.limits = {.hold_bind = 100}});
  std::string large = say::bind(std::string(20'000, 'p'), "s");
  h.say(large.substr(0, 18'000));
  EXPECT_EQ(h.to_store(), "");
  EXPECT_EQ(h.to_client().substr(0, 12), "Fatal(54000:");
}

// ---- The store.

void expect_store_fault(SessionHarness& h, const std::string& bad) {
  h.forget();
  h.answer(bad + answer::row("leak"));
  const std::string seen = h.to_client();
  EXPECT_TRUE(seen.ends_with("Fatal(08P01: the store broke the protocol)")) << seen;
  EXPECT_EQ(seen.find("leak"), std::string::npos);
  EXPECT_TRUE(h.closed().starts_with("alarm: ")) << h.closed();
  EXPECT_EQ(h.unread_of_store(), 0U);
}

struct Wrong {
  const char* name;
  std::string asked;     // by the client
  std::string answered;  // rightly, by the store
  std::string wrong;     // then
};

std::vector<Wrong> wrong_answers() {
  using namespace std::string_literals;
  const std::string query = say::query("SELECT 1");
  const std::string done = answer::complete("SELECT 0");
  const std::string steps = say::parse("", "SELECT 1") + say::bind("", "") +
                            say::describe_portal("") + say::execute("") + say::close_portal("") +
                            say::sync();
  const std::string parsed = answer::parse_complete();
  const std::string bound = parsed + answer::bind_complete();
  const std::string described = bound + answer::columns();
  return {
      {"rows while idle", "", "", answer::row("1")},
      {"copy data while idle", "", "", answer::copy_data("1")},
      {"completion while idle", "", "", done},
      {"ready while idle", "", "", answer::ready('I')},
      {"error while idle", "", "", answer::error("XX000", "?")},
      {"copy while idle", "", "", answer::copy_in()},
      {"unknown type", query, "", "?\0\0\0\4"s},
      {"length below itself", query, "", "C\0\0\0\3"s},
      {"authentication", query, "", frame('R', "\0\0\0\0"s)},
      {"key data", query, "", frame('K', "\0\0\0\1\0\0\0\1"s)},
      {"replication stream", query, "", frame('W', "\0\0\0"s)},
      {"two completions for one statement", query, done, done},
      {"ready before the completion", query, "", answer::ready('I')},
      {"ready before the last completion", say::query("SELECT 1; SELECT 2"), done,
       answer::ready('I')},
      {"completion behind an error", query, answer::error("22012", "?"), done},
      {"rows behind an error", query, answer::error("22012", "?"), answer::row("1")},
      {"error behind an error", query, answer::error("22012", "?"), answer::error("22012", "?")},
      {"suspension of a query", query, "", answer::suspended()},
      {"parse answer to a query", query, "", answer::parse_complete()},
      {"empty answer to a statement", query, "", answer::empty_query()},
      {"statement in an empty text", say::query(""), "", done},
      {"statement behind the end of an empty text", say::query(""), answer::empty_query(), done},
      {"copy that was not asked for", query, "", answer::copy_in()},
      {"function result for a query", query, "", answer::function_result("1")},
      {"malformed completion", query, "", frame('C', "SELECT 0")},
      {"malformed ready", query, done, frame('Z', "?")},
      {"malformed error", query, "", frame('E', "SERROR")},
      {"rows for a parse", steps, "", answer::row("1")},
      {"bind answer to a parse", steps, "", answer::bind_complete()},
      {"rows for a bind", steps, parsed, answer::row("1")},
      {"parse answer to a bind", steps, parsed, answer::parse_complete()},
      {"rows for a describe", steps, bound, answer::row("1")},
      {"completion for a describe", steps, bound, done},
      {"columns for an execute", steps, described, answer::columns()},
      {"close answer to an execute", steps, described, answer::close_complete()},
      {"ready before the execute", steps, described, answer::ready('I')},
      {"function result for an execute", steps, described, answer::function_result("1")},
      {"rows for a close", steps, described + done, answer::row("1")},
      {"no data for a sync", steps, described + done + answer::close_complete(), answer::no_data()},
      {"end of a copy before the client's", say::query("COPY FROM STDIN"), answer::copy_in(),
       answer::complete("COPY 0")},
      {"copy in a copy", say::query("COPY FROM STDIN"), answer::copy_in(), answer::copy_in()},
  };
}

TEST(StoreFault, AnswerOutOfOrderEndsTheSessionWithAnAlarm) {
  for (const Wrong& wrong : wrong_answers()) {
    SCOPED_TRACE(wrong.name);
    for_each_delivery([&](SessionHarness& h) {
      h.say(wrong.asked);
      h.answer(wrong.answered);
      EXPECT_EQ(h.closed(), "");
      expect_store_fault(h, wrong.wrong);
    });
  }
}

TEST(StoreFault, RefusedStatementMayOnlyFail) {
  for (const std::string& bad : {answer::columns(), answer::row("1"), answer::complete("SELECT 0"),
                                 answer::empty_query(), answer::ready('I'), answer::copy_out()}) {
    for_each_delivery([&](SessionHarness& h) {
      h.judge.deny("SELECT 9");
      h.say(say::query("SELECT 9"));
      expect_store_fault(h, bad);
    });
  }
  for (const std::string& bad :
       {answer::parse_complete(), answer::bind_complete(), answer::no_data()}) {
    for_each_delivery([&](SessionHarness& h) {
      h.judge.deny("SELECT 9");
      h.say(say::parse("", "SELECT 9") + say::sync());
      expect_store_fault(h, bad);
    });
  }
}

TEST(StoreFault, NothingMayFollowAFatalError) {
  for_each_delivery([](SessionHarness& h) {
    h.say(say::query("SELECT 1"));
    h.answer(answer::fatal("57P01", "bye"));
    expect_store_fault(h, answer::complete("SELECT 1"));
  });
}

TEST(StoreFault, WhatStandsBeforeTheFaultReachesTheClientInOrder) {
  SessionHarness h;
  h.say(say::query("SELECT 1"));
  h.answer(answer::columns() + answer::row("1") + answer::suspended());
  EXPECT_EQ(h.to_client(), "RowDescription Row(1) Fatal(08P01: the store broke the protocol)");
}

TEST(StoreFault, CommandsOfAnUnrestrictedRoleNeedNotHaveBeenUnderstood) {
  SessionHarness h;
  h.judge.set_unrestricted(true);
  h.say(say::query("NONSENSE"));
  h.answer(answer::complete("NEW SYNTAX") + answer::complete("MORE") + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Complete(NEW SYNTAX) Complete(MORE) Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 completed NEW SYNTAX");
}

// A function can put another statement under a name than the one that was judged.
TEST(StoreFault, AnotherStatementThanTheOneThatWasJudged) {
  for (const bool unrestricted : {false, true}) {
    SessionHarness h;
    h.judge.set_unrestricted(unrestricted);
    h.say(say::query("SELECT 1"));
    h.answer(answer::complete("DELETE 1") + answer::ready('I'));
    EXPECT_EQ(h.to_client(), "Fatal(08P01: the store broke the protocol)");
    EXPECT_EQ(h.closed(), "alarm: the end of another statement than the one that was judged");
  }
}

// ---- Settings that judging rests on.

SessionOptions pinned() {
  SessionOptions options;
  options.pinned_settings = {{"standard_conforming_strings", "on"}, {"client_encoding", "UTF8"}};
  return options;
}

TEST(PinnedSetting, SessionEndsWithAnAlarmWhenTheStoreReportsAnotherValue) {
  for (const auto& [name, value] :
       {std::pair("standard_conforming_strings", "off"), std::pair("client_encoding", "SJIS")}) {
    SessionHarness h;
    h.with_options(pinned());
    h.with_model();
    h.say(say::query(std::string("SET ") + name + " " + value) + say::query("SELECT 1"));
    EXPECT_EQ(h.to_client(), "Fatal(42501: permission denied to change the setting \"" +
                                 std::string(name) + "\")");
    EXPECT_EQ(h.closed(), "alarm: a pinned setting was changed");
  }
}

CONVERSATION(PinnedSetting, OtherSettingsAndTheSameValuePass) {
  h.with_options(pinned());
  h.with_model();
  h.say(say::query("SET client_encoding UTF8; SET TimeZone UTC"));
  EXPECT_EQ(
      h.to_client(),
      "Setting(client_encoding=UTF8) Complete(SET) Setting(TimeZone=UTC) Complete(SET) Ready(I)");
}

}  // namespace
}  // namespace tracegate::session::testing
