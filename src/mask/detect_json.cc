#include "src/mask/detect_json.h"

#include <cstdint>
#include <cstring>

#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

// What a string may hold as it is.
bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// The first character from `at` on that is not; eight bytes at a time while all of them are.
std::size_t plain_end(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHighest = kOnes << 7;
  // Whether a byte is less than `limit`; a byte behind such a one may show as well.
  const auto has_less = [](std::uint64_t bytes, std::uint64_t limit) {
    return ((bytes - kOnes * limit) & ~bytes & kHighest) != 0;
  };
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    if (has_less(bytes, 0x20) || has_less(bytes ^ kOnes * '"', 1) ||
        has_less(bytes ^ kOnes * '\\', 1))
      break;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_utf8(unsigned code_point, std::string& out) {
  const auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  }
}

}  // namespace

JsonReader::Step JsonReader::next(JsonToken& token) {
  for (;;) {
    skip_space();
    if (expect_ == Expect::kNothing) return at_ == json_.size() ? Step::kEnd : Step::kInvalid;
    if (at_ == json_.size()) return Step::kInvalid;
    switch (expect_) {
      case Expect::kFirstKey:
        if (json_[at_] == '}') {
          close();
          continue;
        }
        [[fallthrough]];
      case Expect::kKey:
        if (!read_string(token)) return Step::kInvalid;
        token.kind = JsonToken::Kind::kKey;
        expect_ = Expect::kColon;
        return Step::kToken;
      case Expect::kColon:
        if (json_[at_++] != ':') return Step::kInvalid;
        expect_ = Expect::kValue;
        continue;
      case Expect::kFirstValue:
        if (json_[at_] == ']') {
          close();
          continue;
        }
        [[fallthrough]];
      case Expect::kValue: {
        bool is_token = false;
        if (!read_value(token, is_token)) return Step::kInvalid;
        if (is_token) return Step::kToken;
        continue;
      }
      case Expect::kNext:
        if (!read_next()) return Step::kInvalid;
        continue;
      case Expect::kNothing:
        break;
    }
  }
}

bool JsonReader::read_value(JsonToken& token, bool& is_token) {
  const char first = json_[at_];
  if (first == '{') return open(true);
  if (first == '[') return open(false);
  expect_ = objects_.empty() ? Expect::kNothing : Expect::kNext;
  is_token = true;
  if (first == '"') {
    token.kind = JsonToken::Kind::kString;
    return read_string(token);
  }
  if (first == '-' || is(first, kDigit)) {
    token.kind = JsonToken::Kind::kNumber;
    return read_number(token);
  }
  is_token = false;
  return read_word("true") || read_word("false") || read_word("null");
}

bool JsonReader::read_next() {
  const char sign = json_[at_];
  if (sign == (objects_.back() ? '}' : ']')) {
    close();
    return true;
  }
  if (sign != ',') return false;
  ++at_;
  expect_ = objects_.back() ? Expect::kKey : Expect::kValue;
  return true;
}

bool JsonReader::open(bool object) {
  if (objects_.size() == kMaxDepth) return false;
  objects_.push_back(object);
  expect_ = object ? Expect::kFirstKey : Expect::kFirstValue;
  ++at_;
  return true;
}

void JsonReader::close() {
  objects_.pop_back();
  expect_ = objects_.empty() ? Expect::kNothing : Expect::kNext;
  ++at_;
}

void JsonReader::skip_space() {
  while (at_ < json_.size() &&
         (json_[at_] == ' ' || json_[at_] == '\n' || json_[at_] == '\t' || json_[at_] == '\r'))
    ++at_;
}

bool JsonReader::read_word(std::string_view word) {
  if (!has_at(json_, at_, word)) return false;
  at_ += word.size();
  return true;
}

bool JsonReader::read_string(JsonToken& token) {
  if (json_[at_] != '"') return false;
  token.begin = ++at_;
  token.has_escapes = false;
  for (;;) {
    at_ = plain_end(json_, at_);
    if (at_ == json_.size()) return false;
    if (json_[at_] == '"') break;
    if (json_[at_] != '\\' || !read_escape()) return false;
    token.has_escapes = true;
  }
  token.end = at_++;
  return true;
}

bool JsonReader::read_escape() {
  const std::size_t escape = at_ + 1;
  if (escape >= json_.size()) return false;
  if (json_[escape] == 'u') {
    at_ = run_end(json_.substr(0, escape + 5), escape + 1, kHex);
    return at_ == escape + 5;
  }
  at_ += 2;
  return std::string_view("\"\\/bfnrt").find(json_[escape]) != std::string_view::npos;
}

std::size_t JsonReader::read_digits() {
  const std::size_t begin = at_;
  at_ = run_end(json_, at_, kDigit);
  return at_ - begin;
}

bool JsonReader::read_number(JsonToken& token) {
  token.begin = at_;
  token.has_escapes = false;
  if (json_[at_] == '-') ++at_;
  const bool zero = has_at(json_, at_, "0");
  const std::size_t digits = read_digits();
  if (digits == 0 || (zero && digits > 1)) return false;
  if (has_at(json_, at_, ".")) {
    ++at_;
    if (read_digits() == 0) return false;
  }
  if (has_at(json_, at_, "e") || has_at(json_, at_, "E")) {
    ++at_;
    if (has_at(json_, at_, "+") || has_at(json_, at_, "-")) ++at_;
    if (read_digits() == 0) return false;
  }
  token.end = at_;
  return true;
}

unsigned JsonCharacters::code_unit(std::size_t at) const {
  unsigned unit = 0;
  for (const char c : content_.substr(at + 2, 4)) {
    const unsigned digit = is(c, kDigit) ? static_cast<unsigned>(c - '0')
                                         : (static_cast<unsigned>(c) | 0x20) - 'a' + 10;
    unit = unit << 4 | digit;
  }
  return unit;
}

std::string_view JsonCharacters::next() {
  if (content_[at_] != '\\') return content_.substr(at_++, 1);
  const char escape = content_[at_ + 1];
  value_.clear();
  if (escape != 'u') {
    constexpr std::string_view kNames = "bfnrt";
    constexpr std::string_view kValues = "\b\f\n\r\t";
    const std::size_t name = kNames.find(escape);
    value_ = name == std::string_view::npos ? escape : kValues[name];
    at_ += 2;
    return value_;
  }
  unsigned code_point = code_unit(at_);
  at_ += 6;
  if (code_point >= 0xd800 && code_point < 0xdc00 && has_at(content_, at_, "\\u")) {
    const unsigned low = code_unit(at_);
    if (low >= 0xdc00 && low < 0xe000) {
      code_point = 0x10000 + ((code_point - 0xd800) << 10) + (low - 0xdc00);
      at_ += 6;
    }
  }
  append_utf8(code_point, value_);
  return value_;
}

}  // namespace tracegate::mask::detect
