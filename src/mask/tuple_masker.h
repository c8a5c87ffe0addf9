// Masks one row in the form that a DataRow has, and COPY's binary format as well: Int16 number of
// fields, and for each its Int32 length (-1 for NULL) and as many bytes.
//
// Source: PostgreSQL manual, "Message Formats", DataRow; COPY, "Binary Format", "Tuples".
// Threading: pure functions.
#pragma once

#include <cstddef>
#include <span>

#include "proto_pg/bytes.h"
#include "src/base/bytes.h"
#include "src/mask/cell_counts.h"
#include "src/mask/frame_editor.h"
#include "src/mask/row_masks.h"

namespace tracegate::mask {

// In what format the columns of a result stand, as a Bind says it: none: all as text; one: all of
// them so; else one for each column.
using ResultFormats = std::span<const proto::FormatCode>;

// Whether there are as many as `columns` can have, and all of them exist.
[[nodiscard]] proto::DecodeError check_formats(ResultFormats formats, std::size_t columns);

// The row stands in `frames` from `begin` to `end`, within the frame that `editor` has begun.
// `formats` have been checked. Refuses another number of fields than of masks, and lengths that do
// not add up.
[[nodiscard]] proto::DecodeError mask_tuple(ByteView frames, std::size_t begin, std::size_t end,
                                            const RowMasks& masks, ResultFormats formats,
                                            FrameEditor& editor, CellCounts& counts);

}  // namespace tracegate::mask
