// What the journal's tests share: sample records, a journal whose wakes can be waited for, and
// reading a directory to its end.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/journal/journal.h"
#include "tests/journal/memory_files.h"

namespace tracegate::journal {

inline constexpr const char* kDirectory = "/journal";

inline SessionId session(std::uint8_t n) {
  SessionId id;
  id.bytes.fill(n);
  return id;
}

inline Intent intent(std::uint64_t statement, std::string_view text = "select 1") {
  Intent record;
  record.at = Microseconds(1'700'000'000'000'000);
  record.session = session(7);
  record.statement.value = statement;
  record.verdict = Verdict::kAllow;
  record.writes = false;
  record.text_present = true;
  record.policy_version.value = 3;
  record.class_name = "select";
  record.rule = "roles.toml:9";
  record.text = text;
  return record;
}

inline std::uint64_t statement_of(std::string_view bytes) {
  const Result<Record> record = decode(bytes);
  return record.ok() && std::holds_alternative<Intent>(*record)
             ? std::get<Intent>(*record).statement.value
             : 0;
}

// Options for a small journal in memory.
inline Options small(MemoryFiles& files) {
  Options options;
  options.directory = kDirectory;
  options.segment_size = 16_KiB;
  options.max_size = 1_MiB;
  options.files = &files;
  return options;
}

// Waits until `condition` holds; false after ten seconds. For what announces itself by no wake.
template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

class TestJournal {
 public:
  explicit TestJournal(const Options& options) {
    Result<std::unique_ptr<Journal>> opened = Journal::open(options, [this](std::size_t producer) {
      const std::lock_guard lock(mutex_);
      ++wakes_[producer];
      woken_.notify_all();
    });
    if (opened)
      journal_ = std::move(*opened);
    else
      error_ = opened.error().message;
  }

  [[nodiscard]] bool ok() const { return journal_ != nullptr; }
  [[nodiscard]] const std::string& error() const { return error_; }
  Journal* operator->() { return journal_.get(); }
  Journal& operator*() { return *journal_; }
  void close() { journal_.reset(); }

  // Appends, commits and waits. Whether it is durable now; false if the journal failed.
  template <typename RecordType>
  bool commit(const RecordType& record, std::size_t producer = 0) {
    const Ticket ticket = journal_->producer(producer).append(record);
    journal_->producer(producer).flush(Producer::Urgency::kCommitNow);
    return wait_for(ticket, producer);
  }
  bool wait_for(Ticket ticket, std::size_t producer = 0) {
    std::unique_lock lock(mutex_);
    const bool in_time = woken_.wait_for(lock, std::chrono::seconds(30), [&] {
      return journal_->producer(producer).durable() >= ticket || journal_->failed();
    });
    EXPECT_TRUE(in_time) << "nobody was woken";
    return journal_->producer(producer).durable() >= ticket;
  }
  [[nodiscard]] int wakes(std::size_t producer = 0) {
    const std::lock_guard lock(mutex_);
    return wakes_[producer];
  }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  std::map<std::size_t, int> wakes_;
  std::string error_;
  std::unique_ptr<Journal> journal_;  // last: its thread calls into what stands above
};

struct ReadOut {
  std::vector<std::uint64_t> statements;  // of the intents, in order
  std::vector<std::uint64_t> lsns;
  std::string error;  // of the end, if it is one
};

inline ReadOut read_all(Reader& reader) {
  ReadOut out;
  while (true) {
    const Result<std::optional<Reader::Entry>> entry = reader.next();
    if (!entry) {
      out.error = entry.error().message;
      return out;
    }
    if (!entry.value()) return out;
    out.lsns.push_back(entry.value()->lsn.value);
    out.statements.push_back(statement_of(entry.value()->bytes));
  }
}

inline ReadOut read_all(FileSystem& files, Lsn after = {}) {
  const Result<std::unique_ptr<Reader>> reader = Reader::open(kDirectory, after, &files);
  if (!reader) return {{}, {}, reader.error().message};
  return read_all(**reader);
}

// first, first + 1, ... last
inline std::vector<std::uint64_t> range(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = first; i <= last; ++i) out.push_back(i);
  return out;
}

}  // namespace tracegate::journal
