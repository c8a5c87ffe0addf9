// Every statement and clause of PostgreSQL's SQL reference, as roles with scopes may use them: what
// is permitted answers as a database would that holds nothing else than the role may see; what is
// refused is named in docs/statements.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "src/policy/judge.h"
#include "src/sql/rewrite.h"
#include "tests/statements/corpus.h"
#include "tests/statements/database_session.h"
#include "tests/statements/scoped_policy.h"
#include "tests/statements/statements_document.h"

namespace tracegate::statements {
namespace {

std::string file(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(CORPUS) + "/" + name).rdbuf();
  return text.str();
}

// The databases of a role: the store, and one that holds what the role may see.
struct Databases {
  Databases(const test::PostgresCluster& cluster, const std::string& role,
            const std::vector<std::string>& scope) {
    const std::string whole = role + "_store", part = role + "_part";
    for (const std::string& name : {whole, part})
      EXPECT_TRUE(cluster.create_database(name, "TEMPLATE pristine").ok());
    store = std::make_unique<DatabaseSession>(cluster, whole);
    reference = std::make_unique<DatabaseSession>(cluster, part);
    for (const std::string& each : scope) reference->run(file(each));
    for (DatabaseSession* session : {store.get(), reference.get()})
      session->run("CALL saved.save()");
    std::vector<std::string> all = saved(*store), seen = saved(*reference);
    std::set_difference(all.begin(), all.end(), seen.begin(), seen.end(),
                        std::back_inserter(hidden));
  }

  static std::vector<std::string> sorted(std::vector<std::string> rows) {
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  static std::vector<std::string> saved(DatabaseSession& session) {
    return sorted(session.rows("SELECT saved.dump('saved')"));
  }
  static std::vector<std::string> now(DatabaseSession& session) {
    return sorted(session.rows("SELECT saved.dump('public')"));
  }

  std::unique_ptr<DatabaseSession> store;
  std::unique_ptr<DatabaseSession> reference;
  std::vector<std::string> hidden;  // rows of the store that the reference does not have
};

class Statements : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = test::PostgresCluster::create();
    ASSERT_TRUE(made.ok()) << made.error().message;
    cluster_ = std::move(*made);
    ASSERT_TRUE(cluster_->create_database("pristine").ok());
    const Result<std::string> filled = cluster_->query("pristine", file("store.sql"));
    ASSERT_TRUE(filled.ok()) << filled.error().message;
    policy_ = std::make_unique<ScopedPolicy>(*cluster_, "pristine", file("roles.toml"));
  }
  static void TearDownTestSuite() {
    policy_.reset();
    cluster_.reset();
  }

  static test::PostgresCluster& cluster() { return *cluster_; }
  static ScopedPolicy& policy() { return *policy_; }

  // What becomes of an example, in the words of the corpus.
  static std::string outcome(const Example& example, const std::string& role,
                             Databases& databases) {
    const policy::PlanRef plan = policy().plan(role, example.text);
    if (plan->denial) return "refused " + plan->denial->sqlstate;
    const std::string sent = plan->store_text.empty() ? plan->text : plan->store_text;
    // The parser's own word, beside the rewriting's proof.
    EXPECT_EQ(kinds_of(sent), kinds_of(example.text)) << sent;
    const Answer answer = databases.store->ask(sent, example.copy_data);
    databases.store->forget();
    if (answer.message.find(sql::kOutOfScopeMark) != std::string::npos) {
      EXPECT_EQ(answer.sqlstate, "22P02");
      EXPECT_EQ(Databases::now(*databases.store), Databases::saved(*databases.store));
      return "out of scope";
    }
    const Answer expected = databases.reference->ask(example.text, example.copy_data);
    databases.reference->forget();
    if (expected.sqlstate.empty() && (answer.sqlstate == "42703" || answer.sqlstate == "42712"))
      return "differs " + answer.sqlstate;
    EXPECT_EQ(answer.lines, expected.lines) << sent;
    EXPECT_EQ(answer.sqlstate, expected.sqlstate) << sent << '\n' << answer.message;
    EXPECT_EQ(answer.message, expected.message) << sent;
    if (plan->writes) compare_tables(databases, role);
    return answer.sqlstate.empty() ? "yes" : "fails " + answer.sqlstate;
  }

  // Rows out of scope are as they were, and all others as in the reference. The reader, whose
  // reference has fewer columns, changes nothing.
  static void compare_tables(Databases& databases, const std::string& role) {
    if (role == kReader) {
      EXPECT_EQ(Databases::now(*databases.store), Databases::saved(*databases.store));
      return;
    }
    std::vector<std::string> expected = Databases::now(*databases.reference);
    expected.insert(expected.end(), databases.hidden.begin(), databases.hidden.end());
    EXPECT_EQ(Databases::now(*databases.store), Databases::sorted(std::move(expected)));
    for (DatabaseSession* session : {databases.store.get(), databases.reference.get()})
      session->run("CALL saved.restore()");
  }

  static void run_as(const std::string& role, const std::vector<std::string>& scope) {
    Databases databases(cluster(), role, scope);
    for (const Example& example : corpus()) {
      SCOPED_TRACE(example.place + " " + role + ": " + example.text);
      EXPECT_EQ(outcome(example, role, databases), example.expected.at(role)) << example.place;
    }
  }

 private:
  static inline std::unique_ptr<test::PostgresCluster> cluster_;
  static inline std::unique_ptr<ScopedPolicy> policy_;
};

TEST_F(Statements, AReaderGetsTheAnswersOfADatabaseOfItsOwn) {
  run_as(kReader, {"scope.sql", "scope_reader.sql"});
}

TEST_F(Statements, AWriterLeavesWhatItWouldLeaveInADatabaseOfItsOwn) {
  run_as(kWriter, {"scope.sql"});
}

TEST_F(Statements, AnUnrestrictedRoleIsRefusedNothing) {
  for (const Example& example : corpus())
    EXPECT_FALSE(policy().plan("dba", example.text)->denial) << example.place;
}

TEST_F(Statements, ARestrictedRoleMayWhatItIsGiven) {
  for (const Example& example : corpus()) {
    const policy::PlanRef plan = policy().plan(kRestricted, example.text);
    const std::string& expected = example.expected.at(kRestricted);
    EXPECT_EQ(plan->denial ? "refused " + plan->denial->sqlstate : "",
              expected.starts_with("refused") ? expected : "")
        << example.place << ' ' << (plan->denial ? plan->denial->message : "");
    EXPECT_TRUE(plan->store_text.empty()) << example.place;
  }
}

// psql's \help knows the commands of the SQL reference.
TEST_F(Statements, EveryCommandOfTheReferenceHasAnExample) {
  const std::string program = "/usr/lib/postgresql/15/bin/psql -X -h 127.0.0.1 -U postgres -p " +
                              std::to_string(cluster().port()) + " -c '\\h *' postgres";
  ::setenv("PGPASSWORD", test::PostgresCluster::password().c_str(), 1);
  FILE* const pipe = ::popen(program.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::set<std::string> known;
  for (const Example& example : corpus()) known.insert(example.command);
  constexpr std::string_view kLabel = "Command:";
  std::size_t commands = 0;
  char buffer[1000];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
    std::string line = buffer;
    if (!line.starts_with(kLabel)) continue;
    line.erase(0, line.find_first_not_of(' ', kLabel.size()));
    line.pop_back();
    EXPECT_TRUE(known.count(line)) << line;
    ++commands;
  }
  EXPECT_EQ(::pclose(pipe), 0);
  EXPECT_GT(commands, 180U);
}

TEST_F(Statements, EveryKindOfStatementThatTheParserMakesHasAnExample) {
  std::set<std::string> covered;
  for (const Example& example : corpus())
    for (const std::string& kind : kinds_of(example.text)) covered.insert(kind);
  const std::vector<std::string> kinds = all_kinds();
  EXPECT_GT(kinds.size(), 100U);
  for (const std::string& kind : kinds) EXPECT_TRUE(covered.count(kind)) << kind;
  for (const std::string& kind : covered)
    EXPECT_NE(std::find(kinds.begin(), kinds.end(), kind), kinds.end()) << kind;
}

// What a scoped role is told, without what is of the role or the example alone.
std::string reason_of(const policy::Denial& denial) {
  constexpr std::string_view kScoped = "sees only a part of the store, and ";
  const std::size_t at = denial.hint.find(kScoped);
  return at == std::string::npos ? denial.message : denial.hint.substr(at + kScoped.size());
}

TEST_F(Statements, TheDocumentNamesWhatIsRefused) {
  Reasons restricted, scoped;
  for (const Example& example : corpus()) {
    if (const auto& denial = policy().plan(kRestricted, example.text)->denial)
      restricted[example.place] = reason_of(*denial);
    if (const auto& denial = policy().plan(kWriter, example.text)->denial)
      scoped[example.place] = reason_of(*denial);
  }
  const std::string expected = tables_of_corpus(restricted, scoped);
  if (tables_of_document() == expected) return;
  const std::string made = ::testing::TempDir() + "statements.md";
  std::ofstream(made) << expected;
  FAIL() << "docs/statements.md says otherwise; its tables must be those of " << made;
}

}  // namespace
}  // namespace tracegate::statements
