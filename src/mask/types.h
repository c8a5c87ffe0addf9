// What masks need to know of types beyond their class. The OIDs of PostgreSQL's own types are the
// same in every PostgreSQL (include/catalog/pg_type.dat); citext, of an extension, has another in
// each database.
#pragma once

#include <string>

#include "src/catalog/catalog.h"
#include "src/mask/column_mask.h"

namespace tracegate::mask {

inline constexpr catalog::Oid kNameOid = 19;
inline constexpr catalog::Oid kBpcharOid = 1042;  // char(n)

// Of the column itself or, of an array, of its elements.
[[nodiscard]] inline catalog::Oid scalar_oid(const ColumnType& type) {
  return type.is_array ? type.element_type : type.wire_type;
}
[[nodiscard]] inline bool is_citext(const ColumnType& type) {
  return type.type_class == TypeClass::kText && scalar_oid(type) >= catalog::kFirstNormalObject;
}
// As in "hash does not serve ...": "integer", "arrays of uuid".
[[nodiscard]] std::string describe(const ColumnType& type);

}  // namespace tracegate::mask
