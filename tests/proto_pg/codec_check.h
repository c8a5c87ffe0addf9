// What every message must satisfy, given its bytes written by hand.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto_pg/bytes.h"
#include "proto_pg/framer.h"

namespace tracegate::proto {

// From which size on any body is valid; kNever for messages that end in a field with an end.
inline constexpr std::size_t kNever = static_cast<std::size_t>(-1);

// Encodes to `frame`; decodes from it to what encodes the same again; refuses its body cut anywhere
// (below `open_from`) and with a byte more.
template <typename Message>
void expect_codec(const Message& message, const std::string& frame,
                  std::size_t open_from = kNever) {
  SCOPED_TRACE(testing::Message() << "type " << frame.at(0));
  std::string encoded;
  encode(message, encoded);
  EXPECT_EQ(encoded, frame);

  const std::string body = frame.substr(FrameHeader::kSize);
  const auto decodes = [](std::string_view bytes) {
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    Message out;
    return decode(exact, out).ok();
  };
  Message decoded;
  const DecodeError error = decode(bytes_of(body), decoded);
  ASSERT_TRUE(error.ok()) << error.message;
  std::string again;
  encode(decoded, again);
  EXPECT_EQ(again, frame);

  for (std::size_t cut = 0; cut < body.size(); ++cut)
    EXPECT_EQ(decodes(body.substr(0, cut)), cut >= open_from) << "cut at " << cut;
  for (const char extra : {'\0', 'x'})
    EXPECT_EQ(decodes(body + extra), open_from != kNever) << "a byte more";
}

template <typename Message>
std::string_view refusal_of(const std::string& body) {
  Message out;
  return decode(bytes_of(body), out).message;
}

}  // namespace tracegate::proto
