#include "proto_pg/error.h"

#include <gtest/gtest.h>

#include "tests/proto_pg/codec_check.h"
#include "tests/proto_pg/wire.h"

namespace tracegate::proto {
namespace {

using namespace wire;  // NOLINT: the words of these tests

TEST(ErrorResponse, KeepsEveryFieldInOrder) {
  std::string body;
  ErrorResponse error;
  const std::string codes = "SVCMDHPpqWstcdnFLR";
  for (const char& code : codes) {
    body += code + z({&code, 1});
    error.fields.push_back({code, {&code, 1}});
  }
  expect_codec(error, frame('E', body + i8(0)));
  NoticeResponse notice{{error.fields}};
  expect_codec(notice, frame('N', body + i8(0)));
}

TEST(ErrorResponse, KeepsFieldsItDoesNotKnow) {
  const std::string body = z("SERROR") + z("zfuture") + z("C42501") + z("z") + z("\x80x") + i8(0);
  ErrorResponse error;
  ASSERT_TRUE(decode(bytes_of(body), error).ok());
  ASSERT_EQ(error.fields.size(), 5U);
  EXPECT_EQ(error.fields[1], (ErrorFields::Field{'z', "future"}));
  EXPECT_EQ(error.find('z'), "future");
  expect_codec(error, frame('E', body));
}

TEST(ErrorResponse, MayLackItsSqlstate) {
  for (const std::string& fields : {std::string(), z("Moops"), z("C"), z("C4250"), z("C425012"),
                                    z("C4250a"), z("C4250\n"), z("C\xff\xff\xff\xff\xff")}) {
    const std::string body = fields + i8(0);
    ErrorResponse error;
    ASSERT_TRUE(decode(bytes_of(body), error).ok()) << fields;
    EXPECT_EQ(error.sqlstate(), "") << fields;
  }
  const std::string body = z("C42501") + i8(0);
  ErrorResponse error;
  ASSERT_TRUE(decode(bytes_of(body), error).ok());
  EXPECT_EQ(error.sqlstate(), "42501");
}

TEST(ErrorResponse, HasABoundOnItsFields) {
  std::string fields;
  for (std::size_t i = 0; i < kMaxErrorFields; ++i) fields += z("M");
  EXPECT_EQ(refusal_of<ErrorResponse>(fields + i8(0)), "");
  EXPECT_EQ(refusal_of<ErrorResponse>(fields + z("M") + i8(0)),
            "the error or notice has too many fields");
}

TEST(Report, WritesTheSeverityTwiceAndOnlyWhatItHas) {
  std::string out;
  encode_error({.severity = Severity::kFatal, .sqlstate = "28000", .message = "no"}, out);
  EXPECT_EQ(out, frame('E', z("SFATAL") + z("VFATAL") + z("C28000") + z("Mno") + i8(0)));
}

TEST(Report, WritesEverythingItHas) {
  std::string out;
  encode_error({.severity = Severity::kError,
                .sqlstate = "42501",
                .message = "permission denied",
                .detail = "why",
                .hint = "what to do",
                .position = 15},
               out);
  EXPECT_EQ(out, frame('E', z("SERROR") + z("VERROR") + z("C42501") + z("Mpermission denied") +
                                z("Dwhy") + z("Hwhat to do") + z("P15") + i8(0)));
}

TEST(Report, MakesNotices) {
  std::string out;
  encode_notice({.severity = Severity::kWarning, .sqlstate = "01000", .message = "soon"}, out);
  EXPECT_EQ(out, frame('N', z("SWARNING") + z("VWARNING") + z("C01000") + z("Msoon") + i8(0)));
}

TEST(Report, CannotBeMadeToSmuggleFields) {
  std::string out;
  encode_error({.sqlstate = "42501", .message = std::string_view("no\0C00000", 9)}, out);
  EXPECT_EQ(out, frame('E', z("SERROR") + z("VERROR") + z("C42501") + z("Mno") + i8(0)));
}

}  // namespace
}  // namespace tracegate::proto
