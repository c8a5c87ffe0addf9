// One worker's end of the journal: its open batch, and the buffers on their way to the journal
// thread and back. In steady state nothing is allocated and a record is copied once, into the open
// batch.
//
// Threading: the Producer interface belongs to its worker; what is named after the writer, to the
// journal thread. They meet in a mutex that each holds for the swap of a few pointers.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "src/journal/format.h"
#include "src/journal/journal.h"
#include "src/journal/sleeper.h"

namespace tracegate::journal {

// Length-prefixed records, as they will stand in a batch.
struct Handover {
  std::string bytes;
  std::uint32_t records = 0;
  std::uint32_t intents = 0;
};

// What all producers share with the journal thread.
struct Exchange {
  Sleeper sleeper;
  std::atomic<std::uint64_t> intents{0};         // handed over by all producers since the start
  std::atomic<std::uint64_t> enough_intents{0};  // wakes a thread that sleeps for company
  std::atomic<bool> failed{false};
  std::atomic<bool> stopping{false};
};

class BatchProducer final : public Producer {
 public:
  explicit BatchProducer(Exchange& exchange) : exchange_(exchange) {}

  Ticket append(const GatewayStarted& record) override { return add(record, 0); }
  Ticket append(const PolicyLoaded& record) override { return add(record, 0); }
  Ticket append(const SessionOpened& record) override { return add(record, 0); }
  Ticket append(const LoginRefused& record) override { return add(record, 0); }
  Ticket append(const Intent& record) override { return add(record, 1); }
  Ticket append(const Outcome& record) override { return add(record, 0); }
  Ticket append(const SessionClosed& record) override { return add(record, 0); }
  void flush(Urgency urgency) override;
  [[nodiscard]] Ticket durable() const override {
    return Ticket{durable_.load(std::memory_order_acquire)};
  }
  [[nodiscard]] ByteCount backlog() const override {
    return {appended_bytes_ - durable_bytes_.load(std::memory_order_acquire)};
  }

  // --- journal thread ---

  // Whether there is something that the thread has not taken.
  [[nodiscard]] bool has_more() const { return handed_over_.load() > taken_; }
  // Whether somebody waits for a record that is not durable.
  [[nodiscard]] bool awaited() const {
    return awaited_.load() > durable_.load(std::memory_order_relaxed);
  }
  // Moves what was handed over behind `to`, in order, and returns the buffers in `spare`.
  void take(std::vector<Handover>& to);
  // The batch that `done` was part of is durable. Returns whether the owner waits for that.
  // The buffer will serve again.
  [[nodiscard]] bool publish(Handover done);

 private:
  template <typename RecordType>
  Ticket add(const RecordType& record, std::uint32_t intents);
  void hand_over();

  Exchange& exchange_;

  // The worker's.
  Handover open_;
  std::uint64_t appended_ = 0;  // records
  std::uint64_t appended_bytes_ = 0;

  // Shared.
  std::mutex mutex_;
  std::vector<Handover> handed_;               // under mutex_
  std::vector<std::string> spares_;            // under mutex_: empty buffers with room
  std::atomic<std::uint64_t> handed_over_{0};  // ticket of the last record in handed_, ever
  std::atomic<std::uint64_t> awaited_{0};      // the largest ticket that somebody waits for
  std::atomic<std::uint64_t> durable_{0};
  std::atomic<std::uint64_t> durable_bytes_{0};

  // The journal thread's.
  std::uint64_t taken_ = 0;
  std::vector<std::string> returned_;  // on their way to spares_
};

}  // namespace tracegate::journal
