#include "src/sql/text_limits.h"

#include <array>

namespace tracegate::sql {
namespace {

// Shorter texts cost at most a millisecond, whatever they are.
constexpr std::size_t kAlwaysPassed = 512;
// Steps over operator characters for each byte of text. Operators have at most 63 characters, so
// that no text of proper ones costs more.
constexpr std::size_t kMaxStepsPerByte = 64;

enum class Kind : std::uint8_t { kOther, kSpace, kWord, kOperator };

constexpr std::array<Kind, 256> make_kinds() {
  std::array<Kind, 256> kinds{};
  for (int c = 0; c < 256; ++c) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c >= 0x80;
    if (word) kinds[static_cast<std::size_t>(c)] = Kind::kWord;
  }
  for (const char c : std::string_view(" \t\n\r\f\v"))
    kinds[static_cast<unsigned char>(c)] = Kind::kSpace;
  for (const char c : std::string_view("~!@#^&|`?+-*/%<>="))
    kinds[static_cast<unsigned char>(c)] = Kind::kOperator;
  return kinds;
}
constexpr std::array<Kind, 256> kKinds = make_kinds();

class Meter {
 public:
  explicit Meter(std::string_view text) : text_(text) {}

  // Whether the text stays within the limits.
  bool run() {
    while (at_ < text_.size()) {
      step();
      if (tokens_ > kMaxTokens || steps_ > kMaxStepsPerByte * text_.size()) return false;
    }
    return true;
  }

 private:
  [[nodiscard]] Kind kind_at(std::size_t i) const {
    return kKinds[static_cast<unsigned char>(text_[i])];
  }
  [[nodiscard]] bool starts(std::string_view word) const {
    return text_.substr(at_, word.size()) == word;
  }

  void step() {
    switch (kind_at(at_)) {
      case Kind::kSpace:
        ++at_;
        return;
      case Kind::kWord:
        return word();
      case Kind::kOperator:
        if (starts("--")) return line_comment();
        if (starts("/*")) return block_comment();
        ++tokens_;
        look_along_operators();
        ++at_;
        return;
      case Kind::kOther:
        ++tokens_;
        if (text_[at_] == '\'') return quoted('\'', /*escapes=*/false);
        if (text_[at_] == '"') return quoted('"', /*escapes=*/false);
        if (text_[at_] == '$') return dollar();
        ++at_;
        return;
    }
  }

  void word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (kind_at(at_) == Kind::kWord || text_[at_] == '$')) ++at_;
    ++tokens_;
    const bool escape_prefix = at_ == begin + 1 && (text_[begin] == 'e' || text_[begin] == 'E');
    if (escape_prefix && starts("'")) quoted('\'', /*escapes=*/true);
  }

  void quoted(char quote, bool escapes) {
    const char stops[] = {quote, '\\'};
    const std::string_view until(stops, escapes ? 2 : 1);
    std::size_t from = at_ + 1;
    for (;;) {
      const std::size_t stop = text_.find_first_of(until, from);
      if (stop == std::string_view::npos) {
        at_ = text_.size();
        return;
      }
      const bool doubled = stop + 1 < text_.size() && text_[stop + 1] == quote;
      if (text_[stop] == quote && !doubled) {
        at_ = stop + 1;
        return;
      }
      from = stop + 2;  // a doubled quote, or a backslash and what it escapes
    }
  }

  void dollar() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && kind_at(end) == Kind::kWord) ++end;
    if (end >= text_.size() || text_[end] != '$') {
      at_ = end;
      return;
    }
    const std::string_view delimiter = text_.substr(at_, end + 1 - at_);
    const std::size_t close = text_.find(delimiter, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + delimiter.size();
  }

  void line_comment() {
    const std::size_t end = text_.find_first_of("\r\n", at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
  }

  void block_comment() {
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      if (starts("/*")) {
        look_along_operators();
        ++depth;
        at_ += 2;
        if (steps_ > kMaxStepsPerByte * text_.size()) return;
      } else if (starts("*/")) {
        at_ += 2;
        if (--depth == 0) return;
      } else {
        const std::size_t next = text_.find_first_of("*/", at_ + 1);
        at_ = next == std::string_view::npos ? text_.size() : next;
      }
    }
  }

  void look_along_operators() {
    if (run_end_ <= at_)
      for (run_end_ = at_; run_end_ < text_.size() && kind_at(run_end_) == Kind::kOperator;)
        ++run_end_;
    steps_ += run_end_ - at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t tokens_ = 0;
  std::size_t steps_ = 0;
  std::size_t run_end_ = 0;  // of the run of operator characters looked along last
};

}  // namespace

std::optional<SyntaxError> check_text_limits(std::string_view text) {
  if (text.size() <= kAlwaysPassed || Meter(text).run()) return std::nullopt;
  return SyntaxError{"memory exhausted: the statement has too many tokens to be judged", 0};
}

}  // namespace tracegate::sql
