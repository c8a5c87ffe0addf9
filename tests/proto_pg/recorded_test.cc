// The codec against real conversations: psql 15 and pgbench 15 with PostgreSQL 15, SCRAM login,
// recorded from the wire (recorded/*.client and *.server). Whatever they sent must frame, decode,
// and encode to the same bytes.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "proto_pg/auth.h"
#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "proto_pg/framer.h"
#include "proto_pg/frontend.h"
#include "proto_pg/startup.h"
#include "tests/proto_pg/frame_collector.h"

namespace tracegate::proto {
namespace {

std::string recording(const std::string& name) {
  std::ifstream file(TRACEGATE_RECORDED "/" + name, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_FALSE(bytes.empty()) << name;
  return bytes;
}

// What the message encodes to after it was decoded; empty if it does not decode.
template <typename Message>
std::string recode(ByteView body) {
  Message message;
  std::string out;
  if (decode(body, message).ok()) encode(message, out);
  return out;
}

std::string recode_copy_data(ByteView body) {
  std::string out;
  encode(CopyData{body}, out);
  return out;
}

std::string recode(FrontendType type, ByteView body) {
  switch (type) {
    case FrontendType::kBind:
      return recode<Bind>(body);
    case FrontendType::kClose:
      return recode<Close>(body);
    case FrontendType::kCopyData:
      return recode_copy_data(body);
    case FrontendType::kCopyDone:
      return recode<CopyDone>(body);
    case FrontendType::kCopyFail:
      return recode<CopyFail>(body);
    case FrontendType::kDescribe:
      return recode<Describe>(body);
    case FrontendType::kExecute:
      return recode<Execute>(body);
    case FrontendType::kFlush:
      return recode<Flush>(body);
    case FrontendType::kFunctionCall:
      return recode<FunctionCall>(body);
    case FrontendType::kParse:
      return recode<Parse>(body);
    case FrontendType::kPassword:  // a mechanism's name ends in NUL, SCRAM's further data has none
      return text_of(body).find('\0') == std::string_view::npos ? recode<SASLResponse>(body)
                                                                : recode<SASLInitialResponse>(body);
    case FrontendType::kQuery:
      return recode<Query>(body);
    case FrontendType::kSync:
      return recode<Sync>(body);
    case FrontendType::kTerminate:
      return recode<Terminate>(body);
  }
  return {};
}

std::string recode(BackendType type, ByteView body) {
  switch (type) {
    case BackendType::kAuthentication:
      return recode<Authentication>(body);
    case BackendType::kBackendKeyData:
      return recode<BackendKeyData>(body);
    case BackendType::kBindComplete:
      return recode<BindComplete>(body);
    case BackendType::kCloseComplete:
      return recode<CloseComplete>(body);
    case BackendType::kCommandComplete:
      return recode<CommandComplete>(body);
    case BackendType::kCopyBothResponse:
      return recode<CopyBothResponse>(body);
    case BackendType::kCopyData:
      return recode_copy_data(body);
    case BackendType::kCopyDone:
      return recode<CopyDone>(body);
    case BackendType::kCopyInResponse:
      return recode<CopyInResponse>(body);
    case BackendType::kCopyOutResponse:
      return recode<CopyOutResponse>(body);
    case BackendType::kDataRow:
      return recode<DataRow>(body);
    case BackendType::kEmptyQueryResponse:
      return recode<EmptyQueryResponse>(body);
    case BackendType::kErrorResponse:
      return recode<ErrorResponse>(body);
    case BackendType::kFunctionCallResponse:
      return recode<FunctionCallResponse>(body);
    case BackendType::kNegotiateProtocolVersion:
      return recode<NegotiateProtocolVersion>(body);
    case BackendType::kNoData:
      return recode<NoData>(body);
    case BackendType::kNoticeResponse:
      return recode<NoticeResponse>(body);
    case BackendType::kNotificationResponse:
      return recode<NotificationResponse>(body);
    case BackendType::kParameterDescription:
      return recode<ParameterDescription>(body);
    case BackendType::kParameterStatus:
      return recode<ParameterStatus>(body);
    case BackendType::kParseComplete:
      return recode<ParseComplete>(body);
    case BackendType::kPortalSuspended:
      return recode<PortalSuspended>(body);
    case BackendType::kReadyForQuery:
      return recode<ReadyForQuery>(body);
    case BackendType::kRowDescription:
      return recode<RowDescription>(body);
  }
  return {};
}

// Takes the packets of the startup phase off the stream.
StartupMessage take_startup(std::string_view& stream) {
  StartupMessage message;
  for (;;) {
    StartupHeader header;
    DecodeError error;
    if (peek_startup(bytes_of(stream), header, error) != StartupStatus::kWhole) {
      ADD_FAILURE() << error.message;
      return message;
    }
    const ByteView packet = bytes_of(stream.substr(0, header.length));
    stream.remove_prefix(header.length);
    if (header.kind != StartupKind::kStartupMessage) continue;
    EXPECT_TRUE(decode(packet, message).ok());
    return message;
  }
}

// Frames the whole stream and recodes each frame; gives how often each type came.
template <typename Type>
std::map<char, int> recode_all(Direction direction, std::string_view stream) {
  const Framer framer(direction, {});
  FrameCollector collector(framer);
  collector.feed(stream);
  EXPECT_TRUE(collector.error().ok()) << collector.error().message;
  EXPECT_EQ(collector.held(), "");
  std::map<char, int> seen;
  for (const FrameCollector::Frame& frame : collector.frames()) {
    ++seen[frame.type];
    const ByteView body = bytes_of(frame.bytes).subspan(FrameHeader::kSize);
    EXPECT_EQ(recode(static_cast<Type>(frame.type), body), frame.bytes) << frame.type;
  }
  return seen;
}

class Recorded : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Conversations, Recorded,
                         testing::Values("psql", "pgbench_prepared", "psql_large_object"),
                         [](const auto& name) { return std::string(name.param); });

TEST_P(Recorded, ClientDecodesAndEncodesTheSame) {
  const std::string bytes = recording(std::string(GetParam()) + ".client");
  std::string_view stream = bytes;
  EXPECT_EQ(take_startup(stream).find("user"), "postgres");
  const auto seen = recode_all<FrontendType>(Direction::kFromClient, stream);
  EXPECT_EQ(seen.at('p'), 2);
  EXPECT_EQ(seen.at('X'), 1);
}

TEST_P(Recorded, ServerDecodesAndEncodesTheSame) {
  const std::string bytes = recording(std::string(GetParam()) + ".server");
  std::string_view stream = bytes;
  if (stream.front() == kEncryptionRefused) stream.remove_prefix(1);  // the answer to SSLRequest
  const auto seen = recode_all<BackendType>(Direction::kFromServer, stream);
  EXPECT_EQ(seen.at('R'), 4);
  EXPECT_EQ(seen.at('K'), 1);
}

TEST(RecordedPsql, HasRowsErrorsNoticesAndCopies) {
  const std::string bytes = recording("psql.server");
  const auto seen = recode_all<BackendType>(Direction::kFromServer, bytes);
  for (char type : {'T', 'D', 'C', 'E', 'N', 'A', 'G', 'H', 'd', 'c', 'Z', 'S'})
    EXPECT_TRUE(seen.contains(type)) << type;
}

}  // namespace
}  // namespace tracegate::proto
