#include "src/store/record_rows.h"

#include <vector>

#include "src/base/bytes.h"

namespace tracegate::store {
namespace {

struct TableColumns {
  const char* name;
  const char* columns;  // in the order in which add_record() writes them
  std::uint16_t count;
};

// In the order of RecordRows::Table.
constexpr std::array kTableColumns{
    TableColumns{"gateways", "journal, lsn, at, version, host", 5},
    TableColumns{"policies", "journal, lsn, at, policy_version, digest", 5},
    TableColumns{
        "session_starts",
        "journal, lsn, session_id, at, subject, role, upstream, store, client, application, "
        "authentication, tls, policy_version",
        13},
    TableColumns{
        "session_ends",
        "journal, lsn, session_id, at, reason, statements, bytes_to_client, bytes_to_store", 8},
    TableColumns{
        "login_refusals",
        "journal, lsn, session_id, at, claimed_user, claimed_database, client, sqlstate, reason",
        9},
    TableColumns{
        "statement_intents",
        "journal, lsn, session_id, statement_no, at, via, class, verdict, writes, rule, reason, "
        "sqlstate, index_in_message, policy_version, text_hash",
        15},
    TableColumns{
        "statement_outcomes",
        "journal, lsn, session_id, statement_no, at, ending, rows, bytes, bytes_in, duration, "
        "sqlstate, command_tag, masked_cells, detected_cells",
        14},
};

}  // namespace

void RecordRows::begin(std::int32_t journal) {
  journal_ = journal;
  for (CopyRows& table : tables_) table.clear();
  texts_.clear();
}

void RecordRows::add(Lsn lsn, const journal::Record& record) {
  std::visit([&](const auto& value) { add_record(lsn, value); }, record);
}

CopyRows& RecordRows::row(Table table, Lsn lsn) {
  static_assert(kTableColumns.size() == kTables);
  CopyRows& rows = tables_[table];
  rows.begin_row(kTableColumns[table].count);
  rows.integer(journal_);
  rows.bigint(lsn.value);
  return rows;
}

void RecordRows::add_record(Lsn lsn, const journal::GatewayStarted& record) {
  CopyRows& to = row(kGateways, lsn);
  to.timestamptz(record.at);
  to.text(record.version);
  to.text(record.host);
}

void RecordRows::add_record(Lsn lsn, const journal::PolicyLoaded& record) {
  CopyRows& to = row(kPolicies, lsn);
  to.timestamptz(record.at);
  to.bigint(record.policy_version.value);
  to.text(record.digest);
}

void RecordRows::add_record(Lsn lsn, const journal::SessionOpened& record) {
  CopyRows& to = row(kSessionStarts, lsn);
  to.uuid(record.session);
  to.timestamptz(record.at);
  to.text(record.subject);
  to.text(record.role);
  to.text(record.upstream);
  to.text(record.store);
  to.text(record.client);
  to.text_or_null(record.application);
  to.text(record.authentication);
  to.boolean(record.tls);
  to.bigint(record.policy_version.value);
}

void RecordRows::add_record(Lsn lsn, const journal::LoginRefused& record) {
  CopyRows& to = row(kLoginRefusals, lsn);
  to.uuid(record.session);
  to.timestamptz(record.at);
  to.text(record.user);
  to.text(record.database);
  to.text(record.client);
  to.text_or_null(record.sqlstate);
  to.text(record.reason);
}

void RecordRows::add_record(Lsn lsn, const journal::Intent& record) {
  CopyRows& to = row(kIntents, lsn);
  to.uuid(record.session);
  to.bigint(record.statement.value);
  to.timestamptz(record.at);
  to.text(journal::to_string(record.via));
  to.text(record.class_name);
  to.text(journal::to_string(record.verdict));
  to.boolean(record.writes);
  to.text_or_null(record.rule);
  to.text_or_null(record.reason);
  to.text_or_null(record.sqlstate);
  to.integer(record.index);
  to.bigint(record.policy_version.value);
  to.bytea(record.text_hash);
  if (!record.text_present) return;
  std::string scratch;
  texts_.try_emplace(record.text_hash, storable_text(record.text, scratch));
}

void RecordRows::add_record(Lsn lsn, const journal::Outcome& record) {
  CopyRows& to = row(kOutcomes, lsn);
  to.uuid(record.session);
  to.bigint(record.statement.value);
  to.timestamptz(record.at);
  to.text(journal::to_string(record.ending));
  to.bigint(record.rows);
  to.bigint(record.bytes);
  to.bigint(record.bytes_in);
  to.interval(record.duration);
  to.text_or_null(record.sqlstate);
  to.text_or_null(record.command_tag);
  to.bigint(record.masked_cells);
  to.bigint(record.detected_cells);
}

void RecordRows::add_record(Lsn lsn, const journal::SessionClosed& record) {
  CopyRows& to = row(kSessionEnds, lsn);
  to.uuid(record.session);
  to.timestamptz(record.at);
  to.text(record.reason);
  to.bigint(record.statements);
  to.bigint(record.bytes_to_client);
  to.bigint(record.bytes_to_store);
}

std::vector<RecordRows::Copy> RecordRows::copies() {
  std::vector<Copy> out;
  for (std::size_t i = 0; i < kTables; ++i) {
    if (tables_[i].empty()) continue;
    out.push_back({std::string("COPY tracegate.") + kTableColumns[i].name + " (" +
                       kTableColumns[i].columns + ") FROM STDIN (FORMAT binary)",
                   tables_[i].finish()});
  }
  return out;
}

RecordRows::Texts RecordRows::texts() const {
  if (texts_.empty()) return {};
  std::vector<std::string_view> hashes;
  std::vector<std::string_view> texts;
  for (const auto& [hash, text] : texts_) {
    hashes.push_back(as_text(hash));
    texts.push_back(text);
  }
  return {array_parameter(kByteaOid, hashes), array_parameter(kTextOid, texts)};
}

}  // namespace tracegate::store
