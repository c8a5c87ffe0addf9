// A PostgreSQL 15 of our own for tests: a fresh cluster in a temporary directory, on a free
// loopback port and a Unix-domain socket, with password logins (SCRAM) for everybody, and TLS for
// those who ask for it. It ends with the object, and also with the test program however that ends.
// Threading: one thread at a time, the one that started it; query() from any.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace tracegate::test {

class PostgresCluster {
 public:
  // initdb takes a second or two: share a cluster between tests, and give each a database.
  [[nodiscard]] static Result<std::unique_ptr<PostgresCluster>> create();
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // Waits until connections are accepted. create() has done it once.
  [[nodiscard]] Status start();
  enum class Stop {
    kFast,   // sessions are ended, data is written
    kCrash,  // everything ends at once; the next start recovers
  };
  void stop(Stop how);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& socket_directory() const { return base_; }
  [[nodiscard]] static std::string superuser() { return "postgres"; }
  [[nodiscard]] static std::string password() { return "correct horse"; }

  // Self-signed, for the name "localhost" and no other, not for 127.0.0.1.
  [[nodiscard]] std::string certificate_file() const { return base_ + "/server.crt"; }

  // As superuser: every row on a line, columns separated by '|', NULL as "-". Statements may be
  // several; the rows are those of the last one.
  [[nodiscard]] Result<std::string> query(const std::string& database,
                                          const std::string& sql) const;
  // A new empty database.
  [[nodiscard]] Status create_database(const std::string& name,
                                       const std::string& options = {}) const;

 private:
  PostgresCluster() = default;
  Status initialise();
  // Of a child that runs as a user whom PostgreSQL accepts, its output in the log file.
  [[nodiscard]] pid_t spawn(const std::vector<std::string>& arguments) const;
  [[nodiscard]] Error failure(std::string_view what) const;

  std::string base_;  // holds data/, log and the socket
  std::uint16_t port_ = 0;
  pid_t postmaster_ = 0;
};

}  // namespace tracegate::test
