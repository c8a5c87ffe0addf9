// One event loop of one thread, and the handles that live on it: timers, wake-ups, hooks.
//
// Order of one turn of the loop:
//   1. sleep until something is ready (epoll_wait)
//   2. every ready socket: StreamHandler::on_data, on_drained; accepted and connected streams;
//      Wakeup callbacks and posted tasks
//   3. StreamHandler::on_closed of what was closed meanwhile
//   4. timers that are due; then what was put off to be outside the function that found it out:
//      TLS bytes that a stream held while it was paused, a connect() that failed at once
//   5. BeforeSleep callbacks, in the order in which they were registered
// So whatever 2 to 4 gathered is flushed exactly once, before the loop sleeps again; a callback of
// 5 that makes further work (post, close, a timer) does not lose it: the loop does not sleep over
// it.
//
// Threading: everything belongs to the thread that calls run(), except the functions marked
// "any thread". A Loop may be made in one thread and run in another, not used by two at once.
// Callbacks must not throw.
//
// Lifetime: every Timer, Wakeup, BeforeSleep, Listener, Stream and Connecting is destroyed before
// its Loop (checked: the Loop's destructor terminates otherwise), and each may be destroyed inside
// any callback, its own included. The Loop's destructor waits until the system has let go of all
// handles; a name look-up under way can delay it, because resolver threads cannot be interrupted.
//
// The first Loop of the process makes it ignore SIGPIPE, if that was left at its default.
#pragma once

#include <functional>
#include <memory>

#include "src/base/clock.h"

namespace tracegate::net {

class LoopCore;  // the libuv side, known to src/net only

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop(). What step 2 to 4 of the last turn gathered has gone through step 5 when it
  // returns. May be called again afterwards.
  void run();

  // Any thread. Ends run() after the turn in which it is noticed; before run(), ends the next one
  // in its first turn.
  void stop();

  // Any thread. Runs `task` on the loop, in the order of posting of each thread; never inside
  // post(). False if kMaxPosted tasks are waiting already: the task was not taken, the caller keeps
  // the message and has to slow down. Tasks that never ran are destroyed with the Loop.
  [[nodiscard]] bool post(std::function<void()> task);
  static constexpr std::size_t kMaxPosted = 65536;

  // Any thread. The clock of tracegate::now().monotonic.
  [[nodiscard]] static Microseconds now();

  [[nodiscard]] LoopCore& core() { return *core_; }

 private:
  std::unique_ptr<LoopCore> core_;
};

// Runs a callback on the loop at some time after signal(). Many signals before the callback runs
// are one. Costs a system call only for the first of them, nothing while nobody signals.
class Wakeup {
 public:
  Wakeup(Loop& loop, std::function<void()> callback);
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  // Any thread, as long as the Wakeup exists: whoever signals from outside must have stopped doing
  // so before it is destroyed. What the signalling thread wrote before signal() is not published by
  // it: use an atomic or a mutex of your own.
  void signal();

  class Handle;

 private:
  Handle* handle_;  // frees itself once libuv has let go of it
};

// Starting a timer that runs replaces it. No system call is made by any of these.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> callback);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Once, `delay` after the start of this turn of the loop (0: in the next turn).
  void start_once(Milliseconds delay);
  // Every `interval` (at least 1 ms). Turns that were missed are not made up for.
  void start_repeating(Milliseconds interval);
  void stop();
  [[nodiscard]] bool running() const;

  class Handle;

 private:
  Handle* handle_;
};

// Runs `callback` in step 5 of every turn of the loop, as long as this object exists.
class BeforeSleep {
 public:
  BeforeSleep(Loop& loop, std::function<void()> callback);
  ~BeforeSleep();
  BeforeSleep(const BeforeSleep&) = delete;
  BeforeSleep& operator=(const BeforeSleep&) = delete;

 private:
  LoopCore& core_;
  const std::function<void()>* callback_;  // lies in the loop, as it may be destroyed inside itself
};

// Raises this process's soft limit of open files to its hard limit and returns it.
std::uint64_t raise_fd_limit();

}  // namespace tracegate::net
