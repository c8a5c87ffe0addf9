// Arrays in text format: {a,"b\"c",NULL}, of any number of dimensions, with their bounds before
// them where these are not 1 (PostgreSQL manual, "Array Input and Output Syntax"; written by
// array_out() of utils/adt/arrayfuncs.c). Elements stand in storage order.
// Threading: a reader belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tracegate::mask {

class ArrayTextReader {
 public:
  // Borrows both; `memory` is used for elements with escapes.
  ArrayTextReader(std::string_view text, std::string& memory) : rest_(text), memory_(memory) {}

  enum class Item : std::uint8_t { kElement, kNull, kEnd, kInvalid };
  // Not to be called again behind kEnd and kInvalid.
  Item next();
  // Of the last kElement, without quotes and escapes. Valid until next().
  [[nodiscard]] std::string_view element() const { return element_; }

 private:
  [[nodiscard]] bool skip_bounds();
  [[nodiscard]] bool take(char symbol);
  Item quoted();
  Item bare();

  std::string_view rest_;
  std::string& memory_;
  std::string_view element_;
  std::size_t depth_ = 0;
  bool has_begun_ = false;
  bool behind_item_ = false;  // an element or an inner array, not a comma
  bool just_opened_ = false;
};

// Appends an element as array_out() writes it: in quotes where it needs them.
void append_array_element(std::string_view text, std::string& out);

}  // namespace tracegate::mask
