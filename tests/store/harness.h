// One PostgreSQL for all tests of the store, a database for each of them.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "src/journal/journal.h"
#include "src/store/connection_config.h"
#include "tests/support/postgres.h"

namespace tracegate::store {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    const testing::TestInfo& info = *testing::UnitTest::GetInstance()->current_test_info();
    database_ = std::string(info.test_suite_name()) + "." + info.name();
    std::string pattern =
        (std::filesystem::temp_directory_path() / "tracegate-store-XXXXXX").string();
    base_ = ::mkdtemp(pattern.data());
  }
  ~StoreTest() override { std::filesystem::remove_all(base_); }

  void SetUp() override {
    if (cluster_ == nullptr) {
      Result<std::unique_ptr<test::PostgresCluster>> made = test::PostgresCluster::create();
      ASSERT_TRUE(made.ok()) << made.error().message;
      cluster_ = std::move(*made);
    }
    const Status created = cluster_->create_database(database_);
    ASSERT_TRUE(created.ok()) << created.error().message;
  }

  static test::PostgresCluster& cluster() { return *cluster_; }

  [[nodiscard]] ConnectionConfig config() const {
    ConnectionConfig config;
    config.host = "127.0.0.1";
    config.port = cluster_->port();
    config.database = database_;
    config.user = test::PostgresCluster::superuser();
    config.password = Secret(test::PostgresCluster::password());
    config.tls = Tls::kOff;
    return config;
  }

  // As superuser, in this test's database.
  std::string query(const std::string& sql) const {
    const Result<std::string> result = cluster_->query(database_, sql);
    EXPECT_TRUE(result.ok()) << sql << ": " << result.error().message;
    return result.ok() ? *result : "failed";
  }

  // Whether `condition` came true within 30 seconds. Looks every few milliseconds, because what it
  // waits for happens in another process.
  template <typename Condition>
  static bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  std::string database_;
  std::string base_;  // a directory of this test's own

 private:
  static inline std::unique_ptr<test::PostgresCluster> cluster_;  // ends with the program
};

}  // namespace tracegate::store
