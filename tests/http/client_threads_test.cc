// Bounds, giving up, and many threads.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "src/http/client.h"
#include "tests/http/asking.h"

namespace tracegate::http {
namespace {

// Holds all answers back until it is opened.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [this] { return open_; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

TEST(HttpClientQueue, OnlySoManyAreUnderWayAndOnlySoManyWait) {
  Gate gate;
  TestServer server([&](Exchange& exchange) {
    gate.pass();
    exchange.answer(200, "");
  });
  HttpClient client({.max_under_way = 2, .max_waiting = 3});
  Answers answers;
  std::vector<std::unique_ptr<Call>> calls;
  const auto send = [&] {
    auto call = client.get(request_to(server.url("/")), answers.callback());
    if (!call) return call.error().message;
    calls.push_back(std::move(call).value());
    return std::string();
  };
  EXPECT_EQ(send(), "");
  EXPECT_EQ(send(), "");
  ASSERT_TRUE(server.wait_for_requests(2));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(), "");
  EXPECT_EQ(send(), server.url("") + ": 3 requests wait already");
  calls.pop_back();  // makes room at once
  EXPECT_EQ(send(), "");
  EXPECT_EQ(server.connections(), 2U);
  gate.open();
  for (const auto& each : answers.wait_for(5)) EXPECT_TRUE(each.ok());
  EXPECT_EQ(server.requests(), 5U);
}

TEST(HttpClientQueue, WaitingCountsForTheTimeLimit) {
  Gate gate;
  TestServer server([&](Exchange& exchange) {
    gate.pass();
    exchange.answer(200, "");
  });
  HttpClient client({.max_under_way = 1, .max_waiting = 2});
  Answers first;
  auto under_way = client.get(request_to(server.url("/")), first.callback());
  ASSERT_TRUE(server.wait_for_requests(1));
  Request request = request_to(server.url("/"));
  request.total_timeout = Milliseconds{20};
  EXPECT_EQ(failure(client, std::move(request)),
            server.url("") + ": timed out behind other requests");
  gate.open();
  EXPECT_TRUE(first.wait_for(1).at(0).ok());
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpClientQueue, ARequestThatIsGivenUpIsCutOffAndNeverAnswered) {
  Answers answers;
  const auto token = std::make_shared<int>();
  TestServer server([](Exchange& exchange) { exchange.wait_until_closed(); });
  HttpClient client;
  auto call = client.get(request_to(server.url("/")),
                         [token, respond = answers.callback()](auto result) { respond(result); });
  ASSERT_TRUE(call.ok());
  ASSERT_TRUE(server.wait_for_requests(1));
  EXPECT_EQ(token.use_count(), 2);
  call->reset();
  EXPECT_EQ(token.use_count(), 1) << "what the callback captured is gone";
  EXPECT_EQ(answers.count(), 0U);
}  // the server waits for its handler, and that for the client to close

TEST(HttpClientQueue, ACallbackMayDestroyItsOwnCallAndStartAnother) {
  TestServer server([](Exchange& exchange) { exchange.answer(200, exchange.path()); });
  HttpClient client;
  Answers answers;
  std::unique_ptr<Call> call;
  std::mutex mutex;  // publishes `call` to the client's thread
  std::unique_lock lock(mutex);
  std::unique_ptr<Call> second;
  {
    auto first = client.get(request_to(server.url("/first")), [&](auto result) {
      const std::lock_guard published(mutex);
      call.reset();
      EXPECT_TRUE(result.ok());
      auto next = client.get(request_to(server.url("/second")), answers.callback());
      ASSERT_TRUE(next.ok());
      second = std::move(next).value();
    });
    ASSERT_TRUE(first.ok());
    call = std::move(first).value();
  }
  lock.unlock();
  const auto all = answers.wait_for(1);
  ASSERT_TRUE(all.at(0).ok());
  EXPECT_EQ(all.at(0)->body, "/second");
}

TEST(HttpClientQueue, ACallIsGivenUpOnlyWhenItsCallbackHasReturned) {
  Gate inside;
  Gate leave;
  std::atomic<bool> returned = false;
  TestServer server([](Exchange& exchange) { exchange.answer(200, ""); });
  HttpClient client;
  auto call = client.get(request_to(server.url("/")), [&](auto) {
    inside.open();
    leave.pass();
    returned = true;
  });
  ASSERT_TRUE(call.ok());
  inside.pass();
  std::thread opener([&] { leave.open(); });
  call->reset();
  EXPECT_TRUE(returned);
  opener.join();
}

TEST(HttpClientQueueDeathTest, AClientOutlivesItsCalls) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto client = std::make_unique<HttpClient>();
        auto call = client->get(request_to("http://127.0.0.1:1/"), [](auto) {});
        client.reset();
      },
      "an HttpClient is destroyed before its calls");
}

TEST(HttpClientQueue, AThousandRequestsFromManyThreads) {
  TestServer server([](Exchange& exchange) { exchange.answer(200, exchange.path()); });
  HttpClient client({.max_under_way = 16, .max_waiting = 1000});
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 125; ++i) {
        const std::string path = "/" + std::to_string(t) + "/" + std::to_string(i);
        const auto response = ask(client, request_to(server.url(path)));
        if (response.ok() && response->body == path) ++right;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 1000);
  EXPECT_EQ(server.requests(), 1000U);
}

TEST(HttpClientQueue, GivingUpAtAnyMomentIsSafe) {
  TestServer server([](Exchange& exchange) { exchange.answer(200, "x"); });
  std::atomic<int> after_end = 0;
  {
    HttpClient client({.max_under_way = 4, .max_waiting = 1000});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 100; ++i) {
          // Destroyed with the callback in use: reading it then would be found by the sanitizers.
          auto alive = std::make_unique<std::atomic<bool>>(true);
          auto call =
              client.get(request_to(server.url("/")), [&after_end, flag = alive.get()](auto) {
                if (!*flag) ++after_end;
              });
          ASSERT_TRUE(call.ok());
          for (int spin = 0; spin < ((i + t) * 37) % 500; ++spin) std::this_thread::yield();
          call->reset();
          *alive = false;
        }
      });
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(after_end, 0);
}

}  // namespace
}  // namespace tracegate::http
