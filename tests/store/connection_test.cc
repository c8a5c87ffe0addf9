#include "src/store/connection.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "tests/store/harness.h"

namespace tracegate::store {
namespace {

class ConnectionTest : public StoreTest {
 protected:
  std::unique_ptr<Connection> must_open(StopSignal* stop = nullptr) {
    Result<std::unique_ptr<Connection>> opened = Connection::open(config(), stop);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return opened.ok() ? std::move(*opened) : nullptr;
  }
  static std::string error_of(const ConnectionConfig& config) {
    const Result<std::unique_ptr<Connection>> opened = Connection::open(config, nullptr);
    EXPECT_FALSE(opened.ok());
    return opened.ok() ? "" : opened.error().message;
  }
};

// A listener that never answers.
class SilentServer {
 public:
  SilentServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd_, 5), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { ::close(fd_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

TEST_F(ConnectionTest, RunsStatements) {
  const auto connection = must_open();
  const Result<Rows> rows = connection->run("SELECT 1; SELECT 40 + 2, 'x', NULL");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->size(), 1);
  EXPECT_EQ(rows->number(0, 0), 42);
  EXPECT_EQ(rows->value(0, 1), "x");
  EXPECT_EQ(rows->number(0, 1), std::nullopt);
  EXPECT_EQ(rows->number(1, 0), std::nullopt);
}

TEST_F(ConnectionTest, ErrorsNeverQuoteRows) {
  const auto connection = must_open();
  const Result<Rows> rows = connection->run(
      "CREATE TABLE t (secret text PRIMARY KEY); INSERT INTO t VALUES ('hunter2'); INSERT INTO t "
      "VALUES ('hunter2')");
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().message.find("23505"), std::string::npos) << rows.error().message;
  EXPECT_EQ(rows.error().message.find("hunter2"), std::string::npos) << rows.error().message;
}

TEST_F(ConnectionTest, WrongPasswordIsAnErrorThatDoesNotShowIt) {
  ConnectionConfig wrong = config();
  wrong.password = Secret("sesame-1234");
  const std::string error = error_of(wrong);
  EXPECT_NE(error.find("password authentication failed"), std::string::npos) << error;
  EXPECT_EQ(error.find("sesame"), std::string::npos);
}

TEST_F(ConnectionTest, TlsIsUsedAsFarAsItIsAskedFor) {
  const auto uses_tls = [](const ConnectionConfig& config) {
    const Result<std::unique_ptr<Connection>> opened = Connection::open(config, nullptr);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    const Result<Rows> rows =
        (*opened)->run("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    return rows.ok() && rows->value(0, 0) == "t";
  };
  ConnectionConfig with = config();
  EXPECT_FALSE(uses_tls(with));
  with.tls = Tls::kRequire;
  EXPECT_TRUE(uses_tls(with));
  with.ca_file = cluster().certificate_file();
  with.tls = Tls::kVerifyCa;
  EXPECT_TRUE(uses_tls(with));
  with.tls = Tls::kVerifyFull;
  with.host = "localhost";
  EXPECT_TRUE(uses_tls(with));
}

TEST_F(ConnectionTest, ServerThatCannotBeVerifiedIsRefused) {
  ConnectionConfig secure = config();
  secure.tls = Tls::kVerifyFull;
  secure.ca_file = cluster().certificate_file();
  EXPECT_NE(error_of(secure).find("does not match host name"), std::string::npos)
      << error_of(secure);
  secure.ca_file = "/etc/ssl/certs/ca-certificates.crt";
  secure.tls = Tls::kVerifyCa;
  EXPECT_NE(error_of(secure), "");
  secure.ca_file = "/no/such/file";
  EXPECT_NE(error_of(secure).find("/no/such/file"), std::string::npos);
  secure.ca_file = "";
  EXPECT_NE(error_of(secure).find("ca_file"), std::string::npos);
}

TEST_F(ConnectionTest, EnvironmentHasNoSay) {
  ::setenv("PGHOSTADDR", "192.0.2.1", 1);
  ::setenv("PGOPTIONS", "-c default_transaction_read_only=on", 1);
  ::setenv("PGSSLMODE", "verify-full", 1);
  clear_libpq_environment();
  EXPECT_EQ(::getenv("PGHOSTADDR"), nullptr);
  EXPECT_EQ(::getenv("PGOPTIONS"), nullptr);
  const auto connection = must_open();
  const Result<Rows> rows = connection->run("SHOW default_transaction_read_only");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->value(0, 0), "off");
}

TEST_F(ConnectionTest, ServerThatNeverAnswersCostsTheTimeoutOnly) {
  const SilentServer server;
  ConnectionConfig silent = config();
  silent.port = server.port();
  silent.connect_timeout = Milliseconds(100);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_NE(error_of(silent).find("timed out"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

TEST_F(ConnectionTest, StopSignalEndsAStatementThatHangs) {
  StopSignal stop;
  const auto connection = must_open(&stop);
  std::thread other([&] {
    eventually([&] {
      return query(
                 "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(50)' AND "
                 "datname = current_database()") == "1";
    });
    stop.stop_by(std::chrono::steady_clock::now());
  });
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(connection->run("SELECT pg_sleep(50)").ok());
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(40));
  other.join();
}

TEST_F(ConnectionTest, CopiesMoreThanFitsAnyBuffer) {
  const auto connection = must_open();
  ASSERT_TRUE(connection->run("CREATE TABLE lines (line text)").ok());
  std::string data;
  for (int i = 0; i < 200'000; ++i) data += "a line of some length that is repeated very often\n";
  ASSERT_TRUE(connection->copy_in("COPY lines FROM STDIN", data).ok());
  EXPECT_EQ(query("SELECT count(*) FROM lines"), "200000");
}

TEST_F(ConnectionTest, CopyThatTheServerRefusesIsAnError) {
  const auto connection = must_open();
  ASSERT_TRUE(connection->run("CREATE TABLE numbers (n int)").ok());
  const Status bad = connection->copy_in("COPY numbers FROM STDIN", "1\nnot a number\n");
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(bad.error().message.find("22P02"), std::string::npos);
  EXPECT_FALSE(must_open()->copy_in("COPY no_such_table FROM STDIN", "1\n").ok());
}

TEST_F(ConnectionTest, ServerThatDiesInTheMiddleIsAnError) {
  const auto connection = must_open();
  const Result<Rows> rows = connection->run("SELECT pg_terminate_backend(pg_backend_pid())");
  EXPECT_FALSE(rows.ok());
  EXPECT_FALSE(connection->run("SELECT 1").ok());
}

}  // namespace
}  // namespace tracegate::store
