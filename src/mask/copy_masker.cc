#include "src/mask/copy_masker.h"

#include <utility>

#include "src/mask/copy_fields.h"
#include "src/mask/tuple_masker.h"

namespace tracegate::mask {
namespace {

using proto::CopyFormat;
using proto::DecodeError;

constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0", 11};
// Behind the signature: flags, and the length of an extension that no PostgreSQL has written yet.
constexpr std::size_t kBinaryHeader = kSignature.size() + 4 + 4;
constexpr std::size_t kTrailer = 2;
constexpr std::uint16_t kTrailerMark = 0xffff;  // in place of the number of fields
constexpr proto::FormatCode kAllBinary[] = {proto::kBinaryFormat};

constexpr DecodeError kNotAValue{"a field of a COPY is not written as PostgreSQL writes it"};

}  // namespace

CopyMasker::CopyMasker(RowMasksRef masks, CopyFormat format)
    : masks_(std::move(masks)),
      format_(std::move(format)),
      null_is_ambiguous_(null_is_ambiguous(format_)),
      next_(format_.header || format_.kind == CopyFormat::Kind::kBinary ? Next::kHeader
                                                                        : Next::kRow) {}

DecodeError CopyMasker::mask(ByteView frames, std::string& out, CellCounts& counts) {
  if (null_is_ambiguous_) return {"a value of the COPY cannot be told from NULL"};
  Run run{.frames = frames, .editor = FrameEditor(frames, out), .counts = counts};
  for (std::size_t at = 0; at < frames.size();) {
    const std::size_t end = end_of_frame(frames, at, 'd');
    if (end == 0) return {"what passes is not a whole row of a COPY"};
    run.editor.begin_frame(at);
    if (DecodeError error = mask_message(run, at + proto::FrameHeader::kSize, end)) return error;
    if (!run.editor.end_frame(end))
      return {"a masked row is longer than a message may be", DecodeError::kLimitExceeded};
    at = end;
  }
  run.editor.finish();
  return {};
}

DecodeError CopyMasker::mask_message(Run& run, std::size_t begin, std::size_t end) {
  switch (format_.kind) {
    case CopyFormat::Kind::kText:
    case CopyFormat::Kind::kCsv:
      return mask_line(run, begin, end);
    case CopyFormat::Kind::kBinary:
      return mask_binary(run, begin, end);
  }
  return {"a COPY has a format that does not exist"};
}

DecodeError CopyMasker::mask_binary(Run& run, std::size_t begin, std::size_t end) {
  if (next_ == Next::kNothing) return {"a COPY goes on behind its trailer"};
  if (std::exchange(next_, Next::kRow) == Next::kHeader) {
    if (end - begin < kBinaryHeader ||
        !as_text(run.frames.subspan(begin)).starts_with(kSignature) ||
        proto::load_u32(&run.frames[begin + kSignature.size()]) != 0 ||
        proto::load_u32(&run.frames[begin + kSignature.size() + 4]) != 0)
      return {"a COPY begins otherwise than with the header of the binary format"};
    begin += kBinaryHeader;
  }
  if (end - begin == kTrailer && proto::load_u16(&run.frames[begin]) == kTrailerMark) {
    next_ = Next::kNothing;
    return {};
  }
  return mask_tuple(run.frames, begin, end, *masks_, kAllBinary, run.editor, run.counts);
}

DecodeError CopyMasker::mask_line(Run& run, std::size_t begin, std::size_t end) {
  std::string_view row = as_text(run.frames.subspan(begin, end - begin));
  if (row.empty() || row.back() != '\n') return {"a row of a COPY does not end with its message"};
  row.remove_suffix(1);
  if (format_.kind == CopyFormat::Kind::kText && row.find('\n') != std::string_view::npos)
    return {"a message of a COPY has more than one row"};
  const bool is_header = std::exchange(next_, Next::kRow) == Next::kHeader;
  const std::size_t columns = masks_->outputs.size();
  if (columns == 0) return {"a COPY has rows without fields"};
  std::size_t at = 0;
  for (std::size_t column = 0; column < columns; ++column) {
    const std::size_t field_end = end_of_field(row, at);
    if (field_end == std::string_view::npos) return kNotAValue;
    const bool is_last = column + 1 == columns;
    if (is_last != (field_end == row.size()))
      return {"a row of a COPY has another number of fields than was judged"};
    const ValueMask* mask = masks_->outputs[column].mask.get();
    if (mask != nullptr && !is_header) {
      if (DecodeError error = mask_field(run, *mask, row.substr(at, field_end - at), begin + at))
        return error;
    }
    at = field_end + 1;
  }
  return {};
}

std::size_t CopyMasker::end_of_field(std::string_view row, std::size_t at) const {
  if (format_.kind == CopyFormat::Kind::kText) return end_of_text_field(row, at, format_.delimiter);
  return end_of_csv_field(row, at, format_).value_or(std::string_view::npos);
}

DecodeError CopyMasker::mask_field(Run& run, const ValueMask& mask, std::string_view field,
                                   std::size_t at) {
  const bool was_null = field == format_.null;
  const std::optional<std::string_view> value = was_null ? field : value_of(field);
  if (!value) return kNotAValue;
  made_.clear();
  const Fate fate = was_null ? mask.apply_to_null(Format::kText, made_)
                             : mask.apply(as_bytes(*value), Format::kText, made_);
  if (fate == Fate::kKept || (was_null && fate == Fate::kNull)) return {};
  std::string& out = run.editor.cut(at);
  if (fate == Fate::kNull)
    out += format_.null;
  else if (format_.kind == CopyFormat::Kind::kText)
    write_text(made_, format_.delimiter, out);
  else
    write_csv(made_, format_, masks_->outputs.size(), out);
  run.editor.resume(at + field.size());
  run.counts.add(mask);
  return {};
}

std::optional<std::string_view> CopyMasker::value_of(std::string_view field) {
  value_.clear();
  if (format_.kind == CopyFormat::Kind::kText) {
    if (field.find('\\') == std::string_view::npos) return field;
    if (!read_text(field, format_.delimiter, value_)) return std::nullopt;
  } else {
    if (field.empty() || field.front() != format_.quote) return field;
    if (!read_csv(field, format_, value_)) return std::nullopt;
  }
  return value_;
}

}  // namespace tracegate::mask
