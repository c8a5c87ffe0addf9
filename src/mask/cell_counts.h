// How many cells of a result reached the client otherwise than the store had sent them. Numbers
// only, never values.
// Threading: plain values.
#pragma once

#include <cstdint>

#include "src/mask/value_mask.h"

namespace tracegate::mask {

struct CellCounts {
  std::uint64_t masked = 0;    // replaced, or made NULL
  std::uint64_t detected = 0;  // those of them in which a detector found something

  // `mask` has changed a cell.
  void add(const ValueMask& mask) {
    ++masked;
    if (mask.detects()) ++detected;
  }
};

}  // namespace tracegate::mask
