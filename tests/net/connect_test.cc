#include "src/net/connect.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include "src/base/log.h"
#include "src/net/connect_core.h"
#include "tests/net/harness.h"
#include "tests/net/raw_socket.h"

namespace tracegate::net {
namespace {

using Outcome = std::optional<Result<std::unique_ptr<Stream>>>;

SocketAddress loopback(std::uint16_t port) {
  return *parse_numeric("127.0.0.1", port);
}

// As connect(), with these for what the resolver says.
Outcome connect_to(TestLoop& loop, const std::vector<SocketAddress>& addresses,
                   Milliseconds timeout) {
  Outcome outcome;
  const ConnectOptions options{
      .host = "db.example", .port = 5432, .timeout = timeout, .keepalive = std::nullopt};
  auto core = std::make_unique<Connecting::Core>(*loop, options,
                                                 [&](auto result) { outcome = std::move(result); });
  core->try_addresses(addresses);
  EXPECT_FALSE(outcome) << "called back from inside";
  const Connecting connecting(std::move(core));
  EXPECT_TRUE(loop.run_until([&] { return outcome.has_value(); }));
  return outcome;
}

Outcome connect_failing(TestLoop& loop, const std::string& host, std::uint16_t port) {
  Outcome outcome;
  const auto connecting = connect(loop, {.host = host, .port = port},
                                  [&](auto result) { outcome = std::move(result); });
  EXPECT_FALSE(outcome) << "called back from inside";
  EXPECT_TRUE(loop.run_until([&] { return outcome.has_value(); }));
  return outcome;
}

TEST(Connect, RefusedNamesTheAddress) {
  TestLoop loop;
  const RawSocket deaf = RawSocket::bound();
  const std::uint16_t port = deaf.port();
  const Outcome outcome = connect_failing(loop, "127.0.0.1", port);
  ASSERT_FALSE(outcome->ok());
  EXPECT_EQ(
      outcome->error().message,
      fmt::format("cannot connect to 127.0.0.1 port {0}: 127.0.0.1:{0}: connection refused", port));
  EXPECT_EQ(outcome->error().sqlstate, "08001");
}

TEST(Connect, ResolvesNames) {
  TestLoop loop;
  TestServer server(loop);
  const auto stream = connect_now(loop, {.host = "localhost", .port = server.port()});
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(stream->peer_address(), "127.0.0.1:" + std::to_string(server.port()));
}

TEST(Connect, UnknownAndImpossibleNamesAreErrors) {
  TestLoop loop;
  EXPECT_FALSE(connect_failing(loop, "no-such-host.invalid", 5432)->ok());
  EXPECT_FALSE(connect_failing(loop, "", 5432)->ok());
  const Outcome longest = connect_failing(loop, std::string(5000, 'a'), 5432);
  ASSERT_FALSE(longest->ok());
  EXPECT_LT(longest->error().message.size(), 400U);
}

TEST(Connect, TriesTheNextAddressAfterARefusal) {
  TestLoop loop;
  TestServer server(loop);
  const RawSocket deaf = RawSocket::bound();
  const Outcome outcome =
      connect_to(loop, {loopback(deaf.port()), loopback(server.port())}, Milliseconds{5000});
  ASSERT_TRUE(outcome->ok());
  EXPECT_EQ((**outcome)->peer_address(), "127.0.0.1:" + std::to_string(server.port()));
}

TEST(Connect, AddressWithoutAnswerDoesNotUseUpTheTimeOfTheNext) {
  TestLoop loop;
  std::vector<RawSocket> fillers;
  const RawSocket silent = RawSocket::full_listener(fillers);
  TestServer server(loop);
  const Microseconds start = Loop::now();
  const Outcome outcome =
      connect_to(loop, {loopback(silent.port()), loopback(server.port())}, Milliseconds{400});
  ASSERT_TRUE(outcome->ok()) << outcome->error().message;
  EXPECT_GE(Loop::now() - start, Milliseconds{190});
}

TEST(Connect, GivesUpAfterTheTimeout) {
  TestLoop loop;
  std::vector<RawSocket> fillers;
  const RawSocket silent = RawSocket::full_listener(fillers);
  const SocketAddress address = loopback(silent.port());
  const Microseconds start = Loop::now();
  const Outcome outcome = connect_to(loop, {address, address}, Milliseconds{200});
  ASSERT_FALSE(outcome->ok());
  EXPECT_EQ(outcome->error().message,
            fmt::format("cannot connect to db.example port 5432: {0}: timed out; {0}: timed out",
                        address.to_string()));
  EXPECT_GE(Loop::now() - start, Milliseconds{190});
  EXPECT_LT(Loop::now() - start, Milliseconds{2000});
}

TEST(Connect, DestroyingTheHandleGivesUp) {
  TestLoop loop;
  std::vector<RawSocket> fillers;
  const RawSocket silent = RawSocket::full_listener(fillers);
  const auto unexpected = [](const auto&) { ADD_FAILURE() << "called back after cancellation"; };
  auto connecting = connect(loop, {.host = "127.0.0.1", .port = silent.port()}, unexpected);
  auto resolving = connect(loop, {.host = "localhost", .port = silent.port()}, unexpected);
  auto failing = connect(loop, {.host = "", .port = 1}, unexpected);
  connecting.reset();
  resolving.reset();
  failing.reset();
  loop.settle();
}

TEST(Connect, LoopMayGoWhileANameIsBeingResolved) {
  auto loop = std::make_unique<Loop>();
  auto connecting = connect(*loop, {.host = "localhost", .port = 1}, [](const auto&) {});
  connecting.reset();
  loop.reset();
}

TEST(Connect, HandleMayBeDestroyedInTheCallback) {
  TestLoop loop;
  TestServer server(loop);
  const RawSocket deaf = RawSocket::bound();
  std::unique_ptr<Connecting> good;
  std::unique_ptr<Connecting> bad;
  good = connect(loop, {.host = "127.0.0.1", .port = server.port()},
                 [&](const auto&) { good.reset(); });
  bad =
      connect(loop, {.host = "127.0.0.1", .port = deaf.port()}, [&](const auto&) { bad.reset(); });
  EXPECT_TRUE(loop.run_until([&] { return !good && !bad; }));
}

// ---- Listener ----

TEST(Listener, RefusesWhatItCannotListenOn) {
  Loop loop;
  const auto no_clients = [](std::unique_ptr<Stream>) {};
  const auto name = Listener::listen(loop, {.address = "localhost"}, no_clients);
  ASSERT_FALSE(name.ok());
  EXPECT_EQ(name.error().message, "cannot listen on \"localhost\"");

  TestServer first(loop);
  const auto taken =
      Listener::listen(loop, {.address = "127.0.0.1", .port = first.port()}, no_clients);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().message, fmt::format("cannot listen on 127.0.0.1 port {}: {}",
                                               first.port(), "Address already in use"));
}

TEST(Listener, SharesAPortIfAskedTo) {
  Loop loop;
  const auto no_clients = [](std::unique_ptr<Stream>) {};
  ListenOptions options{.address = "127.0.0.1", .reuse_port = ReusePort::kYes};
  const auto first = Listener::listen(loop, options, no_clients);
  ASSERT_TRUE(first.ok());
  options.port = (*first)->bound_port();
  EXPECT_TRUE(Listener::listen(loop, options, no_clients).ok());
}

TEST(Listener, TakesABurstOfClients) {
  TestLoop loop;
  TestServer server(loop);
  std::vector<RawSocket> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(RawSocket::connected_to(server.port()));
  EXPECT_TRUE(loop.run_until([&] { return server.accepted.size() == 100; }));
}

TEST(Listener, MayBeDestroyedInItsCallback) {
  TestLoop loop;
  std::unique_ptr<Listener> listener;
  int accepted = 0;
  auto made = Listener::listen(loop, {.address = "127.0.0.1"}, [&](std::unique_ptr<Stream>) {
    ++accepted;
    listener.reset();
  });
  ASSERT_TRUE(made.ok());
  listener = std::move(made).value();
  const RawSocket first = RawSocket::connected_to(listener->bound_port());
  const RawSocket second = RawSocket::connected_to(listener->bound_port());
  EXPECT_TRUE(loop.run_until([&] { return listener == nullptr; }));
  loop.settle();
  EXPECT_EQ(accepted, 1);
}

// Finds the accepted socket by its port pair, as the public API has no reason to give it away.
int accepted_fd(const RawSocket& client) {
  for (int fd = 3; fd < 256; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        ntohs(peer.sin_port) == client.port())
      return fd;
  }
  return -1;
}

int option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

TEST(Listener, AcceptedSocketsHaveTheOptionsOfTheListener) {
  TestLoop loop;
  std::unique_ptr<Stream> accepted;
  const auto listener =
      Listener::listen(loop, {.address = "127.0.0.1", .keepalive = std::chrono::seconds(30)},
                       [&](std::unique_ptr<Stream> stream) { accepted = std::move(stream); });
  ASSERT_TRUE(listener.ok());
  const RawSocket client = RawSocket::connected_to((*listener)->bound_port());
  ASSERT_TRUE(loop.run_until([&] { return accepted != nullptr; }));
  const int fd = accepted_fd(client);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 30);
  EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
}

class FdLimitOf {
 public:
  explicit FdLimitOf(rlim_t soft) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lowered{soft, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
  }
  ~FdLimitOf() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FdLimitOf(const FdLimitOf&) = delete;
  FdLimitOf& operator=(const FdLimitOf&) = delete;

 private:
  rlimit before_{};
};

TEST(Listener, SurvivesRunningOutOfDescriptors) {
  TestLoop loop;
  TestServer server(loop);
  const RawSocket client(::socket(AF_INET, SOCK_STREAM, 0));
  client.begin_connect(server.port());
  // UBSan's first check of a type opens a pipe: let it see the logger while there are descriptors.
  log::warn("about to run out of descriptors on purpose");
  {
    const FdLimitOf none_left(static_cast<rlim_t>(::dup(client.fd())));  // the lowest free one
    int turns = 0;
    const BeforeSleep count(loop, [&] { ++turns; });
    loop.settle(Milliseconds{50});
    EXPECT_TRUE(server.accepted.empty());
    EXPECT_LT(turns, 10) << "spins";
  }
  EXPECT_TRUE(loop.run_until([&] { return server.accepted.size() == 1; }));
}

}  // namespace
}  // namespace tracegate::net
