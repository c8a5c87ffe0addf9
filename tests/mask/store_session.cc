#include "tests/mask/store_session.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>

namespace tracegate::mask {

StoreSession::StoreSession(const test::PostgresCluster& cluster, const std::string& database,
                           const HashKeyRef& key) {
  std::string options = "-c client_encoding=UTF8 -c client_min_messages=warning";
  if (key != nullptr)
    options.append(" -c ")
        .append(kInnerSetting)
        .append("=")
        .append(key->inner().reveal())
        .append(" -c ")
        .append(kOuterSetting)
        .append("=")
        .append(key->outer().reveal());
  const std::string port = std::to_string(cluster.port());
  const std::string user = test::PostgresCluster::superuser();
  const std::string password = test::PostgresCluster::password();
  const char* const keywords[] = {"host", "port", "dbname", "user", "password", "options", nullptr};
  const char* const values[] = {"127.0.0.1",      port.c_str(),    database.c_str(), user.c_str(),
                                password.c_str(), options.c_str(), nullptr};
  connection_ = PQconnectdbParams(keywords, values, 0);
  TG_CHECK(PQstatus(connection_) == CONNECTION_OK, PQerrorMessage(connection_));
}

StoreSession::~StoreSession() {
  PQfinish(connection_);
}

Answer StoreSession::ask(const std::string& sql, Format format,
                         const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  PGresult* const result =
      PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                   values.data(), nullptr, nullptr, static_cast<int>(format));
  Answer answer;
  if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
    answer.error = PQresultErrorMessage(result);
  if (PQnfields(result) > 0) {
    answer.type = PQftype(result, 0);
    answer.modifier = PQfmod(result, 0);
  }
  for (int row = 0; row < PQntuples(result); ++row) {
    if (PQgetisnull(result, row, 0) != 0)
      answer.values.emplace_back();
    else
      answer.values.emplace_back(std::in_place, PQgetvalue(result, row, 0),
                                 static_cast<std::size_t>(PQgetlength(result, row, 0)));
  }
  PQclear(result);
  return answer;
}

void StoreSession::run(const std::string& sql, const std::vector<std::string>& parameters) {
  EXPECT_EQ(ask(sql, Format::kText, parameters).error, "") << sql.substr(0, 1000);
}

}  // namespace tracegate::mask
