#include "src/server/policy_digest.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace tracegate::server {
namespace {

class PolicyDigest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "policy_digest_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    write("a.toml", "x = 1\n");
    write("b.toml", "y = 2\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name) << content;
  }
  std::string digest() {
    auto digest = policy_digest(folder_);
    return digest.ok() ? *digest : digest.error().message;
  }
  std::filesystem::path folder_;
};

TEST_F(PolicyDigest, IsThatOfTheDocumentedBytes) {
  // printf 'a.toml\0006\000x = 1\nb.toml\0006\000y = 2\n' | sha256sum
  EXPECT_EQ(digest(), "13ba5d1fb2fbbf08ef924d1c5f8cf53cceb122e592d423f033118b2d94607577");
}

TEST_F(PolicyDigest, ChangesWithContentAndNameAndNotWithOtherFiles) {
  const std::string before = digest();
  write("notes.txt", "nothing of the policy");
  EXPECT_EQ(digest(), before);
  write("b.toml", "y = 3\n");
  const std::string changed = digest();
  EXPECT_NE(changed, before);
  write("b.toml", "y = 2\n");
  EXPECT_EQ(digest(), before);
  std::filesystem::rename(folder_ / "b.toml", folder_ / "c.toml");
  EXPECT_NE(digest(), before);
}

TEST_F(PolicyDigest, OfAFolderThatIsNotThereIsAnError) {
  EXPECT_FALSE(policy_digest(folder_ / "nowhere").ok());
}

}  // namespace
}  // namespace tracegate::server
