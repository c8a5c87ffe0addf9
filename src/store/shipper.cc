#include "src/store/shipper.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "src/base/log.h"
#include "src/store/connection.h"
#include "src/store/record_rows.h"
#include "src/store/schema.h"

namespace tracegate::store {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{8}
                                    << 20;  // of records; a single larger one is a batch
constexpr Milliseconds kFirstRetry{200};

using Clock = std::chrono::steady_clock;

class JournalShipper final : public Shipper {
 public:
  JournalShipper(ShipperOptions options, journal::Journal& journal)
      : options_(std::move(options)), journal_(journal) {}

  ~JournalShipper() override {
    stop_.stop_by(Clock::now() + options_.drain);
    if (thread_.joinable()) thread_.join();
  }

  Status start() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the threads that expect them
    Status status = Ok{};
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
      status = Error(std::string("starting the shipper's thread: ") + error.what());
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return status;
  }

  ShipperStatus status() const override {
    const std::lock_guard lock(mutex_);
    ShipperStatus status = status_;
    const Lsn durable = journal_.durable_lsn();
    if (durable > status.shipped) {
      status.behind = durable.value - status.shipped.value;
      status.lag = std::chrono::duration_cast<Microseconds>(Clock::now() - caught_up_);
    }
    return status;
  }

 private:
  void run() {
    pthread_setname_np(pthread_self(), "shipper");
    while (true) {
      const Result<bool> more = step();
      if (!more) {
        // At the end there is no point in waiting for a database that is not there.
        if (stop_.stopping()) return;
        lose_connection(more.error());
        continue;
      }
      retry_ = kFirstRetry;
      if (*more) continue;
      if (stop_.stopping()) return;
      stop_.wait(-1, 0, Clock::now() + options_.interval);
    }
  }

  // Ships one batch. Whether there may be more right now.
  Result<bool> step() {
    if (connection_ == nullptr) TG_TRY(connect());
    const SteadyTime looked_at = Clock::now();
    const Result<std::size_t> gathered = gather();
    if (!gathered) return Error(gathered.error());
    if (*gathered > 0) TG_TRY(ship());
    const bool more = *gathered > 0 && last_ < journal_.durable_lsn();
    const std::lock_guard lock(mutex_);
    if (!more) caught_up_ = looked_at;
    status_.shipped = last_;
    status_.error.clear();
    // A full batch is followed at once; less than that waits for company, except at the end.
    return more &&
           (*gathered >= options_.batch_records || batch_bytes_ >= kBatchBytes || stop_.stopping());
  }

  Status connect() {
    Result<std::unique_ptr<Connection>> opened = Connection::open(options_.connection, &stop_);
    if (!opened) return std::move(opened).error();
    connection_ = std::move(*opened);
    if (connection_->server_setting("server_encoding") != "UTF8")
      return Error("the audit database must have encoding UTF8");
    // synchronous_commit: what is reported as committed lets the journal remove its own copy.
    // The timeouts let the database end a transaction whose shipper has gone.
    const Result<Rows> set = connection_->run(
        "SET synchronous_commit = on; SET search_path = pg_catalog; SET statement_timeout = '60s'; "
        "SET idle_in_transaction_session_timeout = '60s'");
    if (!set) return Error(set.error());
    if (options_.manage_schema) TG_TRY(ensure_schema(*connection_));
    TG_TRY(find_position());
    const std::lock_guard lock(mutex_);
    status_.connected = true;
    status_.shipped = last_;
    log::info("session tables: shipping to {}:{}/{} behind record {}", options_.connection.host,
              options_.connection.port, options_.connection.database, last_.value);
    return Ok{};
  }

  Status find_position() {
    const Parameter id{kUuidOid, as_text(journal_.id().bytes)};
    const Result<Rows> known = connection_->run(
        "INSERT INTO tracegate.shipping (journal_id) VALUES ($1) ON CONFLICT (journal_id) DO "
        "NOTHING",
        {&id, 1});
    if (!known) return Error(known.error());
    const Result<Rows> position = connection_->run(
        "SELECT journal, last_lsn FROM tracegate.shipping WHERE journal_id = $1", {&id, 1});
    if (!position) return Error(position.error());
    const auto number = position->number(0, 0);
    const auto lsn = position->number(0, 1);
    if (!number || !lsn) return Error("tracegate.shipping does not hold what it should");
    number_ = static_cast<std::int32_t>(*number);
    last_.value = static_cast<std::uint64_t>(*lsn);
    if (last_ > journal_.durable_lsn()) {
      return Error("the session tables hold records up to " + std::to_string(last_.value) +
                   ", the journal only up to " + std::to_string(journal_.durable_lsn().value) +
                   ": it was replaced by an older copy");
    }
    journal_.release(last_);
    Result<std::unique_ptr<journal::Reader>> reader = journal_.reader(last_);
    if (!reader) return std::move(reader).error();
    reader_ = std::move(*reader);
    return Ok{};
  }

  // How many records were gathered; gathered_ is the last of them.
  Result<std::size_t> gather() {
    rows_.begin(number_);
    batch_bytes_ = 0;
    std::size_t count = 0;
    while (count < options_.batch_records && batch_bytes_ < kBatchBytes) {
      const Result<std::optional<journal::Reader::Entry>> entry = reader_->next();
      if (!entry) return Error(entry.error());
      if (!entry.value()) break;
      const Result<journal::Record> record = journal::decode(entry.value()->bytes);
      if (!record)
        return Error(record.error())
            .with_context("record " + std::to_string(entry.value()->lsn.value));
      rows_.add(entry.value()->lsn, *record);
      gathered_ = entry.value()->lsn;
      batch_bytes_ += entry.value()->bytes.size();
      ++count;
    }
    return count;
  }

  Status ship() {
    const std::string journal = std::to_string(number_);
    const Result<Rows> position = connection_->run(
        "BEGIN ISOLATION LEVEL READ COMMITTED; "
        "SELECT last_lsn FROM tracegate.shipping WHERE journal = " +
        journal + " FOR UPDATE");
    if (!position) return Error(position.error());
    if (position->number(0, 0) != static_cast<std::int64_t>(last_.value))
      return Error("somebody else ships the same journal");
    for (const RecordRows::Copy& copy : rows_.copies())
      TG_TRY(connection_->copy_in(copy.sql, copy.data));
    TG_TRY(ship_texts());
    const Result<Rows> committed = connection_->run(
        "UPDATE tracegate.shipping SET last_lsn = " + std::to_string(gathered_.value) +
        ", shipped_at = now() WHERE journal = " + journal + "; COMMIT");
    if (!committed) return Error(committed.error());
    if (committed->command_tag() != "COMMIT") return Error("the database rolled the batch back");
    last_ = gathered_;
    journal_.release(last_);
    return Ok{};
  }

  Status ship_texts() {
    const RecordRows::Texts texts = rows_.texts();
    if (texts.hashes.empty()) return Ok{};
    const Parameter parameters[] = {{kByteaArrayOid, texts.hashes}, {kTextArrayOid, texts.texts}};
    const Result<Rows> inserted = connection_->run(
        "INSERT INTO tracegate.statement_texts (text_hash, text) "
        "SELECT * FROM unnest($1, $2) ON CONFLICT (text_hash) DO NOTHING",
        parameters);
    if (!inserted) return Error(inserted.error());
    return Ok{};
  }

  void lose_connection(const Error& error) {
    reader_.reset();
    connection_.reset();
    {
      const std::lock_guard lock(mutex_);
      if (status_.error != error.message)
        log::warn("session tables: {}; the journal keeps everything meanwhile", error.message);
      status_.connected = false;
      status_.error = error.message;
    }
    stop_.wait(-1, 0, Clock::now() + retry_);
    retry_ = std::min(retry_ * 2, options_.retry_at_most);
  }

  const ShipperOptions options_;
  journal::Journal& journal_;
  StopSignal stop_;

  mutable std::mutex mutex_;
  ShipperStatus status_;                 // under mutex_
  SteadyTime caught_up_ = Clock::now();  // under mutex_: when last nothing was left to ship

  // The thread's own.
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<journal::Reader> reader_;
  std::int32_t number_ = 0;  // of the journal in tracegate.shipping
  Lsn last_;                 // shipped
  Lsn gathered_;
  std::size_t batch_bytes_ = 0;
  RecordRows rows_;
  Milliseconds retry_ = kFirstRetry;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace

Result<std::unique_ptr<Shipper>> Shipper::start(ShipperOptions options, journal::Journal& journal) {
  auto shipper = std::make_unique<JournalShipper>(std::move(options), journal);
  TG_TRY(shipper->start());
  return std::unique_ptr<Shipper>(std::move(shipper));
}

}  // namespace tracegate::store
