// Values and rows in PostgreSQL's binary format: rows for COPY (documentation of COPY, "Binary
// Format"), one-dimensional arrays as parameters (src/backend/utils/adt/arrayfuncs.c, array_recv).
// Integers are in network byte order.
// Threading: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/base/ids.h"

namespace tracegate::store {

inline constexpr std::uint32_t kByteaOid = 17;
inline constexpr std::uint32_t kTextOid = 25;
inline constexpr std::uint32_t kByteaArrayOid = 1001;
inline constexpr std::uint32_t kTextArrayOid = 1009;
inline constexpr std::uint32_t kUuidOid = 2950;

// `value` as a PostgreSQL of encoding UTF8 takes it: NUL and bytes that are not valid UTF-8 become
// \xNN. Nearly always `value` itself, without a copy; `scratch` holds the result otherwise.
[[nodiscard]] std::string_view storable_text(std::string_view value, std::string& scratch);

// The rows of one COPY.
class CopyRows {
 public:
  CopyRows() { clear(); }
  void clear();
  [[nodiscard]] bool empty() const { return rows_ == 0; }
  [[nodiscard]] std::size_t size() const { return rows_; }
  // All that COPY expects, trailer included. clear() before the next row.
  [[nodiscard]] std::string_view finish();

  void begin_row(std::uint16_t columns);
  void boolean(bool value);
  void integer(std::int32_t value);
  void bigint(std::uint64_t value);  // the largest bigint if it is larger
  void text(std::string_view value);
  void text_or_null(std::string_view value);  // NULL if empty
  void bytea(std::span<const std::uint8_t> value);
  void uuid(const SessionId& value);
  void timestamptz(Microseconds since_1970);  // at the edge of what PostgreSQL has, if beyond
  void interval(Microseconds value);

 private:
  template <typename Integer>
  void sized(Integer value);

  std::string data_;
  std::string scratch_;
  std::size_t rows_ = 0;
};

// A parameter of an array type.
[[nodiscard]] std::string array_parameter(std::uint32_t element_type,
                                          std::span<const std::string_view> elements);

}  // namespace tracegate::store
