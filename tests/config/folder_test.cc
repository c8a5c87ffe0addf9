#include <gtest/gtest.h>
#include <sys/stat.h>

#include "src/config/document.h"
#include "tests/config/temp_folder.h"

namespace tracegate::config {
namespace {

using testing::TempFolder;

std::string report(const Diagnostics& out) {
  std::string text;
  for (const Diagnostic& each : out.list()) text += each.to_string() + '\n';
  return text;
}

TEST(Folder, UnitesTablesOfTablesAndJoinsLists) {
  const TempFolder folder;
  folder.write("b.toml", "[role.b]\nx = 1\n[[listener]]\nname = \"second\"\n");
  folder.write("a.toml", "[role.a]\nx = 1\n[[listener]]\nname = \"first\"\n");
  Diagnostics out;
  const Value value = read_folder(folder.path(), out);
  EXPECT_EQ(report(out), "");
  const Value& roles = value.find("role")->value;
  ASSERT_EQ(roles.members.size(), 2U);
  EXPECT_EQ(roles.members[0].key_place.file, "a.toml");
  EXPECT_EQ(roles.members[1].key_place.file, "b.toml");
  const Value& listeners = value.find("listener")->value;
  ASSERT_EQ(listeners.elements.size(), 2U);
  EXPECT_EQ(listeners.elements[0].find("name")->value.text, "first");
}

TEST(Folder, ATableInTwoFilesIsAnError) {
  const TempFolder folder;
  folder.write("a.toml", "[limits]\nx = 1\n[role.a]\nx = 1\n");
  folder.write("b.toml", "\n[limits]\ny = 1\n[role.a]\ny = 1\n");
  Diagnostics out;
  (void)read_folder(folder.path(), out);
  EXPECT_EQ(
      report(out),
      "b.toml:2:2: error: \"limits\" is defined again; it stands at a.toml:1:2 already; each table "
      "stands in exactly one file\n"
      "b.toml:4:7: error: \"role.a\" is defined again; it stands at a.toml:3:7 already; each table "
      "stands in exactly one file\n");
}

TEST(Folder, RulesOfARoleInAnotherFileAreAnError) {
  const TempFolder folder;
  folder.write("a.toml", "[role.a]\nx = 1\n");
  folder.write("b.toml", "[[role.a.allow]]\ny = 1\n");
  Diagnostics out;
  (void)read_folder(folder.path(), out);
  EXPECT_TRUE(out.has_errors());
}

TEST(Folder, EveryFileIsReadEvenIfOneIsWrong) {
  const TempFolder folder;
  folder.write("a.toml", "a = \n");
  folder.write("b.toml", "b = \n");
  Diagnostics out;
  (void)read_folder(folder.path(), out);
  ASSERT_EQ(out.list().size(), 2U);
  EXPECT_EQ(out.list()[0].place.file, "a.toml");
  EXPECT_EQ(out.list()[1].place.file, "b.toml");
}

TEST(Folder, OtherAndHiddenFilesAreSkippedLinksFollowed) {
  const TempFolder folder;
  folder.write("real.txt", "linked = 1\n");
  folder.write(".#a.toml", "broken");
  folder.write("readme.md", "broken");
  std::filesystem::create_symlink("real.txt", folder.path() / "link.toml");
  Diagnostics out;
  const Value value = read_folder(folder.path(), out);
  EXPECT_EQ(report(out), "");
  EXPECT_NE(value.find("linked"), nullptr);
}

TEST(Folder, WhatIsNoFileIsAnErrorAndDoesNotHang) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe.toml").c_str(), 0600), 0);
  std::filesystem::create_directory(folder.path() / "sub.toml");
  std::filesystem::create_symlink("nowhere", folder.path() / "dangling.toml");
  Diagnostics out;
  (void)read_folder(folder.path(), out);
  EXPECT_EQ(report(out),
            "dangling.toml: error: cannot read the file: No such file or directory\n"
            "pipe.toml: error: cannot read the file: it is not a regular file\n"
            "sub.toml: error: cannot read the file: it is not a regular file\n");
}

TEST(Folder, AMissingOrEmptyFolderIsAnError) {
  const TempFolder folder;
  Diagnostics out;
  (void)read_folder(folder.path() / "absent", out);
  (void)read_folder(folder.path(), out);
  ASSERT_EQ(out.list().size(), 2U);
  EXPECT_NE(out.list()[0].message.find("No such file or directory"), std::string::npos);
  EXPECT_NE(out.list()[1].message.find("has no .toml file"), std::string::npos);
}

TEST(Folder, ALargeFileIsRefusedUnread) {
  const TempFolder folder;
  folder.write("big.toml", std::string(3 * kMaxFileBytes, '\n'));
  Diagnostics out;
  (void)read_folder(folder.path(), out);
  EXPECT_EQ(report(out), "big.toml: error: the file has more than 1048576 bytes\n");
}

}  // namespace
}  // namespace tracegate::config
