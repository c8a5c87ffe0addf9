#include "src/store/connection.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <vector>

#include "src/base/log.h"

namespace tracegate::store {
namespace {

// For one statement, and for a COPY of a whole batch.
constexpr std::chrono::seconds kStatementTimeout{60};
constexpr std::size_t kCopyChunk = std::size_t{64} << 10;
// A path at which libpq finds nothing, for what it would otherwise look up in the home directory of
// whoever runs the gateway. (An empty value means the default to libpq.)
constexpr const char* kNoFile = "/nonexistent";

using Clock = std::chrono::steady_clock;

const char* sslmode(Tls tls) {
  switch (tls) {
    case Tls::kOff:
      return "disable";
    case Tls::kRequire:
      return "require";
    case Tls::kVerifyCa:
      return "verify-ca";
    case Tls::kVerifyFull:
      return "verify-full";
  }
  return "verify-full";
}

bool is_address(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// Everything that libpq would otherwise take from the environment or from files is pinned.
class Options {
 public:
  explicit Options(const ConnectionConfig& config)
      : port_(std::to_string(config.port)), password_(config.password.clone()) {
    const bool verifies = config.tls == Tls::kVerifyCa || config.tls == Tls::kVerifyFull;
    add("host", config.host.c_str());
    if (is_address(config.host)) add("hostaddr", config.host.c_str());
    add("port", port_.c_str());
    add("dbname", config.database.c_str());
    add("user", config.user.c_str());
    if (!config.password.empty()) add("password", password_.reveal().data());
    add("passfile", kNoFile);
    add("sslmode", sslmode(config.tls));
    add("sslrootcert", verifies ? config.ca_file.c_str() : kNoFile);
    add("sslcert", kNoFile);
    add("sslkey", kNoFile);
    add("sslcrl", kNoFile);
    add("ssl_min_protocol_version", "TLSv1.2");
    add("channel_binding", "prefer");
    add("gssencmode", "disable");
    add("client_encoding", "UTF8");
    add("application_name", "tracegate");
    add("target_session_attrs", "any");
    add("keepalives_idle", "30");
    add("tcp_user_timeout", "60000");
    keywords_.push_back(nullptr);
    values_.push_back(nullptr);
  }

  [[nodiscard]] const char* const* keywords() const { return keywords_.data(); }
  [[nodiscard]] const char* const* values() const { return values_.data(); }

 private:
  void add(const char* keyword, const char* value) {
    keywords_.push_back(keyword);
    values_.push_back(value);
  }
  std::string port_;
  Secret password_;  // reveal() of a Secret is a std::string's view: it ends in NUL
  std::vector<const char*> keywords_;
  std::vector<const char*> values_;
};

// libpq's texts end in a line feed and may have several lines.
std::string one_line(const char* text) {
  std::string line(text == nullptr ? "" : text);
  while (!line.empty() && line.back() == '\n') line.pop_back();
  std::replace(line.begin(), line.end(), '\n', ' ');
  return log::printable(line, 300);
}

bool succeeded(ExecStatusType status) {
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

Error error_of(const PGresult* result) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (state == nullptr || message == nullptr) return Error(one_line(PQresultErrorMessage(result)));
  return Error(one_line(message) + " (" + state + ")");
}

}  // namespace

void clear_libpq_environment() {
  PQconninfoOption* const options = PQconndefaults();
  if (options == nullptr) return;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option)
    if (option->envvar != nullptr) ::unsetenv(option->envvar);
  PQconninfoFree(options);
}

StopSignal::StopSignal()
    : event_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      deadline_(SteadyTime::max().time_since_epoch().count()) {
  TG_CHECK(event_fd_ >= 0, "no file descriptor for an eventfd");
}

StopSignal::~StopSignal() {
  ::close(event_fd_);
}

void StopSignal::stop_by(SteadyTime deadline) {
  deadline_ = deadline.time_since_epoch().count();
  stopping_ = true;
  const std::uint64_t one = 1;
  TG_CHECK(::write(event_fd_, &one, sizeof one) == sizeof one, "an eventfd is full");
}

bool StopSignal::wait(int fd, short events, SteadyTime until) {
  while (true) {
    const SteadyTime end = std::min(until, SteadyTime(SteadyTime::duration(deadline_.load())));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd fds[] = {{fd, events, 0}, {event_fd_, POLLIN, 0}};
    const int ready = ::poll(fds, 2, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0 && fds[0].revents != 0) return true;
    if (ready > 0 && fds[1].revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = ::read(event_fd_, &count, sizeof count);
      if (fd < 0) return false;
    }
  }
}

Rows::~Rows() {
  PQclear(result_);
}
int Rows::size() const {
  return PQntuples(result_);
}

std::string_view Rows::value(int row, int column) const {
  return {PQgetvalue(result_, row, column),
          static_cast<std::size_t>(PQgetlength(result_, row, column))};
}

std::optional<std::int64_t> Rows::number(int row, int column) const {
  if (row >= size()) return std::nullopt;
  const std::string_view text = value(row, column);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc() || end != text.end()) return std::nullopt;
  return number;
}

std::string_view Rows::command_tag() const {
  return PQcmdStatus(result_);
}

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionConfig& config,
                                                     StopSignal* stop) {
  const bool verifies = config.tls == Tls::kVerifyCa || config.tls == Tls::kVerifyFull;
  if (verifies && config.ca_file.empty()) return Error("verifying the server needs a ca_file");
  const Options options(config);
  PGconn* const raw = PQconnectStartParams(options.keywords(), options.values(), 0);
  if (raw == nullptr) return Error("connecting: out of memory");
  std::unique_ptr<Connection> connection(new Connection(raw, stop));
  TG_TRY(connection->connect(config.connect_timeout));
  return connection;
}

Connection::~Connection() {
  PQfinish(connection_);
}

Error Connection::failure(std::string_view doing) const {
  const std::string why = one_line(PQerrorMessage(connection_));
  return Error(std::string(doing) + ": " + (why.empty() ? "timed out" : why));
}

bool Connection::wait(short events, SteadyTime until) {
  const int fd = PQsocket(connection_);
  if (fd < 0) return false;
  if (stop_ != nullptr) return stop_->wait(fd, events, until);
  pollfd poll_fd{fd, events, 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    if (::poll(&poll_fd, 1, static_cast<int>(left)) > 0) return true;
  }
}

Status Connection::connect(Milliseconds timeout) {
  if (PQstatus(connection_) == CONNECTION_BAD) return failure("connecting");
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
  const SteadyTime until = Clock::now() + timeout;
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (!wait(next == PGRES_POLLING_READING ? POLLIN : POLLOUT, until))
      return Error("connecting: timed out");
    next = PQconnectPoll(connection_);
    if (next == PGRES_POLLING_FAILED) return failure("connecting");
  }
  if (PQsetnonblocking(connection_, 1) != 0) return failure("connecting");
  return Ok{};
}

Status Connection::flush(SteadyTime until) {
  while (true) {
    const int left = PQflush(connection_);
    if (left == 0) return Ok{};
    if (left < 0) return failure("sending");
    // Reading too: the server may be unable to take more before we have taken what it sends.
    if (!wait(POLLIN | POLLOUT, until)) return Error("sending: timed out");
    if (PQconsumeInput(connection_) == 0) return failure("sending");
  }
}

Result<pg_result*> Connection::next_result(SteadyTime until) {
  TG_TRY(flush(until));
  while (PQisBusy(connection_) != 0) {
    if (!wait(POLLIN, until)) return Error("waiting for an answer: timed out");
    if (PQconsumeInput(connection_) == 0) return failure("waiting for an answer");
  }
  return PQgetResult(connection_);
}

Result<Rows> Connection::last_result(SteadyTime until) {
  std::vector<Rows> results;
  while (true) {
    const Result<pg_result*> result = next_result(until);
    if (!result) return Error(result.error());
    if (*result == nullptr) break;
    results.emplace_back(*result);
    if (!succeeded(PQresultStatus(*result))) return error_of(*result);
  }
  if (results.empty()) return failure("waiting for an answer");
  return std::move(results.back());
}

Result<Rows> Connection::run(const std::string& sql) {
  if (PQsendQuery(connection_, sql.c_str()) == 0) return failure("sending");
  return last_result(Clock::now() + kStatementTimeout);
}

Result<Rows> Connection::run(const std::string& sql, std::span<const Parameter> parameters,
                             ResultFormat format) {
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  const std::vector<int> formats(parameters.size(), 1);
  for (const Parameter& parameter : parameters) {
    types.push_back(parameter.type);
    values.push_back(parameter.value.data());
    lengths.push_back(static_cast<int>(parameter.value.size()));
  }
  if (PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(parameters.size()), types.data(),
                        values.data(), lengths.data(), formats.data(),
                        static_cast<int>(format)) == 0)
    return failure("sending");
  return last_result(Clock::now() + kStatementTimeout);
}

Status Connection::copy_in(const std::string& sql, std::string_view data) {
  const SteadyTime until = Clock::now() + kStatementTimeout;
  if (PQsendQuery(connection_, sql.c_str()) == 0) return failure("sending");
  const Result<pg_result*> begun = next_result(until);
  if (!begun) return Error(begun.error());
  if (*begun == nullptr) return failure("beginning a COPY");
  const Rows held(*begun);
  if (PQresultStatus(*begun) != PGRES_COPY_IN) return error_of(*begun);
  TG_TRY(send_copy_data(data, until));
  const Result<Rows> ended = last_result(until);
  if (!ended) return Error(ended.error());
  return Ok{};
}

Status Connection::send_copy_data(std::string_view data, SteadyTime until) {
  while (!data.empty()) {
    const std::string_view chunk = data.substr(0, kCopyChunk);
    if (PQputCopyData(connection_, chunk.data(), static_cast<int>(chunk.size())) <= 0)
      return failure("sending rows");
    data.remove_prefix(chunk.size());
    TG_TRY(flush(until));
  }
  if (PQputCopyEnd(connection_, nullptr) <= 0) return failure("sending rows");
  return Ok{};
}

std::string Connection::server_setting(const char* name) const {
  const char* const value = PQparameterStatus(connection_, name);
  return value == nullptr ? "" : value;
}

}  // namespace tracegate::store
