// A connection to a database of a test's cluster: what it answers to a text, as lines that can be
// compared with what another database answers.
// Threading: one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/postgres.h"

struct pg_conn;

namespace tracegate::statements {

struct Answer {
  // Of each statement: the names of the columns, a line for each row, the command tag; notices
  // stand where they came. Rows are sorted unless the text has ORDER BY.
  std::vector<std::string> lines;
  std::string sqlstate;  // of the error that ended it; empty: none
  std::string message;
};

class DatabaseSession {
 public:
  // Terminates if there is no connection.
  DatabaseSession(const test::PostgresCluster& cluster, const std::string& database);
  ~DatabaseSession();
  DatabaseSession(const DatabaseSession&) = delete;
  DatabaseSession& operator=(const DatabaseSession&) = delete;

  // `text` as one Query message; `copy_data` is what is sent if it asks for data.
  [[nodiscard]] Answer ask(const std::string& text, const std::string& copy_data = {});
  // The rows of one statement, in its order. Terminates if it fails: it is the test's own.
  std::vector<std::string> rows(const std::string& text);
  // As rows(), for what has none.
  void run(const std::string& text);
  // Ends a transaction and undoes what the session did to itself.
  void forget();

 private:
  void take_result(void* result, bool sorted, const std::string& copy_data, Answer& answer);
  void copy_out(bool sorted, Answer& answer);

  pg_conn* connection_;
  std::vector<std::string> notices_;
};

}  // namespace tracegate::statements
