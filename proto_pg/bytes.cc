#include "proto_pg/bytes.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace tracegate::proto {
namespace {

[[noreturn]] void broken_invariant(const char* what) {
  std::fprintf(stderr, "tracegate: proto_pg: %s\n", what);
  std::abort();
}

constexpr std::size_t kLengthSize = 4;

std::array<char, kLengthSize> big_endian(std::uint32_t v) {
  return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
          static_cast<char>(v)};
}

}  // namespace

std::string_view Reader::cstring() {
  const void* nul = left_ == 0 ? nullptr : std::memchr(at_, 0, left_);
  if (nul == nullptr) {
    fail("a text in the message has no end");
    return {};
  }
  const auto length = static_cast<std::size_t>(static_cast<const std::uint8_t*>(nul) - at_);
  const std::string_view text = text_of({at_, length});
  at_ += length + 1;
  left_ -= length + 1;
  return text;
}

Value Reader::value() {
  const std::int32_t length = i32();
  if (length == -1) return std::nullopt;
  if (length < -1) {
    fail("a length in the message is negative");
    return std::nullopt;
  }
  return bytes(static_cast<std::size_t>(length));
}

std::size_t Reader::checked_count(std::size_t count, std::size_t bytes_each) {
  if (count <= left_ / bytes_each) return count;
  fail("the message announces more items than it has bytes for");
  return 0;
}

void Reader::fail(std::string_view why) {
  if (!failed()) error_.message = why;
  left_ = 0;
}

DecodeError Reader::finish() {
  if (left_ != 0) fail("the message has bytes behind its last field");
  return error_;
}

void Writer::begin_message(char type) {
  out_.push_back(type);
  begin_untyped();
}

void Writer::begin_untyped() {
  length_at_ = out_.size();
  out_.append(kLengthSize, '\0');
}

void Writer::end_message() {
  const std::size_t length = out_.size() - length_at_;
  if (length > kLengthSize + kMaxBody) broken_invariant("a message was written that is too long");
  const auto wire = big_endian(static_cast<std::uint32_t>(length));
  out_.replace(length_at_, wire.size(), wire.data(), wire.size());
}

void Writer::u32(std::uint32_t v) {
  const auto wire = big_endian(v);
  out_.append(wire.data(), wire.size());
}

void Writer::cstring(std::string_view text) {
  out_.append(text.substr(0, text.find('\0')));
  out_.push_back('\0');
}

void Writer::count16(std::size_t count) {
  if (count > 0xffff) broken_invariant("a message was written that has too many items");
  u16(static_cast<std::uint16_t>(count));
}

void Writer::value(const Value& v) {
  if (!v) return i32(-1);
  u32(static_cast<std::uint32_t>(v->size()));  // end_message() refuses what does not fit
  bytes(*v);
}

}  // namespace tracegate::proto
