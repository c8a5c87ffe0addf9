// What a scope costs the gateway itself: CPU of one session for a read that is permitted, as a role
// with a scope sends it and as one without does. Everything from the client's bytes to those for
// the store and back is real (framing, plan cache, judging, rewriting, records); sockets, journal
// and store are not there, so that nothing is measured but the session. Prints nanoseconds and
// their ratio for each way of sending; rounds take turns, the best of each is compared.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/backend.h"
#include "proto_pg/frontend.h"
#include "src/base/result.h"
#include "src/policy/planner.h"
#include "src/session/session.h"

namespace {

using namespace tracegate;

constexpr int kRounds = 15;
constexpr int kStatements = 20'000;  // of a round

std::shared_ptr<const policy::Snapshot> make_policy() {
  auto snapshot = std::make_shared<policy::Snapshot>();
  snapshot->version = PolicyVersion{1};
  snapshot->limits.plan_cache = 1_MiB;
  snapshot->upstreams.emplace_back();
  snapshot->upstreams[0].name = "traces";
  snapshot->upstreams[0].search_path = {"public"};
  policy::Rule rule;
  rule.operations = {sql::Operation::kSelect};
  rule.tables.push_back({"public", "traces", {}});
  rule.source = "roles.toml:5";
  for (const bool scoped : {true, false}) {
    policy::Role role;
    role.name = scoped ? "scoped" : "whole";
    role.index = static_cast<std::uint32_t>(snapshot->roles.size());
    role.upstreams = {"traces"};
    role.source = "roles.toml:1";
    role.rules = {rule};
    if (scoped) {
      policy::Scope scope;
      scope.table = {"public", "traces", {}};
      scope.source = "roles.toml:9";
      scope.in_namespace = policy::NamespaceScope{{"namespace", {}}, {}, "namespaces"};
      scope.in_time = policy::TimeScope{{"started_at", {}}, std::chrono::hours(24 * 90), {}, {}};
      role.scopes = {scope};
    }
    snapshot->roles.push_back(std::move(role));
  }
  return snapshot;
}

std::shared_ptr<const catalog::Catalog> make_catalog() {
  return catalog::Catalog::build(1, {{1,
                                      "public",
                                      "traces",
                                      catalog::RelationKind::kTable,
                                      {{"trace_id", 1, 2950},
                                       {"namespace", 2, 25},
                                       {"model", 3, 25},
                                       {"started_at", 4, 1184},
                                       {"prompt", 5, 25}}}});
}

class Surroundings final : public session::Effects, public session::Judge {
 public:
  Surroundings(policy::SnapshotRef snapshot, std::size_t role)
      : planner_(std::move(snapshot)),
        role_(planner_.snapshot()->roles[role]),
        catalog_(make_catalog()),
        claims_(planner_.intern(role_, {{"namespaces", {"checkout", "search"}}})),
        session_({}, *this, *this) {}

  // One exchange: what the client sends, and what the store answers.
  void exchange(std::string_view client, std::string_view store) {
    TG_CHECK(session_.on_client(as_bytes(client), Instant{}) == client.size(), "all is taken");
    TG_CHECK(session_.on_store(as_bytes(store), Instant{}) == store.size(), "all is relayed");
  }
  [[nodiscard]] std::size_t bytes_to_store() const { return bytes_to_store_; }

 private:
  void send_store(ByteView bytes, Ticket) override { bytes_to_store_ += bytes.size(); }
  void send_client(ByteView) override {}
  Ticket record(const journal::Intent&) override { return Ticket{++records_}; }
  void record(const journal::Outcome&) override { ++records_; }
  Ticket durable() const override { return Ticket{records_}; }
  void close(const session::CloseRequest& request) override {
    fmt::print(stderr, "closed: {}\n", request.reason);
    std::abort();
  }
  policy::PlanRef plan(std::string_view text, Origin origin) override {
    return planner_.plan(
        role_, planner_.snapshot()->upstreams[0], *catalog_, claims_, text,
        origin == Origin::kParse ? policy::Origin::kParse : policy::Origin::kSimple);
  }
  PolicyVersion version() const override { return planner_.snapshot()->version; }
  std::uint64_t catalog_version() const override { return catalog_->version(); }
  bool unrestricted() const override { return false; }

  policy::Planner planner_;
  const policy::Role& role_;
  std::shared_ptr<const catalog::Catalog> catalog_;
  policy::ClaimsRef claims_;
  std::uint64_t records_ = 0;
  std::size_t bytes_to_store_ = 0;
  session::Session session_;
};

template <typename... Messages>
std::string encoded(const Messages&... messages) {
  std::string out;
  (proto::encode(messages, out), ...);
  return out;
}

constexpr std::string_view kText =
    "SELECT trace_id, model, started_at FROM traces WHERE trace_id = $1 AND model = 'atlas-large'";

struct Way {
  std::string name;
  std::string client;
  std::string store;
  std::string first_client;  // once before
  std::string first_store;
};

std::vector<Way> ways() {
  const proto::Bind bind{"", "", {}, {}, {}};
  const proto::Bind bind_named{"", "s", {}, {}, {}};
  const std::string run =
      encoded(proto::Describe{proto::Target::kPortal, ""}, proto::Execute{"", 0}, proto::Sync{});
  std::string row;
  {
    proto::Writer writer(row);
    writer.begin_message('T');
    writer.i16(0);
    writer.end_message();
    writer.begin_message('D');
    writer.i16(0);
    writer.end_message();
  }
  const std::string ready = encoded(proto::CommandComplete{"SELECT 1"}) +
                            encoded(proto::ReadyForQuery{proto::TransactionStatus::kIdle});
  const std::string parse_complete("1\0\0\0\4", 5), bind_complete("2\0\0\0\4", 5);
  const std::string idle = encoded(proto::ReadyForQuery{proto::TransactionStatus::kIdle});
  std::string text(kText);
  text.replace(text.find("$1"), 2, "'7d1c1f2e-6d1c-4b53-8a8e-1f4f2d6f0a11'");
  return {
      {"prepared", encoded(bind_named) + run, bind_complete + row + ready,
       encoded(proto::Parse{"s", kText, {}}, proto::Sync{}), parse_complete + idle},
      {"parsed each time",
       encoded(proto::Parse{"", kText, {}}, bind) + run,
       parse_complete + bind_complete + row + ready,
       {},
       {}},
      {"simple, the same text", encoded(proto::Query{text}), row + ready, {}, {}},
  };
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double measure(Surroundings& session, const Way& way) {
  const double start = cpu_seconds();
  for (int i = 0; i < kStatements; ++i) session.exchange(way.client, way.store);
  return (cpu_seconds() - start) / kStatements * 1e9;
}

}  // namespace

int main() {
  fmt::print("{:24} {:>10} {:>10} {:>7} {:>16}\n", "ns for a statement", "scoped", "unscoped",
             "ratio", "bytes to store");
  const auto policy = make_policy();
  for (const Way& way : ways()) {
    Surroundings scoped(policy, 0);
    Surroundings whole(policy, 1);
    double best[2] = {1e9, 1e9};
    for (Surroundings* const each : {&scoped, &whole})
      if (!way.first_client.empty()) each->exchange(way.first_client, way.first_store);
    const std::size_t before = scoped.bytes_to_store();
    scoped.exchange(way.client, way.store);
    const std::size_t bytes = scoped.bytes_to_store() - before;
    for (int round = 0; round < kRounds; ++round) {
      best[0] = std::min(best[0], measure(scoped, way));
      best[1] = std::min(best[1], measure(whole, way));
    }
    fmt::print("{:24} {:10.0f} {:10.0f} {:7.3f} {:7} for {:5}\n", way.name, best[0], best[1],
               best[0] / best[1], bytes, way.client.size());
  }
}
