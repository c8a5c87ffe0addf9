// Reading and writing the fields that PostgreSQL messages are made of: big-endian integers, strings
// that end in NUL, counted bytes. Knows nothing of any message.
//
// Refuses to read past the end, to believe a count that the remaining bytes cannot hold, and to
// leave bytes unread. Threading: plain values, thread-confined. No exceptions, no I/O; a Reader
// never allocates.
//
// Format: PostgreSQL manual, "Message Data Types" (Int8, Int16, Int32, String, Byten).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tracegate::proto {

using ByteView = std::span<const std::uint8_t>;
using Oid = std::uint32_t;

// A field that may be NULL (length -1 on the wire): a parameter, a column of a row. Borrows.
using Value = std::optional<ByteView>;

// How a value is written. The protocol knows these two; a Bind or FunctionCall may carry any other
// number, which the store refuses by itself.
using FormatCode = std::int16_t;
inline constexpr FormatCode kTextFormat = 0;
inline constexpr FormatCode kBinaryFormat = 1;

[[nodiscard]] inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Why bytes were refused, or nothing. Like std::error_code it is true when there is an error:
//   if (DecodeError error = decode(body, parse)) return refuse(error.message);
// The texts are plain sentences of static storage, without a final stop, and never quote input.
struct [[nodiscard]] DecodeError {
  std::string_view message;
  std::string_view sqlstate = kProtocolViolation;  // under which a client should see it

  static constexpr std::string_view kProtocolViolation = "08P01";
  static constexpr std::string_view kLimitExceeded = "54000";
  static constexpr std::string_view kNotSupported = "0A000";

  constexpr explicit operator bool() const { return !message.empty(); }
  [[nodiscard]] constexpr bool ok() const { return message.empty(); }
};

[[nodiscard]] inline std::uint16_t load_u16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>((at[0] << 8) | at[1]);
}
[[nodiscard]] inline std::uint32_t load_u32(const std::uint8_t* at) {
  std::uint32_t raw = 0;
  std::memcpy(&raw, at, sizeof raw);
  return __builtin_bswap32(raw);
}
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "load_u32 and Writer swap bytes");

// Takes fields from the front of a message body. The first failure sticks: every later read gives
// zero or empty, and finish() tells why. So a decoder reads straight through and checks once.
// What it returns borrows from the body.
class Reader {
 public:
  explicit Reader(ByteView body) : at_(body.data()), left_(body.size()) {}

  std::uint8_t u8() { return take(1) ? at_[-1] : std::uint8_t{0}; }
  std::uint16_t u16() { return take(2) ? load_u16(at_ - 2) : std::uint16_t{0}; }
  std::int16_t i16() { return static_cast<std::int16_t>(u16()); }
  std::uint32_t u32() { return take(4) ? load_u32(at_ - 4) : 0; }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  Oid oid() { return u32(); }

  // A string up to its NUL, which is consumed and not returned.
  std::string_view cstring();
  ByteView bytes(std::size_t n) { return take(n) ? ByteView(at_ - n, n) : ByteView(); }
  ByteView rest() { return bytes(left_); }

  // A count of items that take at least `bytes_each` bytes each; fails if they cannot all follow,
  // so the result is safe to allocate for. Int16 counts are unsigned, as in PostgreSQL: a Bind may
  // have 65535 parameters.
  std::size_t count16(std::size_t bytes_each) { return checked_count(u16(), bytes_each); }
  std::size_t count32(std::size_t bytes_each) { return checked_count(u32(), bytes_each); }

  // Int32 length and as many bytes; -1 is NULL, any other negative length fails.
  Value value();

  [[nodiscard]] std::size_t remaining() const { return left_; }
  [[nodiscard]] bool failed() const { return static_cast<bool>(error_); }

  // Refuses the body for a reason of the message's own. `why` has static storage.
  void fail(std::string_view why);

  // To be called last: the first failure, or that bytes are left over, or success.
  DecodeError finish();

 private:
  bool take(std::size_t n) {
    if (n > left_) [[unlikely]] {
      fail("the message ends before its last field");
      return false;
    }
    at_ += n;
    left_ -= n;
    return true;
  }
  std::size_t checked_count(std::size_t count, std::size_t bytes_each);

  const std::uint8_t* at_;
  std::size_t left_;
  DecodeError error_;
};

// Appends messages to a string: begin_message, fields, end_message, which patches the length.
// What is written must not borrow from that string.
// Terminates the process if a message exceeds the protocol's maximum or a count its field: callers
// build messages from parts that were limited when they were read, so that is a fault of ours.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void begin_message(char type);
  void begin_untyped();  // the startup phase: length and body only
  void end_message();

  void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void u16(std::uint16_t v) {
    u8(static_cast<std::uint8_t>(v >> 8));
    u8(static_cast<std::uint8_t>(v));
  }
  void i16(std::int16_t v) { u16(static_cast<std::uint16_t>(v)); }
  void u32(std::uint32_t v);
  void i32(std::int32_t v) { u32(static_cast<std::uint32_t>(v)); }
  void oid(Oid v) { u32(v); }
  // Text and its NUL. What follows a NUL inside `text` is left out, so that no text can end its
  // field early and be read as further fields; decoded text never has one.
  void cstring(std::string_view text);
  void bytes(ByteView v) { out_.append(text_of(v)); }
  void count16(std::size_t count);
  void value(const Value& v);  // Int32 length and bytes, or -1

 private:
  std::string& out_;
  std::size_t length_at_ = 0;  // where the length of the open message stands
};

// The largest body a message can have: PostgreSQL refuses to allocate 1 GiB or more.
inline constexpr std::uint32_t kMaxBody = 0x3fffffff;

}  // namespace tracegate::proto
