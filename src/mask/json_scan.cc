#include "src/mask/json_scan.h"

#include <cstring>

#include "src/mask/hex.h"

namespace tracegate::mask {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether a byte of `chunk` is a control character, a quote or a backslash. May also say so of a
// chunk with a byte that follows one of these.
bool has_special(std::uint64_t chunk) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kTops = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t x) { return (x - kOnes) & ~x & kTops; };
  const std::uint64_t below_space = (chunk - kOnes * 0x20) & ~chunk & kTops;
  return (below_space | has_zero(chunk ^ (kOnes * '"')) | has_zero(chunk ^ (kOnes * '\\'))) != 0;
}

// The four digits of \uXXXX, known to be digits.
std::uint32_t code_unit(std::string_view digits) {
  std::uint32_t unit = 0;
  for (const char c : digits.substr(0, 4)) unit = unit << 4 | hex_digit(c).value_or(0);
  return unit;
}

void append_utf8(std::uint32_t code, std::string& out) {
  const auto byte = [&](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      byte(0xe0 | code >> 12);
    } else {
      byte(0xf0 | code >> 18);
      byte(0x80 | (code >> 12 & 0x3f));
    }
    byte(0x80 | (code >> 6 & 0x3f));
  }
  byte(0x80 | (code & 0x3f));
}

char unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

bool JsonScanner::in_object() const {
  const std::size_t level = depth_ - 1;
  return depth_ > 0 && (kinds_[level / 64] >> (level % 64) & 1) != 0;
}

void JsonScanner::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return;
    ++at_;
  }
}

JsonEvent JsonScanner::next() {
  skip_space();
  begin_ = at_;
  switch (expect_) {
    case Expect::kValue:
      return value();
    case Expect::kColon:
      return step(':') ? value() : JsonEvent::kInvalid;
    case Expect::kFirstElement:
      return is_at(']') ? close(false) : value();
    case Expect::kFirstKey:
      return is_at('}') ? close(true) : key();
    case Expect::kCommaOrEnd:
      return comma_or_end();
    case Expect::kEnd:
      return at_ == text_.size() ? JsonEvent::kEnd : JsonEvent::kInvalid;
  }
  return JsonEvent::kInvalid;
}

bool JsonScanner::skip_container() {
  const std::size_t outside = depth_ - 1;
  while (depth_ > outside)
    if (next() == JsonEvent::kInvalid) return false;
  return true;
}

JsonEvent JsonScanner::value() {
  if (at_ == text_.size()) return JsonEvent::kInvalid;
  switch (text_[at_]) {
    case '{':
      return open(true);
    case '[':
      return open(false);
    case '"':
      return scalar(JsonEvent::kString, string());
    case 't':
      return scalar(JsonEvent::kBoolean, word("true"));
    case 'f':
      return scalar(JsonEvent::kBoolean, word("false"));
    case 'n':
      return scalar(JsonEvent::kNull, word("null"));
    default:
      return scalar(JsonEvent::kNumber, number());
  }
}

JsonEvent JsonScanner::scalar(JsonEvent event, bool valid) {
  expect_ = depth_ == 0 ? Expect::kEnd : Expect::kCommaOrEnd;
  return valid ? event : JsonEvent::kInvalid;
}

JsonEvent JsonScanner::key() {
  if (!is_at('"') || !string()) return JsonEvent::kInvalid;
  expect_ = Expect::kColon;
  return JsonEvent::kKey;
}

JsonEvent JsonScanner::comma_or_end() {
  const bool is_object = in_object();
  if (is_at(is_object ? '}' : ']')) return close(is_object);
  if (!step(',')) return JsonEvent::kInvalid;
  return is_object ? key() : value();
}

// To what stands behind the symbol and space; false if it is not there.
bool JsonScanner::step(char symbol) {
  if (!is_at(symbol)) return false;
  ++at_;
  skip_space();
  begin_ = at_;
  return true;
}

JsonEvent JsonScanner::open(bool is_object) {
  if (depth_ == kMaxDepth) return JsonEvent::kInvalid;
  const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
  std::uint64_t& kinds = kinds_[depth_ / 64];
  if (depth_ % 64 == 0) kinds = 0;
  kinds = is_object ? kinds | bit : kinds & ~bit;
  ++depth_;
  ++at_;
  expect_ = is_object ? Expect::kFirstKey : Expect::kFirstElement;
  return is_object ? JsonEvent::kBeginObject : JsonEvent::kBeginArray;
}

JsonEvent JsonScanner::close(bool is_object) {
  --depth_;
  ++at_;
  return scalar(is_object ? JsonEvent::kEndObject : JsonEvent::kEndArray, true);
}

bool JsonScanner::string() {
  has_escape_ = false;
  ++at_;
  for (;;) {
    while (at_ + 8 <= text_.size()) {
      std::uint64_t chunk = 0;
      std::memcpy(&chunk, text_.data() + at_, sizeof chunk);
      if (has_special(chunk)) break;
      at_ += 8;
    }
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    if (c == '"') return true;
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c == '\\' && !escape()) return false;
  }
}

bool JsonScanner::escape() {
  has_escape_ = true;
  if (at_ == text_.size()) return false;
  const char c = text_[at_++];
  if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
  for (int i = 0; i < 4; ++i, ++at_)
    if (at_ == text_.size() || !hex_digit(text_[at_])) return false;
  return true;
}

bool JsonScanner::digits() {
  const std::size_t first = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  return at_ > first;
}

bool JsonScanner::number() {
  if (is_at('-')) ++at_;
  if (is_at('0'))
    ++at_;
  else if (!digits())
    return false;
  if (is_at('.')) {
    ++at_;
    if (!digits()) return false;
  }
  if (!is_at('e') && !is_at('E')) return true;
  ++at_;
  if (is_at('+') || is_at('-')) ++at_;
  return digits();
}

bool JsonScanner::word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool append_unescaped(std::string_view body, std::string& out) {
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t escape = std::min(body.find('\\', at), body.size());
    out.append(body.substr(at, escape - at));
    if (escape == body.size()) return true;
    at = escape + 2;
    if (body[escape + 1] != 'u') {
      out.push_back(unescaped(body[escape + 1]));
      continue;
    }
    std::uint32_t code = code_unit(body.substr(at));
    at += 4;
    if (code >= 0xdc00 && code <= 0xdfff) return false;
    if (code >= 0xd800 && code <= 0xdbff) {
      if (body.substr(at, 2) != "\\u") return false;
      const std::uint32_t low = code_unit(body.substr(at + 2));
      if (low < 0xdc00 || low > 0xdfff) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at += 6;
    }
    append_utf8(code, out);
  }
  return true;
}

void append_json_string(std::string_view text, std::string& out) {
  constexpr std::string_view kNamed = "\b\f\n\r\t\"\\";
  constexpr std::string_view kNames = "bfnrt\"\\";
  out.push_back('"');
  std::size_t plain = 0;  // where what needs no escape begins
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<std::uint8_t>(text[at]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text.substr(plain, at - plain)).push_back('\\');
    plain = at + 1;
    const std::size_t named = kNamed.find(text[at]);
    if (named != std::string_view::npos) {
      out.push_back(kNames[named]);
    } else {
      out += "u00";
      append_hex({&byte, 1}, out);
    }
  }
  out.append(text.substr(plain)).push_back('"');
}

}  // namespace tracegate::mask
