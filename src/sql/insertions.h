// A text with parts of it replaced and others put in, and where what is left of it went.
// Threading: one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/sql/rewrite.h"

namespace tracegate::sql {

class Insertions {
 public:
  explicit Insertions(std::string_view sql_text) : text_(sql_text) {}  // borrowed

  // `replacement` in place of [begin, end). Of several at one place, what only adds stands before
  // what replaces, and then the one that was given first comes first.
  void replace(std::size_t begin, std::size_t end, std::string replacement);
  // `text` behind what ends at `end`, and before all else that is put in there; of several the one
  // that was given last comes first: what is inside is given after what is around it.
  void close(std::size_t end, std::string text);
  [[nodiscard]] bool empty() const { return parts_.empty(); }

  // Fills text and pieces of `result`. False if replacements overlap: then neither is of any use.
  [[nodiscard]] bool apply(Rewriting& result);

 private:
  struct Part {
    std::size_t begin;
    std::size_t end;
    std::string text;
    std::ptrdiff_t order;  // among those of one place
  };
  std::string_view text_;
  std::vector<Part> parts_;
  std::ptrdiff_t closed_ = 0;
};

}  // namespace tracegate::sql
