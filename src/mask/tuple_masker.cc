#include "src/mask/tuple_masker.h"

namespace tracegate::mask {
namespace {

using proto::DecodeError;

constexpr std::size_t kLength = 4;  // bytes of the length before a field
constexpr std::size_t kCount = 2;   // and of the number of fields
constexpr std::uint32_t kNull = 0xffffffff;

constexpr DecodeError kMalformed{"the lengths of a row's fields do not add up"};

void store_u32(std::string& out, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < kLength; ++i) out[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

Format format_of(ResultFormats formats, std::size_t column) {
  if (formats.empty()) return Format::kText;
  return static_cast<Format>(formats[formats.size() == 1 ? 0 : column]);
}

// `field` stands behind its length, which is at `at`.
void mask_field(const ValueMask& mask, Format format, std::size_t at, proto::Value field,
                FrameEditor& editor, CellCounts& counts) {
  std::string& out = editor.cut(at);
  const std::size_t length_at = out.size();
  const std::size_t value_at = length_at + kLength;
  out.append(kLength, '\0');
  const Fate fate = field ? mask.apply(*field, format, out) : mask.apply_to_null(format, out);
  if (fate == Fate::kKept || (!field && fate == Fate::kNull)) {
    out.resize(length_at);
    return;
  }
  if (fate == Fate::kNull) out.resize(value_at);
  // More than a length can say is more than a message may hold, which the editor refuses.
  store_u32(out, length_at,
            fate == Fate::kNull ? kNull : static_cast<std::uint32_t>(out.size() - value_at));
  editor.resume(at + kLength + (field ? field->size() : 0));
  counts.add(mask);
}

}  // namespace

DecodeError check_formats(ResultFormats formats, std::size_t columns) {
  if (formats.size() > 1 && formats.size() != columns)
    return {"a result has another number of formats than of columns"};
  for (const proto::FormatCode code : formats)
    if (code != proto::kTextFormat && code != proto::kBinaryFormat)
      return {"a column of a result has a format that does not exist"};
  return {};
}

DecodeError mask_tuple(ByteView frames, std::size_t begin, std::size_t end, const RowMasks& masks,
                       ResultFormats formats, FrameEditor& editor, CellCounts& counts) {
  std::size_t at = begin;
  if (end - at < kCount) return kMalformed;
  if (proto::load_u16(&frames[at]) != masks.outputs.size())
    return {"a row has another number of fields than was judged"};
  at += kCount;
  for (std::size_t column = 0; column < masks.outputs.size(); ++column) {
    if (end - at < kLength) return kMalformed;
    const std::uint32_t length = proto::load_u32(&frames[at]);
    const std::size_t size = length == kNull ? 0 : length;
    const std::size_t value_at = at + kLength;
    if (size > end - value_at) return kMalformed;
    if (const ValueMask* mask = masks.outputs[column].mask.get()) {
      proto::Value field;
      if (length != kNull) field = frames.subspan(value_at, size);
      mask_field(*mask, format_of(formats, column), at, field, editor, counts);
    }
    at = value_at + size;
  }
  return at == end ? DecodeError{} : kMalformed;
}

}  // namespace tracegate::mask
