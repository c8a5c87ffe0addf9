// A connection to a test's PostgreSQL that shows values as they stand in its answers, in text or in
// binary format.
// Threading: one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/mask/hash_key.h"
#include "src/mask/value_mask.h"
#include "tests/support/postgres.h"

struct pg_conn;

namespace tracegate::mask {

using StoredValue = std::optional<std::string>;

struct Answer {
  std::vector<StoredValue> values;  // of the first column
  std::uint32_t type = 0;           // of that column, and its modifier
  int modifier = 0;
  std::string error;
};

class StoreSession {
 public:
  // With the settings of the key, if there is one. Terminates if there is no connection.
  StoreSession(const test::PostgresCluster& cluster, const std::string& database,
               const HashKeyRef& key);
  ~StoreSession();
  StoreSession(const StoreSession&) = delete;
  StoreSession& operator=(const StoreSession&) = delete;

  // One statement; `parameters` are texts.
  [[nodiscard]] Answer ask(const std::string& sql, Format format = Format::kText,
                           const std::vector<std::string>& parameters = {});
  // One that must not fail.
  void run(const std::string& sql, const std::vector<std::string>& parameters = {});

 private:
  pg_conn* connection_;
};

}  // namespace tracegate::mask
