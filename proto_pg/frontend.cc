#include "proto_pg/frontend.h"

#include <algorithm>

namespace tracegate::proto {
namespace {

void begin(Writer& writer, FrontendType type) {
  writer.begin_message(static_cast<char>(type));
}

void read_formats(Reader& in, std::vector<FormatCode>& out) {
  out.resize(in.count16(/*bytes_each=*/2));
  for (FormatCode& format : out) format = in.i16();
}

void write_formats(Writer& writer, const std::vector<FormatCode>& formats) {
  writer.count16(formats.size());
  for (FormatCode format : formats) writer.i16(format);
}

void read_values(Reader& in, std::vector<Value>& out) {
  out.resize(in.count16(/*bytes_each=*/4));
  for (Value& value : out) value = in.value();
}

void write_values(Writer& writer, const std::vector<Value>& values) {
  writer.count16(values.size());
  for (const Value& value : values) writer.value(value);
}

Target read_target(Reader& in) {
  const auto target = static_cast<char>(in.u8());
  if (target == static_cast<char>(Target::kPortal)) return Target::kPortal;
  if (target != static_cast<char>(Target::kStatement))
    in.fail("the message is about neither a statement nor a portal");
  return Target::kStatement;
}

void encode_targeted(FrontendType type, Target target, std::string_view name, std::string& out) {
  Writer writer(out);
  begin(writer, type);
  writer.u8(static_cast<std::uint8_t>(target));
  writer.cstring(name);
  writer.end_message();
}

void encode_text(FrontendType type, std::string_view text, std::string& out) {
  Writer writer(out);
  begin(writer, type);
  writer.cstring(text);
  writer.end_message();
}

}  // namespace

DecodeError decode(ByteView body, Query& out) {
  Reader in(body);
  out.text = in.cstring();
  return in.finish();
}

void encode(const Query& message, std::string& out) {
  encode_text(FrontendType::kQuery, message.text, out);
}

DecodeError decode(ByteView body, Parse& out) {
  Reader in(body);
  out.statement = in.cstring();
  out.query = in.cstring();
  out.parameter_types.resize(in.count16(/*bytes_each=*/4));
  for (Oid& oid : out.parameter_types) oid = in.oid();
  return in.finish();
}

void encode(const Parse& message, std::string& out) {
  Writer writer(out);
  begin(writer, FrontendType::kParse);
  writer.cstring(message.statement);
  writer.cstring(message.query);
  writer.count16(message.parameter_types.size());
  for (Oid oid : message.parameter_types) writer.oid(oid);
  writer.end_message();
}

DecodeError decode(ByteView body, Bind& out) {
  Reader in(body);
  out.portal = in.cstring();
  out.statement = in.cstring();
  read_formats(in, out.parameter_formats);
  read_values(in, out.parameters);
  read_formats(in, out.result_formats);
  return in.finish();
}

void encode(const Bind& message, std::string& out) {
  Writer writer(out);
  begin(writer, FrontendType::kBind);
  writer.cstring(message.portal);
  writer.cstring(message.statement);
  write_formats(writer, message.parameter_formats);
  write_values(writer, message.parameters);
  write_formats(writer, message.result_formats);
  writer.end_message();
}

HeadStatus decode_head(ByteView available, std::uint32_t body_length, BindHead& out,
                       DecodeError& error) {
  const std::size_t head_length = std::min(std::size_t{body_length}, kMaxBindHead);
  Reader in(available.first(std::min(available.size(), head_length)));
  out.portal = in.cstring();
  out.statement = in.cstring();
  if (!in.failed()) return HeadStatus::kComplete;
  if (available.size() < head_length) return HeadStatus::kNeedMore;
  if (head_length == body_length)
    error = in.finish();
  else
    error = {"the names in the Bind message are longer than the limit",
             DecodeError::kLimitExceeded};
  return HeadStatus::kError;
}

DecodeError decode(ByteView body, Describe& out) {
  Reader in(body);
  out.target = read_target(in);
  out.name = in.cstring();
  return in.finish();
}

void encode(const Describe& message, std::string& out) {
  encode_targeted(FrontendType::kDescribe, message.target, message.name, out);
}

DecodeError decode(ByteView body, Close& out) {
  Reader in(body);
  out.target = read_target(in);
  out.name = in.cstring();
  return in.finish();
}

void encode(const Close& message, std::string& out) {
  encode_targeted(FrontendType::kClose, message.target, message.name, out);
}

DecodeError decode(ByteView body, Execute& out) {
  Reader in(body);
  out.portal = in.cstring();
  out.max_rows = in.i32();
  return in.finish();
}

void encode(const Execute& message, std::string& out) {
  Writer writer(out);
  begin(writer, FrontendType::kExecute);
  writer.cstring(message.portal);
  writer.i32(message.max_rows);
  writer.end_message();
}

DecodeError decode(ByteView body, FunctionCall& out) {
  Reader in(body);
  out.function = in.oid();
  read_formats(in, out.argument_formats);
  read_values(in, out.arguments);
  out.result_format = in.i16();
  return in.finish();
}

void encode(const FunctionCall& message, std::string& out) {
  Writer writer(out);
  begin(writer, FrontendType::kFunctionCall);
  writer.oid(message.function);
  write_formats(writer, message.argument_formats);
  write_values(writer, message.arguments);
  writer.i16(message.result_format);
  writer.end_message();
}

void encode(const CopyData& message, std::string& out) {
  Writer writer(out);
  begin(writer, FrontendType::kCopyData);
  writer.bytes(message.data);
  writer.end_message();
}

DecodeError decode(ByteView body, CopyFail& out) {
  Reader in(body);
  out.reason = in.cstring();
  return in.finish();
}

void encode(const CopyFail& message, std::string& out) {
  encode_text(FrontendType::kCopyFail, message.reason, out);
}

}  // namespace tracegate::proto
