// parse_json_path() of spec.h.
#include "src/base/utf8.h"
#include "src/mask/spec.h"

namespace tracegate::mask {
namespace {

constexpr std::size_t kMaxSteps = 32;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class PathParser {
 public:
  explicit PathParser(std::string_view text) : rest_(text) {}

  std::optional<std::vector<JsonStep>> parse() {
    if (!is_valid_utf8(rest_) || rest_.find('\0') != std::string_view::npos) return std::nullopt;
    std::vector<JsonStep> steps;
    do {
      std::optional<JsonStep> step = next(steps.empty());
      if (!step || steps.size() == kMaxSteps) return std::nullopt;
      steps.push_back(std::move(*step));
    } while (!rest_.empty());
    return steps;
  }

 private:
  std::optional<JsonStep> next(bool is_first) {
    if (take("[*]")) return JsonStep{JsonStep::Kind::kAnyElement, {}};
    if (!is_first && !take(".")) return std::nullopt;
    if (take("*")) return JsonStep{JsonStep::Kind::kAnyKey, {}};
    std::optional<std::string> key = take("\"") ? quoted() : word();
    if (!key) return std::nullopt;
    return JsonStep{JsonStep::Kind::kKey, std::move(*key)};
  }

  bool take(std::string_view symbol) {
    if (!rest_.starts_with(symbol)) return false;
    rest_.remove_prefix(symbol.size());
    return true;
  }

  // Up to the quote that ends it; \" and \\ stand for themselves.
  std::optional<std::string> quoted() {
    std::string key;
    while (!rest_.empty()) {
      if (take("\"")) return key;
      if (take("\\") && !rest_.starts_with('"') && !rest_.starts_with('\\')) return std::nullopt;
      key.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    return std::nullopt;
  }

  std::optional<std::string> word() {
    std::size_t length = 0;
    while (length < rest_.size() && (is_letter(rest_[length]) ||
                                     (length > 0 && rest_[length] >= '0' && rest_[length] <= '9')))
      ++length;
    if (length == 0) return std::nullopt;
    std::string key(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return key;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::vector<JsonStep>> parse_json_path(std::string_view text) {
  return PathParser(text).parse();
}

}  // namespace tracegate::mask
