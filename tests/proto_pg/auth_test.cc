#include "proto_pg/auth.h"

#include <gtest/gtest.h>

#include "tests/proto_pg/codec_check.h"
#include "tests/proto_pg/wire.h"

namespace tracegate::proto {
namespace {

using namespace wire;  // NOLINT: the words of these tests

void expect_request(const Authentication& message, const std::string& body,
                    std::size_t open_from = kNever) {
  expect_codec(message, frame('R', body), open_from);
  Authentication decoded;
  ASSERT_TRUE(decode(bytes_of(body), decoded).ok());
  EXPECT_EQ(decoded.index(), message.index());
}

TEST(Auth, RequestsWithoutFields) {
  expect_request(AuthenticationOk{}, i32(0));
  expect_request(AuthenticationKerberosV5{}, i32(2));
  expect_request(AuthenticationCleartextPassword{}, i32(3));
  expect_request(AuthenticationGSS{}, i32(7));
  expect_request(AuthenticationSSPI{}, i32(9));
}

TEST(Auth, RequestsWithData) {
  const std::string data("r=\0x", 4);
  expect_request(AuthenticationMD5Password{{1, 2, 3, 4}}, i32(5) + i32(0x01020304));
  expect_request(AuthenticationGSSContinue{bytes_of(data)}, i32(8) + data, 4);
  expect_request(AuthenticationSASLContinue{bytes_of(data)}, i32(11) + data, 4);
  expect_request(AuthenticationSASLFinal{bytes_of(data)}, i32(12) + data, 4);
}

TEST(Auth, SASLListsItsMechanisms) {
  expect_request(AuthenticationSASL{{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}},
                 i32(10) + z("SCRAM-SHA-256-PLUS") + z("SCRAM-SHA-256") + i8(0));
  EXPECT_NE(refusal_of<Authentication>(i32(10) + i8(0)), "");
  std::string mechanisms;
  for (int i = 0; i < 32; ++i) mechanisms += z("M");
  EXPECT_EQ(refusal_of<Authentication>(i32(10) + mechanisms + i8(0)), "");
  EXPECT_EQ(refusal_of<Authentication>(i32(10) + mechanisms + z("M") + i8(0)),
            "too many SASL mechanisms");
}

TEST(Auth, RefusesCodesItDoesNotKnow) {
  for (std::int64_t code : {-1, 1, 4, 6, 13, 256})
    EXPECT_EQ(refusal_of<Authentication>(i32(code)),
              "the authentication request is not one of the protocol")
        << code;
}

TEST(Auth, Answers) {
  const std::string data("c=biws,r=\0", 10);
  expect_codec(PasswordMessage{"secret"}, frame('p', z("secret")));
  expect_codec(SASLInitialResponse{"SCRAM-SHA-256", bytes_of(data)},
               frame('p', z("SCRAM-SHA-256") + sized(data)));
  expect_codec(SASLInitialResponse{"OAUTHBEARER", std::nullopt},
               frame('p', z("OAUTHBEARER") + i32(-1)));
  expect_codec(SASLResponse{bytes_of(data)}, frame('p', data), 0);
  expect_codec(GSSResponse{bytes_of(data)}, frame('p', data), 0);
}

TEST(Auth, APasswordCannotHideBytesBehindItsEnd) {
  EXPECT_NE(refusal_of<PasswordMessage>(z("secret") + z("more")), "");
}

}  // namespace
}  // namespace tracegate::proto
