// [masking], [detector], [class], [classify], [role.NAME.mask] and [role.NAME.mask_columns]: what
// is read, and what is said about what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/policy_folder.h"

namespace tracegate::policy {
namespace {

using mask::Method;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef\n";

// kRoles is 7 lines; what a test adds begins at line 8.
std::vector<std::string> complaints(std::string_view added) {
  const PolicyFolder folder;
  folder.write("mask.key", kKey);
  folder.roles(join({kRoles, added}));
  return folder.complaints();
}

class LoadMasking : public ::testing::Test {
 protected:
  void load(std::string_view added) {
    folder_.write("mask.key", kKey);
    folder_.roles(join({kRoles, added}));
    EXPECT_THAT(folder_.complaints(), IsEmpty());
    snapshot_ = folder_.load().snapshot;
    ASSERT_TRUE(snapshot_);
  }
  const Role& role() { return *snapshot_->find_role("reader"); }
  const ColumnMasking& column(std::string_view table, std::string_view name) {
    static const ColumnMasking none;
    const TableMasking* masking = role().find_masking("traces", "public", table);
    const ColumnMasking* found = masking ? masking->find(name) : nullptr;
    EXPECT_TRUE(found) << table << '.' << name;
    return found ? *found : none;
  }

  PolicyFolder folder_;
  SnapshotRef snapshot_;
};

constexpr std::string_view kClasses = R"([masking]
hash_key_file = "mask.key"
[class.plain]
mask = "none"
[class.user]
description = "who it was"
mask = { method = "hash" }
[class.text]
mask = { method = "detect", detectors = ["email", "ticket"] }
[detector.ticket]
pattern = "TCK-[0-9]{6}"
[classify.traces."public.traces"]
id = "plain"
prompt = "text"
"User" = "user"
)";

TEST_F(LoadMasking, ClassesSayWhatEveryRoleSees) {
  load(kClasses);
  EXPECT_TRUE(role().is_scoped());
  EXPECT_TRUE(role().report_detectors);
  ASSERT_EQ(role().masking.size(), 1U);
  EXPECT_TRUE(role().masking[0].withholds_others);
  EXPECT_FALSE(column("traces", "id").mask.spec);
  EXPECT_EQ(column("traces", "user").mask.spec->method, Method::kHash);
  EXPECT_EQ(column("traces", "user").mask.spec->domain, "user");
  EXPECT_TRUE(column("traces", "user").mask.key);
  EXPECT_EQ(column("traces", "user").mask.source, "roles.toml:14");
  EXPECT_THAT(column("traces", "prompt").mask.spec->detectors, ElementsAre("email", "ticket"));
  EXPECT_TRUE(column("traces", "prompt").mask.detectors);
}

TEST_F(LoadMasking, ARoleSaysOtherwiseOfClassesAndColumns) {
  load(join({kClasses, R"([role.reader.mask]
user = { method = "partial", keep_first = 2, keep_last = 1 }
text = "none"
[role.reader.mask_columns."public.traces"]
id = { method = "hash", domain = "ids" }
prompt = { method = "redact", value = "[prompt]" }
)"}));
  const mask::Spec& user = *column("traces", "user").mask.spec;
  EXPECT_EQ(user.method, Method::kPartial);
  EXPECT_EQ(user.keep_first, 2U);
  EXPECT_EQ(user.keep_last, 1U);
  EXPECT_EQ(column("traces", "id").mask.spec->domain, "ids");
  EXPECT_EQ(column("traces", "prompt").mask.spec->value, "[prompt]");
  EXPECT_EQ(role().masking.size(), 1U);
}

TEST_F(LoadMasking, MasksOfColumnsNeedNoClasses) {
  load(R"([masking]
hash_key_file = "mask.key"
[role.reader.mask_columns."public.traces"]
user_id = { method = "hash" }
at = { method = "truncate", unit = "month" }
cost = { method = "truncate", bucket = 100 }
labels.method = "json"
labels.paths = [{ path = "user.email", method = "email" }, { path = "tags[*]", method = "redact" },
                { path = 'x."a b".*', method = "detect" }]
labels.detectors = ["phone"]
)");
  EXPECT_FALSE(role().masking[0].withholds_others);
  EXPECT_EQ(column("traces", "user_id").mask.spec->domain, "public.traces.user_id");
  EXPECT_EQ(column("traces", "at").mask.spec->unit, mask::TimeUnit::kMonth);
  EXPECT_EQ(column("traces", "cost").mask.spec->bucket, 100);
  const mask::Spec& labels = *column("traces", "labels").mask.spec;
  ASSERT_EQ(labels.paths.size(), 3U);
  EXPECT_EQ(labels.paths[0].leaf.method, Method::kEmail);
  ASSERT_EQ(labels.paths[2].steps.size(), 3U);
  EXPECT_EQ(labels.paths[2].steps[1].key, "a b");
  EXPECT_THAT(labels.detectors, ElementsAre("phone"));
}

// Partitions that a role reads by their own names are masked like their tables.
TEST_F(LoadMasking, ARoleThatReadsAnythingKnowsOfAllClassifiedTables) {
  load(R"([class.plain]
mask = "none"
[classify.traces."public.other"]
id = "plain"
)");
  EXPECT_TRUE(role().find_masking("traces", "public", "other"));
  EXPECT_TRUE(role().is_scoped());
}

TEST_F(LoadMasking, WhoOnlyWritesIsNotConcerned) {
  load(join({kClasses, R"([role.writer]
upstreams = ["traces"]
store_user = "w"
store_password_file = "secret"
[[role.writer.allow]]
operations = ["insert"]
tables = ["public.traces"]
)"}));
  EXPECT_FALSE(snapshot_->find_role("writer")->is_scoped());
}

struct Case {
  const char* what;
  std::string_view added;
  std::vector<std::string> complaints;
};

class MaskDiagnostics : public ::testing::TestWithParam<Case> {};

TEST_P(MaskDiagnostics, HaveAPlaceAndASuggestion) {
  EXPECT_EQ(complaints(GetParam().added), GetParam().complaints) << GetParam().added;
}

const Case kCases[] = {
    {"NoMask", "[class.a]\n", {"roles.toml:8:1: error: \"mask\" is missing in [class.a]"}},
    {"NeitherNoneNorTable",
     "[class.a]\nmask = \"hash\"\n",
     {"roles.toml:9:8: error: \"mask\" must be \"none\" or a table; write { method = \"redact\" "
      "}, or another method of docs/masking.md"}},
    {"NoMethod",
     "[class.a]\nmask = { value = \"x\" }\n",
     {"roles.toml:9:8: error: \"method\" is missing in [class.a.mask]"}},
    {"UnknownMethod",
     "[class.a]\nmask = { method = \"hsah\" }\n",
     {"roles.toml:9:19: error: \"method\" in [class.a.mask] is \"hsah\"; it must be one of "
      "\"redact\", \"partial\", \"email\", \"hash\", \"truncate\", \"json\", \"detect\""}},
    {"KeyOfAnotherMethod",
     "[class.a]\nmask = { method = \"email\", keep_first = 1 }\n",
     {"roles.toml:9:28: error: unknown key \"keep_first\" in [class.a.mask]; known: \"method\""}},
    {"HashWithoutKey",
     "[class.a]\nmask = { method = \"hash\" }\n",
     {"roles.toml:9:19: error: \"hash\" needs a key; write hash_key_file in [masking]"}},
    {"TruncateOfNothing",
     "[class.a]\nmask = { method = \"truncate\" }\n",
     {"roles.toml:9:8: error: \"truncate\" takes \"unit\" for times or \"bucket\" for numbers; "
      "write unit = \"day\" or bucket = 100"}},
    {"UnknownDetector",
     "[class.a]\nmask = { method = \"detect\", detectors = [\"emial\"] }\n",
     {"roles.toml:9:42: error: there is no detector \"emial\"; did you mean \"email\"?"}},
    {"WrongPath",
     "[class.a]\nmask = { method = \"json\", paths = [{ path = \"a..b\", method = \"redact\" }] "
     "}\n",
     {"roles.toml:9:45: error: \"a..b\" is not a path; write user.email, messages[*].content, "
      "tags.* or \"a key\".b"}},
    {"UnknownClass",
     "[class.text]\nmask = \"none\"\n[classify.traces.\"public.traces\"]\nid = \"txt\"\n",
     {"roles.toml:11:6: error: there is no class \"txt\"; did you mean \"text\"?"}},
    {"UnknownClassOfARole",
     "[class.text]\nmask = \"none\"\n[role.reader.mask]\ntxet = \"none\"\n",
     {"roles.toml:11:8: error: there is no class \"txet\"; did you mean \"text\"?"}},
    {"UnknownUpstream",
     "[classify.trace.\"public.traces\"]\n",
     {"roles.toml:8:1: error: unknown upstream \"trace\"; did you mean \"traces\"?"}},
    {"ColumnTwice",
     "[class.a]\nmask = \"none\"\n[classify.traces.\"public.traces\"]\nid = \"a\"\nID = \"a\"\n",
     {"roles.toml:11:6: error: column \"id\" is classified twice"}},
    {"MaskOfATableThatIsNotRead",
     "[role.reader.mask_columns.\"public.other\"]\nid = { method = \"redact\" }\n",
     {"roles.toml:8:1: error: no rule lets role \"reader\" read public.other"}},
    {"ListedAndWithheld",
     "[[role.reader.allow]]\noperations = [\"select\"]\ntables = [\"public.other\"]\ncolumns = "
     "[\"id\", \"x\"]\n[class.a]\nmask = \"none\"\n[classify.traces.\"public.other\"]\nid = "
     "\"a\"\n",
     {"roles.toml:11:18: error: column \"x\" of public.other has no class, so that nobody reads "
      "it; classify it in [classify.traces]"}},
    {"UnrestrictedWithMasks",
     "[role.dba]\nupstreams = [\"traces\"]\nstore_user = \"d\"\nstore_password_file = \"secret\"\n"
     "unrestricted = true\n[role.dba.mask]\n",
     {"roles.toml:12:16: warning: role \"dba\" is UNRESTRICTED: whatever it sends reaches the "
      "store; give this role to administrators only",
      "roles.toml:13:1: error: role \"dba\" is unrestricted and has \"mask\"; remove either "
      "\"mask\" or unrestricted = true"}},
};

INSTANTIATE_TEST_SUITE_P(LoadMasking, MaskDiagnostics, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.what); });

TEST(HashKeys, MustBeLongEnough) {
  const PolicyFolder folder;
  folder.write("mask.key", "short\n");
  folder.roles(join({kRoles, "[masking]\nhash_key_file = \"mask.key\"\n"}));
  ASSERT_EQ(folder.complaints().size(), 1U);
  EXPECT_THAT(folder.complaints()[0], ::testing::HasSubstr("roles.toml:9:17: error: "));
  EXPECT_THAT(folder.complaints()[0], ::testing::Not(::testing::HasSubstr("short")));
}

}  // namespace
}  // namespace tracegate::policy
