// What is shipped under policies/ loads as it stands, once the files that an operator brings
// (secrets, certificates) are there.
#include <gtest/gtest.h>

#include "tests/policy/policy_folder.h"

namespace tracegate::policy {
namespace {

namespace fs = std::filesystem;

// A copy of `folder` with every file that it refers to.
void copy_shipped(const fs::path& folder, const testing::TempFolder& to) {
  fs::copy(folder, to.path(), fs::copy_options::recursive);
  for (const config::Diagnostic& each : load(to.path(), PolicyVersion{1}).diagnostics) {
    const std::string missing = join({"cannot read ", to.path().string(), "/"});
    if (!each.message.starts_with(missing)) continue;
    const std::string name =
        each.message.substr(missing.size(), each.message.find(": ") - missing.size());
    to.write(name, name.ends_with(".scram") ? kVerifier : "brought by the operator of the gateway");
  }
}

std::vector<std::string> lines(const LoadedPolicy& loaded) {
  std::vector<std::string> result;
  for (const config::Diagnostic& each : loaded.diagnostics) result.push_back(each.to_string());
  return result;
}

TEST(ShippedPolicies, AllOfThemLoad) {
  std::size_t folders = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(POLICIES)) {
    const testing::TempFolder folder;
    copy_shipped(entry.path(), folder);
    const LoadedPolicy loaded = load(folder.path(), PolicyVersion{1});
    EXPECT_TRUE(loaded.ok()) << entry.path() << ::testing::PrintToString(lines(loaded));
    ++folders;
  }
  EXPECT_GE(folders, 1U);
}

TEST(ShippedPolicies, TheExampleWarnsOfItsAdministratorsOnly) {
  const testing::TempFolder folder;
  copy_shipped(fs::path(POLICIES) / "example", folder);
  const LoadedPolicy loaded = load(folder.path(), PolicyVersion{1});
  ASSERT_TRUE(loaded.ok());
  const std::vector<std::string> warnings = lines(loaded);
  ASSERT_EQ(warnings.size(), 1U) << ::testing::PrintToString(warnings);
  EXPECT_NE(warnings.front().find("role \"dba\" is UNRESTRICTED"), std::string::npos);
  EXPECT_EQ(loaded.snapshot->find_user("alice")->role, "trace_reader");
}

}  // namespace
}  // namespace tracegate::policy
