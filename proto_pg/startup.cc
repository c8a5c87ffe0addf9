#include "proto_pg/startup.h"

#include <algorithm>

namespace tracegate::proto {
namespace {

constexpr std::uint32_t kHeaderSize = 8;         // length and code
constexpr std::uint32_t kCancelHeaderSize = 12;  // and process id

constexpr std::string_view kNotStartup = "the first bytes are not a PostgreSQL startup packet";

StartupStatus refuse(DecodeError& error, DecodeError why) {
  error = why;
  return StartupStatus::kError;
}

// Whether a packet of that kind may have that length, which is at most kMaxStartupLength.
bool length_fits(StartupKind kind, std::uint32_t length) {
  switch (kind) {
    case StartupKind::kSslRequest:
    case StartupKind::kGssEncRequest:
      return length == kHeaderSize;
    case StartupKind::kCancelRequest:
      return length >= kCancelHeaderSize + kMinCancelKey &&
             length <= kCancelHeaderSize + kMaxCancelKey;
    case StartupKind::kStartupMessage:
      return length > kHeaderSize;  // the terminator at least
    case StartupKind::kTlsClientHello:
      break;
  }
  return false;
}

std::optional<StartupKind> kind_of(std::uint32_t code) {
  if (code == kSslRequestCode) return StartupKind::kSslRequest;
  if (code == kGssEncRequestCode) return StartupKind::kGssEncRequest;
  if (code == kCancelRequestCode) return StartupKind::kCancelRequest;
  if (ProtocolVersion::of(code).major == kLatestVersion.major) return StartupKind::kStartupMessage;
  return std::nullopt;
}

void encode_code_only(std::uint32_t code, std::string& out) {
  Writer writer(out);
  writer.begin_untyped();
  writer.u32(code);
  writer.end_message();
}

}  // namespace

StartupStatus peek_startup(ByteView in, StartupHeader& out, DecodeError& error) {
  if (in.empty()) return StartupStatus::kNeedMore;
  if (in[0] == kTlsHandshakeByte) {
    out = {StartupKind::kTlsClientHello, 0};
    return StartupStatus::kWhole;
  }
  // The upper half of every acceptable length is zero, so most strangers show at once.
  static_assert(kMaxStartupLength <= 0xffff);
  if (in[0] != 0 || (in.size() > 1 && in[1] != 0)) return refuse(error, {kNotStartup});
  if (in.size() < 4) return StartupStatus::kNeedMore;
  const std::uint32_t length = load_u32(in.data());
  if (length < kHeaderSize || length > kMaxStartupLength) return refuse(error, {kNotStartup});
  if (in.size() < kHeaderSize) return StartupStatus::kNeedMore;
  const std::optional<StartupKind> kind = kind_of(load_u32(in.data() + 4));
  if (!kind)
    return refuse(error, {"only versions 3.0 to 3.2 of the PostgreSQL protocol are supported",
                          DecodeError::kNotSupported});
  if (!length_fits(*kind, length))
    return refuse(error, {"the length of the startup packet does not fit its kind"});
  if (in.size() < length) return StartupStatus::kNeedMore;
  out = {*kind, length};
  return StartupStatus::kWhole;
}

std::optional<std::string_view> StartupMessage::find(std::string_view name) const {
  const auto last = std::find_if(parameters.rbegin(), parameters.rend(),
                                 [name](const auto& parameter) { return parameter.name == name; });
  if (last == parameters.rend()) return std::nullopt;
  return last->value;
}

std::vector<std::string_view> StartupMessage::protocol_options() const {
  std::vector<std::string_view> names;
  for (const StartupParameter& parameter : parameters)
    if (parameter.name.starts_with("_pq_.")) names.push_back(parameter.name);
  return names;
}

DecodeError decode(ByteView packet, StartupMessage& out) {
  Reader in(packet);
  if (in.u32() != packet.size()) in.fail("the startup packet has another length than it says");
  out.version = ProtocolVersion::of(in.u32());
  if (out.version.major != kLatestVersion.major) in.fail("the packet is not a startup message");
  out.parameters.clear();
  for (std::string_view name = in.cstring(); !name.empty(); name = in.cstring())
    out.parameters.push_back({name, in.cstring()});
  return in.finish();
}

void encode(const StartupMessage& message, std::string& out) {
  Writer writer(out);
  writer.begin_untyped();
  writer.u32(message.version.code());
  for (const StartupParameter& parameter : message.parameters) {
    if (parameter.name.empty() || parameter.name.front() == '\0') continue;  // would end the list
    writer.cstring(parameter.name);
    writer.cstring(parameter.value);
  }
  writer.u8(0);
  writer.end_message();
}

DecodeError decode(ByteView packet, CancelRequest& out) {
  Reader in(packet);
  if (in.u32() != packet.size()) in.fail("the startup packet has another length than it says");
  if (in.u32() != kCancelRequestCode) in.fail("the packet is not a cancel request");
  out.process_id = in.i32();
  out.key = in.rest();
  if (out.key.size() < kMinCancelKey || out.key.size() > kMaxCancelKey)
    in.fail("a cancel key must have 4 to 256 bytes");
  return in.finish();
}

void encode(const CancelRequest& message, std::string& out) {
  Writer writer(out);
  writer.begin_untyped();
  writer.u32(kCancelRequestCode);
  writer.i32(message.process_id);
  writer.bytes(message.key);
  writer.end_message();
}

void encode_ssl_request(std::string& out) {
  encode_code_only(kSslRequestCode, out);
}

void encode_gss_enc_request(std::string& out) {
  encode_code_only(kGssEncRequestCode, out);
}

}  // namespace tracegate::proto
