// The method hash for types whose pseudonyms are no texts. Each says how much of the HMAC a value
// of the type holds.
#pragma once

#include "src/mask/column_mask.h"

namespace tracegate::mask {

// Digits of a pseudonym of type numeric.
inline constexpr std::uint32_t kHashNumericDigits = 18;

// Serves uuid, bigint, numeric, bytea, json and jsonb; of an array, the type is that of its
// elements.
// numeric has no mask for rows: the store does it.
[[nodiscard]] Result<ColumnMask> mask_by_hash(const Spec& spec, const ColumnType& type,
                                              const HashKeyRef& key);

}  // namespace tracegate::mask
