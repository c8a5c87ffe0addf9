#include "src/journal/producer.h"

#include <cstring>

namespace tracegate::journal {
namespace {

// An open batch this large is handed over without being asked, so that a batch on disk stays small
// next to a segment.
constexpr std::size_t kHandOverAt = std::size_t{1} << 20;
// Larger buffers, left behind by an enormous text, are given back to the system.
constexpr std::size_t kKeepAtMost = std::size_t{2} << 20;
constexpr std::size_t kMaxSpares = 4;

}  // namespace

template <typename RecordType>
Ticket BatchProducer::add(const RecordType& record, std::uint32_t intents) {
  const std::size_t before = open_.bytes.size();
  open_.bytes.append(kRecordPrefixSize, '\0');
  encode(record, open_.bytes);
  const std::size_t added = open_.bytes.size() - before;
  const auto size = static_cast<std::uint32_t>(added - kRecordPrefixSize);
  std::memcpy(open_.bytes.data() + before, &size, sizeof size);
  ++open_.records;
  open_.intents += intents;
  ++appended_;
  appended_bytes_ += added;
  const Ticket ticket{appended_};
  if (open_.bytes.size() >= kHandOverAt) flush(Urgency::kMayWait);
  return ticket;
}

void BatchProducer::flush(Urgency urgency) {
  if (exchange_.failed.load(std::memory_order_acquire)) {
    open_.bytes.clear();  // it can never become durable; keep memory bounded
    open_.records = open_.intents = 0;
    return;
  }
  const bool urgent = urgency == Urgency::kCommitNow;
  // In this order: what is awaited has been handed over.
  if (open_.records > 0) hand_over();
  if (urgent) awaited_.store(appended_);
  switch (exchange_.sleeper.state()) {
    case Sleep::kAwake:
    case Sleep::kForRoom:
      return;
    case Sleep::kForCompany:
      if (exchange_.intents.load() >= exchange_.enough_intents.load()) exchange_.sleeper.wake();
      return;
    case Sleep::kForUrgent:
      if (urgent && awaited()) exchange_.sleeper.wake();
      return;
    case Sleep::kForAny:
      exchange_.sleeper.wake();
      return;
  }
}

void BatchProducer::hand_over() {
  exchange_.intents.fetch_add(open_.intents);  // first: never fewer than the thread has taken
  {
    const std::lock_guard lock(mutex_);
    handed_.push_back(std::move(open_));
    open_ = Handover();
    if (!spares_.empty()) {
      open_.bytes = std::move(spares_.back());
      spares_.pop_back();
    }
  }
  handed_over_.store(appended_);
}

void BatchProducer::take(std::vector<Handover>& to) {
  const std::lock_guard lock(mutex_);
  for (Handover& handover : handed_) {
    taken_ += handover.records;
    to.push_back(std::move(handover));
  }
  handed_.clear();
  for (std::string& buffer : returned_)
    if (spares_.size() < kMaxSpares) spares_.push_back(std::move(buffer));
  returned_.clear();
}

bool BatchProducer::publish(Handover done) {
  const std::uint64_t before = durable_.load(std::memory_order_relaxed);
  durable_bytes_.store(durable_bytes_.load(std::memory_order_relaxed) + done.bytes.size(),
                       std::memory_order_release);
  durable_.store(before + done.records, std::memory_order_release);
  if (done.bytes.capacity() <= kKeepAtMost && returned_.size() < kMaxSpares) {
    done.bytes.clear();
    returned_.push_back(std::move(done.bytes));
  }
  return awaited_.load() > before;
}

}  // namespace tracegate::journal
