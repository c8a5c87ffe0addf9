#include "src/journal/writer.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>
#include <csignal>
#include <system_error>

#include "src/base/log.h"

namespace tracegate::journal {
namespace {

constexpr Microseconds kMayWaitAtMost = Milliseconds(50);
// A batch is complete when it has this much, or a quarter of a segment; what one producer handed
// over at once is not divided.
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
constexpr std::size_t kBatchPieces = 200;

// Signals are for the threads that expect them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Writer::Writer(const Options& options, std::unique_ptr<SegmentLog> log,
               std::function<void(std::size_t)> wake)
    : gather_(options.gather),
      batch_bytes_(std::min<std::size_t>(kBatchBytes, options.segment_size.value / 4)),
      log_(std::move(log)),
      wake_(std::move(wake)),
      durable_lsn_(std::make_shared<std::atomic<std::uint64_t>>(log_->last_lsn().value)),
      to_wake_(options.producers) {
  for (std::size_t i = 0; i < options.producers; ++i)
    producers_.push_back(std::make_unique<BatchProducer>(exchange_));
}

Status Writer::start() {
  try {
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    return Error(std::string("starting the journal thread: ") + error.what());
  }
  return Ok{};
}

Writer::~Writer() {
  exchange_.stopping = true;
  exchange_.sleeper.wake();
  if (thread_.joinable()) thread_.join();
}

std::string Writer::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

void Writer::release(Lsn shipped) {
  std::uint64_t before = released_.load();
  while (before < shipped.value && !released_.compare_exchange_weak(before, shipped.value)) {
  }
  if (exchange_.sleeper.state() == Sleep::kForRoom) exchange_.sleeper.wake();
}

void Writer::run() {
  pthread_setname_np(pthread_self(), "journal");
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default of 50 us would double the wait for company
  bool waited = false;            // for urgent work, all the time that other work may wait
  while (true) {
    const bool stopping = exchange_.stopping;
    const bool somebody_waits = urgent();  // before taking: what is awaited is taken then
    take_all();
    if (stopping) break;
    if (somebody_waits) {
      wait_for_company();
    } else if (!waited || queue_.empty()) {
      // After a commit the next work is likely near and may wait: it is taken when the time is
      // over, without anybody waking the thread. Only if nothing came for that long does any work
      // wake it.
      waited = waited ? (sleep(Sleep::kForAny, std::nullopt), false)
                      : sleep(Sleep::kForUrgent, kMayWaitAtMost);
      continue;
    }
    waited = false;
    if (!commit()) return;
  }
  while (!queue_.empty())
    if (!commit()) return;
}

void Writer::take_all() {
  for (std::size_t i = 0; i < producers_.size(); ++i) {
    if (!producers_[i]->has_more()) continue;
    producers_[i]->take(taken_);
    for (Handover& handover : taken_) queue_.push_back({i, std::move(handover)});
    taken_.clear();
  }
}

bool Writer::anything() const {
  return std::any_of(producers_.begin(), producers_.end(),
                     [](const auto& producer) { return producer->has_more(); });
}

bool Writer::urgent() const {
  return std::any_of(producers_.begin(), producers_.end(),
                     [](const auto& producer) { return producer->awaited(); });
}

bool Writer::reason_to_wake(Sleep sleep) const {
  if (exchange_.stopping) return true;
  switch (sleep) {
    case Sleep::kAwake:
      return true;
    case Sleep::kForCompany:
      return exchange_.intents >= exchange_.enough_intents;
    case Sleep::kForUrgent:
      return urgent();
    case Sleep::kForAny:
      return anything() || urgent();
    case Sleep::kForRoom:
      return false;
  }
  return true;
}

bool Writer::sleep(Sleep sleep, std::optional<Microseconds> at_most) {
  exchange_.sleeper.announce(sleep);
  if (reason_to_wake(sleep)) {
    exchange_.sleeper.stay_awake();
    return false;
  }
  return exchange_.sleeper.sleep(sleep, at_most);
}

void Writer::wait_for_company() {
  if (gather_.count() == 0 || company_ < kCompany) return;
  exchange_.enough_intents = intents_committed_ + company_;
  sleep(Sleep::kForCompany, gather_);
  take_all();
}

bool Writer::commit() {
  std::size_t pieces = 0;
  std::size_t bytes = 0;
  while (pieces < queue_.size() && pieces < kBatchPieces && bytes < batch_bytes_)
    bytes += queue_[pieces++].handover.bytes.size();
  const Result<bool> written = write(pieces);
  if (!written) {
    fail(written.error());
    return false;
  }
  if (!*written) return false;
  publish(pieces);
  log_->prepare_ahead(Lsn{released_});
  return true;
}

// False if the journal has to stop before there is room.
Result<bool> Writer::write(std::size_t pieces) {
  body_.clear();
  std::size_t size = 0;
  std::uint32_t records = 0;
  for (std::size_t i = 0; i < pieces; ++i) {
    body_.push_back(queue_[i].handover.bytes);
    size += body_.back().size();
    records += queue_[i].handover.records;
  }
  while (!log_->fits(size)) {
    const std::uint64_t released = released_;
    const Result<bool> begun = log_->begin_segment(size, Lsn{released});
    if (!begun) return begun;
    stalled_ = !*begun;
    if (!*begun) {
      exchange_.sleeper.announce(Sleep::kForRoom);
      if (released_ == released && !exchange_.stopping)
        exchange_.sleeper.sleep(Sleep::kForRoom, std::nullopt);
      exchange_.sleeper.stay_awake();
      if (exchange_.stopping) return false;
    }
  }
  TG_TRY(log_->append(body_, records));
  return true;
}

void Writer::publish(std::size_t pieces) {
  durable_lsn_->store(log_->last_lsn().value, std::memory_order_release);
  std::uint64_t intents = 0;
  for (std::size_t i = 0; i < pieces; ++i) {
    Piece& piece = queue_[i];
    intents += piece.handover.intents;
    if (producers_[piece.producer]->publish(std::move(piece.handover)))
      to_wake_[piece.producer] = true;
  }
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(pieces));
  intents_committed_ += intents;
  // Those of the batch will send their next statement, those that came meanwhile wait already.
  company_ = intents + (exchange_.intents - intents_committed_);
  for (std::size_t i = 0; i < to_wake_.size(); ++i) {
    if (to_wake_[i]) wake_(i);
    to_wake_[i] = false;
  }
}

void Writer::fail(const Error& error) {
  {
    const std::lock_guard lock(failure_mutex_);
    failure_ = error.message;
  }
  exchange_.failed.store(true, std::memory_order_release);
  log::error("journal failed, nothing is served any more: {}", log::printable(error.message));
  for (std::size_t i = 0; i < producers_.size(); ++i) wake_(i);
}

}  // namespace tracegate::journal
