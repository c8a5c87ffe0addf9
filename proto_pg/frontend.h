// What a client sends after the startup phase: the simple and the extended query protocol, COPY,
// the function call. (Its answers to authentication requests: auth.h.)
//
// decode() takes a body (framer.h, body_of) and fills a struct that borrows from it; vectors in the
// struct keep their capacity, so a struct that is used again does not allocate. It fails on counts
// that the body cannot hold, lengths below -1 and trailing bytes. It does not check what the store
// checks and answers with an error that leaves the connection alive: numbers of format codes,
// format codes themselves, UTF-8. After a failure the struct means nothing. encode() appends a
// whole frame.
//
// Source: PostgreSQL manual, "Message Formats". Threading: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/bodyless.h"
#include "proto_pg/bytes.h"
#include "proto_pg/message_types.h"

namespace tracegate::proto {

struct Query {
  std::string_view text;  // may hold several statements
};
DecodeError decode(ByteView body, Query& out);
void encode(const Query& message, std::string& out);

struct Parse {
  std::string_view statement;  // name; empty is the unnamed statement
  std::string_view query;
  std::vector<Oid> parameter_types;  // 0 leaves a type to the store
};
DecodeError decode(ByteView body, Parse& out);
void encode(const Parse& message, std::string& out);

struct Bind {
  std::string_view portal;                    // name; empty is the unnamed portal
  std::string_view statement;                 // name; empty is the unnamed statement
  std::vector<FormatCode> parameter_formats;  // none: all text; one: for all; else one for each
  std::vector<Value> parameters;
  std::vector<FormatCode> result_formats;  // as parameter_formats
};
DecodeError decode(ByteView body, Bind& out);
void encode(const Bind& message, std::string& out);

// The names at the head of a Bind, all that judging needs, readable before its parameters arrived.
struct BindHead {
  std::string_view portal;
  std::string_view statement;
};
enum class HeadStatus : std::uint8_t { kComplete, kNeedMore, kError };
// Of a Bind whose body has `body_length` bytes, of which `available` are the first (or all). Both
// names and their terminators must stand within the first kMaxBindHead bytes. kNeedMore asks for
// more of the body; `error` is set with kError.
inline constexpr std::size_t kMaxBindHead = 16 << 10;
[[nodiscard]] HeadStatus decode_head(ByteView available, std::uint32_t body_length, BindHead& out,
                                     DecodeError& error);

// What a Describe or Close is about.
enum class Target : char { kStatement = 'S', kPortal = 'P' };

struct Describe {
  Target target = Target::kStatement;
  std::string_view name;
};
DecodeError decode(ByteView body, Describe& out);
void encode(const Describe& message, std::string& out);

struct Close {
  Target target = Target::kStatement;
  std::string_view name;
};
DecodeError decode(ByteView body, Close& out);
void encode(const Close& message, std::string& out);

struct Execute {
  std::string_view portal;
  std::int32_t max_rows = 0;  // 0 or less: all
};
DecodeError decode(ByteView body, Execute& out);
void encode(const Execute& message, std::string& out);

using Sync = Bodyless<FrontendType::kSync>;
using Flush = Bodyless<FrontendType::kFlush>;
using Terminate = Bodyless<FrontendType::kTerminate>;

struct FunctionCall {
  Oid function = 0;
  std::vector<FormatCode> argument_formats;  // none: all text; one: for all; else one for each
  std::vector<Value> arguments;
  FormatCode result_format = kTextFormat;
};
DecodeError decode(ByteView body, FunctionCall& out);
void encode(const FunctionCall& message, std::string& out);

// Both directions, with the same type byte. Any body is valid, so there is no decode for CopyData.
struct CopyData {
  ByteView data;
};
void encode(const CopyData& message, std::string& out);
using CopyDone = Bodyless<FrontendType::kCopyDone>;

struct CopyFail {
  std::string_view reason;
};
DecodeError decode(ByteView body, CopyFail& out);
void encode(const CopyFail& message, std::string& out);

}  // namespace tracegate::proto
