// What a server sends after the startup phase, but for authentication (auth.h) and errors and
// notices (error.h). CopyData and CopyDone are in frontend.h: they are the same in both directions.
//
// decode() takes a body (framer.h, body_of) and fills a struct that borrows from it; vectors in the
// struct keep their capacity, so a struct that is used again does not allocate. It fails on counts
// that the body cannot hold, lengths below -1, values the protocol does not have, and trailing
// bytes. After a failure the struct means nothing. encode() appends a whole frame.
//
// Source: PostgreSQL manual, "Message Formats". Threading: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/bodyless.h"
#include "proto_pg/bytes.h"
#include "proto_pg/message_types.h"
#include "proto_pg/startup.h"

namespace tracegate::proto {

struct BackendKeyData {
  std::int32_t process_id = 0;
  ByteView key;  // kMinCancelKey (always so in 3.0) to kMaxCancelKey bytes
};
DecodeError decode(ByteView body, BackendKeyData& out);
void encode(const BackendKeyData& message, std::string& out);

struct ParameterStatus {
  std::string_view name;
  std::string_view value;
};
DecodeError decode(ByteView body, ParameterStatus& out);
void encode(const ParameterStatus& message, std::string& out);

enum class TransactionStatus : char { kIdle = 'I', kInTransaction = 'T', kFailed = 'E' };

struct ReadyForQuery {
  TransactionStatus status = TransactionStatus::kIdle;
};
DecodeError decode(ByteView body, ReadyForQuery& out);
void encode(const ReadyForQuery& message, std::string& out);

// The manual speaks of a minor version, PostgreSQL sends, and libpq expects, the whole version
// code.
struct NegotiateProtocolVersion {
  ProtocolVersion newest;                 // that the server speaks
  std::vector<std::string_view> options;  // the "_pq_." names that it does not know
};
DecodeError decode(ByteView body, NegotiateProtocolVersion& out);
void encode(const NegotiateProtocolVersion& message, std::string& out);

struct NotificationResponse {
  std::int32_t process_id = 0;
  std::string_view channel;
  std::string_view payload;
};
DecodeError decode(ByteView body, NotificationResponse& out);
void encode(const NotificationResponse& message, std::string& out);

struct RowDescription {
  struct Field {
    std::string_view name;       // a label, chosen by who wrote the statement
    Oid table = 0;               // 0 if the column is not a plain reference to a table's column
    std::int16_t attribute = 0;  // number of the column in `table`; 0 as above
    Oid type = 0;
    std::int16_t type_size = 0;  // negative: variable width
    std::int32_t type_modifier = -1;
    FormatCode format = kTextFormat;  // one of the two; text where it is not known yet (Describe)
    bool operator==(const Field&) const = default;
  };
  std::vector<Field> fields;
};
DecodeError decode(ByteView body, RowDescription& out);
void encode(const RowDescription& message, std::string& out);

struct DataRow {
  std::vector<Value> columns;
};
DecodeError decode(ByteView body, DataRow& out);
void encode(const DataRow& message, std::string& out);

struct ParameterDescription {
  std::vector<Oid> types;
};
DecodeError decode(ByteView body, ParameterDescription& out);
void encode(const ParameterDescription& message, std::string& out);

struct CommandComplete {
  std::string_view tag;
};
DecodeError decode(ByteView body, CommandComplete& out);
void encode(const CommandComplete& message, std::string& out);
// The number that ends a tag: "INSERT 0 5" is 5, "SELECT 3" is 3; none for "CREATE TABLE".
[[nodiscard]] std::optional<std::uint64_t> row_count(std::string_view tag);

using BindComplete = Bodyless<BackendType::kBindComplete>;
using CloseComplete = Bodyless<BackendType::kCloseComplete>;
using EmptyQueryResponse = Bodyless<BackendType::kEmptyQueryResponse>;
using NoData = Bodyless<BackendType::kNoData>;
using ParseComplete = Bodyless<BackendType::kParseComplete>;
using PortalSuspended = Bodyless<BackendType::kPortalSuspended>;

// CopyInResponse, CopyOutResponse and CopyBothResponse differ in their type only.
template <BackendType kType>
struct CopyResponse {
  FormatCode format = kTextFormat;         // of the whole; Int8 on the wire
  std::vector<FormatCode> column_formats;  // all text if `format` is
};
using CopyInResponse = CopyResponse<BackendType::kCopyInResponse>;
using CopyOutResponse = CopyResponse<BackendType::kCopyOutResponse>;
using CopyBothResponse = CopyResponse<BackendType::kCopyBothResponse>;
DecodeError decode(ByteView body, CopyInResponse& out);
DecodeError decode(ByteView body, CopyOutResponse& out);
DecodeError decode(ByteView body, CopyBothResponse& out);
void encode(const CopyInResponse& message, std::string& out);
void encode(const CopyOutResponse& message, std::string& out);
void encode(const CopyBothResponse& message, std::string& out);

struct FunctionCallResponse {
  Value result;
};
DecodeError decode(ByteView body, FunctionCallResponse& out);
void encode(const FunctionCallResponse& message, std::string& out);

}  // namespace tracegate::proto
