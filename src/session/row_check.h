// Whether a result has the columns that were judged: lineage, as the gateway worked it out from the
// text, and the store's own RowDescription must agree wherever something is masked.
// Threading: pure functions.
#pragma once

#include <string>

#include "proto_pg/backend.h"
#include "src/mask/row_masks.h"

namespace tracegate::session {

// Where `described` disagrees, in words for the record; empty if it does not. With `masks`: the
// number of columns, and of each that has a mask the relation and attribute number (zeros if its
// origin is hidden) and the type. With `raw_columns`: no column without a mask is one of them.
// Either may be null.
[[nodiscard]] std::string disagreement(const proto::RowDescription& described,
                                       const mask::RowMasks* masks,
                                       const mask::RawColumns* raw_columns);

}  // namespace tracegate::session
