// smallint, integer and bigint as they stand in results: decimal text, or two's complement of their
// width in network byte order.
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/mask/column_mask.h"
#include "src/mask/value_mask.h"

namespace tracegate::mask {

struct IntegerType {
  std::size_t width;  // in bytes
  std::int64_t lowest;
  std::int64_t highest;
};
// Nothing for classes that are no integers.
[[nodiscard]] std::optional<IntegerType> integer_type(TypeClass type_class);

[[nodiscard]] std::optional<std::int64_t> read_integer(ByteView value, Format format,
                                                       const IntegerType& type);
void append_integer(std::int64_t number, Format format, const IntegerType& type, std::string& out);

}  // namespace tracegate::mask
