#include "src/server/secret_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace tracegate::server {
namespace {

class SecretFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "secret_file_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(SecretFile, IsMadeOnceAndReadAgain) {
  const auto first = load_or_make_secret(folder_ / "s");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->reveal().size(), 32U);
  const auto second = load_or_make_secret(folder_ / "s");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->reveal(), second->reveal());
  const auto status = std::filesystem::status(folder_ / "s");
  EXPECT_EQ(status.permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SecretFile, TwoFilesHoldDifferentSecrets) {
  const auto one = load_or_make_secret(folder_ / "1");
  const auto two = load_or_make_secret(folder_ / "2");
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->reveal(), two->reveal());
}

TEST_F(SecretFile, OpenToOthersIsRefused) {
  ASSERT_TRUE(load_or_make_secret(folder_ / "s").ok());
  std::filesystem::permissions(folder_ / "s", std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const auto again = load_or_make_secret(folder_ / "s");
  ASSERT_FALSE(again.ok());
  EXPECT_NE(again.error().message.find("open to group or others"), std::string::npos);
}

TEST_F(SecretFile, OfAnotherSizeIsRefused) {
  ASSERT_TRUE(load_or_make_secret(folder_ / "s").ok());
  std::ofstream(folder_ / "s", std::ios::app) << "x";
  EXPECT_FALSE(load_or_make_secret(folder_ / "s").ok());
  std::filesystem::resize_file(folder_ / "s", 31);
  EXPECT_FALSE(load_or_make_secret(folder_ / "s").ok());
}

}  // namespace
}  // namespace tracegate::server
