// Masks the rows of a COPY TO STDOUT as they pass: CopyData messages in, CopyData messages out, in
// text, CSV and binary.
//
// Rests on how PostgreSQL cuts a COPY into messages: one row in each; the header line in one of its
// own; the header of the binary format in the same as the first row, or as the trailer if there is
// none; the trailer in one of its own. Whatever is cut otherwise, or was not written by
// PostgreSQL's COPY, is refused as a whole.
//
// A mask sees the value as it is without quotes and escapes. What it makes is written as PostgreSQL
// would write that value: in CSV it has quotes if it needs them. Whether the value before it had
// some is not kept, for it would tell of it: a value has quotes if it has the client's DELIMITER or
// QUOTE in it, or equals the client's NULL. So masked values lose the quotes of FORCE_QUOTE.
// The names in a header line pass as they are.
//
// Source: PostgreSQL 15, src/backend/commands/copyto.c; manual, COPY, "File Formats".
// Threading: one for each COPY, thread-confined. Nothing is allocated for a row once the working
// memory has grown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto_pg/bytes.h"
#include "proto_pg/copy_format.h"
#include "src/base/bytes.h"
#include "src/mask/cell_counts.h"
#include "src/mask/frame_editor.h"
#include "src/mask/row_masks.h"

namespace tracegate::mask {

class CopyMasker {
 public:
  // In a format whose NULL is ambiguous (copy_fields.h) every row is refused.
  CopyMasker(RowMasksRef masks, proto::CopyFormat format);

  // `frames` is the next CopyData messages, whole, one behind the other. Appends them to `out`,
  // masked, and adds to `counts`. After an error nothing is of any use any more.
  [[nodiscard]] proto::DecodeError mask(ByteView frames, std::string& out, CellCounts& counts);

 private:
  enum class Next : std::uint8_t { kHeader, kRow, kNothing };
  // The messages at hand.
  struct Run {
    ByteView frames;
    FrameEditor editor;
    CellCounts& counts;
  };

  // The message's body stands from `begin` to `end`.
  proto::DecodeError mask_message(Run& run, std::size_t begin, std::size_t end);
  proto::DecodeError mask_binary(Run& run, std::size_t begin, std::size_t end);
  proto::DecodeError mask_line(Run& run, std::size_t begin, std::size_t end);
  // Where the field of `row` that begins at `at` ends; npos if it is none.
  [[nodiscard]] std::size_t end_of_field(std::string_view row, std::size_t at) const;
  // `at` is where it stands in the run.
  proto::DecodeError mask_field(Run& run, const ValueMask& mask, std::string_view field,
                                std::size_t at);
  // The value of a field that is not NULL, in `field` or in value_; nothing if it is none.
  [[nodiscard]] std::optional<std::string_view> value_of(std::string_view field);

  const RowMasksRef masks_;
  const proto::CopyFormat format_;
  const bool null_is_ambiguous_;
  Next next_ = Next::kRow;
  std::string value_;
  std::string made_;  // by a mask
};

}  // namespace tracegate::mask
