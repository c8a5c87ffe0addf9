#include "src/net/stream.h"

#include "tests/net/harness.h"
#include "tests/net/raw_socket.h"

namespace tracegate::net {
namespace {

// Accepts one raw client and records what it does.
struct RawPair {
  explicit RawPair(TestLoop& test_loop)
      : acceptor(test_loop), client(RawSocket::connected_to(acceptor.port())) {
    EXPECT_TRUE(test_loop.run_until([&] { return !acceptor.accepted.empty(); }));
    server = std::move(acceptor.accepted.front());
    server->set_handler(at_server);
  }
  TestServer acceptor;
  RawSocket client;
  Recorder at_server;
  std::unique_ptr<Stream> server;
};

TEST(Stream, EchoesBothWays) {
  TestLoop loop;
  Pair pair(loop);
  pair.at_server.data_hook = [](Stream& stream, ByteView bytes) { stream.write(bytes); };
  pair.client->write(as_bytes("SELECT 1"));
  EXPECT_TRUE(loop.run_until([&] { return pair.at_client.received == "SELECT 1"; }));
}

TEST(Stream, SendsPiecesInOrderAndSkipsEmptyOnes) {
  TestLoop loop;
  Pair pair(loop);
  std::vector<std::string> texts;
  std::string whole;
  for (int i = 0; i < 200; ++i) texts.push_back(i % 3 == 0 ? "" : std::to_string(i) + ",");
  std::vector<ByteView> pieces;
  for (const std::string& text : texts) {
    pieces.push_back(as_bytes(text));
    whole += text;
  }
  pair.client->write(pieces);
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.received.size() >= whole.size(); }));
  EXPECT_EQ(pair.at_server.received, whole);
}

TEST(Stream, TellsThePeersAddress) {
  TestLoop loop;
  Pair pair(loop);
  EXPECT_EQ(pair.client->peer_address(), "127.0.0.1:" + std::to_string(pair.acceptor.port()));
  EXPECT_EQ(pair.server->peer_address().substr(0, 10), "127.0.0.1:");
}

TEST(Stream, SpeaksIpv6) {
  TestLoop loop;
  Pair pair(loop, "::1");
  EXPECT_EQ(pair.client->peer_address(), "[::1]:" + std::to_string(pair.acceptor.port()));
  EXPECT_EQ(pair.server->peer_address().substr(0, 6), "[::1]:");
  pair.client->write(as_bytes("x"));
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.received == "x"; }));
}

TEST(Stream, ReadsNothingWithoutAHandler) {
  TestLoop loop;
  TestServer acceptor(loop);
  const RawSocket client = RawSocket::connected_to(acceptor.port());
  client.send("early");
  ASSERT_TRUE(loop.run_until([&] { return !acceptor.accepted.empty(); }));
  loop.settle();
  Recorder handler;
  acceptor.accepted[0]->set_handler(handler);
  EXPECT_TRUE(loop.run_until([&] { return handler.received == "early"; }));
}

TEST(Stream, AnotherHandlerTakesOver) {
  TestLoop loop;
  RawPair pair(loop);
  Recorder session;
  pair.at_server.data_hook = [&](Stream& stream, ByteView) { stream.set_handler(session); };
  pair.client.send("login");
  ASSERT_TRUE(loop.run_until([&] { return pair.at_server.received == "login"; }));
  pair.client.send("query");
  EXPECT_TRUE(loop.run_until([&] { return session.received == "query"; }));
  EXPECT_EQ(pair.at_server.received, "login");
}

TEST(Stream, DeliversNothingWhilePaused) {
  TestLoop loop;
  RawPair pair(loop);
  pair.server->pause_reading();
  pair.server->pause_reading();
  EXPECT_TRUE(pair.server->reading_paused());
  pair.client.send("later");
  loop.settle();
  EXPECT_EQ(pair.at_server.received, "");
  pair.server->resume_reading();
  pair.server->resume_reading();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.received == "later"; }));
  EXPECT_EQ(pair.at_server.closed_times, 0);
}

TEST(Stream, PausedInsideOnDataDeliversNoMore) {
  TestLoop loop;
  Pair pair(loop);
  int calls = 0;
  pair.at_server.data_hook = [&](Stream& stream, ByteView) {
    ++calls;
    stream.pause_reading();
  };
  const std::string much = pattern(1 << 20);
  pair.client->write(as_bytes(much));
  ASSERT_TRUE(loop.run_until([&] { return calls == 1; }));
  loop.settle();
  EXPECT_EQ(calls, 1);
  pair.at_server.data_hook = nullptr;
  pair.server->resume_reading();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.received.size() == much.size(); }));
  EXPECT_EQ(pair.at_server.received, much);
}

TEST(Stream, NoticesThatThePeerLeftWhilePaused) {
  TestLoop loop;
  RawPair pair(loop);
  pair.server->pause_reading();
  pair.client.close();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.closed, "closed by peer");
}

TEST(Stream, DeliversWhatCameBeforeTheEndEvenIfPausedMeanwhile) {
  TestLoop loop;
  RawPair pair(loop);
  pair.server->pause_reading();
  pair.client.send("last words");
  pair.client.close();
  loop.settle();
  EXPECT_FALSE(pair.at_server.closed);
  pair.server->resume_reading();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.received, "last words");
}

TEST(Stream, ReportsTheEndOnce) {
  TestLoop loop;
  RawPair pair(loop);
  pair.client.send("X");
  pair.client.close();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  loop.settle();
  EXPECT_EQ(pair.at_server.events, (std::vector<std::string>{"data", "closed: closed by peer"}));
  EXPECT_FALSE(pair.server->open());
}

TEST(Stream, ReportsAReset) {
  TestLoop loop;
  RawPair pair(loop);
  pair.client.reset();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.closed, "connection reset by peer");
}

TEST(Stream, WritingToAPeerThatIsGoneEndsTheStreamNotTheProcess) {
  TestLoop loop;
  RawPair pair(loop);
  pair.server->pause_reading();  // so that only writing can notice
  pair.client.reset();
  pair.server->write(as_bytes("a"));
  pair.server->write(as_bytes("b"));
  EXPECT_TRUE(pair.at_server.events.empty()) << "a callback from inside write()";
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.closed_times, 1);
}

TEST(Stream, LocalCloseReportsItsReason) {
  TestLoop loop;
  RawPair pair(loop);
  pair.server->close("idle for too long");
  EXPECT_TRUE(pair.at_server.events.empty()) << "a callback from inside close()";
  EXPECT_FALSE(pair.server->open());
  pair.server->write(as_bytes("ignored"));
  pair.server->close("again");
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.events, (std::vector<std::string>{"closed: idle for too long"}));
  loop.settle();
  bool ended = false;
  EXPECT_EQ(pair.client.receive(&ended), "");
  EXPECT_TRUE(ended);
}

TEST(Stream, ReasonsCarryNoControlCharacters) {
  TestLoop loop;
  RawPair pair(loop);
  pair.server->close("bad\x1b[31m\n");
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.closed, "bad\\x1b[31m\\x0a");
}

TEST(Stream, HandlerSetAfterTheEndHearsOfIt) {
  TestLoop loop;
  TestServer acceptor(loop);
  RawSocket client = RawSocket::connected_to(acceptor.port());
  ASSERT_TRUE(loop.run_until([&] { return !acceptor.accepted.empty(); }));
  acceptor.accepted[0]->close("refused");
  loop.settle();
  Recorder handler;
  acceptor.accepted[0]->set_handler(handler);
  EXPECT_FALSE(handler.closed);
  EXPECT_TRUE(loop.run_until([&] { return handler.closed.has_value(); }));
  EXPECT_EQ(handler.closed, "refused");
}

// ---- close_after_flush ----

TEST(Stream, FlushesWhatIsQueuedBeforeItCloses) {
  TestLoop loop;
  Pair pair(loop);
  const std::string much = pattern(8 << 20);
  pair.server->write(as_bytes(much));
  EXPECT_GT(pair.server->queued_bytes(), 0U);
  pair.server->close_after_flush("finished");
  pair.server->write(as_bytes("ignored"));
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed && pair.at_client.closed; }));
  EXPECT_EQ(pair.at_server.closed, "finished");
  EXPECT_EQ(pair.at_client.closed, "closed by peer");
  EXPECT_TRUE(pair.at_client.received == much);
}

TEST(Stream, LastMessageReachesAPeerThatIsStillSending) {
  TestLoop loop;
  RawPair pair(loop);
  pair.at_server.data_hook = [](Stream& stream, ByteView) {
    stream.write(as_bytes("too much"));
    stream.close_after_flush("refused");
  };
  const std::string flood(100 * 1024, 'x');
  pair.client.send("x");
  ASSERT_TRUE(loop.run_until([&] { return !pair.at_server.received.empty(); }));
  pair.client.send(flood);  // unread at the time of closing: a reset, were it not for the lingering
  std::string heard;
  bool ended = false;
  ASSERT_TRUE(loop.run_until([&] {
    heard += pair.client.receive(&ended);
    return ended;
  }));
  EXPECT_EQ(heard, "too much");
  EXPECT_FALSE(pair.at_server.closed) << "closed before the peer was done";
  pair.client.close();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.closed, "refused");
  EXPECT_EQ(pair.at_server.received, "x") << "delivered after close_after_flush";
}

TEST(Stream, FlushGoesOnForAPeerThatHasFinishedSending) {
  TestLoop loop;
  RawPair pair(loop);
  const std::string much = pattern(8 << 20);
  pair.server->write(as_bytes(much));
  pair.server->close_after_flush("finished");
  pair.client.shut_down_sending();
  std::string heard;
  bool ended = false;
  const Microseconds start = Loop::now();
  ASSERT_TRUE(loop.run_until([&] {
    heard += pair.client.receive(&ended);
    return pair.at_server.closed.has_value();
  }));
  heard += pair.client.receive(&ended);
  EXPECT_TRUE(heard == much);
  EXPECT_LT(Loop::now() - start, Stream::kLingerTimeout);
}

TEST(Stream, FlushGivesUpOnAPeerThatDoesNotRead) {
  TestLoop loop;
  RawPair pair(loop);
  const std::string much(32 << 20, 'x');
  pair.server->write(as_bytes(much));
  const Microseconds start = Loop::now();
  pair.server->close_after_flush("finished");
  ASSERT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_GE(Loop::now() - start, Stream::kFlushTimeout - Milliseconds{10});
  EXPECT_EQ(pair.at_server.closed->substr(0, 10), "finished (");
}

TEST(Stream, FlushEndsWithAPeerThatIsGone) {
  TestLoop loop;
  RawPair pair(loop);
  pair.server->write(as_bytes(std::string(32 << 20, 'x')));
  pair.server->close_after_flush("finished");
  pair.client.reset();
  ASSERT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.closed->substr(0, 10), "finished (");
}

TEST(Stream, LingeringEndsByItself) {
  TestLoop loop;
  RawPair pair(loop);
  pair.server->close_after_flush("bye");
  const Microseconds start = Loop::now();
  ASSERT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_GE(Loop::now() - start, Stream::kLingerTimeout - Milliseconds{10});
  EXPECT_EQ(pair.at_server.closed, "bye");
}

TEST(Stream, CloseCutsAFlushShort) {
  TestLoop loop;
  RawPair pair(loop);
  pair.server->write(as_bytes(std::string(32 << 20, 'x')));
  pair.server->close_after_flush("slowly");
  pair.server->close("now");
  EXPECT_TRUE(loop.run_until([&] { return pair.at_server.closed.has_value(); }));
  EXPECT_EQ(pair.at_server.closed, "now");
}

// Both ends at once, each in one of these ways: both handlers hear of it once, unless destroyed.
TEST(Stream, EndsInEveryOrder) {
  const std::vector<std::function<void(std::unique_ptr<Stream>&)>> ways = {
      [](std::unique_ptr<Stream>&) {},
      [](std::unique_ptr<Stream>& stream) { stream->close(); },
      [](std::unique_ptr<Stream>& stream) { stream->close_after_flush(); },
      [](std::unique_ptr<Stream>& stream) { stream.reset(); },
      [](std::unique_ptr<Stream>& stream) {
        stream->write(as_bytes(std::string(4 << 20, 'x')));
        stream->close_after_flush();
      },
      [](std::unique_ptr<Stream>& stream) {
        stream->close();
        stream.reset();
      },
  };
  TestLoop loop;
  for (std::size_t i = 0; i < ways.size(); ++i)
    for (std::size_t j = i == 0 ? 1 : 0; j < ways.size(); ++j) {
      SCOPED_TRACE(testing::Message() << "client " << i << ", server " << j);
      Pair pair(loop);
      ways[i](pair.client);
      ways[j](pair.server);
      ASSERT_TRUE(loop.run_until([&] {
        return (!pair.client || pair.at_client.closed) && (!pair.server || pair.at_server.closed);
      }));
      EXPECT_EQ(pair.at_client.closed_times, pair.client ? 1 : 0);
      EXPECT_EQ(pair.at_server.closed_times, pair.server ? 1 : 0);
    }
}

// ---- destruction ----

TEST(Stream, MayBeDestroyedInOnData) {
  TestLoop loop;
  RawPair pair(loop);
  pair.at_server.data_hook = [&](Stream&, ByteView) { pair.server.reset(); };
  pair.client.send("x");
  EXPECT_TRUE(loop.run_until([&] { return pair.server == nullptr; }));
  loop.settle();
  EXPECT_EQ(pair.at_server.closed_times, 0) << "a callback after destruction";
}

TEST(Stream, MayBeDestroyedInOnClosed) {
  TestLoop loop;
  RawPair pair(loop);
  pair.at_server.closed_hook = [&](Stream&) { pair.server.reset(); };
  pair.client.close();
  EXPECT_TRUE(loop.run_until([&] { return pair.server == nullptr; }));
}

TEST(Stream, MayBeDestroyedInOnDrained) {
  TestLoop loop;
  Pair pair(loop);
  pair.at_server.drained_hook = [&](Stream&) { pair.server.reset(); };
  pair.server->write(as_bytes(std::string(16 << 20, 'x')));
  EXPECT_TRUE(loop.run_until([&] { return pair.server == nullptr; }));
  EXPECT_TRUE(loop.run_until([&] { return pair.at_client.closed.has_value(); }));
}

TEST(Stream, OneHandlerMayDestroyTheOtherStreamOfItsSession) {
  TestLoop loop;
  Pair pair(loop);
  Pair other(loop);
  // Both are readable in the same turn; whichever comes first ends both.
  const auto end_both = [&](Stream&, ByteView) {
    pair.server.reset();
    other.server.reset();
  };
  pair.at_server.data_hook = end_both;
  other.at_server.data_hook = end_both;
  pair.client->write(as_bytes("1"));
  other.client->write(as_bytes("2"));
  EXPECT_TRUE(loop.run_until([&] { return pair.at_client.closed && other.at_client.closed; }));
  EXPECT_EQ(pair.at_server.received.size() + other.at_server.received.size(), 1U);
}

TEST(Stream, DestructionDropsTheQueueAndCloses) {
  TestLoop loop;
  Pair pair(loop);
  pair.server->write(as_bytes(std::string(64 << 20, 'x')));
  pair.server.reset();
  EXPECT_TRUE(loop.run_until([&] { return pair.at_client.closed.has_value(); }));
  EXPECT_LT(pair.at_client.received.size(), std::size_t{64} << 20);
}

TEST(Stream, DestroyedWithTheLoopStillRunningDown) {
  Recorder handler;
  auto loop = std::make_unique<TestLoop>();
  auto acceptor = std::make_unique<TestServer>(**loop);
  const RawSocket client = RawSocket::connected_to(acceptor->port());
  ASSERT_TRUE(loop->run_until([&] { return !acceptor->accepted.empty(); }));
  acceptor->accepted[0]->set_handler(handler);
  acceptor->accepted[0]->close_after_flush("shutdown");
  acceptor.reset();
  loop.reset();
  EXPECT_EQ(handler.closed_times, 0);
}

// ---- back-pressure ----

TEST(Stream, TellsWhenTheQueueHasDrained) {
  TestLoop loop;
  Pair pair(loop);
  pair.server->set_write_limits({.high_water = 100_KiB, .low_water = 10_KiB});
  pair.client->pause_reading();
  while (pair.server->queued_bytes() < 100 * 1024) pair.server->write(as_bytes(pattern(16384)));
  loop.settle();
  EXPECT_TRUE(pair.at_server.events.empty());
  std::size_t queued_then = ~std::size_t{0};
  pair.at_server.drained_hook = [&](Stream& stream) { queued_then = stream.queued_bytes(); };
  pair.client->resume_reading();
  EXPECT_TRUE(loop.run_until([&] { return !pair.at_server.events.empty(); }));
  EXPECT_LE(queued_then, std::size_t{10} * 1024);
  loop.settle();
  EXPECT_EQ(pair.at_server.events, (std::vector<std::string>{"drained"})) << "once";
}

TEST(Stream, BelowHighWaterNobodyIsTold) {
  TestLoop loop;
  Pair pair(loop);
  pair.server->set_write_limits({.high_water = 1024_MiB, .low_water = 64_KiB});
  const std::string much = pattern(8 << 20);
  pair.server->write(as_bytes(much));
  EXPECT_TRUE(loop.run_until([&] { return pair.at_client.received.size() == much.size(); }));
  loop.settle();
  EXPECT_TRUE(pair.at_server.events.empty());
}

}  // namespace
}  // namespace tracegate::net
