#include "src/identity/oauth_bearer.h"

#include <gtest/gtest.h>

namespace tracegate::identity {
namespace {

using Verdict = OAuthBearerServer::Reply::Verdict;

OAuthBearerServer::Reply first(std::string_view message) {
  OAuthBearerServer server("https://id.example/\"\\", "");
  return server.start("OAUTHBEARER", message);
}

// 0x01 is written as '|'.
std::string with_separators(std::string text) {
  for (char& c : text)
    if (c == '|') c = '\x01';
  return text;
}

TEST(OAuthBearer, ReadsTheTokenWhateverElseIsSaid) {
  for (const char* message :
       {"n,,|auth=Bearer a.b-c_d~e+f/g==||", "y,,|auth=bearer a.b-c_d~e+f/g==||",
        "n,,|host=db.example|port=5432|auth=BEARER   a.b-c_d~e+f/g==|user=me@example||"}) {
    const auto reply = first(with_separators(message));
    ASSERT_EQ(reply.verdict, Verdict::kVerify) << message << reply.error.hint;
    EXPECT_EQ(reply.token.reveal(), "a.b-c_d~e+f/g==");
  }
}

TEST(OAuthBearer, AsksForTheFirstMessageIfItDidNotCome) {
  OAuthBearerServer server({}, {});
  const auto asked = server.start("OAUTHBEARER", std::nullopt);
  EXPECT_EQ(asked.verdict, Verdict::kContinue);
  EXPECT_EQ(asked.message, "");
  EXPECT_EQ(server.on_message(with_separators("n,,|auth=Bearer x||")).verdict, Verdict::kVerify);
}

TEST(OAuthBearer, RefusesWhatIsNotInForm) {
  for (const char* message : {"",
                              "n,,",
                              "n,,|",
                              "n,,||",
                              "p=tls-server-end-point,,|auth=Bearer x||",
                              "n,a=root,|auth=Bearer x||",
                              "n,|auth=Bearer x||",
                              "auth=Bearer x||",
                              "n,,|auth=Bearer x|",
                              "n,,|auth=Bearer x",
                              "n,,auth=Bearer x||",
                              "n,,|auth=Bearer x|||",
                              "n,,|auth=Bearer x||more",
                              "n,,|auth=Bearer x||more|",
                              "n,,|auth=Bearer x|auth=Bearer y||",
                              "n,,|auth=Basic x||",
                              "n,,|auth=Bearer||",
                              "n,,|auth=Bearer ||",
                              "n,,|auth=Bearerx||",
                              "n,,|auth=Bearer x y||",
                              "n,,|auth=Bearer =||",
                              "n,,|auth=Bearer x=y||",
                              "n,,|auth=Bearer x\x7f||",
                              "n,,|auth=Bearer \xc3\xa4||",
                              "n,,|auth||",
                              "n,,|=Bearer x||",
                              "n,,|a-b=c|auth=Bearer x||",
                              "n,,|host=db||",
                              "N,,|auth=Bearer x||"}) {
    const auto reply = first(with_separators(message));
    EXPECT_EQ(reply.verdict, Verdict::kRefused) << message;
    EXPECT_EQ(reply.error.sqlstate, "08P01");
  }
  OAuthBearerServer server({}, {});
  EXPECT_EQ(server.start("SCRAM-SHA-256", "n,,").verdict, Verdict::kRefused);
}

TEST(OAuthBearer, ARefusedTokenIsAcknowledgedByOneByte) {
  const auto rejected = [](std::string_view answer) {
    OAuthBearerServer server("https://id.example/", "openid");
    EXPECT_EQ(server.start("OAUTHBEARER", with_separators("n,,|auth=Bearer x||")).verdict,
              Verdict::kVerify);
    EXPECT_EQ(server.reject().verdict, Verdict::kContinue);
    return server.on_message(answer).verdict;
  };
  EXPECT_EQ(rejected("\x01"), Verdict::kFailed);
  for (const char* answer : {"", "\x02", "\x01\x01",
                             "n,,\x01"
                             "auth=Bearer x\x01\x01"})
    EXPECT_EQ(rejected(answer), Verdict::kRefused);
}

TEST(OAuthBearer, WhereToGetATokenIsJson) {
  EXPECT_EQ(first(with_separators("n,,|auth=||")).message,
            R"({"status":"invalid_token","openid-configuration":"https://id.example/\"\\"})");
  OAuthBearerServer knows_nothing({}, {});
  EXPECT_EQ(knows_nothing.start("OAUTHBEARER", with_separators("n,,|auth=||")).message,
            R"({"status":"invalid_token"})");
}

}  // namespace
}  // namespace tracegate::identity
