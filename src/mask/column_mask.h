// From what a policy says of a mask, and the type of a column, to what is done: on the rows that
// pass, and in SQL where the store computes with the column. Both give the same value.
//
// Not every method serves every type (docs/masking.md has the table), and some only one of the two
// places: what depends on settings of the session (times as text) is done by the store; what SQL
// cannot do (detect) by the gateway.
// Threading: make_mask() is pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/catalog/catalog.h"
#include "src/mask/detectors.h"
#include "src/mask/hash_key.h"
#include "src/mask/spec.h"
#include "src/mask/value_mask.h"

namespace tracegate::mask {

// As far as masks tell types apart. Domains count as what they are over.
enum class TypeClass : std::uint8_t {
  kText,  // text, varchar, char(n), name, citext
  kJson,
  kJsonb,
  kUuid,
  kInt2,
  kInt4,
  kInt8,
  kNumeric,
  kBoolean,
  kBytea,
  kDate,
  kTimestamp,
  kTimestampTz,
  kEnum,
  kComposite,
  kOther,  // any type of values: redact to NULL serves it
};

struct ColumnType {
  TypeClass type_class = TypeClass::kOther;  // of an array, that of its elements
  bool is_array = false;
  catalog::Oid wire_type = 0;  // what a RowDescription says: of a domain, its base type
  // For CAST under any search_path, without modifier: "pg_catalog.varchar", "public.citext[]".
  // Empty: nothing is known of the type, and no mask serves it.
  std::string sql_name;
  catalog::Oid element_type = 0;    // of an array
  std::vector<std::string> labels;  // of an enum
  // What a modifier leaves room for: of varchar(n) and char(n), characters; of numeric(p,s), digits
  // before the point. Not set: no limit, or that of a domain, which is not known here.
  std::optional<std::uint32_t> capacity;
};

// An array of a domain is of class kOther: a masked element might not satisfy the domain.
[[nodiscard]] ColumnType type_of(const catalog::Column& column, const catalog::Catalog& catalog);

struct ColumnMask {
  // Null: the gateway cannot do it; `expression` is used wherever the column stands.
  std::shared_ptr<const ValueMask> on_rows;
  // SQL of the type of the column (a domain's base type) in which every kColumnMark stands for the
  // column, and nothing else of the row is used. Fails for no value. Empty: the store cannot do it;
  // the column can only be returned as it is.
  std::string expression;
};
inline constexpr std::string_view kColumnMark = "$column";

// `detectors` are those of the spec (and of the rules of its paths), null if it names none; `key`
// is needed for kHash. The error says in one sentence why the method cannot serve the type.
[[nodiscard]] Result<ColumnMask> make_mask(const Spec& spec, const ColumnType& type,
                                           const HashKeyRef& key, const DetectorsRef& detectors);

}  // namespace tracegate::mask
