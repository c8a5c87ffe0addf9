// The method truncate: times to the begin of a unit, numbers to the lower end of a bucket. What
// would lie below the range of the type is the lowest value of it; infinity and NaN stay.
//
// Times and numeric have no mask for rows: the text of times depends on DateStyle and TimeZone of
// the session, which the gateway does not follow. The store does both.
#pragma once

#include "src/mask/column_mask.h"

namespace tracegate::mask {

// Serves date, timestamp, timestamptz (in UTC), the integers and numeric; of an array, the type is
// that of its elements.
[[nodiscard]] Result<ColumnMask> mask_by_truncation(const Spec& spec, const ColumnType& type);

}  // namespace tracegate::mask
