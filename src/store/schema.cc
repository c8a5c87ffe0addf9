#include "src/store/schema.h"

#include <array>
#include <string>

namespace tracegate::store {
namespace {

// Serialises gateways that find no schema at the same time. An arbitrary number, ours by
// convention.
constexpr const char* kBegin = "BEGIN; SELECT pg_advisory_xact_lock(7235408127612354321)";

// Rows are only ever inserted, never updated; (journal, lsn) is the place of the record that a row
// was made from. No foreign keys: what is shipped in one transaction is consistent, and the checks
// would cost more than all the rest.
constexpr const char* kVersion1 = R"sql(
CREATE SCHEMA tracegate;

CREATE TABLE tracegate.schema_version (
  version      integer PRIMARY KEY,
  installed_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE tracegate.shipping (
  journal    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  journal_id uuid NOT NULL UNIQUE,
  last_lsn   bigint NOT NULL DEFAULT 0,
  shipped_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE tracegate.gateways (
  journal integer NOT NULL,
  lsn     bigint NOT NULL,
  at      timestamptz NOT NULL,
  version text NOT NULL,
  host    text NOT NULL,
  PRIMARY KEY (journal, lsn));

CREATE TABLE tracegate.policies (
  journal        integer NOT NULL,
  lsn            bigint NOT NULL,
  at             timestamptz NOT NULL,
  policy_version bigint NOT NULL,
  digest         text NOT NULL,
  PRIMARY KEY (journal, lsn));

CREATE TABLE tracegate.session_starts (
  journal        integer NOT NULL,
  lsn            bigint NOT NULL,
  session_id     uuid NOT NULL,
  at             timestamptz NOT NULL,
  subject        text NOT NULL,
  role           text NOT NULL,
  upstream       text NOT NULL,
  store          text NOT NULL,
  client         text NOT NULL,
  application    text,
  authentication text NOT NULL,
  tls            boolean NOT NULL,
  policy_version bigint NOT NULL,
  PRIMARY KEY (journal, lsn));
CREATE INDEX session_starts_session ON tracegate.session_starts (session_id);
CREATE INDEX session_starts_at ON tracegate.session_starts (at);

CREATE TABLE tracegate.session_ends (
  journal         integer NOT NULL,
  lsn             bigint NOT NULL,
  session_id      uuid NOT NULL,
  at              timestamptz NOT NULL,
  reason          text NOT NULL,
  statements      bigint NOT NULL,
  bytes_to_client bigint NOT NULL,
  bytes_to_store  bigint NOT NULL,
  PRIMARY KEY (journal, lsn));
CREATE INDEX session_ends_session ON tracegate.session_ends (session_id);

CREATE TABLE tracegate.login_refusals (
  journal          integer NOT NULL,
  lsn              bigint NOT NULL,
  session_id       uuid NOT NULL,
  at               timestamptz NOT NULL,
  claimed_user     text NOT NULL,
  claimed_database text NOT NULL,
  client           text NOT NULL,
  sqlstate         text,
  reason           text NOT NULL,
  PRIMARY KEY (journal, lsn));
CREATE INDEX login_refusals_at ON tracegate.login_refusals (at);

CREATE TABLE tracegate.statement_texts (
  text_hash bytea PRIMARY KEY,
  text      text NOT NULL);

CREATE TABLE tracegate.statement_intents (
  journal        integer NOT NULL,
  lsn            bigint NOT NULL,
  session_id     uuid NOT NULL,
  statement_no   bigint NOT NULL,
  at             timestamptz NOT NULL,
  via            text NOT NULL,
  class          text NOT NULL,
  verdict        text NOT NULL,
  writes         boolean NOT NULL,
  rule           text,
  reason         text,
  sqlstate       text,
  index_in_message integer NOT NULL,
  policy_version bigint NOT NULL,
  text_hash      bytea NOT NULL,
  PRIMARY KEY (journal, lsn));
CREATE INDEX statement_intents_statement ON tracegate.statement_intents (session_id, statement_no);
CREATE INDEX statement_intents_at ON tracegate.statement_intents USING brin (at);
CREATE INDEX statement_intents_denied ON tracegate.statement_intents (at) WHERE verdict = 'deny';

CREATE TABLE tracegate.statement_outcomes (
  journal      integer NOT NULL,
  lsn          bigint NOT NULL,
  session_id   uuid NOT NULL,
  statement_no bigint NOT NULL,
  at           timestamptz NOT NULL,
  ending       text NOT NULL,
  rows         bigint NOT NULL,
  bytes        bigint NOT NULL,
  bytes_in     bigint NOT NULL,
  duration     interval NOT NULL,
  sqlstate     text,
  command_tag  text,
  PRIMARY KEY (journal, lsn));
CREATE INDEX statement_outcomes_statement ON tracegate.statement_outcomes (session_id, statement_no);

CREATE VIEW tracegate.sessions AS
SELECT s.session_id, s.at AS started_at, e.at AS ended_at, s.subject, s.role, s.upstream, s.store, s.client,
       s.application, s.authentication, s.tls, s.policy_version,
       coalesce(e.reason, CASE WHEN EXISTS (
         SELECT FROM tracegate.gateways g WHERE g.journal = s.journal AND g.lsn > s.lsn)
         THEN 'the gateway ended without closing it' END) AS end_reason,
       e.statements, e.bytes_to_client, e.bytes_to_store, s.journal, s.lsn
FROM tracegate.session_starts s
LEFT JOIN tracegate.session_ends e ON e.session_id = s.session_id;

CREATE VIEW tracegate.statements AS
SELECT i.session_id, i.statement_no, i.at, s.subject, s.role, i.via, i.class, i.verdict, i.writes,
       i.rule, i.reason, i.sqlstate,
       CASE WHEN i.verdict = 'deny' THEN 'denied' ELSE o.ending END AS ending,
       o.rows, o.bytes, o.bytes_in, o.duration,
       o.sqlstate AS outcome_sqlstate, o.command_tag, o.at AS finished_at, t.text, i.text_hash,
       i.index_in_message, i.policy_version, i.journal, i.lsn
FROM tracegate.statement_intents i
LEFT JOIN tracegate.session_starts s ON s.session_id = i.session_id
LEFT JOIN tracegate.statement_outcomes o
  ON o.session_id = i.session_id AND o.statement_no = i.statement_no
LEFT JOIN tracegate.statement_texts t ON t.text_hash = i.text_hash;

CREATE VIEW tracegate.denials AS
SELECT session_id, statement_no, at, subject, role, via, class, rule, reason, sqlstate, text, text_hash,
       policy_version, journal, lsn
FROM tracegate.statements WHERE verdict = 'deny';

CREATE VIEW tracegate.logins AS
SELECT session_id, at, true AS accepted, subject, role, NULL::text AS claimed_user,
       upstream AS claimed_database, client, authentication, NULL::text AS sqlstate, NULL::text AS reason,
       journal, lsn
FROM tracegate.session_starts
UNION ALL
SELECT session_id, at, false, NULL, NULL, claimed_user, claimed_database, client, NULL, sqlstate, reason,
       journal, lsn
FROM tracegate.login_refusals;

COMMENT ON SCHEMA tracegate IS 'What passed through tracegate: every session and statement. For auditors: the views sessions, statements, denials and logins.';
COMMENT ON VIEW tracegate.sessions IS 'One row for each accepted login; ended_at is empty while the session lives, or if the gateway ended without closing it (end_reason).';
COMMENT ON VIEW tracegate.statements IS 'One row for each statement that was asked for: who, which verdict by which rule, how it ended, and its text (constants of statements that write are replaced by $n).';
COMMENT ON VIEW tracegate.denials IS 'The statements that were refused.';
COMMENT ON VIEW tracegate.logins IS 'Accepted and refused logins.';

INSERT INTO tracegate.schema_version (version) VALUES (1);
)sql";

// Cells that were masked. A view's new columns can only stand behind its old ones.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE tracegate.statement_outcomes
  ADD COLUMN masked_cells bigint NOT NULL DEFAULT 0,
  ADD COLUMN detected_cells bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE VIEW tracegate.statements AS
SELECT i.session_id, i.statement_no, i.at, s.subject, s.role, i.via, i.class, i.verdict, i.writes,
       i.rule, i.reason, i.sqlstate,
       CASE WHEN i.verdict = 'deny' THEN 'denied' ELSE o.ending END AS ending,
       o.rows, o.bytes, o.bytes_in, o.duration,
       o.sqlstate AS outcome_sqlstate, o.command_tag, o.at AS finished_at, t.text, i.text_hash,
       i.index_in_message, i.policy_version, i.journal, i.lsn, o.masked_cells, o.detected_cells
FROM tracegate.statement_intents i
LEFT JOIN tracegate.session_starts s ON s.session_id = i.session_id
LEFT JOIN tracegate.statement_outcomes o
  ON o.session_id = i.session_id AND o.statement_no = i.statement_no
LEFT JOIN tracegate.statement_texts t ON t.text_hash = i.text_hash;

INSERT INTO tracegate.schema_version (version) VALUES (2);
)sql";

// Each makes its version out of the one before.
constexpr std::array kSteps{kVersion1, kVersion2};
static_assert(kSteps.size() == kSchemaVersion);

// 0: there is no schema.
Result<std::int64_t> installed_version(Connection& connection) {
  // Not to_regclass(): it may answer from a cache that is older than the lock we have just got.
  const Result<Rows> exists = connection.run(
      "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
      "c.relnamespace "
      "WHERE n.nspname = 'tracegate' AND c.relname = 'schema_version'");
  if (!exists) return Error(exists.error());
  if (exists->number(0, 0) != 1) return std::int64_t{0};
  const Result<Rows> version = connection.run("SELECT max(version) FROM tracegate.schema_version");
  if (!version) return Error(version.error());
  return version->number(0, 0).value_or(0);
}

Status check(std::int64_t version) {
  if (version <= kSchemaVersion) return Ok{};
  return Error("schema tracegate has version " + std::to_string(version) +
               ", made by a newer gateway; this one knows " + std::to_string(kSchemaVersion));
}

}  // namespace

Status ensure_schema(Connection& connection, int wanted) {
  Result<std::int64_t> version = installed_version(connection);
  if (!version) return Error(version.error());
  TG_TRY(check(*version));
  if (*version >= wanted) return Ok{};
  const Result<Rows> locked = connection.run(kBegin);
  if (!locked) return Error(locked.error());
  version = installed_version(connection);  // another gateway may have been first
  if (!version) return Error(version.error());
  TG_TRY(check(*version));
  for (std::int64_t next = *version; next < wanted; ++next) {
    const Result<Rows> made = connection.run(kSteps[static_cast<std::size_t>(next)]);
    if (!made)
      return Error(made.error())
          .with_context("bringing schema tracegate to version " + std::to_string(next + 1));
  }
  const Result<Rows> committed = connection.run("COMMIT");
  if (!committed) return Error(committed.error());
  return Ok{};
}

}  // namespace tracegate::store
