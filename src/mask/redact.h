// The method redact: one constant for every value, and for NULL.
#pragma once

#include "src/mask/column_mask.h"

namespace tracegate::mask {

// Without a value, NULL, for every type. With one, its text is checked here and becomes what
// PostgreSQL would make of it, so that rows and the store's expression show the same.
[[nodiscard]] Result<ColumnMask> mask_by_redaction(const Spec& spec, const ColumnType& type);
// Of a leaf of JSON: null, or the value as a string.
[[nodiscard]] Result<std::string> redacted_json(const Spec& leaf);

}  // namespace tracegate::mask
