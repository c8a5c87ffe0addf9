// Which columns of a statement's result are masked, and by what: made when the statement is
// planned, and all that is known of masks when its rows pass. Bound by position; the store's
// RowDescription must agree with it.
// Threading: immutable, shared.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/mask/value_mask.h"

namespace tracegate::mask {

// A column of the result that is a column of a relation, as it is.
struct MaskedOutput {
  std::shared_ptr<const ValueMask> mask;  // null: the output passes as it is
  // What a RowDescription says of it.
  catalog::Oid relation = 0;
  std::int16_t attribute_number = 0;
  catalog::Oid type = 0;  // of a domain, its base type
  // The store is asked in a way that hides where the column comes from: the RowDescription has
  // zeros for the relation and attribute number.
  bool origin_hidden = false;
};

struct RowMasks {
  std::vector<MaskedOutput> outputs;  // one for each column of the result, in order
};
using RowMasksRef = std::shared_ptr<const RowMasks>;

// Columns that never pass as they are: (relation, attribute number).
using RawColumns = std::set<std::pair<catalog::Oid, std::int16_t>>;

}  // namespace tracegate::mask
