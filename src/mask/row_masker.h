// Masks the rows of a result as they pass: DataRow messages in, DataRow messages out.
//
// Fields without a mask are copied as they are, and so is whatever lies between two masked ones.
// What does not have the shape that was judged is refused as a whole: a row with another number of
// fields, lengths that do not add up, a format that does not exist.
//
// Source of the format: PostgreSQL manual, "Message Formats", DataRow and Bind.
// Threading: a pure function. Nothing is allocated for a row once `out` and the masks' working
// memory have grown.
#pragma once

#include <string>

#include "proto_pg/bytes.h"
#include "src/base/bytes.h"
#include "src/mask/cell_counts.h"
#include "src/mask/row_masks.h"
#include "src/mask/tuple_masker.h"

namespace tracegate::mask {

// `frames` is DataRow messages, whole, one behind the other (Framer::skip_rows). Appends them to
// `out`, masked, and adds to `counts`. After an error neither is of any use.
[[nodiscard]] proto::DecodeError mask_rows(ByteView frames, const RowMasks& masks,
                                           ResultFormats formats, std::string& out,
                                           CellCounts& counts);

}  // namespace tracegate::mask
