#include "src/net/loop.h"

#include <sys/resource.h>

#include <csignal>
#include <mutex>

#include "src/base/result.h"
#include "src/net/loop_core.h"

namespace tracegate::net {
namespace {

// A write to a connection that the peer has reset raises SIGPIPE, and neither libuv's writes nor
// libssl's can ask for it not to. A handler that the program installed itself is left alone.
void ignore_sigpipe() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction current {};
    sigaction(SIGPIPE, nullptr, &current);
    const bool plain = (current.sa_flags & SA_SIGINFO) == 0;
    if (plain && current.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);  // NOLINT
  });
}

void must(int code, const char* what) {
  TG_CHECK(code == 0, what);
}

template <typename Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

}  // namespace

std::string uv_reason(int code) {
  return uv_strerror(code);
}

LoopCore::LoopCore(Loop& owner)
    : owner_(owner), read_buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kReadSize)) {
  ignore_sigpipe();
  must(uv_loop_init(&uv_), "no event loop: out of descriptors or memory");
  uv_.data = this;
  must(uv_async_init(
           &uv_, &mail_,
           [](uv_async_t* handle) { static_cast<LoopCore*>(handle->loop->data)->take_mail(); }),
       "no wake-up descriptor");
  must(uv_idle_init(&uv_, &stay_awake_), "idle handle");
  must(uv_prepare_init(&uv_, &prepare_), "prepare handle");
  // libuv runs prepare handles behind timers and closing callbacks, directly before it works out
  // how long to sleep: the last moment of a turn.
  must(uv_prepare_start(&prepare_,
                        [](uv_prepare_t* handle) {
                          static_cast<LoopCore*>(handle->loop->data)->before_sleep();
                        }),
       "prepare handle");
}

LoopCore::~LoopCore() {
  TG_CHECK(!running_, "a Loop is destroyed while it runs");
  std::vector<std::function<void()>> never_run;
  {
    const std::lock_guard lock(mutex_);
    never_run.swap(mailbox_);
  }
  never_run.clear();
  TG_CHECK(hooks_.empty(), "a BeforeSleep outlives its Loop");

  uv_close(as_handle(&mail_), nullptr);
  uv_close(as_handle(&prepare_), nullptr);
  uv_close(as_handle(&stay_awake_), nullptr);
  uv_walk(
      &uv_,
      [](uv_handle_t* handle, void*) {
        TG_CHECK(uv_is_closing(handle) != 0, "a Stream, Timer or other handle outlives its Loop");
      },
      nullptr);
  uv_run(&uv_, UV_RUN_DEFAULT);
  must(uv_loop_close(&uv_), "a request outlives its Loop");
}

void LoopCore::run() {
  TG_CHECK(!running_, "Loop::run() inside itself");
  running_ = true;
  uv_run(&uv_, UV_RUN_DEFAULT);
  before_sleep();
  running_ = false;
}

void LoopCore::stop() {
  stop_requested_.store(true);
  uv_async_send(&mail_);
}

bool LoopCore::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (mailbox_.size() >= Loop::kMaxPosted) return false;
    mailbox_.push_back(std::move(task));
  }
  uv_async_send(&mail_);
  return true;
}

void LoopCore::take_mail() {
  {
    const std::lock_guard lock(mutex_);
    taken_.swap(mailbox_);
  }
  for (const std::function<void()>& task : taken_) task();
  taken_.clear();
  if (stop_requested_.exchange(false)) uv_stop(&uv_);
}

void LoopCore::defer(Deferred& work) {
  if (work.queued_) return;
  work.queued_ = true;
  deferred_.push_back(&work);
}

void LoopCore::cancel(Deferred& work) {
  if (!work.queued_) return;
  work.queued_ = false;
  for (std::vector<Deferred*>* list : {&deferred_, &deferring_})
    std::replace(list->begin(), list->end(), &work, static_cast<Deferred*>(nullptr));
}

void LoopCore::before_sleep() {
  run_deferred();
  run_hooks();
  // Work that these two left behind waits for the next turn, which then has to come at once.
  if (deferred_.empty())
    uv_idle_stop(&stay_awake_);
  else
    uv_idle_start(&stay_awake_, [](uv_idle_t*) {});
}

void LoopCore::run_deferred() {
  deferring_.swap(deferred_);
  for (std::size_t i = 0; i < deferring_.size(); ++i) {
    Deferred* work = deferring_[i];
    if (work == nullptr) continue;
    deferring_[i] = nullptr;
    work->queued_ = false;
    work->run_deferred();
  }
  deferring_.clear();
}

void LoopCore::run_hooks() {
  in_hooks_ = true;
  for (std::size_t i = 0; i < hooks_.size(); ++i)
    if (hooks_[i]) (*hooks_[i])();
  in_hooks_ = false;
  if (removed_hooks_.empty()) return;
  std::erase(hooks_, nullptr);
  removed_hooks_.clear();
}

const std::function<void()>* LoopCore::add_hook(std::function<void()> callback) {
  hooks_.push_back(std::make_unique<const std::function<void()>>(std::move(callback)));
  return hooks_.back().get();
}

void LoopCore::remove_hook(const std::function<void()>* callback) {
  const auto hook = std::find_if(hooks_.begin(), hooks_.end(),
                                 [&](const Hook& each) { return each.get() == callback; });
  if (in_hooks_)
    removed_hooks_.push_back(std::move(*hook));
  else
    hooks_.erase(hook);
}

std::span<std::uint8_t> LoopCore::plain_buffer() {
  if (!plain_buffer_) plain_buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(kReadSize);
  return {plain_buffer_.get(), kReadSize};
}

Loop::Loop() : core_(std::make_unique<LoopCore>(*this)) {}
Loop::~Loop() = default;
void Loop::run() {
  core_->run();
}
void Loop::stop() {
  core_->stop();
}
bool Loop::post(std::function<void()> task) {
  return core_->post(std::move(task));
}
Microseconds Loop::now() {
  return std::chrono::duration_cast<Microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

// Wakeup and Timer own a handle that outlives them until libuv's close callback, and with it the
// callback, which may be running while its owner is destroyed.
class Wakeup::Handle {
 public:
  uv_async_t uv{};
  std::function<void()> callback;
  bool dropped = false;
};

Wakeup::Wakeup(Loop& loop, std::function<void()> callback) : handle_(new Handle) {
  handle_->callback = std::move(callback);
  handle_->uv.data = handle_;
  must(uv_async_init(loop.core().uv(), &handle_->uv,
                     [](uv_async_t* uv) {
                       const auto* handle = static_cast<const Handle*>(uv->data);
                       if (!handle->dropped) handle->callback();
                     }),
       "no wake-up descriptor");
}

Wakeup::~Wakeup() {
  handle_->dropped = true;
  uv_close(as_handle(&handle_->uv), [](uv_handle_t* uv) { delete static_cast<Handle*>(uv->data); });
}

void Wakeup::signal() {
  uv_async_send(&handle_->uv);
}

class Timer::Handle {
 public:
  uv_timer_t uv{};
  std::function<void()> callback;

  void start(Milliseconds delay, Milliseconds interval) {
    // A loop that does not run does not keep its time up to date.
    LoopCore& core = *static_cast<LoopCore*>(uv.loop->data);
    if (!core.running()) uv_update_time(uv.loop);
    const auto milliseconds = [](Milliseconds time) {
      return static_cast<std::uint64_t>(std::max<Milliseconds::rep>(time.count(), 0));
    };
    uv_timer_start(
        &uv, [](uv_timer_t* timer) { static_cast<const Handle*>(timer->data)->callback(); },
        milliseconds(delay), milliseconds(interval));
  }
};

Timer::Timer(Loop& loop, std::function<void()> callback) : handle_(new Handle) {
  handle_->callback = std::move(callback);
  must(uv_timer_init(loop.core().uv(), &handle_->uv), "timer handle");
  handle_->uv.data = handle_;
}

Timer::~Timer() {
  uv_close(as_handle(&handle_->uv), [](uv_handle_t* uv) { delete static_cast<Handle*>(uv->data); });
}

void Timer::start_once(Milliseconds delay) {
  handle_->start(delay, Milliseconds{0});
}
void Timer::start_repeating(Milliseconds interval) {
  const Milliseconds at_least_one = std::max(interval, Milliseconds{1});
  handle_->start(at_least_one, at_least_one);
}
void Timer::stop() {
  uv_timer_stop(&handle_->uv);
}
bool Timer::running() const {
  return uv_is_active(as_handle(&handle_->uv)) != 0;
}

BeforeSleep::BeforeSleep(Loop& loop, std::function<void()> callback)
    : core_(loop.core()), callback_(core_.add_hook(std::move(callback))) {}
BeforeSleep::~BeforeSleep() {
  core_.remove_hook(callback_);
}

std::uint64_t raise_fd_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace tracegate::net
