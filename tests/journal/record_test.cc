#include "src/journal/record.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tracegate::journal {
namespace {

// One of each kind, every field different from its default.
std::vector<std::string> samples() {
  SessionId session;
  for (std::size_t i = 0; i < session.bytes.size(); ++i)
    session.bytes[i] = static_cast<std::uint8_t>(i + 1);
  std::vector<std::string> out(8);
  encode(GatewayStarted{Microseconds(-5), "0.1.0", "gateway-1"}, out[0]);
  encode(PolicyLoaded{Microseconds(6), PolicyVersion{9}, "digest"}, out[1]);
  encode(SessionOpened{Microseconds(7), session, "local:alice", "reader", "traces", "db:5432",
                       "10.0.0.1:40000", "psql", "scram-sha-256-plus", true, PolicyVersion{2}},
         out[2]);
  encode(LoginRefused{Microseconds(8), session, "mallory", "traces", "10.0.0.2:1", "28P01",
                      "no such user"},
         out[3]);
  Intent intent;
  intent.at = Microseconds(9);
  intent.session = session;
  intent.statement.value = 11;
  intent.verdict = Verdict::kDeny;
  intent.via = Via::kExtended;
  intent.writes = false;
  intent.text_present = true;
  intent.statement_class = 4;
  intent.index = 2;
  intent.policy_version.value = 12;
  intent.text_hash.fill(0xab);
  intent.class_name = "delete";
  intent.rule = "roles.toml:12";
  intent.reason = "role reader may not delete";
  intent.sqlstate = "42501";
  intent.text = "delete from traces";
  encode(intent, out[4]);
  Outcome outcome;
  outcome.at = Microseconds(10);
  outcome.session = session;
  outcome.statement.value = 11;
  outcome.ending = Ending::kAborted;
  outcome.rows = 1;
  outcome.bytes = 2;
  outcome.bytes_in = 3;
  outcome.duration = Microseconds(4);
  outcome.sqlstate = "57014";
  outcome.command_tag = "SELECT 1";
  encode(outcome, out[5]);
  encode(SessionClosed{Microseconds(11), session, "idle timeout", 5, 6, 7}, out[6]);
  outcome.masked_cells = 13;
  outcome.detected_cells = 12;
  encode(outcome, out[7]);
  return out;
}

TEST(Record, EveryKindComesBackAsItWas) {
  for (const std::string& bytes : samples()) {
    const Result<Record> record = decode(bytes);
    ASSERT_TRUE(record.ok()) << record.error().message;
    std::string again;
    std::visit([&](const auto& value) { encode(value, again); }, *record);
    EXPECT_EQ(again, bytes);
  }
}

TEST(Record, FieldsAreTheOnesThatWentIn) {
  const std::vector<std::string> all = samples();
  const auto opened = std::get<SessionOpened>(*decode(all[2]));
  EXPECT_EQ(opened.subject, "local:alice");
  EXPECT_EQ(opened.role, "reader");
  EXPECT_EQ(opened.upstream, "traces");
  EXPECT_EQ(opened.store, "db:5432");
  EXPECT_EQ(opened.client, "10.0.0.1:40000");
  EXPECT_EQ(opened.application, "psql");
  EXPECT_EQ(opened.authentication, "scram-sha-256-plus");
  EXPECT_TRUE(opened.tls);
  EXPECT_EQ(opened.policy_version.value, 2U);
  const auto refused = std::get<LoginRefused>(*decode(all[3]));
  EXPECT_EQ(refused.user, "mallory");
  EXPECT_EQ(refused.database, "traces");
  EXPECT_EQ(refused.client, "10.0.0.2:1");
  EXPECT_EQ(refused.sqlstate, "28P01");
  EXPECT_EQ(refused.reason, "no such user");
  const auto intent = std::get<Intent>(*decode(all[4]));
  EXPECT_EQ(intent.statement.value, 11U);
  EXPECT_EQ(intent.verdict, Verdict::kDeny);
  EXPECT_EQ(intent.via, Via::kExtended);
  EXPECT_FALSE(intent.writes);
  EXPECT_EQ(intent.statement_class, 4U);
  EXPECT_EQ(intent.index, 2U);
  EXPECT_EQ(intent.policy_version.value, 12U);
  EXPECT_EQ(intent.class_name, "delete");
  EXPECT_EQ(intent.rule, "roles.toml:12");
  EXPECT_EQ(intent.reason, "role reader may not delete");
  EXPECT_EQ(intent.sqlstate, "42501");
  EXPECT_EQ(intent.text, "delete from traces");
  const auto outcome = std::get<Outcome>(*decode(all[5]));
  EXPECT_EQ(outcome.rows, 1U);
  EXPECT_EQ(outcome.bytes, 2U);
  EXPECT_EQ(outcome.bytes_in, 3U);
  EXPECT_EQ(outcome.duration, Microseconds(4));
  EXPECT_EQ(outcome.command_tag, "SELECT 1");
  EXPECT_EQ(outcome.masked_cells, 0U);
  const auto closed = std::get<SessionClosed>(*decode(all[6]));
  EXPECT_EQ(closed.statements, 5U);
  EXPECT_EQ(closed.bytes_to_client, 6U);
  EXPECT_EQ(closed.bytes_to_store, 7U);
  const auto masked = std::get<Outcome>(*decode(all[7]));
  EXPECT_EQ(masked.masked_cells, 13U);
  EXPECT_EQ(masked.detected_cells, 12U);
  EXPECT_EQ(masked.command_tag, "SELECT 1");
}

TEST(Record, AnOutcomeWithoutMaskedCellsIsThatOfBeforeThereWereAny) {
  const std::vector<std::string> all = samples();
  EXPECT_EQ(all[5].size() + 16, all[7].size());
  EXPECT_EQ(all[5].substr(1), all[7].substr(17));
  std::string none = all[7];
  none.replace(1, 16, 16, '\0');
  EXPECT_FALSE(decode(none).ok()) << "it has two encodings otherwise";
}

TEST(Record, EveryTruncationIsRefused) {
  for (const std::string& bytes : samples())
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size)).ok()) << size;
}

TEST(Record, TrailingBytesAreRefused) {
  for (const std::string& bytes : samples()) EXPECT_FALSE(decode(bytes + '\0').ok());
}

TEST(Record, UnknownKindsAndEnumeratorsAreRefused) {
  std::string bytes = samples()[4];
  const std::size_t verdict = 1 + 8 + 16 + 8 + 8;
  for (const std::size_t at : {std::size_t{0}, verdict, verdict + 1, verdict + 2, verdict + 3}) {
    std::string changed = bytes;
    changed[at] = 99;
    EXPECT_FALSE(decode(changed).ok()) << at;
  }
  bytes[0] = 0;
  EXPECT_FALSE(decode(bytes).ok());
}

TEST(Record, TextIsLeftOutWhenAnEarlierRecordHasIt) {
  Intent intent;
  intent.text = "select 1";
  intent.text_present = false;
  std::string bytes;
  encode(intent, bytes);
  EXPECT_EQ(bytes.find("select 1"), std::string::npos);
  EXPECT_TRUE(std::get<Intent>(*decode(bytes)).text.empty());
}

TEST(Record, LongNamesAreCutBetweenCharacters) {
  std::string reason;
  while (reason.size() <= kMaxName) reason += "ä€";
  std::string bytes;
  encode(SessionClosed{Microseconds(1), SessionId{}, reason, 0, 0, 0}, bytes);
  const std::string cut = std::get<SessionClosed>(*decode(bytes)).reason;
  EXPECT_LE(cut.size(), kMaxName);
  EXPECT_GT(cut.size(), kMaxName - 8);
  ASSERT_TRUE(cut.ends_with("…"));
  const std::string kept = cut.substr(0, cut.size() - 3);
  EXPECT_TRUE(kept.ends_with("ä") || kept.ends_with("€"));
  EXPECT_TRUE(reason.starts_with(kept));
}

TEST(Record, LongTextsAreCutAtTheirLimit) {
  Intent intent;
  intent.text_present = true;
  const std::string text(kMaxText + 1, 'x');
  intent.text = text;
  std::string bytes;
  encode(intent, bytes);
  const std::string_view cut = std::get<Intent>(*decode(bytes)).text;
  EXPECT_EQ(cut.size(), kMaxText);
  EXPECT_TRUE(cut.ends_with("…"));
}

}  // namespace
}  // namespace tracegate::journal
