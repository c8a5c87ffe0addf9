#include <gtest/gtest.h>
#include <sys/stat.h>

#include "src/policy/scram_verifier.h"
#include "src/policy/secret_file.h"
#include "tests/policy/policy_folder.h"

namespace tracegate::policy {
namespace {

using testing::TempFolder;

TEST(SecretFile, LosesItsLineEnd) {
  const TempFolder folder;
  for (const std::string_view text : {"pass word", "pass word\n", "pass word\r\n"}) {
    folder.write("secret", text);
    const Result<SecretFile> file = read_secret_file(folder.path() / "secret");
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file->value.reveal(), "pass word");
    EXPECT_FALSE(file->others_may);
  }
}

TEST(SecretFile, KeepsSpacesAtItsEnds) {
  const TempFolder folder;
  folder.write("secret", " x \n");
  EXPECT_EQ(read_secret_file(folder.path() / "secret")->value.reveal(), " x ");
}

TEST(SecretFile, TellsWhenOthersMayTouchIt) {
  const TempFolder folder;
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U}) {
    folder.write("secret", "x", mode);
    EXPECT_TRUE(read_secret_file(folder.path() / "secret")->others_may) << mode;
  }
}

TEST(SecretFile, MustBeOneLineOfAFile) {
  const TempFolder folder;
  const auto why_not = [&](std::string_view name) {
    const Result<SecretFile> file = read_secret_file(folder.path() / name);
    return file.ok() ? "read" : file.error().message.substr(file.error().message.rfind(": ") + 2);
  };
  folder.write("empty", "\n");
  folder.write("lines", "a\nb\n");
  folder.write("nul", std::string_view("a\0b", 3));
  folder.write("big", std::string(65'537, 'x'));
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(why_not("empty"), "it is empty");
  EXPECT_EQ(why_not("lines"), "it must hold a single line");
  EXPECT_EQ(why_not("nul"), "it must hold a single line");
  EXPECT_EQ(why_not("big"), "it has more than 64 KiB");
  EXPECT_EQ(why_not("pipe"), "it is not a regular file");
  EXPECT_EQ(why_not("absent"), "No such file or directory");
  EXPECT_EQ(why_not("."), "it is not a regular file");
}

TEST(ScramVerifier, GivesItsIterations) {
  EXPECT_EQ(*check_scram_verifier(kVerifier), 4096U);
}

TEST(ScramVerifier, MustHaveItsForm) {
  const std::string good(kVerifier);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const std::string& text :
       {std::string(), std::string("md5a6343a68d964ca596d9752250d54bb8a"), with("SHA-256", "SHA-1"),
        with("4096", "0"), with("4096", "-4096"), with("4096", ""), with("4096", "4096x"),
        with("4096", "2147483648"), with("c2FsdA==", ""), with("c2FsdA==", "c2FsdA"),
        with("c2FsdA==", "c2FsdB=="), with("RgKX", ""), with("zdlE", "!dlE"), with("HtM=", "HtM"),
        good + "=", good + "\n", good + ":AAAA"})
    EXPECT_FALSE(check_scram_verifier(text).ok()) << text;
}

TEST(ScramVerifier, IsNeverQuotedInItsError) {
  const Error error = check_scram_verifier("SCRAM-SHA-256$4096:topsecret").error();
  EXPECT_EQ((error.message + error.hint).find("topsecret"), std::string::npos);
}

}  // namespace
}  // namespace tracegate::policy
