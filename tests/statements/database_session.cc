#include "tests/statements/database_session.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace tracegate::statements {
namespace {

std::string field(const PGresult* result, int code) {
  const char* const value = PQresultErrorField(result, code);
  return value != nullptr ? value : "";
}

}  // namespace

DatabaseSession::DatabaseSession(const test::PostgresCluster& cluster,
                                 const std::string& database) {
  const std::string port = std::to_string(cluster.port());
  const std::string password = test::PostgresCluster::password();
  const char* const names[] = {"host", "port", "user", "password", "dbname", "client_encoding",
                               nullptr};
  const char* const values[] = {cluster.socket_directory().c_str(),
                                port.c_str(),
                                "postgres",
                                password.c_str(),
                                database.c_str(),
                                "UTF8",
                                nullptr};
  connection_ = PQconnectdbParams(names, values, 0);
  if (PQstatus(connection_) != CONNECTION_OK) {
    std::cerr << PQerrorMessage(connection_);
    std::abort();
  }
  PQsetNoticeReceiver(
      connection_,
      [](void* notices, const PGresult* result) {
        static_cast<std::vector<std::string>*>(notices)->push_back(
            field(result, PG_DIAG_SEVERITY) + " " + field(result, PG_DIAG_MESSAGE_PRIMARY));
      },
      &notices_);
}

DatabaseSession::~DatabaseSession() {
  PQfinish(connection_);
}

void DatabaseSession::copy_out(bool sorted, Answer& answer) {
  std::vector<std::string> rows;
  char* data = nullptr;
  for (int size = 0; (size = PQgetCopyData(connection_, &data, 0)) > 0; PQfreemem(data))
    rows.emplace_back(data, static_cast<std::size_t>(size));
  if (sorted) std::sort(rows.begin(), rows.end());
  answer.lines.insert(answer.lines.end(), rows.begin(), rows.end());
}

void DatabaseSession::take_result(void* taken, bool sorted, const std::string& copy_data,
                                  Answer& answer) {
  const PGresult* const result = static_cast<const PGresult*>(taken);
  switch (static_cast<int>(PQresultStatus(result))) {
    case PGRES_COPY_OUT:
      return copy_out(sorted, answer);
    case PGRES_COPY_IN:
      PQputCopyData(connection_, copy_data.data(), static_cast<int>(copy_data.size()));
      PQputCopyEnd(connection_, nullptr);
      return;
    case PGRES_TUPLES_OK: {
      std::vector<std::string> rows;
      for (int row = -1; row < PQntuples(result); ++row) {
        std::string line;
        for (int column = 0; column < PQnfields(result); ++column) {
          if (column > 0) line += '|';
          if (row < 0)
            line += PQfname(result, column);
          else
            line += PQgetisnull(result, row, column) != 0 ? "-" : PQgetvalue(result, row, column);
        }
        rows.push_back(line);
      }
      if (sorted) std::sort(rows.begin() + 1, rows.end());
      answer.lines.insert(answer.lines.end(), rows.begin(), rows.end());
      break;
    }
    case PGRES_FATAL_ERROR:
      answer.sqlstate = field(result, PG_DIAG_SQLSTATE);
      answer.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
      return;
    default:
      break;
  }
  answer.lines.push_back(PQcmdStatus(const_cast<PGresult*>(result)));
}

Answer DatabaseSession::ask(const std::string& text, const std::string& copy_data) {
  Answer answer;
  const bool sorted = text.find("ORDER BY") == std::string::npos;
  notices_.clear();
  if (PQsendQuery(connection_, text.c_str()) == 0) {
    answer.sqlstate = "08000";
    answer.message = PQerrorMessage(connection_);
    return answer;
  }
  while (PGresult* const result = PQgetResult(connection_)) {
    take_result(result, sorted, copy_data, answer);
    PQclear(result);
  }
  answer.lines.insert(answer.lines.end(), notices_.begin(), notices_.end());
  return answer;
}

void DatabaseSession::run(const std::string& text) {
  const Answer answer = ask(text);
  if (answer.sqlstate.empty()) return;
  std::cerr << text << ": " << answer.message << '\n';
  std::abort();
}

std::vector<std::string> DatabaseSession::rows(const std::string& text) {
  Answer answer = ask(text + " /* ORDER BY */");
  if (!answer.sqlstate.empty() || answer.lines.size() < 2) {
    std::cerr << text << ": " << answer.message << '\n';
    std::abort();
  }
  return {answer.lines.begin() + 1, answer.lines.end() - 1};  // without names and tag
}

void DatabaseSession::forget() {
  static_cast<void>(ask("ROLLBACK"));
  static_cast<void>(ask("DISCARD ALL"));
}

}  // namespace tracegate::statements
