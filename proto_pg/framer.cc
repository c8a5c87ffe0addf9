#include "proto_pg/framer.h"

#include <algorithm>
#include <initializer_list>

namespace tracegate::proto {
namespace {

using FrameClass = Framer::FrameClass;
using Table = std::array<std::uint8_t, 256>;

template <typename Type>
struct Members {
  FrameClass frame_class;
  std::initializer_list<Type> types;
};

template <typename Type>
constexpr Table make_table(std::initializer_list<Members<Type>> rows) {
  Table table{};  // kUnknown
  for (const Members<Type>& row : rows)
    for (Type type : row.types)
      table[static_cast<std::uint8_t>(type)] = static_cast<std::uint8_t>(row.frame_class);
  return table;
}

using F = FrontendType;
constexpr Table kFromClient = make_table<F>({
    {FrameClass::kStatement, {F::kQuery, F::kParse}},
    {FrameClass::kBind, {F::kBind}},
    {FrameClass::kCall, {F::kFunctionCall}},
    {FrameClass::kStream, {F::kCopyData}},
    {FrameClass::kSmall, {F::kClose, F::kDescribe, F::kExecute, F::kCopyFail}},
    {FrameClass::kPassword, {F::kPassword}},
    {FrameClass::kEmpty, {F::kSync, F::kFlush, F::kTerminate, F::kCopyDone}},
});

using B = BackendType;
constexpr Table kFromServer = make_table<B>({
    {FrameClass::kStream, {B::kDataRow, B::kCopyData}},
    {FrameClass::kCall, {B::kFunctionCallResponse}},
    {FrameClass::kDescription, {B::kRowDescription, B::kParameterDescription}},
    {FrameClass::kReport, {B::kErrorResponse, B::kNoticeResponse}},
    {FrameClass::kSmall,
     {B::kAuthentication, B::kBackendKeyData, B::kCommandComplete, B::kCopyInResponse,
      B::kCopyOutResponse, B::kCopyBothResponse, B::kNegotiateProtocolVersion,
      B::kNotificationResponse, B::kParameterStatus, B::kReadyForQuery}},
    {FrameClass::kEmpty,
     {B::kBindComplete, B::kCloseComplete, B::kCopyDone, B::kEmptyQueryResponse, B::kNoData,
      B::kParseComplete, B::kPortalSuspended}},
});

DecodeError too_long(std::string_view message) {
  return {message, DecodeError::kLimitExceeded};
}

// Why a body of that class, longer than its limit and not above kMaxBody, is refused.
DecodeError refusal(FrameClass frame_class) {
  switch (frame_class) {
    case FrameClass::kUnknown:
      return {"the message type is not one of the protocol"};
    case FrameClass::kStatement:
      return too_long("the statement is longer than the limit");
    case FrameClass::kPassword:
      return too_long("the authentication message is longer than the limit");
    case FrameClass::kDescription:
      return too_long("the description is longer than the limit");
    case FrameClass::kReport:
      return too_long("the error or notice is longer than the limit");
    case FrameClass::kEmpty:
      return {"a message that has no fields announces some"};
    case FrameClass::kSmall:
    case FrameClass::kBind:
    case FrameClass::kCall:
    case FrameClass::kStream:
      break;
  }
  return too_long("the message is longer than the limit");
}

}  // namespace

Framer::Framer(Direction direction, const FrameLimits& limits)
    : classes_(direction == Direction::kFromClient ? &kFromClient : &kFromServer) {
  const auto set = [this](FrameClass frame_class, std::uint32_t max, std::uint32_t hold) {
    limits_[static_cast<std::size_t>(frame_class)] = {std::min(max, kMaxBody) + 1, hold};
  };
  const auto hold_all = [&set](FrameClass frame_class, std::uint32_t max) {
    set(frame_class, max, kMaxBody);
  };
  hold_all(FrameClass::kStatement, limits.max_statement);
  hold_all(FrameClass::kSmall, limits.max_small);
  hold_all(FrameClass::kPassword, limits.max_password);
  hold_all(FrameClass::kDescription, limits.max_description);
  set(FrameClass::kReport, limits.max_report, limits.hold_report);
  hold_all(FrameClass::kEmpty, 0);
  set(FrameClass::kBind, kMaxBody, limits.hold_bind);
  set(FrameClass::kCall, kMaxBody, limits.hold_call);
  set(FrameClass::kStream, kMaxBody, 0);
}

Framer::FrameClass Framer::class_of(char type) const {
  return static_cast<FrameClass>((*classes_)[static_cast<std::uint8_t>(type)]);
}

PeekStatus Framer::peek_short(ByteView in, FrameHeader& out, DecodeError& error) const {
  if (in.empty()) return PeekStatus::kNeedMore;
  out = {static_cast<char>(in[0]), 0};
  return class_of(out.type) == FrameClass::kUnknown ? refuse(out, error) : PeekStatus::kNeedMore;
}

PeekStatus Framer::refuse(const FrameHeader& header, DecodeError& error) const {
  const FrameClass frame_class = class_of(header.type);
  if (frame_class != FrameClass::kUnknown && header.body_length > kMaxBody)
    error = {"the length of the message is out of range"};
  else
    error = refusal(frame_class);
  return PeekStatus::kError;
}

std::size_t Framer::skip_rows(ByteView in, std::uint64_t& rows, BackendType type) {
  // A view no longer than the longest frame makes one comparison refuse every bad length: what
  // wraps around or exceeds kMaxBody is also more than what is left.
  in = in.first(std::min(in.size(), FrameHeader::kSize + kMaxBody));
  const auto wanted = static_cast<std::uint8_t>(type);
  const std::uint8_t* at = in.data();
  std::size_t left = in.size();
  std::uint64_t count = 0;
  while (left >= FrameHeader::kSize && *at == wanted) {
    const std::uint32_t body = load_u32(at + 1) - 4;
    if (body > left - FrameHeader::kSize) break;
    at += FrameHeader::kSize + body;
    left -= FrameHeader::kSize + body;
    ++count;
  }
  rows += count;
  return in.size() - left;
}

}  // namespace tracegate::proto
