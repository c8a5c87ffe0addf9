// The method json: values at paths. On rows the text is edited in place and every other byte stays:
// white space, order, duplicate keys, all of which fall under a rule. The store does the same to
// jsonb, whose text has one form only, so both give the same bytes.
//
// For json there is no expression: the store would have to make jsonb of it, which fails for values
// that json may hold (\u0000, surrogates that stand alone, numbers beyond numeric).
#pragma once

#include "src/mask/column_mask.h"

namespace tracegate::mask {

// Serves json and jsonb.
[[nodiscard]] Result<ColumnMask> mask_json_paths(const Spec& spec, const ColumnType& type,
                                                 const HashKeyRef& key,
                                                 const DetectorsRef& detectors);
// The method detect for the same types.
[[nodiscard]] Result<ColumnMask> detect_in_json(const ColumnType& type,
                                                const DetectorsRef& detectors);

}  // namespace tracegate::mask
