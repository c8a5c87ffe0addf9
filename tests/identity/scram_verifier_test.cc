#include "src/identity/scram_verifier.h"

#include <gtest/gtest.h>

namespace tracegate::identity {
namespace {

// RFC 7677 section 3: password "pencil".
constexpr std::string_view kPencil =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

std::string replaced(std::string_view what, std::string_view with) {
  std::string text(kPencil);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(ScramVerifier, ParsesAndFormatsPostgresForm) {
  const auto verifier = ScramVerifier::parse(kPencil);
  ASSERT_TRUE(verifier.ok()) << verifier.error().message;
  EXPECT_EQ(verifier->iterations, 4096U);
  EXPECT_EQ(verifier->salt.size(), 16U);
  EXPECT_EQ(verifier->to_string(), kPencil);
}

TEST(ScramVerifier, FormFaultsAreRefusedWithoutQuotingAnyOfIt) {
  const std::string faults[] = {
      "",
      "pencil",
      "md5a8e1d4d5c0e7c3a8e1d4d5c0e7c3a8e1",
      "SCRAM-SHA-256$",
      replaced("SCRAM-SHA-256", "SCRAM-SHA-512"),
      replaced("4096", "4095"),
      replaced("4096", ""),
      replaced("4096", "04096"),
      replaced("4096", "+4096"),
      replaced("4096", " 4096"),
      replaced("4096", "4096x"),
      replaced("4096", "2147483648"),
      replaced("4096", "99999999999999999999"),
      replaced("W22ZaJ0SNY7soEsUEjb6gQ==", ""),
      replaced("W22ZaJ0SNY7soEsUEjb6gQ==", "W22ZaJ0SNY7soEsUEjb6gQ="),
      replaced("W22ZaJ0SNY7soEsUEjb6gQ==", std::string(348, 'A')),
      replaced("$WG5d", ":WG5d"),
      replaced("WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=",
               "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4g=="),
      replaced("qY=:", "qY="),
      replaced("l2dU=", "l2dU=\n"),
      replaced("l2dU=", "l2dU=:"),
      replaced("l2dU=", "l2dU"),
  };
  for (const std::string& text : faults) {
    const auto verifier = ScramVerifier::parse(text);
    ASSERT_FALSE(verifier.ok()) << text;
    EXPECT_EQ(verifier.error().message.find("W22Z"), std::string::npos);
    EXPECT_EQ(verifier.error().message.find("WG5d"), std::string::npos);
  }
}

TEST(ScramVerifier, MadeOnesDifferInTheSaltAndParse) {
  const auto first = make_verifier(Secret("pencil"));
  const auto second = make_verifier(Secret("pencil"), 5000);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->iterations, 4096U);
  EXPECT_EQ(second->iterations, 5000U);
  EXPECT_NE(first->salt, second->salt);
  const auto again = ScramVerifier::parse(second->to_string());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->stored_key, second->stored_key);
}

TEST(ScramVerifier, PasswordsThatCannotServeAreRefused) {
  EXPECT_FALSE(make_verifier(Secret("")).ok());
  EXPECT_FALSE(make_verifier(Secret(std::string("a\0b", 3))).ok());
  EXPECT_FALSE(make_verifier(Secret("pencil"), 4095).ok());
  const auto combining = make_verifier(Secret("re\xcc\x81sume\xcc\x81"));
  ASSERT_FALSE(combining.ok());
  EXPECT_FALSE(combining.error().hint.empty());
}

TEST(SaslPrep, KnowsWhatIsCertainlyUnchanged) {
  for (const std::string_view password :
       {"pencil", "with space and ~!@#", "\x01 control", "r\xc3\xa9sum\xc3\xa9",
        "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c", "\xe5\xaf\x86\xe7\xa0\x81",
        "\xf0\x9f\x98\x80", "not UTF-8 \xff"})
    EXPECT_TRUE(sasl_prepares_to_itself(password)) << password;
  for (const std::string_view password :
       {"no-break\xc2\xa0space", "soft\xc2\xadhyphen", "\xef\xac\x81gure", "e\xcc\x81",
        "\xef\xbc\xa1", "\xc2\xbd", "\xc4\xb3", "\xd7\xa9"})
    EXPECT_FALSE(sasl_prepares_to_itself(password)) << password;
}

}  // namespace
}  // namespace tracegate::identity
