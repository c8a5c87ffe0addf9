// The journal thread: takes what producers handed over, commits it as one batch, tells who waits.
//
// With one client every transaction is one commit, so the number of system calls counts: one to
// wake the thread, one to write and sync, one for the thread to wake the worker, one to sleep
// again. With many, commits are shared: what arrives during one goes into the next, and if at least
// kCompany intents were under way a moment ago, the thread waits a little for all of them to come
// together.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/journal/producer.h"
#include "src/journal/segment_log.h"

namespace tracegate::journal {

class Writer {
 public:
  Writer(const Options& options, std::unique_ptr<SegmentLog> log,
         std::function<void(std::size_t)> wake);
  ~Writer();  // commits what was handed over, unless stalled or failed

  // Starts the thread; an error if the system has none to give.
  [[nodiscard]] Status start();

  // From any thread.
  [[nodiscard]] BatchProducer& producer(std::size_t index) { return *producers_.at(index); }
  [[nodiscard]] bool failed() const { return exchange_.failed.load(std::memory_order_acquire); }
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] bool stalled() const { return stalled_.load(std::memory_order_acquire); }
  [[nodiscard]] const std::shared_ptr<std::atomic<std::uint64_t>>& durable_lsn() const {
    return durable_lsn_;
  }
  void release(Lsn shipped);

 private:
  struct Piece {
    std::size_t producer = 0;
    Handover handover;
  };

  void run();
  void take_all();
  [[nodiscard]] bool anything() const;
  [[nodiscard]] bool urgent() const;
  // Sleeps unless there is a reason not to. Returns whether `at_most` has passed.
  bool sleep(Sleep sleep, std::optional<Microseconds> at_most);
  [[nodiscard]] bool reason_to_wake(Sleep sleep) const;
  void wait_for_company();
  // Commits the front of queue_. False when nothing more can be committed.
  bool commit();
  Result<bool> write(std::size_t pieces);
  void publish(std::size_t pieces);
  void fail(const Error& error);

  const Microseconds gather_;
  const std::size_t batch_bytes_;
  const std::unique_ptr<SegmentLog> log_;
  const std::function<void(std::size_t)> wake_;
  Exchange exchange_;
  std::vector<std::unique_ptr<BatchProducer>> producers_;
  std::shared_ptr<std::atomic<std::uint64_t>> durable_lsn_;
  std::atomic<std::uint64_t> released_{0};
  std::atomic<bool> stalled_{false};
  mutable std::mutex failure_mutex_;
  std::string failure_;  // under failure_mutex_

  // The thread's own.
  std::vector<Piece> queue_;
  std::vector<Handover> taken_;         // scratch
  std::vector<std::string_view> body_;  // scratch
  std::vector<bool> to_wake_;           // scratch
  std::uint64_t intents_committed_ = 0;
  std::uint64_t company_ = 0;  // intents that were under way around the last commit

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace tracegate::journal
