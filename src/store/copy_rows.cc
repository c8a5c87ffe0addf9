#include "src/store/copy_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "src/base/bytes.h"
#include "src/base/utf8.h"

namespace tracegate::store {
namespace {

constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0", 11};
// 2000-01-01T00:00:00Z, from which PostgreSQL counts.
constexpr std::int64_t kEpoch = 946'684'800'000'000;
// 4714-11-24 BC and 294276-12-31 AD (MIN_TIMESTAMP, END_TIMESTAMP - 1).
constexpr std::int64_t kMinTimestamp = -211'813'488'000'000'000;
constexpr std::int64_t kMaxTimestamp = 9'223'371'331'199'999'999;

template <typename Integer>
void append_number(std::string& out, Integer value) {
  using Unsigned = std::make_unsigned_t<Integer>;
  auto rest = static_cast<Unsigned>(value);
  char bytes[sizeof value];
  for (std::size_t i = sizeof value; i-- > 0;) {
    bytes[i] = static_cast<char>(rest & 0xff);
    if constexpr (sizeof value > 1) rest = static_cast<Unsigned>(rest >> 8);
  }
  out.append(bytes, sizeof value);
}

void append_sized(std::string& out, std::string_view value) {
  append_number(out, static_cast<std::int32_t>(value.size()));
  out.append(value);
}

}  // namespace

std::string_view storable_text(std::string_view value, std::string& scratch) {
  if (is_valid_utf8(value) && value.find('\0') == std::string_view::npos) return value;
  static constexpr char kHex[] = "0123456789abcdef";
  scratch.clear();
  while (!value.empty()) {
    const std::size_t length = value.front() == '\0' ? 0 : utf8_sequence_length(value);
    if (length > 0) {
      scratch.append(value.substr(0, length));
    } else {
      const auto byte = static_cast<unsigned char>(value.front());
      scratch.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    }
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return scratch;
}

void CopyRows::clear() {
  data_.assign(kSignature);
  append_number(data_, std::int32_t{0});  // flags
  append_number(data_, std::int32_t{0});  // length of a header extension
  rows_ = 0;
}

std::string_view CopyRows::finish() {
  append_number(data_, std::int16_t{-1});
  return data_;
}

template <typename Integer>
void CopyRows::sized(Integer value) {
  append_number(data_, static_cast<std::int32_t>(sizeof value));
  append_number(data_, value);
}

void CopyRows::begin_row(std::uint16_t columns) {
  append_number(data_, columns);
  ++rows_;
}

void CopyRows::boolean(bool value) {
  sized(static_cast<std::uint8_t>(value ? 1 : 0));
}
void CopyRows::integer(std::int32_t value) {
  sized(value);
}
void CopyRows::bigint(std::uint64_t value) {
  sized(std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max()));
}
void CopyRows::text(std::string_view value) {
  append_sized(data_, storable_text(value, scratch_));
}

void CopyRows::text_or_null(std::string_view value) {
  if (value.empty())
    append_number(data_, std::int32_t{-1});
  else
    text(value);
}

void CopyRows::bytea(std::span<const std::uint8_t> value) {
  append_sized(data_, as_text(value));
}
void CopyRows::uuid(const SessionId& value) {
  append_sized(data_, as_text(value.bytes));
}

void CopyRows::timestamptz(Microseconds since_1970) {
  const std::int64_t clamped = std::clamp<std::int64_t>(since_1970.count(), kMinTimestamp + kEpoch,
                                                        std::numeric_limits<std::int64_t>::max());
  sized(std::min(clamped - kEpoch, kMaxTimestamp));
}

void CopyRows::interval(Microseconds value) {
  append_number(data_, std::int32_t{16});
  append_number(data_, std::int64_t{value.count()});
  append_number(data_, std::int32_t{0});  // days
  append_number(data_, std::int32_t{0});  // months
}

std::string array_parameter(std::uint32_t element_type,
                            std::span<const std::string_view> elements) {
  std::string out;
  append_number(out, std::int32_t{elements.empty() ? 0 : 1});  // dimensions
  append_number(out, std::int32_t{0});                         // no NULLs
  append_number(out, element_type);
  if (elements.empty()) return out;
  append_number(out, static_cast<std::int32_t>(elements.size()));
  append_number(out, std::int32_t{1});  // lower bound
  for (const std::string_view element : elements) append_sized(out, element);
  return out;
}

}  // namespace tracegate::store
