#include "src/net/loop.h"

#include <atomic>
#include <thread>

#include "tests/net/harness.h"

namespace tracegate::net {
namespace {

using Log = std::vector<std::string>;

TEST(Loop, RunsPostedTasksInOrderOnTheLoop) {
  TestLoop loop;
  Log log;
  const auto note = [&](const char* text) { return [&log, text] { log.emplace_back(text); }; };
  ASSERT_TRUE((*loop).post(note("a")));
  ASSERT_TRUE((*loop).post(note("b")));
  EXPECT_TRUE(log.empty()) << "ran inside post()";
  EXPECT_TRUE(loop.run_until([&] { return log.size() == 2; }));
  EXPECT_EQ(log, (Log{"a", "b"}));
}

TEST(Loop, TaskPostedByATaskRunsToo) {
  TestLoop loop;
  bool inner = false;
  ASSERT_TRUE((*loop).post([&] { ASSERT_TRUE((*loop).post([&] { inner = true; })); }));
  EXPECT_TRUE(loop.run_until([&] { return inner; }));
}

TEST(Loop, TakesPostsOfManyThreadsInTheOrderOfEach) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  TestLoop loop;
  std::array<int, kThreads> last{};
  std::atomic<bool> order_kept{true};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 1; i <= kEach; ++i) {
        const auto task = [&, t, i] {
          if (last[t] != i - 1) order_kept = false;
          last[t] = i;
        };
        while (!(*loop).post(task)) std::this_thread::yield();
      }
    });
  EXPECT_TRUE(loop.run_until(
      [&] { return std::all_of(last.begin(), last.end(), [](int n) { return n == kEach; }); }));
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(order_kept);
}

TEST(Loop, FullMailboxRefusesAndLosesNothing) {
  TestLoop loop;
  std::size_t ran = 0;
  for (std::size_t i = 0; i < Loop::kMaxPosted; ++i) ASSERT_TRUE((*loop).post([&] { ++ran; }));
  EXPECT_FALSE((*loop).post([&] { ++ran; }));
  EXPECT_TRUE(loop.run_until([&] { return ran == Loop::kMaxPosted; }));
  EXPECT_TRUE((*loop).post([] {}));
}

TEST(Loop, TasksThatNeverRanAreDestroyedWithTheLoop) {
  auto witness = std::make_shared<int>(0);
  {
    Loop loop;
    ASSERT_TRUE(loop.post([witness] {}));
    EXPECT_EQ(witness.use_count(), 2);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(Loop, StopBeforeRunEndsTheNextRunOnly) {
  Loop loop;
  loop.stop();
  loop.run();
  bool ran = false;
  Timer timer(loop, [&] {
    ran = true;
    loop.stop();
  });
  timer.start_once(Milliseconds{1});
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(Loop, StopsFromAnotherThread) {
  Loop loop;
  std::thread stopper([&] { loop.stop(); });
  loop.run();
  stopper.join();
}

TEST(Loop, NowIsTheMonotonicClockOfTheProcess) {
  const Microseconds before = tracegate::now().monotonic;
  const Microseconds at = Loop::now();
  EXPECT_LE(before, at);
  EXPECT_LE(at, tracegate::now().monotonic);
}

TEST(LoopDeathTest, RefusesToBeOutlivedByATimer) {
  EXPECT_DEATH(
      {
        auto loop = std::make_unique<Loop>();
        Timer timer(*loop, [] {});
        loop.reset();
      },
      "outlives its Loop");
}

TEST(Wakeup, ManySignalsBeforeTheLoopRunsAreOne) {
  TestLoop loop;
  int woken = 0;
  Wakeup wakeup(loop, [&] { ++woken; });
  for (int i = 0; i < 100; ++i) wakeup.signal();
  EXPECT_TRUE(loop.run_until([&] { return woken > 0; }));
  loop.settle();
  EXPECT_EQ(woken, 1);
}

TEST(Wakeup, NoSignalOfAnotherThreadIsLost) {
  constexpr int kSignals = 20000;
  TestLoop loop;
  std::atomic<int> sent{0};
  int seen = 0;
  Wakeup wakeup(loop, [&] { seen = sent.load(); });
  std::thread sender([&] {
    for (int i = 0; i < kSignals; ++i) {
      ++sent;
      wakeup.signal();
    }
  });
  EXPECT_TRUE(loop.run_until([&] { return seen == kSignals; }));
  sender.join();
}

TEST(Wakeup, MayBeDestroyedInItsOwnCallback) {
  TestLoop loop;
  std::unique_ptr<Wakeup> wakeup;
  bool after = false;
  wakeup = std::make_unique<Wakeup>(loop, [&] {
    wakeup.reset();
    after = true;
  });
  wakeup->signal();
  EXPECT_TRUE(loop.run_until([&] { return after; }));
}

TEST(Wakeup, SignalledButDestroyedDoesNotCallBack) {
  TestLoop loop;
  auto wakeup = std::make_unique<Wakeup>(loop, [] { ADD_FAILURE(); });
  wakeup->signal();
  wakeup.reset();
  loop.settle();
}

TEST(Timer, FiresInTheOrderOfTime) {
  TestLoop loop;
  Log log;
  Timer late(loop, [&] { log.emplace_back("late"); });
  Timer early(loop, [&] { log.emplace_back("early"); });
  late.start_once(Milliseconds{10});
  early.start_once(Milliseconds{2});
  EXPECT_TRUE(loop.run_until([&] { return log.size() == 2; }));
  EXPECT_EQ(log, (Log{"early", "late"}));
  EXPECT_FALSE(early.running());
}

TEST(Timer, DoesNotFireEarlyWhenStartedBeforeTheLoopRuns) {
  TestLoop loop;
  loop.settle(Milliseconds{1});
  const Microseconds resting_until = Loop::now() + Milliseconds{15};
  while (Loop::now() < resting_until) {
  }
  const Microseconds started = Loop::now();
  Microseconds fired{};
  Timer timer(loop, [&] { fired = Loop::now(); });
  timer.start_once(Milliseconds{10});
  EXPECT_TRUE(loop.run_until([&] { return fired.count() != 0; }));
  EXPECT_GE(fired - started, Milliseconds{9});  // libuv counts whole milliseconds
}

TEST(Timer, RepeatsUntilStopped) {
  TestLoop loop;
  int fired = 0;
  Timer timer(loop, [&] {
    if (++fired == 3) timer.stop();
  });
  timer.start_repeating(Milliseconds{1});
  EXPECT_TRUE(loop.run_until([&] { return fired == 3; }));
  EXPECT_FALSE(timer.running());
  loop.settle();
  EXPECT_EQ(fired, 3);
}

TEST(Timer, StartingAgainReplaces) {
  TestLoop loop;
  int fired = 0;
  Timer timer(loop, [&] { ++fired; });
  timer.start_once(Milliseconds{60000});
  timer.start_once(Milliseconds{1});
  EXPECT_TRUE(loop.run_until([&] { return fired == 1; }));
}

TEST(Timer, MayBeDestroyedInItsOwnCallback) {
  TestLoop loop;
  std::unique_ptr<Timer> timer;
  bool after = false;
  timer = std::make_unique<Timer>(loop, [&] {
    timer.reset();
    after = true;
  });
  timer->start_repeating(Milliseconds{1});
  EXPECT_TRUE(loop.run_until([&] { return after; }));
}

TEST(BeforeSleep, RunsOnceBehindAllDataOfATurn) {
  TestLoop loop;
  Pair first(loop);
  Pair second(loop);
  Log log;
  first.at_server.data_hook = [&](Stream&, ByteView) { log.emplace_back("data"); };
  second.at_server.data_hook = first.at_server.data_hook;
  const BeforeSleep flush(loop, [&] {
    if (!log.empty() && log.back() == "data") log.emplace_back("flush");
  });
  // Both are readable before the loop looks.
  first.client->write(as_bytes("1"));
  second.client->write(as_bytes("2"));
  EXPECT_TRUE(loop.run_until([&] { return log.size() >= 3; }));
  EXPECT_EQ(log, (Log{"data", "data", "flush"}));
}

TEST(BeforeSleep, RunsInOrderOfRegistration) {
  TestLoop loop;
  Log log;
  const BeforeSleep first(loop, [&] { log.emplace_back("first"); });
  const BeforeSleep second(loop, [&] { log.emplace_back("second"); });
  loop.settle(Milliseconds{1});
  ASSERT_GE(log.size(), 4U);
  log.resize(4);
  EXPECT_EQ(log, (Log{"first", "second", "first", "second"}));
}

TEST(BeforeSleep, WorkMadeInItIsNotSleptOver) {
  TestLoop loop;
  bool timer_fired = false;
  bool posted = false;
  Timer timer(loop, [&] { timer_fired = true; });
  bool armed = false;
  const BeforeSleep hook(loop, [&] {
    if (std::exchange(armed, true)) return;
    timer.start_once(Milliseconds{0});
    ASSERT_TRUE((*loop).post([&] { posted = true; }));
  });
  EXPECT_TRUE(loop.run_until([&] { return timer_fired && posted; }));
}

TEST(BeforeSleep, RunsAfterTheTurnThatStopped) {
  Loop loop;
  bool gathered = false;
  bool flushed = false;
  const BeforeSleep hook(loop, [&] { flushed = flushed || gathered; });
  ASSERT_TRUE(loop.post([&] {
    gathered = true;
    loop.stop();
  }));
  loop.run();
  EXPECT_TRUE(flushed);
}

TEST(BeforeSleep, MayBeDestroyedInItselfAndInAnother) {
  TestLoop loop;
  int ran = 0;
  std::unique_ptr<BeforeSleep> self;
  std::unique_ptr<BeforeSleep> other;
  self = std::make_unique<BeforeSleep>(loop, [&] {
    self.reset();
    other.reset();
    ++ran;
  });
  other = std::make_unique<BeforeSleep>(loop, [] { ADD_FAILURE() << "ran after its end"; });
  EXPECT_TRUE(loop.run_until([&] { return ran > 0; }));
  loop.settle();
  EXPECT_EQ(ran, 1);
}

TEST(FdLimit, IsRaisedToTheHardLimit) {
  const std::uint64_t limit = raise_fd_limit();
  EXPECT_GT(limit, 0U);
  EXPECT_EQ(raise_fd_limit(), limit);
}

}  // namespace
}  // namespace tracegate::net
