// Rows and COPY data, of a store that sends anything, through masks.
//
// Input: a byte that says which (kRows, kText, kCsv, kBinary), one for the number of columns and
// which of them are masked, one for formats and the header, for text and CSV four for delimiter,
// quote, escape and NULL; then messages: a length byte and as many bytes of body each.
//
// What must hold: what is accepted is made of as many messages of the same type, every masked cell
// is what the mask made of it, none is left as it was, and masking again changes nothing. In how
// many pieces the messages come makes no difference. Masks that give back what they got show that
// what is read is what is written.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/input.h"
#include "proto_pg/backend.h"
#include "src/base/result.h"
#include "src/mask/copy_masker.h"
#include "src/mask/row_masker.h"
#include "tests/mask/fake_masks.h"

namespace {

using namespace tracegate;  // NOLINT
using mask::testing::MaskRef;
using proto::CopyFormat;

enum class What : std::uint8_t { kRows, kText, kCsv, kBinary };

struct Case {
  What what = What::kRows;
  std::size_t columns = 0;
  unsigned masked = 0;  // a bit for each column
  std::vector<proto::FormatCode> formats = {};
  CopyFormat copy = {};
  std::vector<std::string> messages = {};

  [[nodiscard]] char type() const { return what == What::kRows ? 'D' : 'd'; }
  [[nodiscard]] mask::RowMasksRef masks(const MaskRef& mask) const {
    std::vector<MaskRef> all(columns);
    for (std::size_t i = 0; i < columns; ++i)
      if ((masked >> i & 1U) != 0) all[i] = mask;
    return mask::testing::masks_of(all);
  }
};

// As PostgreSQL permits them; the rest is left as it is.
void read_copy_format(Input& in, unsigned options, Case& out) {
  out.copy.header = (options & 1) != 0;
  if (out.what == What::kBinary) {
    out.copy = {.kind = CopyFormat::Kind::kBinary};
    return;
  }
  const std::array<char, 4> characters = {
      static_cast<char>(in.byte()), static_cast<char>(in.byte()), static_cast<char>(in.byte()),
      static_cast<char>(in.byte())};
  const auto permitted = [](char c) { return c != '\0' && c != '\n' && c != '\r' && c != '\\'; };
  if (permitted(characters[0])) out.copy.delimiter = characters[0];
  if (out.what != What::kCsv) {
    if (permitted(characters[3])) out.copy.null = std::string("\\") + characters[3];
    return;
  }
  out.copy.kind = CopyFormat::Kind::kCsv;
  out.copy.null.clear();
  if (characters[1] != '\0' && characters[1] != out.copy.delimiter) out.copy.quote = characters[1];
  if (out.copy.quote == out.copy.delimiter) out.copy.delimiter = '|';
  if (characters[2] != '\0') out.copy.escape = characters[2];
  const char null = characters[3];
  if (permitted(null) && null != out.copy.delimiter && null != out.copy.quote)
    out.copy.null = std::string(1, null);
}

Case read_case(Input& in) {
  Case out;
  out.what = static_cast<What>(in.byte() % 4);
  const unsigned columns = in.byte();
  out.columns = columns % 5;
  out.masked = columns / 5;
  const unsigned options = in.byte();
  if (out.what != What::kRows)
    read_copy_format(in, options, out);
  else if (options % 3 == 1)
    out.formats = {static_cast<proto::FormatCode>(options / 3 % 3)};
  else if (options % 3 == 2)
    out.formats.assign(out.columns, static_cast<proto::FormatCode>(options / 3 % 2));
  while (!in.empty()) {
    const std::string_view body = in.bytes(in.byte());
    std::string& message = out.messages.emplace_back();
    proto::Writer writer(message);
    writer.begin_message(out.type());
    writer.bytes(as_bytes(body));
    writer.end_message();
  }
  return out;
}

// Empty if it was refused.
std::vector<std::string> masked(const Case& in, const MaskRef& mask, std::size_t at_a_time) {
  const mask::RowMasksRef masks = in.masks(mask);
  mask::CopyMasker copy(masks, in.copy);
  mask::CellCounts counts;
  std::string out;
  for (std::size_t at = 0; at < in.messages.size(); at += at_a_time) {
    std::string frames;
    for (std::size_t i = at; i < in.messages.size() && i < at + at_a_time; ++i)
      frames += in.messages[i];
    const proto::DecodeError error =
        in.what == What::kRows ? mask_rows(as_bytes(frames), *masks, in.formats, out, counts)
                               : copy.mask(as_bytes(frames), out, counts);
    if (error) return {};
  }
  std::vector<std::string> messages;
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t end = mask::end_of_frame(as_bytes(out), at, in.type());
    TG_CHECK(end != 0, "what was made is not whole messages");
    messages.push_back(out.substr(at, end - at));
    at = end;
  }
  TG_CHECK(messages.size() == in.messages.size(), "a message more or less");
  return messages;
}

// In CSV quotes that a value does not need are lost, in text control characters that PostgreSQL
// does not leave as they are get their backslash.
bool is_as_written(const Case& in) {
  if (in.what == What::kCsv) return false;
  if (in.what != What::kText) return true;
  for (const std::string& message : in.messages) {
    const std::string_view body = std::string_view(message).substr(proto::FrameHeader::kSize);
    if (body.find_first_of("\b\f\r\v") != std::string_view::npos ||
        (in.copy.delimiter != '\t' && body.find('\t') != std::string_view::npos))
      return false;
  }
  return true;
}

void check(Case in) {
  const std::vector<std::string> raw = in.messages;
  const std::vector<std::string> same = masked(in, mask::testing::itself(), 100);
  TG_CHECK(same == masked(in, mask::testing::itself(), 1), "it depends on the pieces");
  const std::vector<std::string> made = masked(in, mask::testing::constant("m"), 100);
  TG_CHECK(same.empty() == made.empty(), "whether it is refused depends on what masks make");
  if (made.empty()) return;
  TG_CHECK(!is_as_written(in) || same == raw, "what was read is not what was written");
  in.messages = same;
  TG_CHECK(masked(in, mask::testing::itself(), 100) == same, "a value was written as another");
  TG_CHECK(masked(in, mask::testing::constant("m"), 3) == made, "a value was written as another");
  in.messages = made;
  const MaskRef looks = mask::testing::fake([](std::string_view value, mask::Format) {
    TG_CHECK(value == "m", "a masked cell is not what the mask made");
    return mask::testing::Made{};
  });
  TG_CHECK(masked(in, looks, 2) == made, "what was made is refused");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  Input in({reinterpret_cast<const char*>(data), size});
  check(read_case(in));
  return 0;
}
