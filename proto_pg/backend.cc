#include "proto_pg/backend.h"

#include <charconv>

namespace tracegate::proto {
namespace {

void begin(Writer& writer, BackendType type) {
  writer.begin_message(static_cast<char>(type));
}

// The server sends no other format, and a mask that met one would not know what it masks.
FormatCode checked_format(Reader& in, FormatCode format) {
  if (format != kTextFormat && format != kBinaryFormat)
    in.fail("the format of a column is neither text nor binary");
  return format;
}

template <BackendType kType>
DecodeError decode_copy(ByteView body, CopyResponse<kType>& out) {
  Reader in(body);
  out.format = checked_format(in, in.u8());
  out.column_formats.resize(in.count16(/*bytes_each=*/2));
  for (FormatCode& format : out.column_formats) format = checked_format(in, in.i16());
  return in.finish();
}

template <BackendType kType>
void encode_copy(const CopyResponse<kType>& message, std::string& out) {
  Writer writer(out);
  begin(writer, kType);
  writer.u8(static_cast<std::uint8_t>(message.format));
  writer.count16(message.column_formats.size());
  for (FormatCode format : message.column_formats) writer.i16(format);
  writer.end_message();
}

}  // namespace

DecodeError decode(ByteView body, BackendKeyData& out) {
  Reader in(body);
  out.process_id = in.i32();
  out.key = in.rest();
  if (out.key.size() < kMinCancelKey || out.key.size() > kMaxCancelKey)
    in.fail("a cancel key must have 4 to 256 bytes");
  return in.finish();
}

void encode(const BackendKeyData& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kBackendKeyData);
  writer.i32(message.process_id);
  writer.bytes(message.key);
  writer.end_message();
}

DecodeError decode(ByteView body, ParameterStatus& out) {
  Reader in(body);
  out.name = in.cstring();
  out.value = in.cstring();
  return in.finish();
}

void encode(const ParameterStatus& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kParameterStatus);
  writer.cstring(message.name);
  writer.cstring(message.value);
  writer.end_message();
}

DecodeError decode(ByteView body, ReadyForQuery& out) {
  Reader in(body);
  out.status = static_cast<TransactionStatus>(in.u8());
  switch (out.status) {
    case TransactionStatus::kIdle:
    case TransactionStatus::kInTransaction:
    case TransactionStatus::kFailed:
      return in.finish();
  }
  in.fail("the transaction status is not one of the protocol");
  return in.finish();
}

void encode(const ReadyForQuery& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kReadyForQuery);
  writer.u8(static_cast<std::uint8_t>(message.status));
  writer.end_message();
}

DecodeError decode(ByteView body, NegotiateProtocolVersion& out) {
  Reader in(body);
  out.newest = ProtocolVersion::of(in.u32());
  out.options.resize(in.count32(/*bytes_each=*/1));
  for (std::string_view& option : out.options) option = in.cstring();
  return in.finish();
}

void encode(const NegotiateProtocolVersion& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kNegotiateProtocolVersion);
  writer.u32(message.newest.code());
  writer.u32(static_cast<std::uint32_t>(message.options.size()));
  for (std::string_view option : message.options) writer.cstring(option);
  writer.end_message();
}

DecodeError decode(ByteView body, NotificationResponse& out) {
  Reader in(body);
  out.process_id = in.i32();
  out.channel = in.cstring();
  out.payload = in.cstring();
  return in.finish();
}

void encode(const NotificationResponse& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kNotificationResponse);
  writer.i32(message.process_id);
  writer.cstring(message.channel);
  writer.cstring(message.payload);
  writer.end_message();
}

DecodeError decode(ByteView body, RowDescription& out) {
  Reader in(body);
  out.fields.resize(in.count16(/*bytes_each=*/19));
  for (RowDescription::Field& field : out.fields) {
    field.name = in.cstring();
    field.table = in.oid();
    field.attribute = in.i16();
    field.type = in.oid();
    field.type_size = in.i16();
    field.type_modifier = in.i32();
    field.format = checked_format(in, in.i16());
  }
  return in.finish();
}

void encode(const RowDescription& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kRowDescription);
  writer.count16(message.fields.size());
  for (const RowDescription::Field& field : message.fields) {
    writer.cstring(field.name);
    writer.oid(field.table);
    writer.i16(field.attribute);
    writer.oid(field.type);
    writer.i16(field.type_size);
    writer.i32(field.type_modifier);
    writer.i16(field.format);
  }
  writer.end_message();
}

DecodeError decode(ByteView body, DataRow& out) {
  Reader in(body);
  out.columns.resize(in.count16(/*bytes_each=*/4));
  for (Value& column : out.columns) column = in.value();
  return in.finish();
}

void encode(const DataRow& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kDataRow);
  writer.count16(message.columns.size());
  for (const Value& column : message.columns) writer.value(column);
  writer.end_message();
}

DecodeError decode(ByteView body, ParameterDescription& out) {
  Reader in(body);
  out.types.resize(in.count16(/*bytes_each=*/4));
  for (Oid& type : out.types) type = in.oid();
  return in.finish();
}

void encode(const ParameterDescription& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kParameterDescription);
  writer.count16(message.types.size());
  for (Oid type : message.types) writer.oid(type);
  writer.end_message();
}

DecodeError decode(ByteView body, CommandComplete& out) {
  Reader in(body);
  out.tag = in.cstring();
  return in.finish();
}

void encode(const CommandComplete& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kCommandComplete);
  writer.cstring(message.tag);
  writer.end_message();
}

std::optional<std::uint64_t> row_count(std::string_view tag) {
  const std::size_t space = tag.rfind(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const char* const end = tag.data() + tag.size();
  std::uint64_t count = 0;
  const auto [stopped, error] = std::from_chars(tag.data() + space + 1, end, count);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return count;
}

DecodeError decode(ByteView body, CopyInResponse& out) {
  return decode_copy(body, out);
}
DecodeError decode(ByteView body, CopyOutResponse& out) {
  return decode_copy(body, out);
}
DecodeError decode(ByteView body, CopyBothResponse& out) {
  return decode_copy(body, out);
}
void encode(const CopyInResponse& message, std::string& out) {
  encode_copy(message, out);
}
void encode(const CopyOutResponse& message, std::string& out) {
  encode_copy(message, out);
}
void encode(const CopyBothResponse& message, std::string& out) {
  encode_copy(message, out);
}

DecodeError decode(ByteView body, FunctionCallResponse& out) {
  Reader in(body);
  out.result = in.value();
  return in.finish();
}

void encode(const FunctionCallResponse& message, std::string& out) {
  Writer writer(out);
  begin(writer, BackendType::kFunctionCallResponse);
  writer.value(message.result);
  writer.end_message();
}

}  // namespace tracegate::proto
