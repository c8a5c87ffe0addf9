// JSON text (RFC 8259) piece by piece, without a tree, memory or recursion. It says where each
// piece stands, so that whoever edits the text can leave every other byte as it is. Grammar and
// escapes are checked; whether the bytes are UTF-8, whether surrogates come in pairs, whether keys
// are unique and what numbers mean is not.
// Threading: an object belongs to one thread; the functions are pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tracegate::mask {

enum class JsonEvent : std::uint8_t {
  kBeginObject,
  kEndObject,
  kBeginArray,
  kEndArray,
  kKey,
  kString,
  kNumber,
  kBoolean,
  kNull,
  kEnd,      // of the text: it was valid
  kInvalid,  // it is not, or nests deeper than kMaxDepth
};

class JsonScanner {
 public:
  // More than PostgreSQL reads with its default max_stack_depth.
  static constexpr std::size_t kMaxDepth = 65'536;

  // Borrows the text.
  explicit JsonScanner(std::string_view text) : text_(text) {}

  // Not to be called again behind kEnd and kInvalid.
  JsonEvent next();
  // Goes on behind the end of the object or array that just began; false if it is not valid.
  [[nodiscard]] bool skip_container();
  // Where the last event's piece stands, quotes included: [begin, end).
  [[nodiscard]] std::size_t begin() const { return begin_; }
  [[nodiscard]] std::size_t end() const { return at_; }
  // Of the last kKey or kString: what is between the quotes, as written.
  [[nodiscard]] std::string_view body() const { return text_.substr(begin_ + 1, at_ - begin_ - 2); }
  [[nodiscard]] bool has_escape() const { return has_escape_; }
  // Objects and arrays that are open.
  [[nodiscard]] std::size_t depth() const { return depth_; }
  // Whether the innermost of them is an object.
  [[nodiscard]] bool in_object() const;

 private:
  enum class Expect : std::uint8_t {
    kValue,
    kColon,
    kFirstElement,  // or the end of the array
    kFirstKey,      // or the end of the object
    kCommaOrEnd,
    kEnd,
  };

  void skip_space();
  [[nodiscard]] bool step(char symbol);
  JsonEvent value();
  JsonEvent key();
  JsonEvent comma_or_end();
  JsonEvent open(bool is_object);
  JsonEvent close(bool is_object);
  JsonEvent scalar(JsonEvent event, bool valid);
  [[nodiscard]] bool string();
  [[nodiscard]] bool escape();
  [[nodiscard]] bool number();
  [[nodiscard]] bool digits();
  [[nodiscard]] bool word(std::string_view word);
  [[nodiscard]] bool is_at(char c) const { return at_ < text_.size() && text_[at_] == c; }

  std::string_view text_;
  std::size_t begin_ = 0;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Expect expect_ = Expect::kValue;
  bool has_escape_ = false;
  // One bit for each level, set for objects; a word has a value once its first level was reached.
  std::array<std::uint64_t, kMaxDepth / 64> kinds_;
};

// Appends what the body of a string stands for, escapes resolved; false if a surrogate stands alone
// (then some may have been appended). `body` is of a valid string.
[[nodiscard]] bool append_unescaped(std::string_view body, std::string& out);
// Appends `text` as a string with quotes, escaped as PostgreSQL's escape_json() does
// (utils/adt/json.c).
void append_json_string(std::string_view text, std::string& out);

}  // namespace tracegate::mask
