#include "src/mask/integer.h"

#include <charconv>
#include <limits>

namespace tracegate::mask {
namespace {

template <typename Integer>
constexpr IntegerType make_type() {
  return {sizeof(Integer), std::numeric_limits<Integer>::min(),
          std::numeric_limits<Integer>::max()};
}

}  // namespace

std::optional<IntegerType> integer_type(TypeClass type_class) {
  if (type_class == TypeClass::kInt2) return make_type<std::int16_t>();
  if (type_class == TypeClass::kInt4) return make_type<std::int32_t>();
  if (type_class == TypeClass::kInt8) return make_type<std::int64_t>();
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(ByteView value, Format format, const IntegerType& type) {
  std::int64_t number = 0;
  if (format == Format::kText) {
    const std::string_view text = as_text(value);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (number < type.lowest || number > type.highest) return std::nullopt;
    return number;
  }
  if (value.size() != type.width) return std::nullopt;
  std::uint64_t bits = 0;
  for (const std::uint8_t byte : value) bits = bits << 8 | byte;
  const std::size_t missing = 64 - 8 * type.width;
  return static_cast<std::int64_t>(bits << missing) >> missing;  // with the sign
}

void append_integer(std::int64_t number, Format format, const IntegerType& type, std::string& out) {
  if (format == Format::kText) {
    char text[20];  // "-9223372036854775808"
    const auto result = std::to_chars(std::begin(text), std::end(text), number);
    out.append(text, result.ptr);
    return;
  }
  const auto bits = static_cast<std::uint64_t>(number);
  for (std::size_t i = type.width; i-- > 0;) out.push_back(static_cast<char>(bits >> (8 * i)));
}

}  // namespace tracegate::mask
