// The libuv side of Loop. Private to src/net.
#pragma once

#include <uv.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "src/base/bytes.h"
#include "src/net/loop.h"

namespace tracegate::net {

// Something that has work to do on the loop soon, outside the function that found it out: a
// callback that must not be called from inside a function of its object.
class Deferred {
 public:
  Deferred() = default;
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;
  virtual void run_deferred() = 0;

 protected:
  virtual ~Deferred() = default;

 private:
  friend class LoopCore;
  bool queued_ = false;
};

class LoopCore {
 public:
  // What one read takes at most. All streams of the loop share the buffers.
  static constexpr std::size_t kReadSize = 64 * 1024;
  static constexpr std::size_t kRecordSize = 16 * 1024;  // plain bytes of one TLS record

  explicit LoopCore(Loop& owner);
  ~LoopCore();
  LoopCore(const LoopCore&) = delete;
  LoopCore& operator=(const LoopCore&) = delete;

  [[nodiscard]] uv_loop_t* uv() { return &uv_; }
  [[nodiscard]] Loop& owner() { return owner_; }
  [[nodiscard]] bool running() const { return running_; }

  void run();
  void stop();
  [[nodiscard]] bool post(std::function<void()> task);

  // Calls run_deferred() once, before the loop sleeps again.
  void defer(Deferred& work);
  void cancel(Deferred& work);

  [[nodiscard]] const std::function<void()>* add_hook(std::function<void()> callback);
  void remove_hook(const std::function<void()>* callback);

  // Contents are valid until the next callback of the loop.
  [[nodiscard]] std::span<std::uint8_t> read_buffer() { return {read_buffer_.get(), kReadSize}; }
  [[nodiscard]] std::span<std::uint8_t> plain_buffer();
  // Emptied by whoever begins to use them; never held over a call into a handler.
  [[nodiscard]] Bytes& cipher_out() { return cipher_out_; }
  [[nodiscard]] Bytes& record() { return record_; }

 private:
  using Hook = std::unique_ptr<const std::function<void()>>;

  void take_mail();
  void before_sleep();
  void run_deferred();
  void run_hooks();

  Loop& owner_;
  uv_loop_t uv_{};
  uv_async_t mail_{};
  uv_prepare_t prepare_{};
  uv_idle_t stay_awake_{};  // active: the next epoll_wait does not wait
  bool running_ = false;

  std::atomic<bool> stop_requested_{false};
  std::mutex mutex_;
  std::vector<std::function<void()>> mailbox_;  // guarded by mutex_
  std::vector<std::function<void()>> taken_;    // the mailbox of before, its memory reused

  std::vector<Deferred*> deferred_;   // null: cancelled
  std::vector<Deferred*> deferring_;  // those being run
  std::vector<Hook> hooks_;           // null: removed while the hooks run
  std::vector<Hook> removed_hooks_;
  bool in_hooks_ = false;

  std::unique_ptr<std::uint8_t[]> read_buffer_;
  std::unique_ptr<std::uint8_t[]> plain_buffer_;  // made with the first TLS stream
  Bytes cipher_out_;
  Bytes record_;
};

// "connection refused": libuv's text for one of its (negative) error codes.
[[nodiscard]] std::string uv_reason(int code);

}  // namespace tracegate::net
