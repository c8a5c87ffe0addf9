// Masks of arrays: element by element. NULL stays NULL, as an array and as an element. What comes
// out has one dimension, from 1 on, with the elements in storage order, as unnest() gives them.
#pragma once

#include "src/mask/column_mask.h"

namespace tracegate::mask {

// `element` is the mask of the elements' type, which stays text, uuid or integers; `type` that of
// the array.
[[nodiscard]] ColumnMask mask_elements(ColumnMask element, const ColumnType& type);

// In binary format (array_send() of utils/adt/arrayfuncs.c).
void append_empty_array(catalog::Oid element_type, std::string& out);

}  // namespace tracegate::mask
