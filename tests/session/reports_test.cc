// Errors and notices of the store for a role with masks: values that it quotes, and personal data.
#include <gtest/gtest.h>

#include "src/session/discretion.h"
#include "tests/session/harness.h"
#include "tests/session/messages.h"

namespace tracegate::session::testing {
namespace {

using Fields = std::vector<proto::ErrorFields::Field>;

Fields masked(std::string_view sqlstate, Fields fields, Report kind = Report::kOfRun) {
  proto::ErrorFields report;
  report.fields = {{'S', "ERROR"}, {'C', sqlstate}};
  report.fields.insert(report.fields.end(), fields.begin(), fields.end());
  const Fields before = report.fields;
  KeptTexts kept;
  const bool changed = mask_report(report, kind, {.hides_values = true}, kept);
  EXPECT_EQ(changed, report.fields != before);
  // What stands in `kept` ends with this function.
  static std::deque<std::string> alive;
  Fields after(report.fields.begin() + 2, report.fields.end());
  for (auto& field : after) field.text = alive.emplace_back(field.text);
  return after;
}
std::string message(std::string_view sqlstate, std::string_view text,
                    Report kind = Report::kOfRun) {
  return std::string(masked(sqlstate, {{'M', text}}, kind).at(0).text);
}

constexpr std::string_view kHint =
    "The text is hidden, as it may quote masked values; the code says what it was.";

TEST(ReportedValues, MessagesOfWhatRanAreReplaced) {
  for (const char* text :
       {"invalid input syntax for type integer: \"alice\"",
        "value \"99\" is out of range for type integer",
        "unit \"alice\" not recognized for type date", "date field value out of range: 1987-13-01",
        "index 555 out of valid range, 0..7", "missing data for column \"alice\""})
    EXPECT_EQ(message("22P02", text), "data exception") << text;
  EXPECT_EQ(message("54000", "requested character too large for encoding: 12345"),
            "program limit exceeded");
  EXPECT_EQ(message("42601", "syntax error in tsquery: \"alice\""),
            "syntax error or access rule violation");
  EXPECT_EQ(message("42883", "function alice() does not exist"),
            "syntax error or access rule violation");
  EXPECT_EQ(message("42704", "large object 555 does not exist"),
            "syntax error or access rule violation");
  EXPECT_EQ(message("42501", "permission denied for large object 555"),
            "syntax error or access rule violation");
  EXPECT_EQ(message("0A000", "unit \"alice\" not supported"), "feature not supported");
  EXPECT_EQ(message("55000", "currval of sequence \"alice\" is not yet defined"),
            "object not in prerequisite state");
  EXPECT_EQ(message("XX000", "cache lookup failed for type 555"), "internal error");
  EXPECT_EQ(message("P0004", "alice"), "PL/pgSQL error") << "of ASSERT";
  EXPECT_EQ(message("HV000", "alice"), "error of the store");
  EXPECT_EQ(masked("22P02", {{'M', "m"}, {'D', "d"}, {'H', "h"}}),
            (Fields{{'M', "data exception"}, {'H', kHint}}));
}

TEST(ReportedValues, FixedMessagesAndThoseOfTheSessionStay) {
  for (const auto& [sqlstate, text] : std::vector<std::pair<const char*, const char*>>{
           {"22012", "division by zero"},
           {"22003", "integer out of range"},
           {"22001", "value too long for type character varying(3)"},
           {"21000", "more than one row returned by a subquery used as an expression"},
           {"42501", "permission denied for table t"},
           {"25P02",
            "current transaction is aborted, commands ignored until end of transaction block"},
           {"26000", "prepared statement \"p\" does not exist"},
           {"34000", "cursor \"c\" does not exist"},
           {"42P05", "prepared statement \"p\" already exists"},
           {"57014", "canceling statement due to user request"},
           {"40001", "could not serialize access due to concurrent update"},
           {"53200", "out of memory"}})
    EXPECT_EQ(message(sqlstate, text), text);
  EXPECT_EQ(message("22023", "no: \"alice\"", Report::kRaised), "no: \"alice\"");
  EXPECT_EQ(masked("22012", {{'M', "division by zero"}, {'D', "d"}}),
            (Fields{{'M', "division by zero"}}));
}

TEST(ReportedValues, ConstraintsKeepTheirNames) {
  EXPECT_EQ(message("23502", "null value in column \"c\" of relation \"t\""),
            "null value in column \"c\" of relation \"t\"");
  EXPECT_EQ(message("23514", "new row for relation \"t\" violates check constraint \"c\""),
            "new row for relation \"t\" violates check constraint \"c\"");
  EXPECT_EQ(message("23505", "a rule: \"alice\" is taken"), "a rule: \"...\" is taken");
  EXPECT_EQ(message("23505", "a rule: \"alice ..."), "a rule: \"...\"") << "that was cut";
  EXPECT_EQ(message("23505", "a rule: \"say \"hi\": \"x\"\"", Report::kOfCopy), "a rule: \"...\"");
}

TEST(ReportedValues, WhatTheClientSaidItselfStays) {
  for (const Report kind : {Report::kOfText, Report::kOfCopy}) {
    EXPECT_EQ(message("22P02", "invalid input syntax for type integer: \"alice\"", kind),
              "invalid input syntax for type integer: \"alice\"");
    EXPECT_EQ(masked("42601", {{'M', "syntax error"}, {'H', "h"}, {'P', "8"}}, kind),
              (Fields{{'M', "syntax error"}, {'H', "h"}, {'P', "8"}}));
  }
}

TEST(ReportedValues, ContextAndPositionTellWhatAnErrorIsAbout) {
  const auto kind = [](char code, std::string_view text) {
    proto::ErrorResponse error;
    error.fields = {{'C', "42P01"}, {'M', "m"}, {code, text}};
    return report_of(error);
  };
  EXPECT_EQ(kind('P', "8"), Report::kOfText);
  EXPECT_EQ(kind('W', "unnamed portal parameter $1 = 'x'"), Report::kOfText);
  EXPECT_EQ(kind('W', "portal \"p\" parameter $2"), Report::kOfText);
  EXPECT_EQ(kind('W', "COPY t, line 1"), Report::kOfCopy);
  EXPECT_EQ(kind('W', "PL/pgSQL function tell() line 3 at EXECUTE"), Report::kOfRun);
  EXPECT_EQ(kind('W', "COPY t, line 1\nSQL function \"f\" statement 1"), Report::kOfRun);
  EXPECT_EQ(kind('W', "SQL function \"f\"\nunnamed portal parameter $1"), Report::kOfRun);
  EXPECT_EQ(kind('W', "PL/pgSQL function tell() line 3 at RAISE\nSQL statement \"x\""),
            Report::kRaised);
  EXPECT_EQ(kind('W', "PL/pgSQL function tell() line 3 at ASSERT"), Report::kOfRun);
  EXPECT_EQ(kind('q', "select 1"), Report::kOfRun);
  EXPECT_EQ(kind('H', "h"), Report::kOfRun);
  proto::ErrorResponse both;
  both.fields = {{'C', "42P01"}, {'M', "m"}, {'P', "8"}, {'q', "select 1"}};
  EXPECT_EQ(report_of(both), Report::kOfRun);
}

TEST(ReportedValues, NoticesOfCodeAreTheirsOnlyIfRaised) {
  const std::string_view raised = "PL/pgSQL function tell() line 3 at RAISE";
  EXPECT_EQ(message("00000", "seen: \"alice\"", Report::kNotice), "seen: \"...\"");
  EXPECT_EQ(message("42P07", "relation \"t\" already exists, skipping", Report::kNotice),
            "relation \"t\" already exists, skipping");
  EXPECT_EQ(masked("00000", {{'M', "saw: \"alice\""}, {'D', "d"}, {'W', raised}}, Report::kNotice),
            (Fields{{'M', "saw: \"...\""}, {'D', "d"}}));
  EXPECT_EQ(masked("00000",
                   {{'M', "table \"alice\" does not exist, skipping"},
                    {'D', "d"},
                    {'W', "SQL statement \"x\"\nPL/pgSQL function tell() line 3 at EXECUTE"}},
                   Report::kNotice),
            (Fields{{'M', "a notice of code of the store"}, {'H', kHint}}));
}

TEST(ReportedValues, JsonContextIsLeftOut) {
  EXPECT_EQ(
      masked("P0001",
             {{'M', "m"}, {'W', "JSON data, line 1: alice...\nCOPY t, line 3, column a: \"b\""}},
             Report::kRaised),
      (Fields{{'M', "m"}, {'W', "COPY t, line 3, column a: \"b\""}}));
  EXPECT_EQ(masked("22P02", {{'M', "m"}, {'W', "JSON data, line 1: alice..."}}, Report::kOfCopy),
            (Fields{{'M', "m"}}));
}

// ---- In a session.

mask::DetectorsRef emails() {
  const std::vector<std::string> names = {"email"};
  const auto made = mask::Detectors::make(names, {});
  EXPECT_TRUE(made.ok());
  return *made;
}

CONVERSATION(Reports, PersonalDataInAnErrorIsMarked) {
  h.judge.set_report_detectors(emails());
  h.say(say::query("SELECT 1"));
  h.answer(answer::error("P0001", "no alice@example.com here", proto::Severity::kError,
                         "ask bob@example.com") +
           answer::ready('I'));
  EXPECT_EQ(h.client_bytes(),
            answer::error("P0001", "no [email] here", proto::Severity::kError, "ask [email]") +
                answer::ready('I'));
}

CONVERSATION(Reports, ValuesInAnErrorAreHiddenForARoleWithMasks) {
  const std::string error =
      answer::error("22P02", "invalid input syntax for type integer: \"alice\"");
  h.say(say::query("SELECT 1"));
  h.answer(error + answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), error + answer::ready('I'));
  h.judge.set_raw_columns({});
  h.judge.reload();
  h.say(say::query("SELECT 1"));
  h.answer(error + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Error(22P02: data exception) Ready(I)");
  h.judge.set_unrestricted(true);
  h.say(say::query("SELECT 1"));
  h.answer(error + answer::ready('I'));
  EXPECT_EQ(h.client_bytes(), error + answer::ready('I'));
}

CONVERSATION(Reports, OfAParseABindAndADescribeAlso) {
  h.judge.set_raw_columns({});
  const std::string error = answer::error("22P02", "x: \"alice\"") + answer::ready('I');
  h.say(say::parse("s", "SELECT 1") + say::sync());
  h.answer(error);
  h.say(say::parse("s", "SELECT 1") + say::bind("", "s") + say::sync());
  h.answer(answer::parse_complete() + error);
  h.say(say::bind("", "s") + say::describe_portal("") + say::sync());
  h.answer(answer::bind_complete() + error);
  EXPECT_EQ(
      h.to_client(),
      "Error(22P02: data exception) Ready(I) ParseComplete Error(22P02: data exception) Ready(I) "
      "BindComplete Error(22P02: data exception) Ready(I)");
}

CONVERSATION(Reports, AFailedCommitHasTheMasksOfTheStatementThatRanLast) {
  h.judge.set_report_detectors(emails());
  h.judge.set_raw_columns({});
  h.say(say::run("INSERT 1"));
  h.answer(answer::parse_complete() + answer::bind_complete() + answer::complete("INSERT 0 1") +
           answer::error("23503", "a@example.com: \"alice\"") + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete Complete(INSERT 0 1) Error(23503: [email]: \"...\") "
            "Ready(I)");
}

CONVERSATION(Reports, NoticesAreMarkedWheneverTheyCome) {
  h.judge.set_report_detectors(emails());
  h.judge.set_raw_columns({});
  const std::string notice = answer::notice("a@example.com: \"alice\"");
  h.say(say::query("SELECT 1"));
  h.answer(notice + answer::complete("SELECT 0") + notice + answer::ready('I') + notice);
  EXPECT_EQ(h.to_client(),
            "Notice(00000: [email]: \"...\") Complete(SELECT 0) Notice(00000: [email]: \"...\") "
            "Ready(I) Notice(00000: [email]: \"...\")");
  h.answer(answer::notice("nothing in it"));
  EXPECT_EQ(h.client_bytes(), answer::notice("nothing in it"));
}

CONVERSATION(Reports, OfALongNoticeTheFrontIsPassedOn) {
  h.with_options({.limits = {.hold_report = 10'000}});
  h.judge.set_report_detectors(emails());
  h.say(say::query("SELECT 1"));
  h.answer(answer::notice("a@example.com " + std::string(50'000, 'n')) +
           answer::complete("SELECT 0") + answer::ready('I'));
  const std::string seen = h.to_client();
  EXPECT_TRUE(seen.starts_with("Notice(00000: [email] nnn")) << seen.substr(0, 60);
  EXPECT_TRUE(seen.ends_with("nnn ...) Complete(SELECT 0) Ready(I)"));
  EXPECT_LT(seen.size(), 10'000U);
}

CONVERSATION(Reports, OfALongErrorTheFrontIsMarked) {
  h.with_options({.limits = {.hold_report = 10'000}});
  h.judge.set_raw_columns({});
  h.say(say::query("SELECT 1"));
  h.answer(answer::error("22P02", "invalid input syntax: \"" + std::string(50'000, 'x') + "\"") +
           answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Error(22P02: data exception) Ready(I)");
}

}  // namespace
}  // namespace tracegate::session::testing
