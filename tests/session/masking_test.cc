// Rows of masked columns: masked whatever way they take to the client, and refused where the store
// does not send what was judged.
#include <gtest/gtest.h>

#include "tests/mask/fake_masks.h"
#include "tests/session/harness.h"
#include "tests/session/messages.h"

namespace tracegate::session::testing {
namespace {

using mask::testing::constant;
using mask::testing::finds_at_signs;
using mask::testing::masks_of;
using mask::testing::stars;
using proto::CopyFormat;
using Field = proto::RowDescription::Field;

constexpr proto::Oid kTraces = 16400;

// Two columns of kTraces, of which the second is masked.
mask::RowMasksRef second_masked() {
  return masks_of({{}, stars()}, kTraces);
}
Field field(std::int16_t attribute, proto::FormatCode format = 0, proto::Oid table = kTraces) {
  return {.name = "c", .table = table, .attribute = attribute, .type = 25, .format = format};
}
std::string columns(std::vector<Field> fields) {
  return encoded(proto::RowDescription{std::move(fields)});
}
std::string two_columns(proto::FormatCode first = 0, proto::FormatCode second = 0) {
  return columns({field(1, first), field(2, second)});
}
std::string row(std::string_view first, std::string_view second) {
  return encoded(proto::DataRow{{as_bytes(first), as_bytes(second)}});
}
std::string copy_out(std::vector<proto::FormatCode> formats, proto::FormatCode whole = 0) {
  return encoded(proto::CopyOutResponse{.format = whole, .column_formats = std::move(formats)});
}
std::string bind_with(std::string_view portal, std::string_view statement,
                      std::vector<proto::FormatCode> formats) {
  return encoded(proto::Bind{portal, statement, {}, {}, std::move(formats)});
}
// What the client gets of a row ("id", "secret").
constexpr const char* kMasked = "Row(id,***)";
const std::string kMaskedBinary = "Row(id,\x01\x02)";
const std::string kRow = row("id", "secret");

void mask_select(SessionHarness& h) {
  h.judge.set_raw_columns({{kTraces, std::int16_t{2}}});
  h.judge.mask("SELECT 1", second_masked());
}
// Of a masked SELECT that runs to its end.
const std::string kAnswer = kRow + answer::complete("SELECT 1");

// ---- Simple queries.

CONVERSATION(Masking, RowsOfASimpleQueryAreMasked) {
  mask_select(h);
  h.say(say::query("SELECT 1"));
  h.answer(two_columns() + kRow + row("x", "") + answer::complete("SELECT 2") + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "RowDescription Row(id,***) Row(x,***) Complete(SELECT 2) Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 completed SELECT 2 rows=2 masked=2");
}

CONVERSATION(Masking, EachStatementOfATextHasItsOwnMasks) {
  mask_select(h);
  h.judge.mask("SELECT 3", masks_of({constant("c")}, kTraces));
  h.say(say::query("SELECT 1; SELECT 2; SELECT 3; SELECT 1"));
  const std::string first = columns({field(1)});
  h.answer(two_columns() + kAnswer + first + answer::row("as it is") +
           answer::complete("SELECT 1") + first + answer::row("x") + answer::complete("SELECT 1") +
           two_columns() + kAnswer + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "RowDescription Row(id,***) Complete(SELECT 1) RowDescription Row(as it is) "
            "Complete(SELECT 1) RowDescription Row(c) Complete(SELECT 1) RowDescription "
            "Row(id,***) Complete(SELECT 1) Ready(I)");
  EXPECT_EQ(h.outcomes(),
            "1 completed SELECT 1 rows=1 masked=1\n2 completed SELECT 1 rows=1\n"
            "3 completed SELECT 1 rows=1 masked=1\n4 completed SELECT 1 rows=1 masked=1");
}

CONVERSATION(Masking, WhatADetectorFindsIsCounted) {
  h.judge.mask("SELECT 1", masks_of({finds_at_signs(), stars()}, kTraces));
  h.say(say::query("SELECT 1"));
  h.answer(two_columns() + row("a@b", "x") + row("nothing", "x") + answer::complete("SELECT 2") +
           answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "RowDescription Row(a[at]b,***) Row(nothing,***) Complete(SELECT 2) Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 completed SELECT 2 rows=2 masked=3 detected=1");
}

TEST(Masking, BytesAreThoseThatTheClientGot) {
  SessionHarness h;
  mask_select(h);
  h.say(say::query("SELECT 1"));
  h.answer(two_columns() + kAnswer + answer::ready('I'));
  EXPECT_EQ(h.all_outcomes()[0].outcome.bytes,
            (two_columns() + row("id", "***") + answer::complete("SELECT 1")).size());
}

CONVERSATION(Masking, AFailureBehindMaskedRowsIsOne) {
  mask_select(h);
  h.say(say::query("SELECT 1") + say::query("SELECT 1"));
  h.answer(two_columns() + kRow + answer::error("22012", "division by zero") + answer::ready('I') +
           two_columns() + kAnswer + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "RowDescription Row(id,***) Error(22012: division by zero) Ready(I) RowDescription "
            "Row(id,***) Complete(SELECT 1) Ready(I)");
}

// ---- The extended protocol.

CONVERSATION(Masking, FormatsAreThoseOfTheBind) {
  mask_select(h);
  h.say(say::parse("s", "SELECT 1") + say::sync());
  h.answer(answer::parse_complete() + answer::ready('I'));
  const std::vector<std::pair<std::vector<proto::FormatCode>, std::string>> all = {
      {{}, kMasked},
      {{0}, kMasked},
      {{1}, kMaskedBinary},
      {{0, 1}, kMaskedBinary},
      {{1, 0}, kMasked}};
  for (const auto& [formats, expected] : all) {
    h.forget();
    h.say(bind_with("", "s", formats) + say::execute("") + say::sync());
    h.answer(answer::bind_complete() + kAnswer + answer::ready('I'));
    EXPECT_EQ(h.to_client(), "BindComplete " + expected + " Complete(SELECT 1) Ready(I)");
  }
}

CONVERSATION(Masking, SeveralPortalsInOnePipelineHaveTheirOwnFormats) {
  mask_select(h);
  h.say(say::parse("s", "SELECT 1") + bind_with("a", "s", {1}) + bind_with("b", "s", {}) +
        say::parse("u", "SELECT 2") + bind_with("c", "u", {1}) + say::execute("b") +
        say::execute("c") + say::execute("a") + say::sync());
  h.answer(answer::parse_complete() + answer::bind_complete() + answer::bind_complete() +
           answer::parse_complete() + answer::bind_complete() + kAnswer + answer::row("u") +
           answer::complete("SELECT 1") + kAnswer + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete BindComplete ParseComplete BindComplete Row(id,***) "
            "Complete(SELECT 1) Row(u) Complete(SELECT 1) " +
                kMaskedBinary + " Complete(SELECT 1) Ready(I)");
}

CONVERSATION(Masking, APortalIsResumedBehindASync) {
  mask_select(h);
  h.say(say::query("BEGIN") + say::parse("", "SELECT 1") + bind_with("p", "", {1}) +
        say::execute("p", 1) + say::sync());
  h.answer(answer::complete("BEGIN") + answer::ready('T') + answer::parse_complete() +
           answer::bind_complete() + kRow + answer::suspended() + answer::ready('T'));
  h.say(say::parse("", "SELECT 2") + say::execute("p", 1) + say::execute("p") + say::sync());
  h.answer(answer::parse_complete() + kRow + answer::suspended() + kAnswer + answer::ready('T'));
  EXPECT_EQ(h.to_client(), "Complete(BEGIN) Ready(T) ParseComplete BindComplete " + kMaskedBinary +
                               " PortalSuspended Ready(T) ParseComplete " + kMaskedBinary +
                               " PortalSuspended " + kMaskedBinary +
                               " Complete(SELECT 1) Ready(T)");
}

TEST(Masking, TheStoresOwnWordsForFormatsThatItWouldRefuse) {
  for (const auto& [formats, expected] :
       std::vector<std::pair<std::vector<proto::FormatCode>, std::string>>{
           {{7}, "Error(22023: unsupported format code: 7)"},
           {{0, 0, 0},
            "Error(08P01: bind message has 3 result formats but query has 2 columns)"}}) {
    SessionHarness h;
    mask_select(h);
    h.say(say::parse("s", "SELECT 1") + bind_with("", "s", formats) + say::sync());
    EXPECT_EQ(h.to_store(), "Parse(s: SELECT 1) Parse(aside: <refused>) Sync");
    h.answer(answer::parse_complete() + answer::refusal() + answer::ready('I'));
    EXPECT_EQ(h.to_client(), "ParseComplete " + expected + " Ready(I)");
  }
}

CONVERSATION(Masking, ABindThatIsTooLongToBeHeldIsRefused) {
  h.with_options({.limits = {.hold_bind = 100}});
  mask_select(h);
  h.say(say::parse("s", "SELECT 1") + say::parse("u", "SELECT 2") + say::sync());
  h.answer(answer::parse_complete() + answer::parse_complete() + answer::ready('I'));
  const std::string long_value(300, 'v');
  h.forget();
  h.say(say::bind("", "u", {long_value}) + say::execute("") + say::sync());
  h.answer(answer::bind_complete() + answer::row("x") + answer::complete("SELECT 1") +
           answer::ready('I'));
  EXPECT_EQ(h.to_client(), "BindComplete Row(x) Complete(SELECT 1) Ready(I)");
  h.forget();
  h.say(say::bind("", "s", {long_value}) + say::execute("") + say::sync());
  h.answer(answer::refusal() + answer::ready('I'));
  EXPECT_EQ(h.to_store(), "Parse(aside: <refused>) Sync");
  EXPECT_EQ(h.to_client(),
            "Error(54000: the parameters of a statement whose result is masked are too long) "
            "Ready(I)");
}

// ---- What names stand for.

CONVERSATION(Masking, ExecuteHasTheMasksOfWhatWasPrepared) {
  mask_select(h);
  h.say(say::query("PREPARE s AS SELECT 1; EXECUTE s"));
  h.answer(answer::complete("PREPARE") + two_columns() + kAnswer + answer::ready('I'));
  h.say(say::parse("t", "SELECT 1") + say::sync());
  h.answer(answer::parse_complete() + answer::ready('I'));
  h.say(say::query("EXECUTE t; SELECT 2; EXECUTE s"));
  h.answer(two_columns() + kAnswer + columns({field(1)}) + answer::row("2") +
           answer::complete("SELECT 1") + two_columns() + kAnswer + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "Complete(PREPARE) RowDescription Row(id,***) Complete(SELECT 1) Ready(I) "
            "ParseComplete Ready(I) RowDescription Row(id,***) Complete(SELECT 1) RowDescription "
            "Row(2) Complete(SELECT 1) RowDescription Row(id,***) Complete(SELECT 1) Ready(I)");
}

CONVERSATION(Masking, ExecuteByTheExtendedProtocolHasTheFormatsOfItsOwnBind) {
  mask_select(h);
  h.say(say::query("PREPARE s AS SELECT 1"));
  h.answer(answer::complete("PREPARE") + answer::ready('I'));
  h.forget();
  h.say(say::parse("", "EXECUTE s") + bind_with("", "", {1}) + say::describe_portal("") +
        say::execute("") + say::sync());
  h.answer(answer::parse_complete() + answer::bind_complete() + two_columns(1, 1) + kAnswer +
           answer::ready('I'));
  EXPECT_EQ(h.to_client(), "ParseComplete BindComplete RowDescription " + kMaskedBinary +
                               " Complete(SELECT 1) Ready(I)");
}

CONVERSATION(Masking, FetchHasTheMasksOfItsCursor) {
  mask_select(h);
  h.say(say::query("BEGIN; DECLARE c FOR SELECT 1; FETCH 1 c"));
  const std::string fetched = kRow + answer::complete("FETCH 1");
  h.answer(answer::complete("BEGIN") + answer::complete("DECLARE CURSOR") + two_columns() +
           fetched + answer::ready('T'));
  h.forget();
  h.say(say::query("FETCH 1 c"));
  // As of a BINARY CURSOR.
  h.answer(two_columns(1, 1) + fetched + answer::ready('T'));
  EXPECT_EQ(h.to_client(), "RowDescription " + kMaskedBinary + " Complete(FETCH 1) Ready(T)");
  h.say(say::parse("", "FETCH 1 c") + bind_with("", "", {}) + say::describe_portal("") +
        say::execute("") + say::sync());
  h.answer(answer::parse_complete() + answer::bind_complete() + two_columns() + fetched +
           answer::ready('T'));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete RowDescription Row(id,***) Complete(FETCH 1) Ready(T)")
      << "the Bind decides, whatever the cursor is";
  h.say(say::describe_portal("c") + say::execute("c", 1) + say::sync());
  h.answer(two_columns() + kRow + answer::suspended() + answer::ready('T'));
  EXPECT_EQ(h.to_client(), "RowDescription Row(id,***) PortalSuspended Ready(T)");
}

CONVERSATION(Masking, FetchFromABoundPortalHasItsOwnFormats) {
  mask_select(h);
  h.say(say::query("BEGIN") + say::parse("", "SELECT 1") + bind_with("p", "", {1}) + say::sync());
  h.answer(answer::complete("BEGIN") + answer::ready('T') + answer::parse_complete() +
           answer::bind_complete() + answer::ready('T'));
  h.forget();
  h.say(say::query("FETCH 1 p"));
  h.answer(two_columns() + kRow + answer::complete("FETCH 1") + answer::ready('T'));
  EXPECT_EQ(h.to_client(), "RowDescription Row(id,***) Complete(FETCH 1) Ready(T)");
}

// The store keeps the rows of a portal that runs EXECUTE or FETCH from its first Execute on.
CONVERSATION(Masking, RowsThatAPortalKeepsAreNotReadUnderTheMasksOfAnotherStatement) {
  mask_select(h);
  h.say(say::query("BEGIN; PREPARE s AS SELECT 1"));
  h.answer(answer::complete("BEGIN") + answer::complete("PREPARE") + answer::ready('T'));
  h.say(say::parse("", "EXECUTE s") + say::bind("p", "") + say::execute("p", 1) + say::sync());
  h.answer(answer::parse_complete() + answer::bind_complete() + kRow + answer::suspended() +
           answer::ready('T'));
  h.say(say::query("DEALLOCATE s; PREPARE s AS SELECT 2"));
  h.answer(answer::complete("DEALLOCATE") + answer::complete("PREPARE") + answer::ready('T'));
  h.forget();
  h.say(say::execute("p", 1) + say::sync());
  EXPECT_EQ(h.to_store(), "Parse(aside: <refused>) Sync");
  h.answer(answer::refusal() + answer::ready('E'));
  EXPECT_EQ(h.to_client(),
            "Error(34000: portal \"p\" runs a cursor or prepared statement that has changed since) "
            "Ready(E)");
}

CONVERSATION(Masking, NorInOnePipeline) {
  mask_select(h);
  h.say(say::parse("", "PREPARE s AS SELECT 1") + say::bind("", "") + say::execute("") +
        say::parse("", "EXECUTE s") + say::bind("p", "") + say::execute("p", 1) +
        say::parse("", "DEALLOCATE s") + say::bind("", "") + say::execute("") +
        say::parse("", "PREPARE s AS SELECT 2") + say::bind("", "") + say::execute("") +
        say::execute("p", 1) + say::sync());
  const std::string sent = h.to_store();
  EXPECT_TRUE(sent.ends_with("Execute() Parse(aside: <refused>) Sync")) << sent;
}

CONVERSATION(Masking, NorThroughACursorOfAnotherName) {
  mask_select(h);
  h.say(say::query("BEGIN; DECLARE c FOR SELECT 1"));
  h.answer(answer::complete("BEGIN") + answer::complete("DECLARE CURSOR") + answer::ready('T'));
  h.say(say::parse("", "FETCH 5 c") + say::bind("p", "") + say::sync());
  h.answer(answer::parse_complete() + answer::bind_complete() + answer::ready('T'));
  h.say(say::query("FETCH 1 p"));
  h.answer(two_columns() + kRow + answer::complete("FETCH 1") + answer::ready('T'));
  EXPECT_TRUE(h.to_client().ends_with("Row(id,***) Complete(FETCH 1) Ready(T)"));
  h.say(say::query("CLOSE c; DECLARE c FOR SELECT 2"));
  h.answer(answer::complete("CLOSE CURSOR") + answer::complete("DECLARE CURSOR") +
           answer::ready('T'));
  h.forget();
  h.say(say::query("FETCH 1 p"));
  EXPECT_EQ(h.to_store(), "Query(<refused>)");
  h.say(say::sync());
}

CONVERSATION(Masking, ANameThatChangesBetweenStatementsWithoutMasksIsNobodysBusiness) {
  mask_select(h);
  h.with_model();
  h.say(say::query("PREPARE s AS SELECT 3") + say::parse("", "EXECUTE s") + say::bind("p", "") +
        say::execute("p", 1) + say::parse("", "DEALLOCATE s") + say::bind("", "") +
        say::execute("") + say::parse("", "PREPARE s AS SELECT 2") + say::bind("", "") +
        say::execute("") + say::execute("p", 1) + say::sync());
  EXPECT_TRUE(h.to_client().ends_with("Row(SELECT 3 #2) PortalSuspended Ready(I)"));
}

// ---- Reloads.

CONVERSATION(Masking, APreparedStatementHasTheMasksOfThePolicyInForce) {
  h.say(say::parse("s", "SELECT 1") + say::query("PREPARE t AS SELECT 1"));
  h.answer(answer::parse_complete() + answer::complete("PREPARE") + answer::ready('I'));
  mask_select(h);
  h.judge.reload();
  h.forget();
  h.say(bind_with("", "s", {1}) + say::execute("") + say::sync() + say::query("EXECUTE t"));
  h.answer(answer::bind_complete() + kAnswer + answer::ready('I') + two_columns() + kAnswer +
           answer::ready('I'));
  EXPECT_EQ(h.to_client(), "BindComplete " + kMaskedBinary +
                               " Complete(SELECT 1) Ready(I) RowDescription Row(id,***) "
                               "Complete(SELECT 1) Ready(I)");
  h.judge.mask("SELECT 1", masks_of({{}, constant("c")}, kTraces));
  h.judge.reload();
  h.say(say::query("EXECUTE t"));
  h.answer(two_columns() + kAnswer + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "RowDescription Row(id,c) Complete(SELECT 1) Ready(I)");
}

CONVERSATION(Masking, AnOpenPortalHasTheNewMasksIfItsColumnsAreKnownToBeTheSame) {
  mask_select(h);
  h.say(say::query("BEGIN; DECLARE c HOLD FOR SELECT 1") + say::parse("", "SELECT 1") +
        bind_with("p", "", {1}) + say::sync());
  h.answer(answer::complete("BEGIN") + answer::complete("DECLARE CURSOR") + answer::ready('T') +
           answer::parse_complete() + answer::bind_complete() + answer::ready('T'));
  h.judge.mask("SELECT 1", masks_of({{}, constant("c")}, kTraces));
  h.judge.reload();
  h.forget();
  h.say(say::execute("p", 1) + say::sync() + say::query("FETCH 1 c"));
  h.answer(kRow + answer::suspended() + answer::ready('T') + two_columns() + kRow +
           answer::complete("FETCH 1") + answer::ready('T'));
  EXPECT_EQ(h.to_client(),
            "Row(id,c) PortalSuspended Ready(T) RowDescription Row(id,c) Complete(FETCH 1) "
            "Ready(T)");
}

void expect_stale_portals(SessionHarness& h) {
  h.forget();
  h.say(say::execute("p", 1) + say::sync());
  EXPECT_EQ(h.to_store(), "Parse(aside: <refused>) Sync");
  h.answer(answer::refusal() + answer::ready('T'));
  EXPECT_EQ(h.to_client(),
            "Error(34000: portal \"p\" was made under a policy that has changed since) Ready(T)");
  h.say(say::query("FETCH 1 c"));
  EXPECT_EQ(h.to_store(), "Query(<refused>)");
  h.answer(answer::refusal() + answer::ready('T'));
}
void open_portals(SessionHarness& h) {
  h.say(say::query("DECLARE c HOLD FOR SELECT 1") + say::parse("", "SELECT 1") +
        say::bind("p", "") + say::flush());
  h.answer(answer::complete("DECLARE CURSOR") + answer::ready('T') + answer::parse_complete() +
           answer::bind_complete());
}

CONVERSATION(Masking, AnOpenPortalThatWasNotMaskedIsStaleOnceItIs) {
  open_portals(h);
  mask_select(h);
  h.judge.reload();
  expect_stale_portals(h);
}

CONVERSATION(Masking, AnOpenPortalThatWasMaskedIsStaleOnceItIsNotOrItsColumnsAreOthers) {
  mask_select(h);
  open_portals(h);
  h.judge.mask("SELECT 1", masks_of({stars()}, kTraces));
  h.judge.change_catalog();
  expect_stale_portals(h);
  h.judge.mask("SELECT 1", masks_of({{}, stars()}, kTraces + 1));
  h.judge.change_catalog();
  expect_stale_portals(h);
  h.judge.mask("SELECT 1", nullptr);
  h.judge.change_catalog();
  expect_stale_portals(h);
}

// ---- COPY.

CONVERSATION(Masking, CopyInTextIsMasked) {
  h.judge.mask("COPY 2 TO STDOUT", second_masked(), CopyFormat{});
  h.say(say::query("COPY 2 TO STDOUT"));
  const std::string data = answer::copy_data("id\tsecret\n") + answer::copy_data("\\N\t\\N\n") +
                           answer::copy_done() + answer::complete("COPY 2");
  h.answer(copy_out({0, 0}) + data + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "CopyOutResponse CopyData(id\t***\n) CopyData(\\N\t\\N\n) CopyDone Complete(COPY 2) "
            "Ready(I)");
  EXPECT_EQ(h.outcomes(), "1 completed COPY 2 rows=2 masked=1");
  h.say(say::run("COPY 2 TO STDOUT"));
  h.answer(answer::parse_complete() + answer::bind_complete() + copy_out({0, 0}) + data +
           answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "ParseComplete BindComplete CopyOutResponse CopyData(id\t***\n) CopyData(\\N\t\\N\n) "
            "CopyDone Complete(COPY 2) Ready(I)");
}

CONVERSATION(Masking, HeaderAndBinaryHeaderComeOncePerCopy) {
  CopyFormat csv{.kind = CopyFormat::Kind::kCsv, .delimiter = ',', .null = "", .header = true};
  h.judge.mask("COPY 1 TO STDOUT", second_masked(), csv);
  h.judge.mask("COPY 2 TO STDOUT", second_masked(), CopyFormat{.kind = CopyFormat::Kind::kBinary});
  h.say(say::query("COPY 1 TO STDOUT; COPY 1 TO STDOUT; COPY 2 TO STDOUT"));
  const std::string text = copy_out({0, 0}) + answer::copy_data("a,b\n") +
                           answer::copy_data("1,\"x,y\"\n") + answer::copy_done() +
                           answer::complete("COPY 1");
  const std::string header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  const std::string tuple = row("1", "xy").substr(5);
  h.answer(text + text + copy_out({1, 1}, 1) + answer::copy_data(header + tuple) +
           answer::copy_data(tuple) + answer::copy_data("\xff\xff") + answer::copy_done() +
           answer::complete("COPY 2") + answer::ready('I'));
  const std::string masked = row("1", "\x01\x02").substr(5);
  const std::string seen = h.client_bytes();
  EXPECT_EQ(seen.find("xy"), std::string::npos);
  EXPECT_TRUE(seen.ends_with(answer::copy_data("1,***\n") + answer::copy_done() +
                             answer::complete("COPY 1") + copy_out({1, 1}, 1) +
                             answer::copy_data(header + masked) + answer::copy_data(masked) +
                             answer::copy_data("\xff\xff") + answer::copy_done() +
                             answer::complete("COPY 2") + answer::ready('I')));
}

CONVERSATION(Masking, CopyThroughExecuteIsMasked) {
  h.judge.mask("COPY 2 TO STDOUT", second_masked(), CopyFormat{});
  h.say(say::parse("s", "COPY 2 TO STDOUT") + say::sync());
  h.answer(answer::parse_complete() + answer::ready('I'));
  h.say(say::query("EXECUTE s"));
  h.answer(copy_out({0, 0}) + answer::copy_data("id\tsecret\n") + answer::copy_done() +
           answer::complete("COPY 1") + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "ParseComplete Ready(I) CopyOutResponse CopyData(id\t***\n) CopyDone Complete(COPY 1) "
            "Ready(I)");
}

CONVERSATION(Masking, CopyWhoseNullAValueCanBeIsRefused) {
  h.judge.mask("COPY 2 TO STDOUT", second_masked(), CopyFormat{.null = "alice"});
  h.say(say::query("COPY 2 TO STDOUT"));
  EXPECT_EQ(h.to_store(), "Query(<refused>)");
  h.answer(answer::refusal() + answer::ready('I'));
  EXPECT_EQ(h.to_client(),
            "Error(0A000: COPY of masked columns needs a NULL that no value can be) Ready(I)");
}

// ---- Rows are whole.

TEST(Masking, ALongRowIsHeldUntilItIsWhole) {
  SessionHarness h;
  mask_select(h);
  h.say(say::query("SELECT 1"));
  const std::string long_row = row(std::string(1 << 20, 'i'), std::string(1 << 20, 's'));
  h.answer(two_columns() + kRow + long_row.substr(0, 1 << 19));
  EXPECT_EQ(h.to_client(), "RowDescription Row(id,***)") << "what is whole does not wait";
  EXPECT_EQ(h.unread_of_store(), std::size_t{1} << 19);
  h.answer(long_row.substr(1 << 19) + kAnswer + answer::ready('I'));
  EXPECT_EQ(h.to_client(), "Row(iiiiiiii..(1048576),***) Row(id,***) Complete(SELECT 1) Ready(I)");
}

CONVERSATION(Masking, ARowThatIsTooLongEndsTheSession) {
  h.with_options({.limits = {.hold_row = 1000}});
  mask_select(h);
  h.say(say::query("SELECT 1"));
  h.answer(two_columns() + kRow + row("id", std::string(2000, 's')));
  EXPECT_EQ(h.to_client(),
            "RowDescription Row(id,***) Fatal(54000: a row of a masked result is longer than 1000 "
            "bytes)");
  EXPECT_EQ(h.closed(), "a masked row is longer than what is held");
  h.end();
  EXPECT_EQ(h.outcomes(), "1 aborted rows=1 masked=1");
}

TEST(Masking, LongRowsWithoutMasksPassAsTheyCome) {
  SessionHarness h;
  h.with_options({.limits = {.hold_row = 1000}});
  mask_select(h);
  h.say(say::query("SELECT 2"));
  h.answer(columns({field(1)}) + answer::row(std::string(5000, 'x')).substr(0, 1500));
  EXPECT_EQ(h.unread_of_store(), 0U);
}

// ---- A result that is not the one that was judged.

void expect_fault(SessionHarness& h, std::string_view reason) {
  const std::string seen = h.client_bytes();
  EXPECT_NE(seen.find("permission denied: the result is not the one that was judged"),
            std::string::npos);
  EXPECT_EQ(seen.find("secret"), std::string::npos);
  EXPECT_TRUE(h.closed().starts_with("alarm: " + std::string(reason))) << h.closed();
}

CONVERSATION(MaskingFaults, AnotherNumberOfColumns) {
  mask_select(h);
  h.say(say::query("SELECT 1"));
  h.answer(columns({field(1), field(2), field(3)}) + kAnswer);
  expect_fault(h, "a result has 3 columns and was judged to have 2");
}

CONVERSATION(MaskingFaults, AnotherColumn) {
  mask_select(h);
  h.say(say::query("SELECT 1"));
  h.answer(columns({field(2), field(1)}) + kAnswer);
  expect_fault(h,
               "column 1 of a result is column 2 of relation 16400, of type 25, which the role "
               "may not see");
}

CONVERSATION(MaskingFaults, AnotherTypeOrRelation) {
  mask_select(h);
  h.say(say::run("SELECT 1"));
  h.say(say::parse("", "SELECT 1") + say::describe_statement("") + say::sync());
  Field other = field(2);
  other.type = 17;
  h.answer(answer::parse_complete() + answer::bind_complete() + kAnswer + answer::ready('I') +
           answer::parse_complete() + answer::parameters() + columns({field(1), other}));
  expect_fault(h,
               "column 2 of a result is column 2 of relation 16400, of type 17, and was judged "
               "to be column 2 of relation 16400, of type 25");
}

CONVERSATION(MaskingFaults, AColumnWhoseOriginIsHiddenMustHaveNone) {
  auto masks = std::make_shared<mask::RowMasks>(*second_masked());
  masks->outputs[1].origin_hidden = true;
  h.judge.mask("SELECT 1", masks);
  h.say(say::query("SELECT 1") + say::query("SELECT 1"));
  Field hidden = field(2);
  hidden.table = 0;
  hidden.attribute = 0;
  h.answer(columns({field(1), hidden}) + kAnswer + answer::ready('I') + two_columns() + kAnswer);
  EXPECT_TRUE(h.client_bytes().starts_with(columns({field(1), hidden}) + row("id", "***")));
  EXPECT_TRUE(h.closed().starts_with("alarm: column 2 of a result is column 2"));
}

CONVERSATION(MaskingFaults, ARawColumnInAResultWithoutMasks) {
  mask_select(h);
  h.say(say::query("SELECT 2"));
  h.answer(columns({field(2)}) + answer::row("secret"));
  expect_fault(h,
               "column 1 of a result is column 2 of relation 16400, of type 25, which the role "
               "may not see");
}

CONVERSATION(MaskingFaults, ARawColumnInADescriptionOfAPortal) {
  mask_select(h);
  h.say(say::parse("", "SELECT 2") + say::bind("", "") + say::describe_portal("") + say::sync());
  h.answer(answer::parse_complete() + answer::bind_complete() + columns({field(2)}));
  expect_fault(h, "column 1 of a result is column 2 of relation 16400");
}

CONVERSATION(MaskingFaults, APortalWithOtherFormatsThanItsBind) {
  mask_select(h);
  h.say(say::parse("", "SELECT 1") + bind_with("", "", {0, 1}) + say::describe_portal("") +
        say::sync());
  h.answer(answer::parse_complete() + answer::bind_complete() + two_columns(1, 1));
  expect_fault(h, "a portal's columns have other formats than its Bind has named");
}

CONVERSATION(MaskingFaults, FormatsOfAStatementAreNotKnownYet) {
  mask_select(h);
  h.say(say::parse("", "SELECT 1") + bind_with("", "", {1}) + say::describe_statement("") +
        say::describe_portal("") + say::execute("") + say::sync());
  h.answer(answer::parse_complete() + answer::bind_complete() + answer::parameters() +
           two_columns() + two_columns(1, 1) + kAnswer + answer::ready('I'));
  EXPECT_EQ(h.closed(), "");
}

CONVERSATION(MaskingFaults, RowsBeforeTheirDescription) {
  mask_select(h);
  h.say(say::query("SELECT 1"));
  h.answer(kAnswer);
  expect_fault(h, "a result has no RowDescription");
}

CONVERSATION(MaskingFaults, RowsWithTheDescriptionOfTheStatementBefore) {
  mask_select(h);
  h.say(say::query("SELECT 1; SELECT 1"));
  h.answer(two_columns() + kAnswer + kAnswer);
  EXPECT_EQ(h.closed(), "alarm: a result has no RowDescription");
}

CONVERSATION(MaskingFaults, RowsOfAnotherShape) {
  mask_select(h);
  h.say(say::run("SELECT 1"));
  h.answer(answer::parse_complete() + answer::bind_complete() + answer::row("secret"));
  expect_fault(h, "a row has another number of fields than was judged");
}

CONVERSATION(MaskingFaults, ACopyInPlaceOfAResultAndTheOtherWayRound) {
  mask_select(h);
  h.say(say::query("SELECT 1"));
  h.answer(copy_out({0, 0}) + answer::copy_data("secret\t\n"));
  expect_fault(h, "rows that were judged to be a result come as a COPY");
}

TEST(MaskingFaults, ACopyThatIsNotTheOneThatWasJudged) {
  const std::string data = answer::copy_data("id\tsecret\n");
  const std::vector<std::pair<std::string, std::string>> all = {
      {copy_out({0}) + data, "a COPY has another format or number of columns"},
      {copy_out({1, 1}, 1) + data, "a COPY has another format or number of columns"},
      {data, "data of a COPY that has not begun"},
      {copy_out({0, 0}) + copy_out({0, 0}), "a COPY begins twice"},
      {two_columns(), "a COPY has a RowDescription"},
      {copy_out({0, 0}) + answer::copy_data("secret\n"), "a row of a COPY has another number"}};
  for (const auto& [bytes, reason] : all) {
    SessionHarness h;
    h.judge.mask("COPY 2 TO STDOUT", second_masked(), CopyFormat{});
    h.say(say::query("COPY 2 TO STDOUT"));
    h.answer(bytes);
    expect_fault(h, reason);
  }
  SessionHarness h;
  h.judge.mask("COPY 2 TO STDOUT", second_masked(), CopyFormat{});
  h.say(say::run("COPY 2 TO STDOUT"));
  h.answer(answer::parse_complete() + answer::bind_complete() + kRow);
  expect_fault(h, "a COPY has rows of a result");
}

// What an EXECUTE or FETCH described at its Parse says nothing of what the name stands for by now.
CONVERSATION(MaskingFaults, DescriptionOfAStatementThatNamesAnotherIsNotChecked) {
  mask_select(h);
  h.say(say::parse("f", "FETCH 1 c") + say::describe_statement("f") + say::sync());
  h.answer(answer::parse_complete() + answer::parameters() + columns({field(2)}) +
           answer::ready('I'));
  EXPECT_EQ(h.closed(), "");
}

}  // namespace
}  // namespace tracegate::session::testing
