// What each built-in detector finds and what it leaves alone.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/detectors/marking.h"

namespace tracegate::mask {
namespace {

void expect_clean(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) EXPECT_EQ(marked(text), text);
}

std::string alone(const char* detector, std::string_view text) {
  return marked(*make_detectors({detector}), text);
}

TEST(Emails, AreFoundInProseMarkdownAndUrls) {
  EXPECT_EQ(marked("Write to alice.b+c@mail.example.co.uk."), "Write to [email].");
  EXPECT_EQ(marked("<alice@example.com>, (bob@example.org)"), "<[email]>, ([email])");
  EXPECT_EQ(marked("[me](mailto:alice@example.com)"), "[me](mailto:[email])");
  EXPECT_EQ(marked("/reset?to=alice%40example.com&x=1"), "/reset?to=[email]&x=1");
  EXPECT_EQ(marked("?to=alice%2Bnews%40example.com"), "?to=[email]");
  EXPECT_EQ(marked("?to=alice%2540example.com"), "?to=[email]");
  EXPECT_EQ(marked("alice@example.com-based"), "[email]-based");
  EXPECT_EQ(marked("john!bang@example.com #o'hara$x*y@example.com"), "[email] #[email]");
  EXPECT_EQ(marked("postgres://app:s3cret@db.example.com/x"), "postgres://app:[email]/x");
}

TEST(Emails, BeginBehindEscapesAndLeaveThemWhole) {
  EXPECT_EQ(marked(R"({"a":"x\nalice@example.com\ty"})"), R"({"a":"x\n[email]\ty"})");
  EXPECT_EQ(marked(R"(C:\\nancy@example.com)"), R"(C:\\[email])");
  EXPECT_EQ(marked(R"(\u003calice@example.com\u003e)"), R"(\u003c[email]\u003e)");
  EXPECT_EQ(marked(R"(alice\u0040example.com)"), "[email]");
  EXPECT_EQ(marked("alice&#64;example.com"), "[email]");
  EXPECT_EQ(marked("\x1b[32malice@example.com\x1b[0m"), "\x1b[32m[email]\x1b[0m");
}

TEST(Emails, MayHaveLettersOfOtherScriptsBesideThem) {
  EXPECT_EQ(marked("请联系alice@example.com谢谢"), "请联系[email]谢谢");
  EXPECT_EQ(marked("müller@bücher.example"), "[email]");
  EXPECT_EQ(marked("用户@例え.jp"), "[email]");
  EXPECT_EQ(marked("„alice@example.com“"), "„[email]“");
  EXPECT_EQ(marked("alice\u200b@example.com"), "[email]");
}

TEST(Emails, MayHaveQuotedLocalParts) {
  EXPECT_EQ(marked(R"(to "john doe"@example.com now)"), "to [email] now");
  EXPECT_EQ(marked(R"({"to":"\"john\"@example.com"})"), R"({"to":"[email]"})");
  EXPECT_EQ(marked(R"(["foo","@example.com"])"), R"(["foo","@example.com"])");
}

TEST(Emails, AreNotHandlesPackagesDecoratorsOrHosts) {
  expect_clean({"user@localhost", "@alice", "npm i lodash@4.17.21 @types/node@18.1.0-beta.x",
                "git@github.com:org/repo.git", "@app.route('/x')", "icon@2x.png", "a @ b.com",
                "foo@bar.c", "regex [a-z]+@[a-z.]+", "***@example.com"});
}

TEST(Phones, AreFoundInInternationalForm) {
  for (const std::string_view phone :
       {"+46701234567", "+46 70 123 45 67", "+1 (415) 555-0123", "+44 (0)20 7946 0958",
        "0046 70 123 45 67", "+49-151-23456789", "%2B46701234567", "(+46) 70 123 45 67",
        "+41\u00a079\u00a0123\u00a045\u00a067"})
    EXPECT_EQ(marked("call " + std::string(phone) + " now"), "call [phone] now") << phone;
}

TEST(Phones, AreFoundInNationalForms) {
  for (const std::string_view phone :
       {"415-555-0123", "(415) 555-0123", "415.555.0123", "1-415-555-0123", "020 7946 0958",
        "07700 900123", "030/1234567", "01 23 45 67 89", "090-1234-5678", "13812345678",
        "8 (916) 123-45-67", "(11) 91234-5678"})
    EXPECT_EQ(marked("a " + std::string(phone) + ", b"), "a [phone], b") << phone;
}

TEST(Phones, ThatAreOnlyDigitsNeedALabel) {
  EXPECT_EQ(marked("Phone: 4155550123"), "Phone: [phone]");
  EXPECT_EQ(marked(R"({"mobile":"55 1234 5678","id":"5512345678"})"),
            R"({"mobile":"[phone]","id":"5512345678"})");
  EXPECT_EQ(marked("手机4155550123"), "手机[phone]");
  EXPECT_EQ(marked("text me on 555-0123"), "text me on [phone]");
  expect_clean({"order 4155550123", "hotel 4155550123", "[phone] 4155550123"});
}

TEST(Phones, AreNotTimesDatesVersionsOrRowsOfNumbers) {
  expect_clean({"1700000000", "1700000000000", "2024-05-06T12:34:56.789+02:00", "01.02.2024 12:30",
                "3.14159265358979", "10 20 30 40 50 60 70", "(2021) 123, 456-478", "1-2-3-4-5-6-7",
                "ISBN 978-0-3064-0615-2", "+0200", "12345678-1234", "phone: 2024-05-06"});
}

TEST(PaymentCards, AreFoundWithAndWithoutSeparators) {
  for (const std::string_view card :
       {"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111",
        "5500005555555559", "3782 822463 10005", "6011111111111117", "30569309025904",
        "3530111333300000", "2223003122003222", "4222222222222",
        "4111\u00a01111\u00a01111\u00a01111", "4111%201111%201111%201111"})
    EXPECT_EQ(marked("pay " + std::string(card) + " 12/27"), "pay [payment_card] 12/27") << card;
  EXPECT_EQ(marked("card_4111111111111111"), "card_[payment_card]");
  EXPECT_EQ(marked("x\\n4111111111111111"), "x\\n[payment_card]");
}

TEST(PaymentCards, AreCheckedForLuhnPrefixAndEnds) {
  expect_clean({"4111111111111112", "1111111111111117", "0.4111111111111111", "4111111111111111.5",
                "x4111111111111111", "41111111111111111"});
}

TEST(Ibans, AreFoundInGroupsInEitherCase) {
  EXPECT_EQ(marked("an GB82 WEST 1234 5698 7654 32 heute"), "an [iban] heute");
  EXPECT_EQ(marked("iban=de89370400440532013000;"), "iban=[iban];");
  EXPECT_EQ(marked("IBANDE89370400440532013000"), "IBAN[iban]");
  EXPECT_EQ(marked("MT84-MALT-0110-0001-2345-MTLC-AST0-01S"), "[iban]");
}

TEST(Ibans, AreCheckedForLengthAndCheckDigits) {
  expect_clean({"GB83 WEST 1234 5698 7654 32", "DE8937040044053201300", "ZZ89370400440532013000",
                "XDE89370400440532013000"});
}

TEST(SocialSecurityNumbers, FollowTheRulesOfTheirParts) {
  EXPECT_EQ(alone("us_ssn", "SSN 123-45-6789."), "SSN [us_ssn].");
  EXPECT_EQ(alone("us_ssn", "123 45 6789"), "[us_ssn]");
  EXPECT_EQ(alone("us_ssn", R"({"ssn": "123456789"})"), R"({"ssn": "[us_ssn]"})");
  for (const std::string_view none :
       {"000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "123456789",
        "1-123-45-6789", "123-45-6789-1", "123-45-67890"})
    EXPECT_EQ(alone("us_ssn", none), none);
}

TEST(IpAddresses, AreFoundInAllForms) {
  for (const std::string_view address :
       {"10.0.0.1", "255.255.255.255", "2001:db8::1", "::1", "fe80::1%eth0", "::ffff:10.1.2.3",
        "2001:0db8:0000:0000:0000:ff00:0042:8329", "1:2:3:4:5:6:7:8",
        "2001:db8::", "64:ff9b::192.0.2.33", "2001:DB8:85A3::8A2E:370:7334"})
    EXPECT_EQ(marked("from " + std::string(address) + " to"), "from [ip_address] to") << address;
  EXPECT_EQ(marked("http://10.0.0.1:8080/x"), "http://[ip_address]:8080/x");
  EXPECT_EQ(marked("[2001:db8::1]:443"), "[[ip_address]]:443");
  EXPECT_EQ(marked("/10.0.0.1:5432, host/10.0.0.2"), "/[ip_address]:5432, host/[ip_address]");
  EXPECT_EQ(marked("ip:2001:db8::1"), "ip:[ip_address]");
  EXPECT_EQ(marked("10.0.0.0/8"), "[ip_address]/8");
}

TEST(IpAddresses, AreNotVersionsTimesOrCode) {
  expect_clean({"1.2.3", "1.2.3.4.5", "v1.2.3.4", "Chrome/120.0.0.0", "version 1.2.3.4",
                "256.1.1.1", "12:34:56", "std::fe::ad", "a[1::2]", "a[::-1]", "::", "a::b",
                "1:2:3:4:5:6:7:8:9", "00:1b:44:11:3a:b7", "16:9"});
}

// Built from parts, so that no scanner takes this file for a leak.
const std::string kJwt = std::string("eyJhbGciOiJIUzI1NiJ9.") + "eyJzdWIiOiIxIn0." + "c2lnbmF0dXJl";

TEST(Jwts, AreFoundWholeAndCutOff) {
  EXPECT_EQ(marked("Bearer " + kJwt + ", ok"), "Bearer [jwt], ok");
  EXPECT_EQ(marked("?t=" + kJwt + "&x"), "?t=[jwt]&x");
  EXPECT_EQ(marked("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. end"), "[jwt] end");
  EXPECT_EQ(marked("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOi"), "[jwt]");
  EXPECT_EQ(marked("\\n" + kJwt), "\\n[jwt]");
  EXPECT_EQ(alone("jwt", "eyJpZCI6MTIzNDU2Nzg5LCJkaXIiOiJuZXh0In0.x"),
            "eyJpZCI6MTIzNDU2Nzg5LCJkaXIiOiJuZXh0In0.x");
}

TEST(AwsKeys, AreFoundByFormOrLabel) {
  const std::string id = std::string("AKIA") + "IOSFODNN7EXAMPLE";
  const std::string secret = std::string("wJalrXUtnFEMI/K7MDENG/") + "bPxRfiCYEXAMPLEKEY";
  EXPECT_EQ(marked("id=" + id + ";"), "id=[aws_key];");
  EXPECT_EQ(alone("aws_key", "SecretAccessKey\": \"" + secret + "\""),
            "SecretAccessKey\": \"[aws_key]\"");
  EXPECT_EQ(alone("aws_key", id + "," + secret), "[aws_key],[aws_key]");
  EXPECT_EQ(alone("aws_key", "x " + secret), "x " + secret);
  EXPECT_EQ(alone("aws_key", id + "X"), id + "X");
}

TEST(GcpKeys, AreFoundByFormOrLabel) {
  const std::string key = "AIza" + std::string("SyA1234567890abcdefghijklmnopqrstu-v");
  EXPECT_EQ(alone("gcp_key", "key=" + key + "&v=3"), "key=[gcp_key]&v=3");
  const std::string id = "0123456789abcdef0123456789abcdef01234567";
  EXPECT_EQ(alone("gcp_key", R"("private_key_id": ")" + id + '"'),
            R"("private_key_id": "[gcp_key]")");
  EXPECT_EQ(alone("gcp_key", "commit " + id), "commit " + id);
}

TEST(GithubTokens, AreFoundInTextAndUrls) {
  const std::string token = "ghp_" + std::string("abcdefghijklmnopqrstuvwxyz0123456789");
  EXPECT_EQ(marked("export T=" + token), "export T=[github_token]");
  EXPECT_EQ(marked("\\u003d" + token), "\\u003d[github_token]");
  EXPECT_EQ(marked("https://" + token + "@git.example.com/x"), "https://[github_token]/x");
  EXPECT_EQ(marked("github_pat_" + std::string(82, 'a')), "[github_token]");
  expect_clean({"ghp_short", "xghp_abcdefghijklmnopqrstuvwxyzabcdefghij"});
}

TEST(SlackTokens, AreFoundWithWebhooks) {
  EXPECT_EQ(marked("xoxb-" + std::string("123456789012-abcdefabcdef")), "[slack_token]");
  EXPECT_EQ(marked("POST https://hooks.slack.com/" + std::string("services/T0/B0/abcdefgh")),
            "POST [slack_token]");
  expect_clean({"xoxb- is a prefix", "https://slack.com/services/T0000000/B0000000/x"});
}

TEST(OpenAiKeys, AreToldFromWordsWithDashes) {
  EXPECT_EQ(alone("openai_key", "sk-" + std::string("proj-abcDEF123456ghiJKL789mno")),
            "[openai_key]");
  EXPECT_EQ(alone("openai_key", "sk-" + std::string("ant-api03-aB3dE5fG7hJ9kL1mN3-pQ_AA")),
            "[openai_key]");
  expect_clean(
      {"sk-fading-circle-with-dots-inner", "task-runner-configuration-2024-abc", "sk-learn"});
}

const std::string kKeyLine(64, 'M');

TEST(PrivateKeys, AreMarkedWhole) {
  const std::string begin = "-----BEGIN RSA PRIVATE KEY-----";
  const std::string end = "-----END RSA PRIVATE KEY-----";
  EXPECT_EQ(marked("k:\n" + begin + "\n" + kKeyLine + "\nabc=\n" + end + "\nb"),
            "k:\n[private_key]\nb");
  EXPECT_EQ(marked("\"" + begin + "\\n" + kKeyLine + "\\n" + end + "\\n\""),
            "\"[private_key]\\n\"");
  EXPECT_EQ(marked("-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n" + kKeyLine +
                   "\n-----END PGP PRIVATE KEY BLOCK-----"),
            "[private_key]");
}

TEST(PrivateKeys, AreMarkedAsFarAsTheyGoIfTheyAreCutOff) {
  const std::string begin = "-----BEGIN PRIVATE KEY-----\n";
  EXPECT_EQ(marked(begin + kKeyLine + "\n" + kKeyLine + "\nabcdef"), "[private_key]");
  EXPECT_EQ(marked(begin + "Proc-Type: 4,ENCRYPTED\n\n" + kKeyLine + "\n... (truncated)"),
            "[private_key]\n... (truncated)");
  EXPECT_EQ(marked("log:\n" + kKeyLine + "\n" + kKeyLine + "\nabc=\n-----END PRIVATE KEY-----"),
            "log:\n[private_key]");
  EXPECT_EQ(marked("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUVvZ0lCQUFLQ0FRRUE="),
            "[private_key]");
}

TEST(PrivateKeys, AreNotPublicKeysOrCertificates) {
  const std::string lines = "\n" + kKeyLine + "\n";
  const std::string certificate =
      "-----BEGIN CERTIFICATE-----" + lines + "-----END CERTIFICATE-----";
  EXPECT_EQ(alone("private_key", certificate), certificate);
  EXPECT_EQ(alone("private_key", "the PRIVATE KEY----- is " + kKeyLine),
            "the PRIVATE KEY----- is " + kKeyLine);
}

TEST(HighEntropy, FindsRandomTokens) {
  EXPECT_EQ(marked("use k3J9xLmQ2wErT5yUiOp0 here"), "use [high_entropy] here");
  EXPECT_EQ(marked("/v1/keys/k3J9xLmQ2wErT5yUiOp0/use"), "/v1/keys/[high_entropy]/use");
  EXPECT_EQ(marked("x=qL7/z+8RkTw3Yp5sVbN2mXc9Jd4Gh6Fe1Aa0Zz==;"), "x=[high_entropy];");
}

TEST(HighEntropy, FindsTheRestBehindALabelOnly) {
  const std::string digest = "3f786850e387550fdab836ed7e6dc881";
  EXPECT_EQ(marked("api_key=" + digest), "api_key=[high_entropy]");
  EXPECT_EQ(marked("md5 " + digest), "md5 " + digest);
}

TEST(HighEntropy, LeavesIdsDigestsNamesAndData) {
  expect_clean({"3f786850-e387-550f-dab8-36ed7e6dc881", "call_k3J9xLmQ2wErT5yUiOp0AbCd",
                "chatcmpl-7QyqpwdfhqwajicIEznoc6Q47XAyW",
                "sha256-k3J9xLmQ2wErT5yUiOp0k3J9xLmQ2wErT5yUiOp0abc=",
                "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
                "AbstractSingletonProxyFactoryBean2Configuration3",
                "MAX_NUMBER_OF_CONNECTIONS_1024", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"});
}

TEST(Detectors, MarkOnlyWhatTheyAreAskedFor) {
  const std::string text = "alice@example.com 10.0.0.1 4111111111111111";
  EXPECT_EQ(alone("email", text), "[email] 10.0.0.1 4111111111111111");
  EXPECT_EQ(alone("payment_card", text), "alice@example.com 10.0.0.1 [payment_card]");
  EXPECT_EQ(marked(*make_detectors({}), text), text);
}

TEST(Detectors, CoverAllOfWhatOverlaps) {
  EXPECT_EQ(marked("a@b.example@c.example"), "[email]");
  EXPECT_EQ(marked("+46701234567@sms.example.com"), "[email]");
  EXPECT_EQ(marked("10.0.0.1@example.com"), "[email]");
}

TEST(Detectors, AppendAndLeaveCleanTextsAlone) {
  std::string out = "before ";
  EXPECT_FALSE(all_detectors()->mark("nothing here", out));
  EXPECT_FALSE(all_detectors()->mark("", out));
  EXPECT_EQ(out, "before ");
  EXPECT_TRUE(all_detectors()->mark("a@b.example", out));
  EXPECT_EQ(out, "before [email]");
}

}  // namespace
}  // namespace tracegate::mask
