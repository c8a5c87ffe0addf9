#include "proto_pg/auth.h"

#include <algorithm>

#include "proto_pg/message_types.h"

namespace tracegate::proto {
namespace {

constexpr std::size_t kMaxMechanisms = 32;

// The Int32 that tells the messages of type 'R' apart.
template <typename Message>
constexpr std::uint32_t kCodeOf = 0;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationOk> = 0;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationKerberosV5> = 2;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationCleartextPassword> = 3;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationMD5Password> = 5;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationGSS> = 7;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationGSSContinue> = 8;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationSSPI> = 9;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationSASL> = 10;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationSASLContinue> = 11;
template <>
constexpr std::uint32_t kCodeOf<AuthenticationSASLFinal> = 12;

// What stands behind the code, message by message.
template <typename Message>
concept HasNoFields = std::is_empty_v<Message>;
template <typename Message>
concept IsData = requires(Message m) {
  m.data;
};

void read(Reader& /*in*/, HasNoFields auto& /*out*/) {}
void write(Writer& /*to*/, const HasNoFields auto& /*message*/) {}

void read(Reader& in, IsData auto& out) {
  out.data = in.rest();
}
void write(Writer& to, const IsData auto& message) {
  to.bytes(message.data);
}

void read(Reader& in, AuthenticationMD5Password& out) {
  const ByteView salt = in.bytes(out.salt.size());
  std::copy(salt.begin(), salt.end(), out.salt.begin());
}
void write(Writer& to, const AuthenticationMD5Password& message) {
  to.bytes(message.salt);
}

void read(Reader& in, AuthenticationSASL& out) {
  for (std::string_view name = in.cstring(); !name.empty(); name = in.cstring()) {
    if (out.mechanisms.size() == kMaxMechanisms) return in.fail("too many SASL mechanisms");
    out.mechanisms.push_back(name);
  }
  if (out.mechanisms.empty()) in.fail("the message names no SASL mechanism");
}
void write(Writer& to, const AuthenticationSASL& message) {
  for (std::string_view name : message.mechanisms)
    if (!name.empty() && name.front() != '\0') to.cstring(name);  // an empty one would end the list
  to.u8(0);
}

// Takes the alternative whose code it is.
template <typename... Messages>
void read_alternative(Reader& in, std::uint32_t code, std::variant<Messages...>& out) {
  const bool known =
      ((code == kCodeOf<Messages> && (read(in, out.template emplace<Messages>()), true)) || ...);
  if (!known) in.fail("the authentication request is not one of the protocol");
}

void begin_answer(Writer& writer) {
  writer.begin_message(static_cast<char>(FrontendType::kPassword));
}

void encode_answer(ByteView data, std::string& out) {
  Writer writer(out);
  begin_answer(writer);
  writer.bytes(data);
  writer.end_message();
}

}  // namespace

DecodeError decode(ByteView body, Authentication& out) {
  Reader in(body);
  const std::uint32_t code = in.u32();
  if (!in.failed()) read_alternative(in, code, out);
  return in.finish();
}

void encode(const Authentication& message, std::string& out) {
  Writer writer(out);
  writer.begin_message(static_cast<char>(BackendType::kAuthentication));
  std::visit(
      [&writer]<typename Message>(const Message& alternative) {
        writer.u32(kCodeOf<Message>);
        write(writer, alternative);
      },
      message);
  writer.end_message();
}

DecodeError decode(ByteView body, PasswordMessage& out) {
  Reader in(body);
  out.password = in.cstring();
  return in.finish();
}

void encode(const PasswordMessage& message, std::string& out) {
  Writer writer(out);
  begin_answer(writer);
  writer.cstring(message.password);
  writer.end_message();
}

DecodeError decode(ByteView body, SASLInitialResponse& out) {
  Reader in(body);
  out.mechanism = in.cstring();
  out.response = in.value();
  return in.finish();
}

void encode(const SASLInitialResponse& message, std::string& out) {
  Writer writer(out);
  begin_answer(writer);
  writer.cstring(message.mechanism);
  writer.value(message.response);
  writer.end_message();
}

DecodeError decode(ByteView body, SASLResponse& out) {
  Reader in(body);
  out.data = in.rest();
  return in.finish();
}

void encode(const SASLResponse& message, std::string& out) {
  encode_answer(message.data, out);
}

DecodeError decode(ByteView body, GSSResponse& out) {
  Reader in(body);
  out.data = in.rest();
  return in.finish();
}

void encode(const GSSResponse& message, std::string& out) {
  encode_answer(message.data, out);
}

}  // namespace tracegate::proto
