// Masks from policy files to plans: what the store receives, and what is masked of its rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/policy/planner.h"
#include "tests/policy/policy_folder.h"
#include "tests/policy/scoped_role.h"

namespace tracegate::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kMasking = R"([masking]
hash_key_file = "mask.key"
[class.plain]
mask = "none"
[class.user]
mask = { method = "hash" }
[class.text]
mask = { method = "detect" }
[class.day]
mask = { method = "truncate", unit = "day" }
[classify.traces."public.traces"]
id = "plain"
namespace = "plain"
at = "day"
prompt = "text"
user_name = "user"
)";
constexpr std::string_view kReader = R"([role.reader]
upstreams = ["traces"]
store_user = "reader"
store_password_file = "secret"
[[role.reader.allow]]
operations = ["select", "copy_out"]
tables = ["public.traces", "public.plain", "public.part", "public.shown"]
)";

// traces(id, namespace, at, prompt, user_name, added), where nobody has classified `added`; part, a
// partition of it with a column of its own; shown, a view of it; plain.
std::shared_ptr<const catalog::Catalog> masked_store() {
  using catalog::RelationKind;
  catalog::Relation traces{1,
                           "public",
                           "traces",
                           RelationKind::kPartitionedTable,
                           {{"id", 1, kInt8},
                            {"namespace", 2, kText},
                            {"at", 4, kTimestampTz},
                            {"prompt", 5, kText},
                            {"user_name", 6, kText},
                            {"added", 7, kText}}};
  for (catalog::Column& column : traces.columns)
    column.type_name = column.type_oid == kInt8          ? "pg_catalog.int8"
                       : column.type_oid == kTimestampTz ? "pg_catalog.timestamptz"
                                                         : "pg_catalog.text";
  traces.children = {2};
  catalog::Relation part = traces;
  part.oid = 2;
  part.name = "part";
  part.kind = RelationKind::kTable;
  part.children = {};
  part.columns.push_back({"own", 8, kText});
  catalog::Relation shown{3, "public", "shown", RelationKind::kView, {{"id", 1, kInt8}}};
  shown.reads = {1};
  catalog::Relation plain{4, "public", "plain", RelationKind::kTable, {{"id", 1, kInt8}}};
  return catalog::Catalog::build(1, {traces, part, shown, plain});
}

class MaskedPlans : public ::testing::Test {
 protected:
  MaskedPlans() { use(join({kReader, kMasking})); }

  void use(std::string_view roles) {
    folder_.write("mask.key", "0123456789abcdef0123456789abcdef\n");
    folder_.roles(roles);
    const LoadedPolicy loaded = folder_.load();
    ASSERT_TRUE(loaded.ok()) << ::testing::PrintToString(folder_.complaints());
    planner_.emplace(loaded.snapshot);
  }
  PlanRef plan(std::string_view text) {
    const Snapshot& policy = *planner_->snapshot();
    const Role& role = *policy.find_role("reader");
    return planner_->plan(role, policy.upstreams[0], *store_, planner_->intern(role, {}), text,
                          Origin::kParse);
  }
  // "" if permitted, else SQLSTATE and message.
  std::string verdict(std::string_view text) {
    const PlanRef judged = plan(text);
    return judged->denial ? judged->denial->sqlstate + ' ' + judged->denial->message : "";
  }
  std::string sent(std::string_view text) {
    EXPECT_EQ(verdict(text), "");
    return plan(text)->store_text;
  }
  // The places of masked outputs, from 0.
  static std::vector<std::size_t> masked(const StatementPlan& statement) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; statement.masks && i < statement.masks->outputs.size(); ++i)
      if (statement.masks->outputs[i].mask) places.push_back(i);
    return places;
  }
  std::vector<std::size_t> masked(std::string_view text) {
    EXPECT_EQ(verdict(text), "");
    return masked(plan(text)->statements.at(0));
  }

  PolicyFolder folder_;
  std::shared_ptr<const catalog::Catalog> store_ = masked_store();
  std::optional<Planner> planner_;
};

TEST_F(MaskedPlans, WhatIsReturnedIsMaskedByItsPlace) {
  const PlanRef judged = plan("SELECT id, user_name, prompt FROM traces");
  ASSERT_TRUE(judged->statements[0].masks);
  const std::vector<mask::MaskedOutput>& outputs = judged->statements[0].masks->outputs;
  ASSERT_EQ(outputs.size(), 3U);
  EXPECT_FALSE(outputs[0].mask);
  ASSERT_TRUE(outputs[1].mask && outputs[2].mask);
  EXPECT_EQ(outputs[1].relation, 1U);
  EXPECT_EQ(outputs[1].attribute_number, 6);
  EXPECT_EQ(outputs[1].type, kText);
  EXPECT_FALSE(outputs[1].origin_hidden);
  EXPECT_FALSE(outputs[1].mask->detects());
  EXPECT_TRUE(outputs[2].mask->detects());
}

TEST_F(MaskedPlans, WhatIsComputedWithIsMaskedByTheStore) {
  const std::string text = sent("SELECT user_name FROM traces WHERE user_name = 'x'");
  EXPECT_THAT(text, HasSubstr("sha256"));
  EXPECT_THAT(masked("SELECT user_name FROM traces WHERE user_name = 'x'"), IsEmpty());
  // Times always.
  EXPECT_THAT(sent("SELECT at FROM traces"), HasSubstr("date_trunc"));
  EXPECT_THAT(masked("SELECT at FROM traces"), IsEmpty());
}

TEST_F(MaskedPlans, TheKeyStandsInNoStatement) {
  const std::string text = sent("SELECT count(DISTINCT user_name) FROM traces");
  EXPECT_THAT(text, HasSubstr("tracegate.mask_inner"));
  EXPECT_THAT(text, Not(HasSubstr("0123456789abcdef")));
}

TEST_F(MaskedPlans, WhatOnlyTheGatewayCanDoIsRefusedElsewhere) {
  EXPECT_THAT(verdict("SELECT id FROM traces WHERE prompt LIKE 'a%'"),
              HasSubstr("0A000 column \"prompt\" of public.traces is masked as it is returned"));
}

TEST_F(MaskedPlans, AColumnWithoutAClassIsNotThere) {
  EXPECT_THAT(sent("SELECT * FROM traces"), Not(HasSubstr("added")));
  EXPECT_EQ(plan("SELECT * FROM traces")->statements[0].masks->outputs.size(), 5U);
  // Where the view stands, the store does not know it.
  EXPECT_THAT(sent("SELECT added FROM traces"), Not(HasSubstr("\"added\"")));
  EXPECT_THAT(verdict("UPDATE traces SET id = 1 WHERE added = ''"), HasSubstr("42501"));
}

TEST_F(MaskedPlans, PartitionsAreMaskedAsTheirTable) {
  EXPECT_THAT(masked("SELECT user_name, prompt FROM part"), ElementsAre(0, 1));
  EXPECT_THAT(sent("SELECT * FROM part"), Not(HasSubstr("added")));
  // What its table does not have nobody has classified.
  EXPECT_THAT(sent("SELECT own FROM part"), Not(HasSubstr("\"tracegate\".\"own\"")));
  EXPECT_THAT(sent("SELECT id FROM part"), HasSubstr("\"tracegate\".\"id\""));
}

TEST_F(MaskedPlans, AViewOverMaskedColumnsIsNotThere) {
  EXPECT_EQ(verdict("SELECT id FROM shown"), "42P01 relation \"shown\" does not exist");
  use(join({kReader, kMasking, "[classify.traces.\"public.shown\"]\nid = \"plain\"\n"}));
  EXPECT_EQ(verdict("SELECT id FROM shown"), "");
}

TEST_F(MaskedPlans, RawColumnsAreThoseThatMustNotPass) {
  const PlanRef judged = plan("SELECT id FROM plain");
  ASSERT_TRUE(judged->raw_columns);
  EXPECT_THAT(*judged->raw_columns,
              UnorderedElementsAre(std::pair(1U, 4), std::pair(1U, 5), std::pair(1U, 6),
                                   std::pair(1U, 7), std::pair(2U, 4), std::pair(2U, 5),
                                   std::pair(2U, 6), std::pair(2U, 7), std::pair(2U, 8)));
  EXPECT_TRUE(judged->report_detectors);
}

TEST_F(MaskedPlans, WhatIsStoredUnderANameHasTheMasks) {
  for (const std::string_view text : {"PREPARE p AS SELECT user_name FROM traces",
                                      "DECLARE c CURSOR FOR SELECT user_name FROM traces"}) {
    const PlanRef judged = plan(text);
    ASSERT_TRUE(judged->statements[0].inner) << text;
    EXPECT_FALSE(judged->statements[0].masks);
    EXPECT_THAT(masked(judged->statements[0].inner->statements.at(0)), ElementsAre(0));
    EXPECT_TRUE(judged->statements[0].inner->raw_columns);
  }
}

TEST_F(MaskedPlans, CopyHasItsFormat) {
  const PlanRef judged = plan("COPY (SELECT user_name FROM traces) TO STDOUT (FORMAT csv)");
  ASSERT_TRUE(judged->statements[0].copy_out);
  EXPECT_EQ(judged->statements[0].copy_out->kind, proto::CopyFormat::Kind::kCsv);
  EXPECT_THAT(masked(judged->statements[0]), ElementsAre(0));
  EXPECT_THAT(verdict("COPY (SELECT user_name FROM traces) TO STDOUT (ENCODING 'latin1')"),
              HasSubstr("0A000 COPY of masked columns with these options is not supported"));
  EXPECT_EQ(verdict("COPY (SELECT id FROM traces) TO STDOUT (ENCODING 'latin1')"), "");
}

TEST_F(MaskedPlans, AColumnOfTheScopeIsMaskedByTheStore) {
  use(join({kReader, kMasking, R"([role.reader.mask_columns."public.traces"]
namespace = { method = "hash" }
[role.reader.scope."public.traces"]
namespace = { column = "namespace", in = ["a"] }
)"}));
  EXPECT_THAT(masked("SELECT namespace, user_name FROM traces"), ElementsAre(1));
  EXPECT_THAT(sent("SELECT namespace FROM traces"), HasSubstr("706c61696e00"));
}

TEST_F(MaskedPlans, NoneShowsAColumnAsItIs) {
  use(join({kReader, kMasking,
            "[role.reader.mask]\nuser = \"none\"\ntext = \"none\"\nday = \"none\"\n"}));
  EXPECT_THAT(masked("SELECT user_name, prompt, at FROM traces WHERE prompt LIKE 'a%'"), IsEmpty());
  EXPECT_THAT(sent("SELECT * FROM traces"), Not(HasSubstr("added")));
}

TEST_F(MaskedPlans, ChecksTellWhatDoesNotFit) {
  const auto lines = [&](std::string_view roles) {
    use(roles);
    std::vector<std::string> found;
    for (const config::Diagnostic& each :
         check_tables(*planner_->snapshot(), planner_->snapshot()->upstreams[0], *store_))
      found.push_back(each.to_string());
    return found;
  };
  EXPECT_THAT(
      lines(join({kReader, kMasking})),
      ElementsAre(
          "roles.toml:7:59: error: public.shown shows columns of public.traces, which have masks "
          "in role \"reader\", and has none itself; write [classify.traces.\"public.shown\"], or "
          "[role.reader.mask_columns.\"public.shown\"]",
          "roles.toml:18:1: warning: column \"added\" of public.traces has no class: no role reads "
          "it"));
  const std::string misfit = join({kReader, kMasking, R"(gone = "plain"
[classify.traces."public.shown"]
id = "user"
[classify.traces."public.nowhere"]
id = "plain"
[role.reader.mask_columns."public.traces"]
prompt = { method = "truncate", bucket = 5 }
at = { method = "truncate", bucket = 5 }
promt = { method = "redact" }
)"});
  EXPECT_THAT(
      lines(misfit),
      ::testing::IsSupersetOf({HasSubstr("error: public.traces has no column \"gone\""),
                               HasSubstr("error: upstream \"traces\" has no table public.nowhere"),
                               HasSubstr("error: \"prompt\" of public.traces: truncate"),
                               HasSubstr("error: \"at\" of public.traces: truncate of a time"),
                               HasSubstr("error: public.traces has no column \"promt\"; did you "
                                         "mean \"prompt\"?")}));
}

TEST_F(MaskedPlans, ATableShowsNoMoreOfItsPartsThanTheyDoThemselves) {
  const auto found = [&](std::string_view roles) {
    use(roles);
    std::vector<std::string> lines;
    for (const config::Diagnostic& each :
         check_tables(*planner_->snapshot(), planner_->snapshot()->upstreams[0], *store_))
      lines.push_back(each.to_string());
    return lines;
  };
  const std::string message =
      "public.traces shows rows of public.part, where role \"reader\" sees column \"id\" masked in "
      "another way";
  const std::string otherwise = join({kReader, kMasking, R"([classify.traces."public.part"]
id = "user"
namespace = "plain"
at = "day"
prompt = "text"
user_name = "user"
)"});
  EXPECT_THAT(found(otherwise), ::testing::Contains(HasSubstr(message)));
  EXPECT_THAT(sent("select id from traces"), Not(HasSubstr("\"tracegate\".\"id\"")));
  EXPECT_EQ(masked("select user_name, namespace from traces"), (std::vector<std::size_t>{0}));
  const std::string same = join({kReader, kMasking, R"([classify.traces."public.part"]
id = "plain"
namespace = "plain"
at = "day"
prompt = "text"
user_name = "user"
)"});
  EXPECT_THAT(found(same), Not(::testing::Contains(HasSubstr("in another way"))));
  EXPECT_THAT(sent("select id from traces"), HasSubstr("\"tracegate\".\"id\""));
}

TEST_F(MaskedPlans, WritesThatRulesRewriteAreRefused) {
  std::vector<catalog::Relation> relations = store_->relations();
  for (catalog::Relation& each : relations)
    if (each.name == "plain") each.rewrite_rules.on_delete = true;
  store_ = catalog::Catalog::build(2, std::move(relations));
  use(join({kReader, kMasking, R"([[role.reader.allow]]
operations = ["delete", "insert"]
tables = ["public.plain"]
)"}));
  EXPECT_EQ(verdict("delete from plain"), "42501 permission denied for delete on public.plain");
  EXPECT_EQ(verdict("insert into plain values (1)"), "");
}

}  // namespace
}  // namespace tracegate::policy
