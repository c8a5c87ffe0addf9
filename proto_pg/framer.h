// Finds the frames in a stream of bytes after the startup phase: a type byte, an Int32 length that
// counts itself (so at least 4), and a body. The hot path: no allocation, no copy, no state.
//
// Refuses, from the header alone and so before anything is buffered: types that the direction does
// not have, lengths below 4 or negative, bodies above the type's limit. Does not know phases: that
// a CopyData may come only after a CopyInResponse is the session's business.
//
// What is held and what is streamed. A body up to `hold` is wanted whole and contiguous; a longer
// one may be passed on as it comes; above `max` it is refused. Limits are of the body, in bytes.
//
//   class                types                                             hold          max
//   client  statement    Query, Parse                                      max max_statement
//           bind         Bind                                              hold_bind     kMaxBody
//           call         FunctionCall                                      hold_call     kMaxBody
//           stream       CopyData                                          0             kMaxBody
//           small        Close, Describe, Execute, CopyFail                max           max_small
//           password     'p'                                               max max_password empty
//           Sync, Flush, Terminate, CopyDone                  0             0
//   server  stream       DataRow, CopyData                                 0             kMaxBody
//           call         FunctionCallResponse                              hold_call     kMaxBody
//           description  RowDescription, ParameterDescription              max max_description
//           report       ErrorResponse, NoticeResponse                     hold_report   max_report
//           small        Authentication, BackendKeyData, CommandComplete,  max           max_small
//                        Copy*Response, NegotiateProtocolVersion,
//                        NotificationResponse, ParameterStatus, ReadyForQuery
//           empty        BindComplete, CloseComplete, CopyDone,            0             0
//                        EmptyQueryResponse, NoData, ParseComplete, PortalSuspended
//
// Use:
//   FrameHeader header; DecodeError error;
//   switch (framer.peek(in, header, error)) {
//     case kWhole:             the frame is in.first(header.total()), its body body_of(in, header)
//     case kPartialStreamable: pass on `in`, then the next header.total() - in.size() bytes unseen;
//                              or look at the head first (frontend.h, BindHead; error.h,
//                              decode_head)
//     case kNeedMore:          keep the bytes, call again with more behind them
//     case kError:             refuse the connection; the header is set as far as it was read
//   }
//
// Source: PostgreSQL manual, "Message Formats"; limits after SocketBackend() in postgres.c.
// Threading: immutable, so one Framer serves every session of a policy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "proto_pg/bytes.h"
#include "proto_pg/message_types.h"

namespace tracegate::proto {

enum class Direction : std::uint8_t { kFromClient, kFromServer };

// In bytes of body. Values above kMaxBody count as kMaxBody.
struct FrameLimits {
  std::uint32_t max_statement = 16 << 20;
  std::uint32_t max_small = 64 << 10;
  std::uint32_t max_password = 64 << 10;    // a token may be the password
  std::uint32_t max_description = 1 << 20;  // 1664 columns of about 90 bytes; 65535 parameter types
  std::uint32_t max_report = kMaxBody;      // an error quotes statements and values
  std::uint32_t hold_bind = 64 << 10;
  std::uint32_t hold_call = 64 << 10;
  std::uint32_t hold_report = 1 << 20;
  // Not the framer's, which streams all rows: one that is changed on its way is held until it is
  // whole, and may be no longer than this.
  std::uint32_t hold_row = 64 << 20;
};

struct FrameHeader {
  static constexpr std::size_t kSize = 5;

  char type = 0;
  std::uint32_t body_length = 0;

  [[nodiscard]] std::size_t total() const { return std::size_t{body_length} + kSize; }
  // Of a header that peek() accepted for that direction.
  [[nodiscard]] FrontendType frontend() const { return static_cast<FrontendType>(type); }
  [[nodiscard]] BackendType backend() const { return static_cast<BackendType>(type); }
};

enum class PeekStatus : std::uint8_t { kWhole, kPartialStreamable, kNeedMore, kError };

// The body of a frame that stands whole at the front of `in`.
[[nodiscard]] inline ByteView body_of(ByteView in, const FrameHeader& header) {
  return in.subspan(FrameHeader::kSize, header.body_length);
}

class Framer {
 public:
  Framer(Direction direction, const FrameLimits& limits);

  // Looks at the frame at the front of `in`. Sets `out` once the header is there, `error` only with
  // kError. The answer for a given stream does not depend on how it was cut into pieces, except
  // that a streamable frame is kWhole when all of it is there.
  [[nodiscard]] PeekStatus peek(ByteView in, FrameHeader& out, DecodeError& error) const {
    if (in.size() < FrameHeader::kSize) [[unlikely]]
      return peek_short(in, out, error);
    const std::uint8_t type = in[0];
    // Lengths 0 to 3 and negative ones wrap around to more than any limit.
    const std::uint32_t body = load_u32(in.data() + 1) - 4;
    out.type = static_cast<char>(type);
    out.body_length = body;
    const Limit limit = limits_[(*classes_)[type]];
    if (body >= limit.end) [[unlikely]]
      return refuse(out, error);
    if (in.size() - FrameHeader::kSize >= body) return PeekStatus::kWhole;
    return body > limit.hold ? PeekStatus::kPartialStreamable : PeekStatus::kNeedMore;
  }

  // Length of the longest run of whole frames of one type, 'D' (DataRow from the server) or 'd'
  // (CopyData), at the front of `in`, so that the run is relayed as one slice. Adds their number to
  // `rows`. Stops at whatever else stands there; peek() then says what it is.
  [[nodiscard]] static std::size_t skip_rows(ByteView in, std::uint64_t& rows,
                                             BackendType type = BackendType::kDataRow);

  // Types that share a limit: the rows of the table at the top.
  enum class FrameClass : std::uint8_t {
    kUnknown,
    kStatement,
    kBind,
    kCall,
    kStream,
    kSmall,
    kPassword,
    kEmpty,
    kDescription,
    kReport
  };
  static constexpr std::size_t kClassCount = 10;

 private:
  using ClassTable = std::array<std::uint8_t, 256>;  // of FrameClass, by type byte
  struct Limit {
    std::uint32_t end = 0;   // the first refused body length; 0 refuses all
    std::uint32_t hold = 0;  // the largest body that is wanted whole
  };
  [[nodiscard]] PeekStatus peek_short(ByteView in, FrameHeader& out, DecodeError& error) const;
  [[nodiscard]] PeekStatus refuse(const FrameHeader& header, DecodeError& error) const;
  [[nodiscard]] FrameClass class_of(char type) const;

  const ClassTable* classes_;  // static, one for each direction
  std::array<Limit, kClassCount> limits_{};
};

}  // namespace tracegate::proto
