#include "src/http/client.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>

#include "src/http/transfer.h"

namespace tracegate::http {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Milliseconds kLongestSleep{60'000};

// What the client's thread and the owner of a Call share.
struct CallState {
  // Held while the callback runs, so that the Call's destructor waits for it; recursive, because
  // the callback may destroy its own Call.
  std::recursive_mutex running;
  OnResponse on_response;  // empty once it has run or the Call is gone
  std::atomic<bool> given_up = false;
};

struct Job {
  Order order;
  SteadyClock::time_point deadline;
  std::shared_ptr<CallState> state;
};

struct UnderWay {
  std::unique_ptr<Transfer> transfer;
  std::shared_ptr<CallState> state;
};

void answer(CallState& state, Result<Response> result) {
  const std::lock_guard lock(state.running);
  const OnResponse on_response = std::exchange(state.on_response, nullptr);
  if (on_response) on_response(std::move(result));
}

}  // namespace

class HttpClient::Core {
 public:
  explicit Core(ClientLimits limits) : limits_(limits) {
    TG_CHECK(limits.max_under_way > 0, "a client that may not ask");
    initialise_libcurl();
    multi_ = curl_multi_init();
    TG_CHECK(multi_ != nullptr, "no memory for the HTTP client");
    // Signals are for the threads that expect them; no SIGPIPE from a connection that was reset.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~Core() {
    TG_CHECK(calls_ == 0, "an HttpClient is destroyed before its calls");
    stopping_ = true;
    wake_up();
    thread_.join();
    drop_given_up();  // libcurl wants them out of it first
    curl_multi_cleanup(multi_);
  }

  Result<std::unique_ptr<Call>> send(Result<Order> order, OnResponse on_response);
  void give_up(const std::shared_ptr<CallState>& state);

 private:
  void wake_up() { curl_multi_wakeup(multi_); }

  void run();
  // The next that waits, if one may start now.
  std::optional<Job> take_waiting();
  void start_waiting();
  void drop_given_up();
  void finish_done();
  void end_overdue();
  [[nodiscard]] Milliseconds sleep_time();

  const ClientLimits limits_;
  CURLM* multi_ = nullptr;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> calls_ = 0;  // that exist
  std::mutex mutex_;
  std::deque<Job> waiting_;  // guarded by mutex_

  std::vector<UnderWay> under_way_;  // of the thread
  std::thread thread_;
};

class Call::Core {
 public:
  Core(HttpClient::Core& client, std::shared_ptr<CallState> state)
      : client_(client), state_(std::move(state)) {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core() { client_.give_up(state_); }

 private:
  HttpClient::Core& client_;
  std::shared_ptr<CallState> state_;  // shared with the client's thread
};

Result<std::unique_ptr<Call>> HttpClient::Core::send(Result<Order> order, OnResponse on_response) {
  if (!order) return std::move(order).error();
  TG_CHECK(on_response != nullptr, "a request without a callback");
  auto state = std::make_shared<CallState>();
  state->on_response = std::move(on_response);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= limits_.max_waiting)
      return error_at(order->url, std::to_string(waiting_.size()) + " requests wait already");
    const auto deadline = SteadyClock::now() + order->request.total_timeout;
    waiting_.push_back({std::move(order).value(), deadline, state});
  }
  ++calls_;
  wake_up();
  return std::make_unique<Call>(std::make_unique<Call::Core>(*this, std::move(state)));
}

void HttpClient::Core::give_up(const std::shared_ptr<CallState>& state) {
  OnResponse dropped;
  {
    const std::lock_guard lock(state->running);
    dropped = std::exchange(state->on_response, nullptr);
  }
  if (dropped != nullptr) {
    std::optional<Job> job;  // destroyed outside the lock
    {
      const std::lock_guard lock(mutex_);
      const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                      [&](const Job& other) { return other.state == state; });
      if (found != waiting_.end()) {
        job = std::move(*found);
        waiting_.erase(found);
      }
    }
    state->given_up = true;
    if (!job) wake_up();
  }
  --calls_;
}

void HttpClient::Core::run() {
  while (!stopping_) {
    drop_given_up();
    end_overdue();
    start_waiting();
    int running = 0;
    const CURLMcode performed = curl_multi_perform(multi_, &running);
    TG_CHECK(performed == CURLM_OK, curl_multi_strerror(performed));
    finish_done();
    curl_multi_poll(multi_, nullptr, 0, static_cast<int>(sleep_time().count()), nullptr);
  }
}

// curl_multi_poll() wakes up for what libcurl itself waits for; this is for the queue.
Milliseconds HttpClient::Core::sleep_time() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return kLongestSleep;
  if (under_way_.size() < limits_.max_under_way) return Milliseconds{0};
  auto first = waiting_.front().deadline;
  for (const Job& job : waiting_) first = std::min(first, job.deadline);
  const auto left = std::chrono::ceil<Milliseconds>(first - SteadyClock::now());
  return std::clamp(left, Milliseconds{0}, kLongestSleep);
}

void HttpClient::Core::drop_given_up() {
  std::erase_if(under_way_, [this](const UnderWay& each) {
    if (!each.state->given_up) return false;
    curl_multi_remove_handle(multi_, each.transfer->handle());
    return true;
  });
}

void HttpClient::Core::end_overdue() {
  std::vector<Job> overdue;
  {
    const std::lock_guard lock(mutex_);
    const auto now = SteadyClock::now();
    const auto late = std::stable_partition(waiting_.begin(), waiting_.end(),
                                            [&](const Job& job) { return job.deadline > now; });
    std::move(late, waiting_.end(), std::back_inserter(overdue));
    waiting_.erase(late, waiting_.end());
  }
  for (const Job& job : overdue)
    answer(*job.state, error_at(job.order.url, "timed out behind other requests"));
}

std::optional<Job> HttpClient::Core::take_waiting() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || under_way_.size() >= limits_.max_under_way) return std::nullopt;
  Job job = std::move(waiting_.front());
  waiting_.pop_front();
  return job;
}

void HttpClient::Core::start_waiting() {
  while (std::optional<Job> job = take_waiting()) {
    const auto left = std::chrono::ceil<Milliseconds>(job->deadline - SteadyClock::now());
    auto transfer =
        std::make_unique<Transfer>(std::move(job->order), std::max(left, Milliseconds{1}));
    const CURLMcode added = curl_multi_add_handle(multi_, transfer->handle());
    TG_CHECK(added == CURLM_OK, curl_multi_strerror(added));
    under_way_.push_back({std::move(transfer), std::move(job->state)});
  }
}

void HttpClient::Core::finish_done() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode code = message->data.result;  // `message` does not outlive the next call
    const auto found =
        std::find_if(under_way_.begin(), under_way_.end(),
                     [&](const UnderWay& each) { return each.transfer->handle() == handle; });
    TG_CHECK(found != under_way_.end(), "libcurl ended a request that is not under way");
    const UnderWay done = std::move(*found);
    under_way_.erase(found);
    curl_multi_remove_handle(multi_, handle);
    answer(*done.state, done.transfer->finish(code));
  }
}

Call::Call(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Call::~Call() = default;

HttpClient::HttpClient(ClientLimits limits) : core_(std::make_unique<Core>(limits)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<Call>> HttpClient::get(Request request, OnResponse on_response) {
  return core_->send(Order::make(std::move(request), std::nullopt), std::move(on_response));
}

Result<std::unique_ptr<Call>> HttpClient::post(Request request, RequestBody body,
                                               OnResponse on_response) {
  return core_->send(Order::make(std::move(request), std::move(body)), std::move(on_response));
}

}  // namespace tracegate::http
