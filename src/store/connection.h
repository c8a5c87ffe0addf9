// One libpq connection, for one thread, with a deadline on everything: a database that hangs costs
// a timeout, never a thread that cannot be joined. Private to src/store; sole user of libpq with
// connection.cc.
//
// Errors carry the SQLSTATE and the primary message of the server only: details and contexts may
// quote rows. After an error the connection is of no further use; whoever has it opens another.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/store/connection_config.h"

struct pg_conn;
struct pg_result;

namespace tracegate::store {

using SteadyTime = std::chrono::steady_clock::time_point;

// Tells a thread that waits in poll(2) to come to an end by a point in time.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // From any thread.
  void stop_by(SteadyTime deadline);
  [[nodiscard]] bool stopping() const { return stopping_.load(); }

  // Waits until `fd` (-1: none) is ready for `events`, or `until`, or the stop deadline. True if
  // the fd is ready. A call of stop_by() ends the wait early when `fd` is -1.
  bool wait(int fd, short events, SteadyTime until);

 private:
  int event_fd_;
  std::atomic<bool> stopping_{false};
  std::atomic<SteadyTime::rep> deadline_;
};

// A result; rows and columns count from 0.
class Rows {
 public:
  explicit Rows(pg_result* result) : result_(result) {}
  Rows(Rows&& other) noexcept : result_(std::exchange(other.result_, nullptr)) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  [[nodiscard]] int size() const;
  // Borrowed from *this; empty for NULL.
  [[nodiscard]] std::string_view value(int row, int column) const;
  // The value as a whole number in text format; nothing if it is not one.
  [[nodiscard]] std::optional<std::int64_t> number(int row, int column) const;
  // "INSERT 0 5"
  [[nodiscard]] std::string_view command_tag() const;

 private:
  pg_result* result_;
};

// A parameter in binary format.
struct Parameter {
  std::uint32_t type;
  std::string_view value;
};
enum class ResultFormat { kText = 0, kBinary = 1 };

class Connection {
 public:
  // `stop` may be null; otherwise outlives the connection.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const ConnectionConfig& config,
                                                                StopSignal* stop);
  ~Connection();

  // One or several statements without parameters; the result of the last one. An error of any of
  // them is the error.
  [[nodiscard]] Result<Rows> run(const std::string& sql);
  // One statement.
  [[nodiscard]] Result<Rows> run(const std::string& sql, std::span<const Parameter> parameters,
                                 ResultFormat format = ResultFormat::kText);
  // `sql` is a COPY ... FROM STDIN; `data` all that is sent for it.
  [[nodiscard]] Status copy_in(const std::string& sql, std::string_view data);
  // As reported by the server; empty if it is not.
  [[nodiscard]] std::string server_setting(const char* name) const;

 private:
  Connection(pg_conn* connection, StopSignal* stop) : connection_(connection), stop_(stop) {}

  Status connect(Milliseconds timeout);
  bool wait(short events, SteadyTime until);
  Status flush(SteadyTime until);
  // The next result of the statement under way; null behind the last one.
  Result<pg_result*> next_result(SteadyTime until);
  Result<Rows> last_result(SteadyTime until);
  Status send_copy_data(std::string_view data, SteadyTime until);
  [[nodiscard]] Error failure(std::string_view doing) const;

  pg_conn* connection_;
  StopSignal* stop_;
};

}  // namespace tracegate::store
