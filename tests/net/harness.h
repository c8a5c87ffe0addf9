// A loop that runs until something is true, a handler that remembers, and pairs of real streams.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/net/connect.h"
#include "src/net/listener.h"
#include "src/net/loop.h"
#include "src/net/stream.h"

namespace tracegate::net {

// Never hangs: what does not become true within kPatience fails the test.
class TestLoop {
 public:
  static constexpr Milliseconds kPatience{20000};

  Loop& operator*() { return loop_; }
  operator Loop&() { return loop_; }  // NOLINT: implicit on purpose

  [[nodiscard]] bool run_until(std::function<bool()> condition) {
    bool met = condition();
    if (met) return true;
    const BeforeSleep check(loop_, [&] {
      if (met || !condition()) return;
      met = true;
      loop_.stop();
    });
    Timer guard(loop_, [&] { loop_.stop(); });
    guard.start_once(kPatience);
    loop_.run();
    return met;
  }

  // Lets everything that is ready happen, and then a little longer.
  void settle(Milliseconds time = Milliseconds{20}) {
    bool over = false;
    Timer timer(loop_, [&] { over = true; });
    timer.start_once(time);
    EXPECT_TRUE(run_until([&] { return over; }));
  }

 private:
  Loop loop_;
};

struct Recorder : StreamHandler {
  std::string received;
  std::vector<std::string> events;  // "data", "drained", "tls", "closed: reason"
  std::optional<TlsInfo> tls;
  std::optional<std::string> closed;
  int closed_times = 0;

  std::function<void(Stream&, ByteView)> data_hook;
  std::function<void(Stream&)> drained_hook;
  std::function<void(Stream&)> closed_hook;
  std::function<void(Stream&)> tls_hook;

  void on_data(Stream& stream, ByteView bytes) override {
    EXPECT_FALSE(bytes.empty());
    EXPECT_FALSE(closed) << "data after on_closed";
    received += as_text(bytes);
    events.emplace_back("data");
    if (data_hook) data_hook(stream, bytes);
  }
  void on_drained(Stream& stream) override {
    events.emplace_back("drained");
    if (drained_hook) drained_hook(stream);
  }
  void on_closed(Stream& stream, std::string_view reason) override {
    closed = reason;
    ++closed_times;
    events.push_back("closed: " + std::string(reason));
    if (closed_hook) closed_hook(stream);
  }
  void on_tls(Stream& stream, const TlsInfo& info) override {
    tls = info;
    events.emplace_back("tls");
    if (tls_hook) tls_hook(stream);
  }
};

// A listener on a free port of the loopback, which keeps what it accepts.
struct TestServer {
  explicit TestServer(Loop& loop, const std::string& address = "127.0.0.1") {
    auto result = Listener::listen(
        loop, {.address = address},
        [this](std::unique_ptr<Stream> stream) { accepted.push_back(std::move(stream)); });
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    listener = std::move(result).value();
  }
  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<Stream>> accepted;
  [[nodiscard]] std::uint16_t port() const { return listener->bound_port(); }
};

inline std::unique_ptr<Stream> connect_now(TestLoop& loop, const ConnectOptions& options) {
  std::optional<Result<std::unique_ptr<Stream>>> result;
  const auto connecting =
      connect(loop, options, [&](auto outcome) { result = std::move(outcome); });
  EXPECT_TRUE(loop.run_until([&] { return result.has_value(); }));
  if (!result || !result->ok()) {
    ADD_FAILURE() << (result ? result->error().message : "no answer");
    return nullptr;
  }
  return std::move(*result).value();
}

// Both ends of one connection, each with its recorder attached.
struct Pair {
  explicit Pair(TestLoop& test_loop, const std::string& address = "127.0.0.1")
      : loop(test_loop), acceptor(test_loop, address) {
    client = connect_now(loop, {.host = address, .port = acceptor.port()});
    EXPECT_TRUE(loop.run_until([&] { return !acceptor.accepted.empty(); }));
    server = std::move(acceptor.accepted.front());
    server->set_handler(at_server);
    client->set_handler(at_client);
  }
  TestLoop& loop;
  TestServer acceptor;
  Recorder at_server;
  Recorder at_client;
  std::unique_ptr<Stream> server;
  std::unique_ptr<Stream> client;
};

// The n-th byte of a stream that nobody could get right by accident.
inline std::uint8_t pattern_byte(std::uint64_t n) {
  n *= 0x9e3779b97f4a7c15U;
  return static_cast<std::uint8_t>((n >> 32) ^ (n >> 56));
}
inline std::string pattern(std::size_t size, std::uint64_t from = 0) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(pattern_byte(from + i));
  return bytes;
}

}  // namespace tracegate::net
