// ErrorResponse and NoticeResponse: a list of fields, each a code and a text, ended by a zero byte.
//
// Fields whose code we do not know are kept, in order, as the manual asks. A message without an
// SQLSTATE is malformed by the manual and yet seen in the wild: it decodes, and sqlstate() says
// that there is none. Texts from a server are not cleaned here: that is for who prints them.
//
// decode() takes a body and keeps the vector's capacity; after a failure the struct means nothing.
// encode() appends a whole frame.
//
// Source: PostgreSQL manual, "Error and Notice Message Fields". Threading: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/bytes.h"

namespace tracegate::proto {

// Codes of fields.
namespace error_field {
inline constexpr char kSeverity = 'S';  // localised
inline constexpr char kSeverityNonlocalized = 'V';
inline constexpr char kSqlState = 'C';
inline constexpr char kMessage = 'M';
inline constexpr char kDetail = 'D';
inline constexpr char kHint = 'H';
inline constexpr char kPosition = 'P';  // in characters of the statement, from 1
inline constexpr char kInternalPosition = 'p';
inline constexpr char kInternalQuery = 'q';
inline constexpr char kWhere = 'W';
inline constexpr char kSchema = 's';
inline constexpr char kTable = 't';
inline constexpr char kColumn = 'c';
inline constexpr char kDataType = 'd';
inline constexpr char kConstraint = 'n';
inline constexpr char kFile = 'F';
inline constexpr char kLine = 'L';
inline constexpr char kRoutine = 'R';
}  // namespace error_field

// More fields than this are refused: the protocol has 18, each at most once.
inline constexpr std::size_t kMaxErrorFields = 128;

// The body of both messages. Borrows from the body it was decoded from.
struct ErrorFields {
  struct Field {
    char code = 0;  // never 0
    std::string_view text;
    bool operator==(const Field&) const = default;
  };
  std::vector<Field> fields;

  // The first field of that code; empty if there is none.
  [[nodiscard]] std::string_view find(char code) const;
  // Five characters of 0-9 and A-Z; empty if the field is missing or something else.
  [[nodiscard]] std::string_view sqlstate() const;
};

struct ErrorResponse : ErrorFields {};
DecodeError decode(ByteView body, ErrorResponse& out);
// Of a report that is too long to be held: the fields as far as `head`, the front of its body, has
// them; the last one may be cut. An error if that is not so much as an SQLSTATE and some message.
DecodeError decode_head(ByteView head, ErrorResponse& out);
void encode(const ErrorResponse& message, std::string& out);

struct NoticeResponse : ErrorFields {};
DecodeError decode(ByteView body, NoticeResponse& out);
void encode(const NoticeResponse& message, std::string& out);

enum class Severity : std::uint8_t {
  kError,
  kFatal,
  kPanic,
  kWarning,
  kNotice,
  kDebug,
  kInfo,
  kLog
};
[[nodiscard]] std::string_view name_of(Severity severity);

// An error or notice of our own. Empty texts and position 0 are left out.
struct Report {
  Severity severity = Severity::kError;
  std::string_view sqlstate;
  std::string_view message;
  std::string_view detail = {};
  std::string_view hint = {};
  std::int32_t position = 0;
};
// Append a whole ErrorResponse or NoticeResponse with the severity both as S and as V, which every
// server since 9.6 sends and clients rely on.
void encode_error(const Report& report, std::string& out);
void encode_notice(const Report& report, std::string& out);

}  // namespace tracegate::proto
