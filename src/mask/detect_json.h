// Reads a JSON text (RFC 8259) token by token, checking all of it, as strictly as PostgreSQL's json
// type does; and what its strings say behind their escapes.
//
// Like PostgreSQL's, this reader takes \u0000 and halves of surrogate pairs.
// Threading: a reader belongs to one thread. It borrows the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tracegate::mask::detect {

struct JsonToken {
  enum class Kind { kKey, kString, kNumber };
  Kind kind = Kind::kString;
  std::size_t begin = 0;  // in the text; of strings and keys what is between the quotes
  std::size_t end = 0;
  bool has_escapes = false;
};

class JsonReader {
 public:
  explicit JsonReader(std::string_view json) : json_(json) {}

  enum class Step { kToken, kEnd, kInvalid };
  // The next key, string or number. Deeper than kMaxDepth is invalid.
  [[nodiscard]] Step next(JsonToken& token);

  static constexpr std::size_t kMaxDepth = 10'000;

 private:
  enum class Expect { kValue, kFirstValue, kKey, kFirstKey, kColon, kNext, kNothing };

  [[nodiscard]] bool read_value(JsonToken& token, bool& is_token);
  [[nodiscard]] bool read_string(JsonToken& token);
  [[nodiscard]] bool read_number(JsonToken& token);
  [[nodiscard]] bool read_escape();
  [[nodiscard]] bool read_word(std::string_view word);
  [[nodiscard]] bool read_next();
  [[nodiscard]] bool open(bool object);
  void close();
  void skip_space();
  [[nodiscard]] std::size_t read_digits();

  std::string_view json_;
  std::size_t at_ = 0;
  Expect expect_ = Expect::kValue;
  std::vector<bool> objects_;  // what is open: objects and arrays
};

// Walks through what is between the quotes of a valid string.
class JsonCharacters {
 public:
  explicit JsonCharacters(std::string_view content) : content_(content) {}
  [[nodiscard]] bool done() const { return at_ == content_.size(); }
  [[nodiscard]] std::size_t at() const { return at_; }
  // Bytes of the character behind its escape, in UTF-8; valid until the next call. Bytes that are
  // not escaped come one by one.
  [[nodiscard]] std::string_view next();

 private:
  [[nodiscard]] unsigned code_unit(std::size_t at) const;

  std::string_view content_;
  std::size_t at_ = 0;
  std::string value_;
};

}  // namespace tracegate::mask::detect
