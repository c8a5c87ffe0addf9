// Much data in both directions at once, written in odd pieces, read with pauses at odd places.
#include <random>
#include <thread>

#include "tests/net/harness.h"
#include "tests/net/pki.h"

namespace tracegate::net {
namespace {

constexpr std::size_t kTotal = 24 << 20;
constexpr WriteLimits kLimits{.high_water = 256_KiB, .low_water = 64_KiB};
constexpr std::size_t kLargestWrite = 100 * 1000;

// One end: sends the pattern as fast as back-pressure allows, checks the pattern that it receives.
class End : public StreamHandler {
 public:
  End(Loop& loop, unsigned seed) : random_(seed), resume_(loop, [this] { resume(); }) {}

  void start(Stream& stream) {
    stream_ = &stream;
    stream.set_write_limits(kLimits);
    send();
  }
  [[nodiscard]] bool finished() const { return sent_ == kTotal && received_ == kTotal; }
  [[nodiscard]] int pauses() const { return pauses_; }
  [[nodiscard]] bool ready() const { return tls_; }

  void on_data(Stream& stream, ByteView bytes) override {
    ASSERT_FALSE(paused_) << "data while paused";
    for (const std::uint8_t byte : bytes)
      if (byte != pattern_byte(received_++)) FAIL() << "wrong byte at " << received_ - 1;
    if (random_() % 16 != 0) return;
    paused_ = true;
    ++pauses_;
    stream.pause_reading();
    resume_.start_once(Milliseconds{static_cast<int>(random_() % 3)});
  }
  void on_drained(Stream& stream) override {
    EXPECT_LE(stream.queued_bytes(), kLimits.low_water.value);
    send();
  }
  void on_closed(Stream&, std::string_view reason) override { FAIL() << reason; }
  void on_tls(Stream&, const TlsInfo&) override { tls_ = true; }

 private:
  void send() {
    while (sent_ < kTotal && stream_->queued_bytes() < kLimits.high_water.value) {
      const std::size_t size = std::min<std::size_t>(1 + random_() % kLargestWrite, kTotal - sent_);
      const std::string bytes = pattern(size, sent_);
      const std::size_t first = random_() % (size + 1);
      const std::array<ByteView, 2> pieces = {as_bytes(bytes).first(first),
                                              as_bytes(bytes).subspan(first)};
      stream_->write(pieces);
      sent_ += size;
      // Under TLS a record adds 22 bytes at most.
      ASSERT_LE(stream_->queued_bytes(),
                kLimits.high_water.value + kLargestWrite + kLargestWrite / 100);
    }
  }
  void resume() {
    paused_ = false;
    stream_->resume_reading();
  }

  std::mt19937 random_;
  Timer resume_;
  Stream* stream_ = nullptr;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  bool paused_ = false;
  bool tls_ = false;
  int pauses_ = 0;
};

void transfer(TestLoop& loop, Stream& first, Stream& second, End& at_first, End& at_second) {
  at_first.start(first);
  at_second.start(second);
  EXPECT_TRUE(loop.run_until([&] { return at_first.finished() && at_second.finished(); }));
  EXPECT_GT(at_first.pauses(), 0);
  EXPECT_GT(at_second.pauses(), 0);
}

TEST(Transfer, PlainBothWaysWithPauses) {
  TestLoop loop;
  End at_server(loop, 1);
  End at_client(loop, 2);
  Pair pair(loop);
  pair.server->set_handler(at_server);
  pair.client->set_handler(at_client);
  transfer(loop, *pair.server, *pair.client, at_server, at_client);
}

TEST(Transfer, TlsBothWaysWithPauses) {
  TestLoop loop;
  Pki pki;
  const Identity db = pki.issue("db.test", "DNS:db.test");
  End at_server(loop, 3);
  End at_client(loop, 4);
  Pair pair(loop);
  pair.server->set_handler(at_server);
  pair.client->set_handler(at_client);
  pair.server->start_tls_server(*TlsServerContext::load(db.certificate_file, db.key_file));
  pair.client->start_tls_client(*TlsClientContext::load({.ca_file = pki.ca_file()}), "db.test");
  ASSERT_TRUE(loop.run_until([&] { return at_server.ready() && at_client.ready(); }));
  transfer(loop, *pair.server, *pair.client, at_server, at_client);
}

// Two loops in two threads share a TLS context and nothing else.
TEST(Transfer, LoopsOfTwoThreadsShareATlsContext) {
  Pki pki;
  const Identity db = pki.issue("db.test", "DNS:db.test");
  const auto server = TlsServerContext::load(db.certificate_file, db.key_file);
  const auto client = TlsClientContext::load({.ca_file = pki.ca_file()});
  ASSERT_TRUE(server.ok() && client.ok());
  const auto work = [&] {
    TestLoop loop;
    for (int i = 0; i < 20; ++i) {
      Pair pair(loop);
      pair.at_server.data_hook = [](Stream& stream, ByteView bytes) { stream.write(bytes); };
      pair.at_client.tls_hook = [](Stream& stream) { stream.write(as_bytes("ping")); };
      pair.server->start_tls_server(*server);
      pair.client->start_tls_client(*client, "db.test");
      EXPECT_TRUE(loop.run_until([&] { return pair.at_client.received == "ping"; }));
    }
  };
  std::thread first(work);
  std::thread second(work);
  first.join();
  second.join();
}

}  // namespace
}  // namespace tracegate::net
