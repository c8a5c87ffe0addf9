#include "src/mask/array_mask.h"

#include "proto_pg/bytes.h"
#include "src/mask/array_text.h"
#include "src/mask/scratch.h"
#include "src/mask/sql_text.h"

namespace tracegate::mask {
namespace {

constexpr std::uint32_t kMaxDimensions = 6;

class ArrayMask final : public ValueMask {
 public:
  ArrayMask(std::shared_ptr<const ValueMask> element, catalog::Oid element_type)
      : element_(std::move(element)), element_type_(element_type) {}

  Fate apply(ByteView value, Format format, std::string& out) const override {
    const std::size_t before = out.size();
    const Fate fate =
        format == Format::kText ? apply_to_text(as_text(value), out) : apply_to_binary(value, out);
    if (fate != Fate::kReplaced) out.resize(before);
    return fate;
  }
  Fate apply_to_null(Format /*format*/, std::string& /*out*/) const override { return Fate::kKept; }
  bool detects() const override { return element_->detects(); }

 private:
  Fate apply_to_text(std::string_view text, std::string& out) const;
  Fate apply_to_binary(ByteView value, std::string& out) const;
  // Whether the array reads well, and what is to become of it if nothing was found in it.
  [[nodiscard]] Fate outcome(bool any_replaced) const {
    return any_replaced || !detects() ? Fate::kReplaced : Fate::kKept;
  }

  std::shared_ptr<const ValueMask> element_;
  catalog::Oid element_type_;
};

// What becomes of one element: its bytes, borrowed from it or from `memory`; nothing if it cannot
// be read.
std::optional<ByteView> masked_element(const ValueMask& mask, ByteView element, Format format,
                                       std::string& memory, bool& any_replaced) {
  memory.clear();
  switch (mask.apply(element, format, memory)) {
    case Fate::kKept:
      return element;
    case Fate::kReplaced:
      any_replaced = true;
      return as_bytes(memory);
    case Fate::kNull:
      break;
  }
  return std::nullopt;
}

Fate ArrayMask::apply_to_text(std::string_view text, std::string& out) const {
  using Item = ArrayTextReader::Item;
  thread_local std::string unescaped_memory;
  thread_local std::string masked_memory;
  const Scratch unescaped(unescaped_memory);
  const Scratch masked(masked_memory);
  ArrayTextReader in(text, unescaped_memory);
  bool any_replaced = false;
  char before = '{';
  Item item = in.next();
  for (; item == Item::kElement || item == Item::kNull; item = in.next(), before = ',') {
    out.push_back(before);
    if (item == Item::kNull) {
      out += "NULL";
      continue;
    }
    const auto element = masked_element(*element_, as_bytes(in.element()), Format::kText,
                                        masked_memory, any_replaced);
    if (!element) return Fate::kNull;
    append_array_element(as_text(*element), out);
  }
  if (item == Item::kInvalid) return Fate::kNull;
  out += before == '{' ? "{}" : "}";
  return outcome(any_replaced);
}

// Int32 dimensions, Int32 whether there is a NULL, Int32 type of the elements.
void append_header(std::uint32_t dimensions, bool has_null, catalog::Oid element_type,
                   proto::Writer& out) {
  out.u32(dimensions);
  out.u32(has_null ? 1 : 0);
  out.oid(element_type);
}

// The number of elements; nothing if it is no such array. Of each dimension there are an Int32 size
// and an Int32 lower bound.
std::optional<std::size_t> read_header(catalog::Oid element_type, proto::Reader& in) {
  const std::uint32_t dimensions = in.u32();
  const std::uint32_t has_null = in.u32();
  if (in.oid() != element_type || dimensions > kMaxDimensions || has_null > 1) return std::nullopt;
  std::uint64_t count = dimensions > 0 ? 1 : 0;
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    count *= in.u32();
    static_cast<void>(in.u32());
    if (count > in.remaining()) return std::nullopt;
  }
  if (in.failed() || count > in.remaining() / sizeof(std::uint32_t)) return std::nullopt;
  return count;
}

Fate ArrayMask::apply_to_binary(ByteView value, std::string& out) const {
  thread_local std::string masked_memory;
  thread_local std::string elements_memory;
  const Scratch masked(masked_memory);
  const Scratch elements(elements_memory);
  proto::Reader in(value);
  const std::optional<std::size_t> count = read_header(element_type_, in);
  if (!count) return Fate::kNull;
  proto::Writer writer(elements_memory);
  bool any_replaced = false;
  bool has_null = false;
  for (std::size_t i = 0; i < *count; ++i) {
    const proto::Value element = in.value();
    if (in.failed()) return Fate::kNull;
    has_null = has_null || !element;
    if (!element) {
      writer.value(std::nullopt);
      continue;
    }
    const auto replacement =
        masked_element(*element_, *element, Format::kBinary, masked_memory, any_replaced);
    if (!replacement) return Fate::kNull;
    writer.value(*replacement);
  }
  if (in.finish()) return Fate::kNull;
  proto::Writer header(out);
  append_header(*count > 0 ? 1 : 0, has_null, element_type_, header);
  if (*count > 0) {
    header.u32(static_cast<std::uint32_t>(*count));
    header.u32(1);
  }
  out += elements_memory;
  return outcome(any_replaced);
}

}  // namespace

ColumnMask mask_elements(ColumnMask element, const ColumnType& type) {
  ColumnMask mask;
  if (!element.expression.empty())
    mask.expression =
        "CASE WHEN " + std::string(kColumnMark) + " IS NULL THEN NULL ELSE ARRAY(SELECT " +
        at_column_marks(element.expression, "tracegate_element.value") +
        " FROM pg_catalog.unnest(" + sql_cast(kColumnMark, type.sql_name) +
        ") WITH ORDINALITY AS tracegate_element(value, place) ORDER BY tracegate_element.place) "
        "END";
  mask.on_rows = std::make_shared<ArrayMask>(std::move(element.on_rows), type.element_type);
  return mask;
}

void append_empty_array(catalog::Oid element_type, std::string& out) {
  proto::Writer writer(out);
  append_header(0, false, element_type, writer);
}

}  // namespace tracegate::mask
