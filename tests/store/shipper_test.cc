// The journal into real session tables: completely, exactly once, whatever ends in the middle.
#include "src/store/shipper.h"

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "src/crypto/digest.h"
#include "src/store/connection.h"
#include "src/store/schema.h"
#include "tests/store/harness.h"

namespace tracegate::store {
namespace {

using Urgency = journal::Producer::Urgency;

class ShipperTest : public StoreTest {
 protected:
  ShipperTest() {
    journal_options_.directory = base_ + "/journal";
    journal_options_.segment_size = 64_KiB;
    journal_options_.max_size = 64_MiB;
  }

  void open_journal() {
    Result<std::unique_ptr<journal::Journal>> opened =
        journal::Journal::open(journal_options_, [](std::size_t) {});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    journal_ = std::move(*opened);
  }
  ShipperOptions options() const {
    ShipperOptions options;
    options.connection = config();
    options.interval = Milliseconds(5);
    options.retry_at_most = Milliseconds(200);
    return options;
  }
  static std::unique_ptr<Shipper> start(ShipperOptions options, journal::Journal& journal) {
    Result<std::unique_ptr<Shipper>> started = Shipper::start(std::move(options), journal);
    EXPECT_TRUE(started.ok());
    return std::move(*started);
  }
  std::unique_ptr<Shipper> start() { return start(options(), *journal_); }

  static SessionId session(std::uint8_t n) {
    SessionId id;
    id.bytes.fill(n);
    return id;
  }

  // Appends and waits until it is durable. Returns the journal's last record.
  template <typename... RecordTypes>
  Lsn commit(const RecordTypes&... records) {
    journal::Producer& producer = journal_->producer(0);
    Ticket last{};
    ((last = producer.append(records)), ...);
    producer.flush(Urgency::kCommitNow);
    EXPECT_TRUE(eventually([&] { return producer.durable() >= last; }));
    return journal_->durable_lsn();
  }
  // Statements first..last of one session, an intent and an outcome each, in few batches.
  Lsn commit_statements(std::uint64_t first, std::uint64_t last) {
    journal::Producer& producer = journal_->producer(0);
    Ticket ticket{};
    for (std::uint64_t i = first; i <= last; ++i) {
      producer.append(intent(i, "select " + std::to_string(i % 100)));
      journal::Outcome outcome;
      outcome.session = session(1);
      outcome.statement.value = i;
      outcome.rows = i;
      ticket = producer.append(outcome);
      if (i % 50 == 0) producer.flush(Urgency::kMayWait);
    }
    producer.flush(Urgency::kCommitNow);
    EXPECT_TRUE(eventually([&] { return producer.durable() >= ticket; }));
    return journal_->durable_lsn();
  }
  // The text must live until it is appended.
  static journal::Intent intent(std::uint64_t statement, std::string_view text) {
    journal::Intent record;
    record.at = Microseconds(1'700'000'000'000'000);
    record.session = session(1);
    record.statement.value = statement;
    record.verdict = journal::Verdict::kAllow;
    record.writes = false;
    record.text_present = true;
    record.class_name = "select";
    record.rule = "roles.toml:9";
    record.text = text;
    record.text_hash = crypto::sha256(as_bytes(text));
    return record;
  }

  void expect_shipped(const Shipper& shipper, Lsn lsn) {
    EXPECT_TRUE(eventually([&] { return shipper.status().shipped >= lsn; }))
        << shipper.status().error;
  }
  // Every statement up to `last` is there with its outcome and text, once.
  void expect_statements(std::uint64_t last) {
    const std::string n = std::to_string(last);
    EXPECT_EQ(
        query(
            "SELECT count(*), count(DISTINCT statement_no), min(statement_no), max(statement_no), "
            "count(*) FILTER (WHERE rows = statement_no), count(*) FILTER (WHERE text = 'select ' "
            "|| statement_no % 100) "
            "FROM tracegate.statements"),
        n + "|" + n + "|1|" + n + "|" + n + "|" + n);
    const std::string lsn = std::to_string(journal_->durable_lsn().value);
    EXPECT_EQ(query("SELECT count(*), count(DISTINCT lsn), max(lsn) FROM "
                    "(SELECT lsn FROM tracegate.statement_intents UNION ALL SELECT lsn FROM "
                    "tracegate.statement_outcomes) r"),
              lsn + "|" + lsn + "|" + lsn);
  }

  journal::Options journal_options_;
  std::unique_ptr<journal::Journal> journal_;
};

TEST_F(ShipperTest, EveryRecordBecomesARow) {
  open_journal();
  const auto shipper = start();
  const Microseconds at(1'700'000'000'000'000);
  journal::Intent denied = intent(2, "delete from traces");
  denied.at = at + Microseconds(20);
  denied.verdict = journal::Verdict::kDeny;
  denied.via = journal::Via::kExtended;
  denied.writes = true;
  denied.class_name = "delete";
  denied.rule = "default";
  denied.reason = "no rule permits it";
  denied.sqlstate = "42501";
  denied.policy_version.value = 3;
  journal::Intent allowed = intent(1, "select 'naïve 😀'");
  allowed.at = at + Microseconds(10);
  const Lsn last = commit(
      journal::GatewayStarted{at, "0.1.0", "gate-1"},
      journal::PolicyLoaded{at, PolicyVersion{3}, "abc"},
      journal::SessionOpened{at, session(1), "local:alice", "trace_reader", "traces", "db:5432",
                             "10.0.0.1:4000", "psql", "scram-sha-256", true, PolicyVersion{3}},
      allowed,
      journal::Outcome{at + Microseconds(15), session(1), StatementNo{1},
                       journal::Ending::kCompleted, 1, 20, 0, Microseconds(1500), "", "SELECT 1"},
      denied,
      journal::Outcome{at + Microseconds(25), session(1), StatementNo{2}, journal::Ending::kDenied,
                       0, 0, 0, Microseconds(0), "42501", ""},
      journal::LoginRefused{at, session(2), "mallory", "traces", "10.0.0.2:1", "28P01",
                            "no such user"},
      journal::SessionClosed{at + Microseconds(30), session(1), "terminated by client", 2, 100,
                             50});
  expect_shipped(*shipper, last);
  const std::string alice = session(1).to_string();
  EXPECT_EQ(query("SET timezone = 'UTC'; SELECT session_id, started_at, ended_at, subject, role, "
                  "upstream, store, client, application, "
                  "authentication, tls, policy_version, end_reason, statements, bytes_to_client, "
                  "bytes_to_store, lsn FROM tracegate.sessions"),
            alice +
                "|2023-11-14 22:13:20+00|2023-11-14 "
                "22:13:20.00003+00|local:alice|trace_reader|traces|db:5432|"
                "10.0.0.1:4000|psql|scram-sha-256|t|3|terminated by client|2|100|50|3");
  EXPECT_EQ(query("SELECT statement_no, subject, role, via, class, verdict, writes, rule, reason, "
                  "sqlstate, ending, rows, bytes, "
                  "bytes_in, duration, outcome_sqlstate, command_tag, text, index_in_message, "
                  "policy_version, lsn "
                  "FROM tracegate.statements ORDER BY statement_no"),
            "1|local:alice|trace_reader|simple|select|allow|f|roles.toml:9|-|-|completed|1|20|0|00:"
            "00:00.0015|-|SELECT 1|"
            "select 'naïve 😀'|0|0|4\n"
            "2|local:alice|trace_reader|extended|delete|deny|t|default|no rule permits "
            "it|42501|denied|0|0|0|00:00:00|42501|-|"
            "delete from traces|0|3|6");
  EXPECT_EQ(query("SELECT statement_no, subject, class, reason, text FROM tracegate.denials"),
            "2|local:alice|delete|no rule permits it|delete from traces");
  EXPECT_EQ(query("SELECT accepted, subject, claimed_user, claimed_database, client, sqlstate, "
                  "reason FROM tracegate.logins ORDER BY lsn"),
            "t|local:alice|-|traces|10.0.0.1:4000|-|-\n"
            "f|-|mallory|traces|10.0.0.2:1|28P01|no such user");
  EXPECT_EQ(query("SELECT version, host FROM tracegate.gateways"), "0.1.0|gate-1");
  EXPECT_EQ(query("SELECT policy_version, digest FROM tracegate.policies"), "3|abc");
  EXPECT_EQ(query("SELECT text_hash = sha256(text::bytea) FROM tracegate.statements WHERE "
                  "statement_no = 2"),
            "t");
}

TEST_F(ShipperTest, StatementWithoutAnOutcomeStandsInTheView) {
  open_journal();
  const auto shipper = start();
  expect_shipped(*shipper, commit(intent(1, "select 1")));
  EXPECT_EQ(query("SELECT statement_no, ending, rows, text, subject FROM tracegate.statements"),
            "1|-|-|select 1|-");
}

TEST_F(ShipperTest, SessionOfAGatewayThatDiedSaysSo) {
  open_journal();
  const auto shipper = start();
  journal::SessionOpened opened;
  opened.session = session(1);
  commit(journal::GatewayStarted{}, opened);
  opened.session = session(2);
  expect_shipped(*shipper, commit(journal::GatewayStarted{}, opened));
  EXPECT_EQ(query("SELECT end_reason, ended_at FROM tracegate.sessions ORDER BY lsn"),
            "the gateway ended without closing it|-\n-|-");
}

TEST_F(ShipperTest, TextThatIsAskedForOftenIsKeptOnce) {
  open_journal();
  const auto shipper = start();
  commit(intent(1, "select 1"), intent(2, "select 1"));
  journal::Intent without_text = intent(3, "select 1");
  without_text.text_present = false;
  expect_shipped(*shipper, commit(intent(4, "select 1"), without_text));
  EXPECT_EQ(query("SELECT count(*) FROM tracegate.statement_texts"), "1");
  EXPECT_EQ(query("SELECT count(*) FROM tracegate.statements WHERE text = 'select 1'"), "4");
}

TEST_F(ShipperTest, BytesThatPostgresqlRefusesAreMadeSafe) {
  open_journal();
  const auto shipper = start();
  const std::string nul("select '\0'", 10);
  const std::string large(3 << 20, 'x');
  journal::SessionOpened opened;
  opened.session = session(1);
  opened.application = "caf\xe9";
  journal::LoginRefused refused;
  refused.user = std::string("nul\0 and \xff", 10);
  expect_shipped(*shipper, commit(opened, refused, intent(1, "select '\xc3\x28'"), intent(2, nul),
                                  intent(3, large)));
  EXPECT_EQ(query("SELECT application FROM tracegate.sessions"), "caf\\xe9");
  EXPECT_EQ(query("SELECT claimed_user FROM tracegate.logins WHERE NOT accepted"),
            "nul\\x00 and \\xff");
  EXPECT_EQ(
      query("SELECT text FROM tracegate.statements WHERE statement_no < 3 ORDER BY statement_no"),
      "select '\\xc3('\nselect '\\x00'");
  EXPECT_EQ(query("SELECT length(text) FROM tracegate.statements WHERE statement_no = 3"),
            std::to_string(3 << 20));
}

TEST_F(ShipperTest, GoesOnWhereItWasAfterRestartsAtAnyPoint) {
  open_journal();
  std::mt19937 random(7);
  std::uint64_t appended = 0;
  for (int run = 0; run < 40; ++run) {
    ShipperOptions some = options();
    some.batch_records = 1 + random() % 60;
    some.drain = Milliseconds(random() % 3 == 0 ? 200 : 0);
    const auto shipper = start(std::move(some), *journal_);
    commit_statements(appended + 1, appended + 100);
    appended += 100;
    const std::uint64_t wait_for = random() % (appended * 2);
    ASSERT_TRUE(eventually([&] { return shipper->status().shipped.value >= wait_for; }))
        << shipper->status().error;
  }
  expect_shipped(*start(), journal_->durable_lsn());
  expect_statements(appended);
}

TEST_F(ShipperTest, GoesOnAfterRestartsOfTheGateway) {
  for (std::uint64_t run = 0; run < 8; ++run) {
    journal_.reset();
    open_journal();
    ShipperOptions some = options();
    some.drain = Milliseconds(0);
    const auto shipper = start(std::move(some), *journal_);
    commit_statements(run * 50 + 1, run * 50 + 50);
    if (run % 2 == 0) expect_shipped(*shipper, journal_->durable_lsn());
  }
  expect_shipped(*start(), journal_->durable_lsn());
  expect_statements(400);
  EXPECT_EQ(query("SELECT count(*), max(journal_id::text) FROM tracegate.shipping"),
            "1|" + journal_->id().to_string());
}

TEST_F(ShipperTest, GoesOnAfterTheDatabaseCrashed) {
  open_journal();
  ShipperOptions some = options();
  some.batch_records = 40;
  const auto shipper = start(std::move(some), *journal_);
  std::uint64_t appended = 0;
  for (int crash = 0; crash < 5; ++crash) {
    commit_statements(appended + 1, appended + 1000);
    appended += 1000;
    const std::uint64_t point = (appended - 1000) * 2 + 300;
    ASSERT_TRUE(eventually([&] { return shipper->status().shipped.value >= point; }));
    cluster().stop(test::PostgresCluster::Stop::kCrash);
    ASSERT_TRUE(eventually([&] { return !shipper->status().connected; }));
    EXPECT_FALSE(shipper->status().error.empty());
    EXPECT_EQ(shipper->status().error.find(test::PostgresCluster::password()), std::string::npos);
    const Status started = cluster().start();
    ASSERT_TRUE(started.ok()) << started.error().message;
  }
  expect_shipped(*shipper, journal_->durable_lsn());
  EXPECT_TRUE(eventually([&] { return shipper->status().error.empty(); }));
  expect_statements(appended);
}

TEST_F(ShipperTest, GoesOnAfterItsSessionWasEndedManyTimes) {
  open_journal();
  ShipperOptions some = options();
  some.batch_records = 25;
  const auto shipper = start(std::move(some), *journal_);
  // However fast either side is, each round ends a session that is there, with work before it.
  for (std::uint64_t round = 0; round < 8; ++round) {
    const Lsn last = commit_statements(round * 500 + 1, (round + 1) * 500);
    ASSERT_TRUE(eventually([&] {
      return query(
                 "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                 "WHERE application_name = 'tracegate' AND datname = current_database()") != "0";
    }));
    ASSERT_TRUE(eventually([&] { return shipper->status().shipped >= last; }));
  }
  expect_statements(4'000);
}

TEST_F(ShipperTest, CommitWhoseAnswerWasLostIsNotRepeated) {
  // What a shipper sees after it lost the answer to a COMMIT: the position is further than it
  // knows.
  open_journal();
  const auto first = start();
  expect_shipped(*first, commit_statements(1, 10));
  query("UPDATE tracegate.shipping SET last_lsn = 24");
  commit_statements(11, 20);
  expect_shipped(*first, Lsn{40});
  EXPECT_EQ(query("SELECT string_agg(lsn::text, ' ' ORDER BY lsn) FROM tracegate.statement_intents "
                  "WHERE lsn > 18"),
            "19 25 27 29 31 33 35 37 39");
}

TEST_F(ShipperTest, TwoShippersOfOneJournalShipEverythingOnce) {
  open_journal();
  ShipperOptions some = options();
  some.batch_records = 30;
  ShipperOptions others = options();
  others.batch_records = 50;
  const auto one = start(std::move(some), *journal_);
  const auto two = start(std::move(others), *journal_);
  const Lsn last = commit_statements(1, 3000);
  expect_shipped(*one, last);
  expect_shipped(*two, last);
  expect_statements(3000);
}

TEST_F(ShipperTest, GatewaysThatShareTextsShipIntoOneDatabase) {
  open_journal();
  std::vector<std::unique_ptr<journal::Journal>> journals;
  std::vector<std::unique_ptr<Shipper>> shippers;
  journals.push_back(std::move(journal_));
  for (int i = 1; i < 4; ++i) {
    journal_options_.directory = base_ + "/journal" + std::to_string(i);
    open_journal();
    journals.push_back(std::move(journal_));
  }
  for (auto& journal : journals) shippers.push_back(start(options(), *journal));
  for (auto& journal : journals) {
    journal_ = std::move(journal);
    commit_statements(1, 500);
    journal = std::move(journal_);
  }
  for (std::size_t i = 0; i < journals.size(); ++i)
    expect_shipped(*shippers[i], journals[i]->durable_lsn());
  EXPECT_EQ(query("SELECT count(*), count(DISTINCT journal) FROM tracegate.statement_intents"),
            "2000|4");
  EXPECT_EQ(query("SELECT count(*) FROM tracegate.statement_texts"), "100");
  shippers.clear();
}

TEST_F(ShipperTest, JournalThatWasReplacedByAnOlderCopyIsNotShipped) {
  open_journal();
  expect_shipped(*start(), commit_statements(1, 10));
  journal_.reset();
  std::filesystem::copy(base_ + "/journal", base_ + "/copy",
                        std::filesystem::copy_options::recursive);
  open_journal();
  expect_shipped(*start(), commit_statements(11, 20));
  journal_.reset();
  std::filesystem::remove_all(base_ + "/journal");
  std::filesystem::rename(base_ + "/copy", base_ + "/journal");
  std::filesystem::permissions(base_ + "/journal", std::filesystem::perms::owner_all);
  open_journal();
  const auto shipper = start();
  ASSERT_TRUE(eventually([&] {
    return shipper->status().error.find("older copy") != std::string::npos;
  })) << shipper->status().error;
  EXPECT_EQ(query("SELECT last_lsn FROM tracegate.shipping"), "40");
}

TEST_F(ShipperTest, WhatIsShippedMakesRoomInTheJournal) {
  journal_options_.max_size = {3 * journal_options_.segment_size.value};
  open_journal();
  const auto shipper = start();
  expect_shipped(*shipper, commit_statements(1, 5000));  // about a megabyte
  expect_statements(5000);
  EXPECT_FALSE(journal_->stalled());
}

TEST_F(ShipperTest, ShipsWhatIsDurableBeforeItEnds) {
  open_journal();
  ShipperOptions slow = options();
  slow.interval = Milliseconds(60'000);
  slow.batch_records = 100;
  auto shipper = start(std::move(slow), *journal_);
  ASSERT_TRUE(eventually([&] { return shipper->status().connected; }));
  commit_statements(1, 1000);
  shipper.reset();
  expect_statements(1000);
}

TEST_F(ShipperTest, EndsInTimeWhenTheDatabaseDoesNotAnswer) {
  open_journal();
  ShipperOptions some = options();
  some.drain = Milliseconds(100);
  auto shipper = start(std::move(some), *journal_);
  expect_shipped(*shipper, commit_statements(1, 10));
  const Result<std::unique_ptr<Connection>> blocker = Connection::open(config(), nullptr);
  ASSERT_TRUE(blocker.ok());
  ASSERT_TRUE((*blocker)->run("BEGIN; LOCK TABLE tracegate.shipping").ok());
  commit_statements(11, 20);
  const auto before = std::chrono::steady_clock::now();
  shipper.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

TEST_F(ShipperTest, StatusTellsHowFarBehindItIs) {
  open_journal();
  ShipperOptions nowhere = options();
  nowhere.connection.database = "no such database";
  nowhere.drain = Milliseconds(0);
  const auto shipper = start(std::move(nowhere), *journal_);
  EXPECT_EQ(shipper->status().behind, 0U);
  commit_statements(1, 10);
  ASSERT_TRUE(eventually([&] { return !shipper->status().error.empty(); }));
  const ShipperStatus status = shipper->status();
  EXPECT_FALSE(status.connected);
  EXPECT_EQ(status.behind, 20U);
  EXPECT_GT(status.lag, Microseconds(0));
  EXPECT_NE(status.error.find("no such database"), std::string::npos);
}

TEST_F(ShipperTest, StatusIsCleanWhenEverythingIsShipped) {
  open_journal();
  const auto shipper = start();
  expect_shipped(*shipper, commit_statements(1, 10));
  const ShipperStatus status = shipper->status();
  EXPECT_TRUE(status.connected);
  EXPECT_EQ(status.behind, 0U);
  EXPECT_EQ(status.lag, Microseconds(0));
  EXPECT_EQ(status.error, "");
}

TEST_F(ShipperTest, NeedsNoMoreThanItsGrantsWhenTheSchemaIsThere) {
  {
    const Result<std::unique_ptr<Connection>> owner = Connection::open(config(), nullptr);
    ASSERT_TRUE(owner.ok());
    const Status made = ensure_schema(**owner);
    ASSERT_TRUE(made.ok()) << made.error().message;
    ASSERT_TRUE(ensure_schema(**owner).ok());
  }
  query(
      "DROP ROLE IF EXISTS shipper_only; CREATE ROLE shipper_only LOGIN PASSWORD 'x';"
      "GRANT USAGE ON SCHEMA tracegate TO shipper_only;"
      "GRANT SELECT ON tracegate.schema_version, tracegate.statement_texts TO shipper_only;"
      "GRANT SELECT, INSERT, UPDATE ON tracegate.shipping TO shipper_only;"
      "GRANT INSERT ON tracegate.gateways, tracegate.policies, tracegate.session_starts, "
      "tracegate.session_ends,"
      "  tracegate.login_refusals, tracegate.statement_texts, tracegate.statement_intents,"
      "  tracegate.statement_outcomes TO shipper_only");
  open_journal();
  ShipperOptions plain = options();
  plain.connection.user = "shipper_only";
  plain.connection.password = Secret("x");
  const auto shipper = start(std::move(plain), *journal_);
  commit(journal::GatewayStarted{}, journal::PolicyLoaded{}, journal::SessionOpened{},
         journal::LoginRefused{}, journal::SessionClosed{});
  expect_shipped(*shipper, commit_statements(1, 10));
  EXPECT_EQ(query("SELECT count(*) FROM tracegate.statements"), "10");
}

TEST_F(ShipperTest, SchemaIsCreatedOnceByManyAtATime) {
  std::vector<std::thread> gateways;
  std::atomic<int> succeeded{0};
  for (int i = 0; i < 8; ++i) {
    gateways.emplace_back([&] {
      const Result<std::unique_ptr<Connection>> connection = Connection::open(config(), nullptr);
      if (!connection.ok()) return;
      const Status made = ensure_schema(**connection);
      EXPECT_TRUE(made.ok()) << made.error().message;
      if (made.ok()) ++succeeded;
    });
  }
  for (std::thread& gateway : gateways) gateway.join();
  EXPECT_EQ(succeeded, 8);
  EXPECT_EQ(query("SELECT version FROM tracegate.schema_version ORDER BY 1"), "1\n2");
}

TEST_F(ShipperTest, SchemaOfAnEarlierVersionIsBroughtUpToThisOneWithWhatStandsInIt) {
  const Result<std::unique_ptr<Connection>> owner = Connection::open(config(), nullptr);
  ASSERT_TRUE(owner.ok());
  const Status first = ensure_schema(**owner, 1);
  ASSERT_TRUE(first.ok()) << first.error().message;
  query(
      "INSERT INTO tracegate.statement_intents VALUES (9, 1, gen_random_uuid(), 1, now(), "
      "'simple', 'select', 'allow', false, NULL, NULL, NULL, 0, 1, '');"
      "INSERT INTO tracegate.statement_outcomes SELECT 9, 2, session_id, 1, now(), 'completed', 7, "
      "0, 0, '0', NULL, 'SELECT 7' FROM tracegate.statement_intents");
  open_journal();
  const auto shipper = start();
  journal::Outcome outcome;
  outcome.session = session(1);
  outcome.statement = StatementNo{1};
  outcome.masked_cells = 5;
  outcome.detected_cells = 3;
  expect_shipped(*shipper, commit(intent(1, "select 1"), outcome));
  EXPECT_EQ(query("SELECT rows, masked_cells, detected_cells FROM tracegate.statements ORDER BY 1"),
            "0|5|3\n7|0|0");
  EXPECT_EQ(query("SELECT version FROM tracegate.schema_version ORDER BY 1"), "1\n2");
}

TEST_F(ShipperTest, SchemaOfANewerGatewayIsRefused) {
  open_journal();
  expect_shipped(*start(), commit_statements(1, 1));
  query("INSERT INTO tracegate.schema_version VALUES (3)");
  const auto shipper = start();
  EXPECT_TRUE(eventually(
      [&] { return shipper->status().error.find("newer gateway") != std::string::npos; }));
}

TEST_F(ShipperTest, DatabaseOfAnotherEncodingIsRefused) {
  const std::string latin = database_ + ".latin1";
  ASSERT_TRUE(
      cluster().create_database(latin, "ENCODING LATIN1 LOCALE 'C' TEMPLATE template0").ok());
  open_journal();
  ShipperOptions other = options();
  other.connection.database = latin;
  const auto shipper = start(std::move(other), *journal_);
  EXPECT_TRUE(
      eventually([&] { return shipper->status().error.find("UTF8") != std::string::npos; }));
}

TEST_F(ShipperTest, DamagedJournalIsReportedAndNotShippedPast) {
  open_journal();
  {
    const auto shipper = start();
    expect_shipped(*shipper, commit_statements(1, 10));
  }
  commit_statements(11, 2000);
  const std::string first = base_ + "/journal/journal-00000000000000000001.seg";
  const std::string text = "select 55";
  std::FILE* const file = std::fopen(first.c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  std::string content(64 << 10, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file));
  const std::size_t at = content.find(text);
  ASSERT_NE(at, std::string::npos);
  std::fseek(file, static_cast<long>(at), SEEK_SET);
  std::fputs("SELECT", file);
  std::fclose(file);
  const auto shipper = start();
  EXPECT_TRUE(eventually([&] {
    return shipper->status().error.find("journal-00000000000000000001.seg at offset") !=
           std::string::npos;
  })) << shipper->status().error;
  EXPECT_EQ(query("SELECT count(*) FROM tracegate.statements WHERE text LIKE 'SELECT%'"), "0");
}

}  // namespace
}  // namespace tracegate::store
