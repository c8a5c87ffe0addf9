#include "proto_pg/error.h"

#include <algorithm>
#include <string>

#include "proto_pg/message_types.h"

namespace tracegate::proto {
namespace {

void write_field(Writer& writer, char code, std::string_view text) {
  writer.u8(static_cast<std::uint8_t>(code));
  writer.cstring(text);
}

DecodeError decode_fields(ByteView body, ErrorFields& out) {
  Reader in(body);
  out.fields.clear();
  for (std::uint8_t code = in.u8(); code != 0; code = in.u8()) {
    if (out.fields.size() == kMaxErrorFields) {
      in.fail("the error or notice has too many fields");
      break;
    }
    out.fields.push_back({static_cast<char>(code), in.cstring()});
  }
  return in.finish();
}

void encode_fields(BackendType type, const ErrorFields& message, std::string& out) {
  Writer writer(out);
  writer.begin_message(static_cast<char>(type));
  for (const ErrorFields::Field& field : message.fields)
    if (field.code != 0) write_field(writer, field.code, field.text);  // 0 would end the list
  writer.u8(0);
  writer.end_message();
}

void encode_report(BackendType type, const Report& report, std::string& out) {
  const std::string_view severity = name_of(report.severity);
  const std::string position = report.position > 0 ? std::to_string(report.position) : "";
  const ErrorFields::Field fields[] = {
      {error_field::kSeverity, severity},        {error_field::kSeverityNonlocalized, severity},
      {error_field::kSqlState, report.sqlstate}, {error_field::kMessage, report.message},
      {error_field::kDetail, report.detail},     {error_field::kHint, report.hint},
      {error_field::kPosition, position},
  };
  Writer writer(out);
  writer.begin_message(static_cast<char>(type));
  for (const ErrorFields::Field& field : fields)
    if (!field.text.empty()) write_field(writer, field.code, field.text);
  writer.u8(0);
  writer.end_message();
}

}  // namespace

std::string_view ErrorFields::find(char code) const {
  for (const Field& field : fields)
    if (field.code == code) return field.text;
  return {};
}

std::string_view ErrorFields::sqlstate() const {
  const std::string_view state = find(error_field::kSqlState);
  const bool well_formed = state.size() == 5 && std::ranges::all_of(state, [](char c) {
                             return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                           });
  return well_formed ? state : std::string_view();
}

DecodeError decode_head(ByteView head, ErrorResponse& out) {
  out.fields.clear();
  std::string_view left = text_of(head);
  while (!left.empty() && left.front() != 0 && out.fields.size() < kMaxErrorFields) {
    const char code = left.front();
    left.remove_prefix(1);
    const std::size_t size = std::min(left.find('\0'), left.size());
    out.fields.push_back({code, left.substr(0, size)});
    left.remove_prefix(std::min(size + 1, left.size()));
  }
  if (out.sqlstate().empty() || out.find(error_field::kMessage).empty())
    return {"a long error or notice does not begin with an SQLSTATE and a message"};
  return {};
}

DecodeError decode(ByteView body, ErrorResponse& out) {
  return decode_fields(body, out);
}
void encode(const ErrorResponse& message, std::string& out) {
  encode_fields(BackendType::kErrorResponse, message, out);
}

DecodeError decode(ByteView body, NoticeResponse& out) {
  return decode_fields(body, out);
}
void encode(const NoticeResponse& message, std::string& out) {
  encode_fields(BackendType::kNoticeResponse, message, out);
}

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "ERROR";
    case Severity::kFatal:
      return "FATAL";
    case Severity::kPanic:
      return "PANIC";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kNotice:
      return "NOTICE";
    case Severity::kDebug:
      return "DEBUG";
    case Severity::kInfo:
      return "INFO";
    case Severity::kLog:
      return "LOG";
  }
  return "ERROR";
}

void encode_error(const Report& report, std::string& out) {
  encode_report(BackendType::kErrorResponse, report, out);
}

void encode_notice(const Report& report, std::string& out) {
  encode_report(BackendType::kNoticeResponse, report, out);
}

}  // namespace tracegate::proto
