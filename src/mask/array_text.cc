#include "src/mask/array_text.h"

#include <algorithm>

namespace tracegate::mask {
namespace {

constexpr std::size_t kMaxDimensions = 6;
constexpr std::string_view kNull = "NULL";
// What only quotes keep from meaning something: array_isspace() and the symbols.
constexpr std::string_view kSpecial = " \t\n\r\v\f\"\\{},";

bool is_null_word(std::string_view text) {
  const auto same = [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; };
  return std::equal(text.begin(), text.end(), kNull.begin(), kNull.end(), same);
}

}  // namespace

bool ArrayTextReader::take(char symbol) {
  if (!rest_.starts_with(symbol)) return false;
  rest_.remove_prefix(1);
  return true;
}

// "[0:2][-1:1]=" before the braces.
bool ArrayTextReader::skip_bounds() {
  has_begun_ = true;
  if (rest_.starts_with('[')) {
    const std::size_t end = rest_.find_first_not_of("[]0123456789:-");
    rest_.remove_prefix(std::min(end, rest_.size()));
    if (!take('=')) return false;
  }
  if (!take('{')) return false;
  depth_ = 1;
  just_opened_ = true;
  return true;
}

ArrayTextReader::Item ArrayTextReader::next() {
  if (!has_begun_ && !skip_bounds()) return Item::kInvalid;
  while (depth_ > 0) {
    const bool may_close = behind_item_ || just_opened_;
    if (take('}')) {
      if (!may_close) return Item::kInvalid;
      --depth_;
      behind_item_ = true;
      just_opened_ = false;
    } else if (behind_item_) {
      if (!take(',')) return Item::kInvalid;
      behind_item_ = false;
    } else if (take('{')) {
      if (++depth_ > kMaxDimensions) return Item::kInvalid;
      just_opened_ = true;
    } else {
      behind_item_ = true;
      just_opened_ = false;
      return take('"') ? quoted() : bare();
    }
  }
  return rest_.empty() ? Item::kEnd : Item::kInvalid;
}

ArrayTextReader::Item ArrayTextReader::quoted() {
  memory_.clear();
  for (;;) {
    const std::size_t length = rest_.find_first_of("\"\\");
    if (length == std::string_view::npos) return Item::kInvalid;
    const char symbol = rest_[length];
    element_ = rest_.substr(0, length);
    rest_.remove_prefix(length + 1);
    if (symbol == '"') break;
    if (rest_.empty()) return Item::kInvalid;
    memory_.append(element_).push_back(rest_.front());
    rest_.remove_prefix(1);
  }
  if (!memory_.empty()) element_ = memory_.append(element_);
  return Item::kElement;
}

ArrayTextReader::Item ArrayTextReader::bare() {
  element_ = rest_.substr(0, rest_.find_first_of(kSpecial));
  rest_.remove_prefix(element_.size());
  if (element_.empty()) return Item::kInvalid;
  return element_ == kNull ? Item::kNull : Item::kElement;
}

void append_array_element(std::string_view text, std::string& out) {
  if (!text.empty() && text.find_first_of(kSpecial) == std::string_view::npos &&
      !is_null_word(text)) {
    out += text;
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace tracegate::mask
