#include "src/http/response_headers.h"

#include <gtest/gtest.h>

#include <vector>

namespace tracegate::http {
namespace {

// The error of the first line that is refused; empty if none is.
std::string read_into(HeaderReader& reader, const std::vector<std::string>& lines) {
  for (const std::string& line : lines)
    if (const Status added = reader.add(line + "\r\n"); !added) return added.error().message;
  return "";
}

TEST(HeaderReader, FindsTheWantedFieldsInAnyLetterCase) {
  HeaderReader reader;
  EXPECT_EQ(read_into(reader, {"HTTP/1.1 200 OK", "cache-CONTROL:  max-age=5\t", "AGE:3",
                               "Content-Type: application/json", "retry-after: 7",
                               "Set-Cookie: session=secret", "content-length: 3", ""}),
            "");
  EXPECT_EQ(reader.headers().cache_control, "max-age=5");
  EXPECT_EQ(reader.headers().age, "3");
  EXPECT_EQ(reader.headers().content_type, "application/json");
  EXPECT_EQ(reader.headers().retry_after, "7");
  EXPECT_TRUE(reader.delimited());
}

TEST(HeaderReader, AFieldThatIsNotThereHasNoValue) {
  HeaderReader reader;
  EXPECT_EQ(read_into(reader, {"HTTP/1.1 200 OK", "Age:", ""}), "");
  EXPECT_EQ(reader.headers().age, "");
  EXPECT_EQ(reader.headers().cache_control, std::nullopt);
  EXPECT_FALSE(reader.delimited());
}

TEST(HeaderReader, RepeatedFieldsAreJoined) {
  HeaderReader reader;
  EXPECT_EQ(read_into(reader,
                      {"HTTP/1.1 200 OK", "Cache-Control: public", "Cache-Control: max-age=5", ""}),
            "");
  EXPECT_EQ(reader.headers().cache_control, "public, max-age=5");
}

TEST(HeaderReader, AnInterimAnswerIsForgotten) {
  HeaderReader reader;
  EXPECT_EQ(read_into(reader, {"HTTP/1.1 103 Early Hints", "Cache-Control: max-age=5",
                               "Content-Length: 9", "", "HTTP/1.1 200 OK", ""}),
            "");
  EXPECT_EQ(reader.headers().cache_control, std::nullopt);
  EXPECT_FALSE(reader.delimited());
}

TEST(HeaderReader, FieldsAfterTheBodyArePassedOver) {
  HeaderReader reader;
  EXPECT_EQ(read_into(reader, {"HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "",
                               "Cache-Control: max-age=5", "Content-Encoding: gzip", ""}),
            "");
  EXPECT_EQ(reader.headers().cache_control, std::nullopt);
  EXPECT_TRUE(reader.delimited());
}

TEST(HeaderReader, RefusesEncodedBodies) {
  for (const char* line : {"Content-Encoding: gzip", "content-encoding: br",
                           "Content-Encoding: identity, gzip", "Content-Encoding:"}) {
    HeaderReader reader;
    EXPECT_EQ(read_into(reader, {"HTTP/1.1 200 OK", line}),
              "the answer has a Content-Encoding, although none was offered")
        << line;
  }
  for (const char* line : {"Transfer-Encoding: gzip, chunked", "transfer-encoding: gzip",
                           "Transfer-Encoding: chunked, chunked", "Transfer-Encoding:"}) {
    HeaderReader reader;
    EXPECT_EQ(read_into(reader, {"HTTP/1.1 200 OK", line}),
              "the answer has a Transfer-Encoding other than chunked")
        << line;
  }
  HeaderReader reader;
  EXPECT_EQ(read_into(reader, {"HTTP/1.1 200 OK", "Content-Encoding: Identity",
                               "Transfer-Encoding: Chunked", ""}),
            "");
}

TEST(HeaderReader, RefusesMalformedLines) {
  for (const char* line : {"no colon", ": no name", "Age : 5", " folded: 1", "\tfolded",
                           "A\x01ge: 5", "http/1.1 200 OK"}) {
    HeaderReader reader;
    EXPECT_EQ(read_into(reader, {"HTTP/1.1 200 OK", line}),
              "the header of the answer has a malformed line")
        << line;
  }
}

TEST(HeaderReader, HasABoundOverAllAnswers) {
  HeaderReader reader;
  const std::string line = "X: " + std::string(1019, 'x');  // 1 KiB with its line end
  for (int i = 0; i < 64; ++i) {
    ASSERT_TRUE(reader.add(line + "\r\n").ok());
  }
  const Status added = reader.add("\r\n");
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().message, "the header of the answer is larger than 64 KiB");
}

}  // namespace
}  // namespace tracegate::http
