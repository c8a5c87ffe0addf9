// What becomes of one value of a masked column on its way to the client. A mask is made for the
// type of its column (column_mask.h) and knows that type's formats; nothing else does.
//
// A mask keeps the type: what it makes is a valid value of it in the same format. A value that it
// cannot read becomes NULL: nothing passes that was not understood.
//
// Threading: masks are immutable and shared by all workers; working memory is one for each thread.
// No allocation for a value once that memory has grown.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/bytes.h"

namespace tracegate::mask {

// Of a value in a result: the format codes of the protocol.
enum class Format : std::uint8_t { kText = 0, kBinary = 1 };

enum class Fate : std::uint8_t {
  kKept,      // the value goes to the client as it is; nothing was appended
  kReplaced,  // by what was appended
  kNull,      // the client gets NULL; nothing was appended
};

class ValueMask {
 public:
  virtual ~ValueMask() = default;
  // Appends what goes to the client in place of `value`, as it stands in the result without its
  // length. `value` does not borrow from `out`.
  [[nodiscard]] virtual Fate apply(ByteView value, Format format, std::string& out) const = 0;
  // Likewise in place of NULL. kKept: NULL stays NULL.
  [[nodiscard]] virtual Fate apply_to_null(Format format, std::string& out) const = 0;
  // It looks for personal data and secrets in the value, and keeps what has none.
  [[nodiscard]] virtual bool detects() const { return false; }
};

}  // namespace tracegate::mask
