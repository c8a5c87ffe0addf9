// Which of the things that a statement may mean a role may use.
#include "src/policy/calls.h"

#include <gtest/gtest.h>

#include "src/policy/judge.h"
#include "tests/policy/roles.h"

namespace tracegate::policy {
namespace {

using Kind = sql::UserDefined::Kind;

sql::UserDefined trigram_similarity() {
  sql::UserDefined made;
  made.name = "public.similarity";
  made.short_name = "similarity";
  made.signature = "public.similarity(text,text)";
  made.extension = "pg_trgm";
  made.explains = "similarity";
  return made;
}

sql::UserDefined overload_of_length() {
  sql::UserDefined made;
  made.name = "public.length";
  made.short_name = "length";
  made.signature = "public.length(integer)";
  return made;
}

Role role_with(std::vector<std::string> functions, std::vector<std::string> extensions = {}) {
  Role role = make_role({});
  role.functions = std::move(functions);
  role.extensions = std::move(extensions);
  return role;
}

sql::Statement calling(std::string function, std::vector<sql::UserDefined> defined) {
  sql::Statement statement = make_statement(sql::StatementClass::kSelect);
  statement.functions = {std::move(function)};
  statement.user_defined = std::move(defined);
  return statement;
}

// "" if permitted, else the reason.
std::string verdict(const Role& role, const sql::Statement& statement) {
  const PlanRef plan = judge(PolicyVersion{1}, role, make_upstream(), *make_catalog(), "text",
                             analysis_of({statement}));
  return plan->denial ? plan->denial->reason : "";
}

TEST(Calls, AnOverloadOfAPureNameNeedsListing) {
  const sql::Statement statement = calling("length", {overload_of_length()});
  EXPECT_EQ(verdict(role_with({}), calling("length", {})), "");
  EXPECT_EQ(verdict(role_with({}), statement),
            "function public.length(integer): may be meant and is not listed");
  EXPECT_EQ(verdict(role_with({"public.length"}), statement), "");
  EXPECT_EQ(verdict(role_with({"length"}), statement), "");
  EXPECT_NE(verdict(role_with({"app.length"}), statement), "");
}

TEST(Calls, AShortNameListsOnlyWhatTheSearchPathLeadsTo) {
  sql::UserDefined elsewhere = overload_of_length();
  elsewhere.name = "app.length";
  elsewhere.short_name = "";
  EXPECT_FALSE(may_use(role_with({"length"}), elsewhere));
  EXPECT_TRUE(may_use(role_with({"app.length"}), elsewhere));
}

TEST(Calls, AnExtensionCoversWhatBelongsToIt) {
  const sql::Statement statement = calling("similarity", {trigram_similarity()});
  EXPECT_EQ(verdict(role_with({}), statement),
            "function public.similarity(text,text): may be meant and is not listed");
  EXPECT_EQ(verdict(role_with({}, {"pg_trgm"}), statement), "");
  EXPECT_NE(verdict(role_with({}, {"citext"}), statement), "");
  EXPECT_EQ(verdict(role_with({"public.similarity"}), statement), "");
  // Of what the catalog does not explain, an extension's name says nothing.
  EXPECT_EQ(verdict(role_with({}, {"pg_trgm"}), calling("similarity", {})),
            "function similarity: neither pure nor listed");
}

TEST(Calls, AnotherMeaningOfAnExtensionsNameNeedsListingToo) {
  sql::UserDefined other = trigram_similarity();
  other.signature = "public.similarity(integer)";
  other.extension = "";
  const sql::Statement statement = calling("similarity", {trigram_similarity(), other});
  EXPECT_EQ(verdict(role_with({}, {"pg_trgm"}), statement),
            "function public.similarity(integer): may be meant and is not listed");
  EXPECT_EQ(verdict(role_with({"similarity"}, {}), statement), "");
}

TEST(Calls, AnExtensionCoversNothingThatChangesOrRunsAsAnother) {
  sql::UserDefined each = trigram_similarity();
  each.is_volatile = true;
  EXPECT_FALSE(may_use(role_with({}, {"pg_trgm"}), each));
  EXPECT_TRUE(may_use(role_with({"similarity"}, {"pg_trgm"}), each));
  each.is_volatile = false;
  each.security_definer = true;
  EXPECT_FALSE(may_use(role_with({}, {"pg_trgm"}), each));
  EXPECT_TRUE(may_use(role_with({"similarity"}), each));
}

TEST(Calls, AnExtensionCoversNothingThatReadsWhatItsArgumentsName) {
  sql::UserDefined crosstab = trigram_similarity();
  crosstab.name = "public.crosstab";
  crosstab.short_name = "crosstab";
  crosstab.extension = "tablefunc";
  EXPECT_FALSE(may_use(role_with({}, {"tablefunc"}), crosstab));
  EXPECT_TRUE(may_use(role_with({"crosstab"}), crosstab));
}

TEST(Calls, DenialsNameWhatWasMeantAndWhatToDo) {
  const auto denial = [](const sql::UserDefined& defined) {
    const PlanRef plan = judge(PolicyVersion{1}, role_with({}), make_upstream(), *make_catalog(),
                               "text", analysis_of({calling("lower", {defined})}));
    return plan->denial ? plan->denial->message + " | " + plan->denial->hint : "permitted";
  };
  EXPECT_EQ(
      denial(trigram_similarity()),
      "permission denied for function public.similarity(text,text) | the statement can mean it in "
      "this database, and the role is not given it; list \"public.similarity\" in the "
      "\"functions\" "
      "of role \"reader\", or \"pg_trgm\" in its \"extensions\"; ask the operator of this gateway");
  sql::UserDefined cast = overload_of_length();
  cast.kind = Kind::kCast;
  cast.signature = "cast from integer to text";
  EXPECT_TRUE(denial(cast).starts_with("permission denied for cast from integer to text | "));
  cast.kind = Kind::kOperator;
  cast.signature = "public.+(text,text)";
  EXPECT_TRUE(denial(cast).starts_with("permission denied for operator public.+(text,text) | "));
}

}  // namespace
}  // namespace tracegate::policy
