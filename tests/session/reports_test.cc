// Errors and notices of the store for a role with masks: values that it quotes, and personal data.
#include <gtest/gtest.h>

#include "src/session/discretion.h"
#include "tests/session/harness.h"
#include "tests/session/messages.h"

namespace tracegate::session::testing {
namespace {

using Fields = std::vector<proto::ErrorFields::Field>;

Fields masked(std::string_view sqlstate, Fields fields, Report kind = Report::kError) {
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
                    Report kind = Report::kError) {
  return std::string(masked(sqlstate, {{'M', text}}, kind).at(0).text);
}

TEST(ReportedValues, WhatStandsInQuotesBehindAColonIsHidden) {
  EXPECT_EQ(message("22P02", "invalid input syntax for type integer: \"alice\""),
            "invalid input syntax for type integer: \"...\"");
  EXPECT_EQ(message("22P02", "invalid input value for enum mood: \"say \"hi\": \"x\"\""),
            "invalid input value for enum mood: \"...\"")
      << "with quotes of its own";
  EXPECT_EQ(message("22P02", "invalid input syntax for type json: \"{\nalice ..."),
            "invalid input syntax for type json: \"...\"")
      << "that was cut";
  EXPECT_EQ(message("23505", "a rule: \"alice\" is taken"), "a rule: \"...\" is taken");
  EXPECT_EQ(message("22P02", "malformed array literal: \"\""), "malformed array literal: \"...\"");
}

TEST(ReportedValues, WhatStandsInQuotesElsewhereInADataException) {
  EXPECT_EQ(message("22003", "value \"99999999999\" is out of range for type integer"),
            "value \"...\" is out of range for type integer");
  EXPECT_EQ(message("22003", "value \"a\" is out of range\" is out of range for type integer"),
            "value \"...\" is out of range for type integer");
  EXPECT_EQ(message("22007", "invalid value \"al\" for \"YYYY\""), "invalid value \"...\"");
  EXPECT_EQ(message("22023", "unit \"alice\" not recognized for type date"),
            "unit \"...\" not recognized for type date");
  EXPECT_EQ(message("22008", "date field value out of range: 1987-13-01"),
            "date field value out of range: ...");
  EXPECT_EQ(message("22008", "time field value out of range: -1:00:00"),
            "time field value out of range: ...");
  EXPECT_EQ(message("22000", "it ends so: "), "it ends so: ");
  EXPECT_EQ(message("22003", "value \"9999 ..."), "value \"...\"") << "that was cut";
}

TEST(ReportedValues, NamesAndWhatOtherClassesSayStay) {
  for (const auto& [sqlstate, text] : std::vector<std::pair<const char*, const char*>>{
           {"22012", "division by zero"},
           {"22001", "value too long for type character varying(3)"},
           {"23514", "new row for relation \"t\" violates check constraint \"c\""},
           {"23502", "null value in column \"c\" of relation \"t\" violates not-null constraint"},
           {"42601", "syntax error at or near \"alice\""},
           {"42601", "syntax error in tsquery: \"alice\""},
           {"42704", "type \"alice\" does not exist"},
           {"22P04", "missing data for column \"alice\""},
           {"2201B", "invalid regular expression: parentheses () not balanced"},
           {"P0001", "no: \"alice\""}})
    EXPECT_EQ(message(sqlstate, text), text);
}

TEST(ReportedValues, ErrorsOfCodeOfTheStoreLoseThemWhateverTheirClass) {
  const auto of_code = [](std::string_view sqlstate, std::string_view text) {
    return message(sqlstate, text, Report::kErrorOfCode);
  };
  EXPECT_EQ(of_code("42601", "syntax error in tsquery: \"alice &&&\""),
            "syntax error in tsquery: \"...\"");
  EXPECT_EQ(of_code("42P01", "relation \"alice\" does not exist"),
            "relation \"...\" does not exist");
  EXPECT_EQ(of_code("23502", "null value in column \"c\" of relation \"t\""),
            "null value in column \"c\" of relation \"t\"");
  EXPECT_EQ(of_code("P0001", "no: \"alice\""), "no: \"alice\"");
  EXPECT_EQ(masked("42883", {{'M', "m"}, {'D', "d"}, {'H', "h"}}, Report::kErrorOfCode),
            (Fields{{'M', "m"}, {'H', "h"}}));
}

TEST(ReportedValues, ContextOrAQueryTellThatCodeOfTheStoreRan) {
  const auto kind = [](char code, std::string_view text) {
    proto::ErrorResponse error;
    error.fields = {{'C', "42P01"}, {'M', "m"}, {code, text}};
    return report_of(error);
  };
  EXPECT_EQ(kind('W', "PL/pgSQL function tell() line 3 at EXECUTE"), Report::kErrorOfCode);
  EXPECT_EQ(kind('W', "COPY t, line 1\nSQL function \"f\" statement 1"), Report::kErrorOfCode);
  EXPECT_EQ(kind('q', "select 1"), Report::kErrorOfCode);
  EXPECT_EQ(kind('W', "COPY t, line 1"), Report::kError);
  EXPECT_EQ(kind('P', "8"), Report::kError);
}

TEST(ReportedValues, NoticesLoseThemWhateverTheirClass) {
  EXPECT_EQ(message("00000", "seen: \"alice\"", Report::kNotice), "seen: \"...\"");
  EXPECT_EQ(message("42P07", "relation \"t\" already exists, skipping", Report::kNotice),
            "relation \"t\" already exists, skipping");
  EXPECT_EQ(masked("22P02", {{'M', "m"}, {'D', "d"}}, Report::kNotice),
            (Fields{{'M', "m"}, {'D', "d"}}));
}

TEST(ReportedValues, DetailAndJsonContextOfADataExceptionAreLeftOut) {
  EXPECT_EQ(
      masked("22P02", {{'M', "invalid input syntax for type json"},
                       {'D', "Token \"alice\" is invalid."},
                       {'H', "h"},
                       {'W', "JSON data, line 1: alice...\nCOPY t, line 3, column a: \"b\""}}),
      (Fields{{'M', "invalid input syntax for type json"},
              {'H', "h"},
              {'W', "COPY t, line 3, column a: \"b\""}}));
  EXPECT_EQ(masked("22P02", {{'M', "m"}, {'W', "JSON data, line 1: alice..."}}),
            (Fields{{'M', "m"}}));
  EXPECT_EQ(masked("42883", {{'M', "m"}, {'D', "d"}, {'W', "JSON data, x"}}),
            (Fields{{'M', "m"}, {'D', "d"}, {'W', "JSON data, x"}}));
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
  EXPECT_EQ(h.to_client(), "Error(22P02: invalid input syntax for type integer: \"...\") Ready(I)");
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
  EXPECT_EQ(h.to_client(),
            "Error(22P02: x: \"...\") Ready(I) ParseComplete Error(22P02: x: \"...\") Ready(I) "
            "BindComplete Error(22P02: x: \"...\") Ready(I)");
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
  EXPECT_EQ(h.to_client(), "Error(22P02: invalid input syntax: \"...\") Ready(I)");
}

}  // namespace
}  // namespace tracegate::session::testing
