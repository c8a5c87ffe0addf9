// Puts marks into the strings, keys and numbers of a JSON text.
//
// What the strings say is put together into one text, piece by piece with separators between, and
// searched at once: most strings are short, and a search has a price of its own. A key stands
// before its value, so it is the value's label. Nothing is found across strings, but a private key
// whose lines are strings of their own: each of them is marked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/mask/detect_json.h"
#include "src/mask/detect_search.h"

namespace tracegate::mask::detect {

// Searches add spans to `found`.
class TextSearch {
 public:
  virtual ~TextSearch() = default;
  virtual void find_builtin(std::string_view text, std::vector<Span>& found) const = 0;
  virtual void find_custom(std::string_view text, std::vector<Span>& found) const = 0;
  [[nodiscard]] virtual bool has_custom() const = 0;
  // Whether find_custom() may find something in parts of the text, with control characters between.
  [[nodiscard]] virtual bool may_find_custom(std::string_view text) const = 0;
  // What stands in place of spans with that mark: "[email]".
  [[nodiscard]] virtual std::string_view mark(std::uint32_t mark) const = 0;
};

enum class JsonOutcome { kClean, kMarked, kInvalid };

// Reusable memory of one thread.
struct JsonMemory {
  struct Piece {
    JsonToken token;
    std::size_t begin = 0;  // in `text`
    std::size_t end = 0;
  };
  std::string text;
  std::vector<Piece> pieces;
  std::vector<Span> found;
};

// As Detectors::mark_json (detectors.h), once.
[[nodiscard]] JsonOutcome mark_json_once(std::string_view json, const TextSearch& search,
                                         JsonMemory& memory, std::string& out);

}  // namespace tracegate::mask::detect
