// A PostgreSQL with tables, the catalog that is loaded from it, and a scoped role: texts go the
// whole way from the client's words through the plan to the store's answer.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "src/policy/planner.h"
#include "src/store/catalog_loader.h"
#include "tests/policy/scoped_role.h"
#include "tests/support/postgres.h"

namespace tracegate::policy {

class ScopedStore : public ::testing::Test {
 protected:
  // A database of the test's own.
  ScopedStore() {
    const testing::TestInfo& info = *testing::UnitTest::GetInstance()->current_test_info();
    database_ = std::string(info.test_suite_name()) + "." + info.name();
  }
  void SetUp() override {
    if (!cluster_) {
      auto made = test::PostgresCluster::create();
      ASSERT_TRUE(made.ok()) << made.error().message;
      cluster_ = std::move(*made);
    }
    ASSERT_TRUE(cluster_->create_database(database_).ok());
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  // As superuser, past the gateway. Rows are lines without the last line end.
  std::string query(const std::string& sql) const {
    const Result<std::string> result = cluster_->query(database_, sql);
    EXPECT_TRUE(result.ok()) << sql << ": " << result.error().message;
    return result.ok() ? without_line_end(*result) : "?";
  }

  // What exists for the role from now on is what the store has now.
  void use(Role role) {
    const auto loaded = store::load_catalog(config(), ++version_);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    catalog_ = loaded->catalog;
    auto policy = std::make_shared<Snapshot>();
    policy->version = PolicyVersion{version_};
    policy->limits.plan_cache = 1_MiB;
    policy->upstreams.push_back(make_upstream());
    policy->roles.push_back(std::move(role));
    if (planner_)
      planner_->use(policy);
    else
      planner_.emplace(policy);
  }
  [[nodiscard]] const catalog::Catalog& catalog() const { return *catalog_; }

  PlanRef plan(std::string_view text, const Claims& claims = {}) {
    const Snapshot& policy = *planner_->snapshot();
    return planner_->plan(policy.roles[0], policy.upstreams[0], *catalog_,
                          planner_->intern(policy.roles[0], claims), text, Origin::kParse);
  }
  // What the store receives; the refusal if it receives nothing.
  std::string sent(std::string_view text, const Claims& claims = {}) {
    const PlanRef judged = plan(text, claims);
    if (judged->denial) return judged->denial->sqlstate + ' ' + judged->denial->message;
    return judged->store_text.empty() ? judged->text : judged->store_text;
  }
  // The rows that the role gets, its refusal, or the first line of the store's error.
  std::string run(std::string_view text, const Claims& claims = {}) {
    if (plan(text, claims)->denial) return sent(text, claims);
    const Result<std::string> result = cluster_->query(database_, sent(text, claims));
    if (result.ok()) return without_line_end(*result);
    const std::string& message = result.error().message;
    if (message.find(sql::kOutOfScopeMark) != std::string::npos) return "out of scope";
    return message.substr(0, message.find('\n'));
  }

 private:
  static std::string without_line_end(const std::string& rows) {
    return rows.substr(0, rows.find_last_not_of('\n') + 1);
  }
  [[nodiscard]] store::ConnectionConfig config() const {
    store::ConnectionConfig config;
    config.host = "127.0.0.1";
    config.port = cluster_->port();
    config.database = database_;
    config.user = test::PostgresCluster::superuser();
    config.password = Secret(test::PostgresCluster::password());
    config.tls = store::Tls::kOff;
    return config;
  }

  static inline std::unique_ptr<test::PostgresCluster> cluster_;
  std::string database_;
  std::uint64_t version_ = 0;
  std::shared_ptr<const catalog::Catalog> catalog_;
  std::optional<Planner> planner_;
};

}  // namespace tracegate::policy
