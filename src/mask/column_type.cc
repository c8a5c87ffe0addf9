#include <algorithm>
#include <charconv>

#include "src/mask/column_mask.h"
#include "src/mask/types.h"

namespace tracegate::mask {
namespace {

using catalog::Catalog;
using catalog::Oid;
using catalog::TypeKind;

// PostgreSQL's own types (include/catalog/pg_type.dat) that a column can have. The names need no
// quotes behind a dot.
struct BuiltinType {
  Oid oid;
  Oid array_oid;
  std::string_view name;
  TypeClass type_class = TypeClass::kOther;
};
constexpr BuiltinType kBuiltinTypes[] = {
    {16, 1000, "bool", TypeClass::kBoolean},
    {17, 1001, "bytea", TypeClass::kBytea},
    {18, 1002, "char"},
    {kNameOid, 1003, "name", TypeClass::kText},
    {20, 1016, "int8", TypeClass::kInt8},
    {21, 1005, "int2", TypeClass::kInt2},
    {23, 1007, "int4", TypeClass::kInt4},
    {25, 1009, "text", TypeClass::kText},
    {26, 1028, "oid"},
    {27, 1010, "tid"},
    {28, 1011, "xid"},
    {114, 199, "json", TypeClass::kJson},
    {142, 143, "xml"},
    {600, 1017, "point"},
    {601, 1018, "lseg"},
    {602, 1019, "path"},
    {603, 1020, "box"},
    {604, 1027, "polygon"},
    {628, 629, "line"},
    {650, 651, "cidr"},
    {700, 1021, "float4"},
    {701, 1022, "float8"},
    {718, 719, "circle"},
    {774, 775, "macaddr8"},
    {790, 791, "money"},
    {829, 1040, "macaddr"},
    {869, 1041, "inet"},
    {kBpcharOid, 1014, "bpchar", TypeClass::kText},
    {1043, 1015, "varchar", TypeClass::kText},
    {1082, 1182, "date", TypeClass::kDate},
    {1083, 1183, "time"},
    {1114, 1115, "timestamp", TypeClass::kTimestamp},
    {1184, 1185, "timestamptz", TypeClass::kTimestampTz},
    {1186, 1187, "interval"},
    {1266, 1270, "timetz"},
    {1560, 1561, "bit"},
    {1562, 1563, "varbit"},
    {1700, 1231, "numeric", TypeClass::kNumeric},
    {2950, 2951, "uuid", TypeClass::kUuid},
    {3220, 3221, "pg_lsn"},
    {3614, 3643, "tsvector"},
    {3615, 3645, "tsquery"},
    {3802, 3807, "jsonb", TypeClass::kJsonb},
    {3904, 3905, "int4range"},
    {3906, 3907, "numrange"},
    {3908, 3909, "tsrange"},
    {3910, 3911, "tstzrange"},
    {3912, 3913, "daterange"},
    {3926, 3927, "int8range"},
    {4072, 4073, "jsonpath"},
    {4451, 6150, "int4multirange"},
    {4532, 6151, "nummultirange"},
    {4533, 6152, "tsmultirange"},
    {4534, 6153, "tstzmultirange"},
    {4535, 6155, "datemultirange"},
    {4536, 6157, "int8multirange"},
    {5069, 271, "xid8"},
};

void set_builtin(const BuiltinType& type, ColumnType& result) {
  result.type_class = type.type_class;
  result.sql_name = "pg_catalog." + std::string(type.name);
}

void set_own(const catalog::Type& type, ColumnType& result) {
  result.sql_name =
      catalog::quote_identifier(type.schema) + "." + catalog::quote_identifier(type.name);
  if (type.kind == TypeKind::kEnum) {
    result.type_class = TypeClass::kEnum;
    result.labels = type.labels;
  } else if (type.kind == TypeKind::kComposite) {
    result.type_class = TypeClass::kComposite;
  } else if (type.extension == "citext" && type.name == "citext") {
    result.type_class = TypeClass::kText;
  }
}

void set_type(Oid oid, const Catalog& catalog, ColumnType& result) {
  for (const BuiltinType& builtin : kBuiltinTypes) {
    if (oid != builtin.oid && oid != builtin.array_oid) continue;
    result.is_array = oid == builtin.array_oid;
    if (result.is_array) result.element_type = builtin.oid;
    return set_builtin(builtin, result);
  }
  const catalog::Type* own = catalog.find_type(oid);
  if (own == nullptr) return;
  const catalog::Type* element =
      own->kind == TypeKind::kBase ? catalog.find_type(own->inner) : nullptr;
  if (element == nullptr) return set_own(*own, result);
  result.is_array = true;
  result.element_type = element->oid;
  set_own(*element, result);
}

// "numeric(10,2)" has 10 and 2; nothing stands for what is not there.
struct Modifier {
  std::optional<std::int32_t> first;
  std::optional<std::int32_t> second;
};
Modifier modifier_of(std::string_view type_name) {
  Modifier result;
  const std::size_t open = type_name.find('(');
  if (open == std::string_view::npos) return result;
  const char* const end = type_name.data() + type_name.size();
  std::int32_t number = 0;
  const auto first = std::from_chars(type_name.data() + open + 1, end, number);
  if (first.ec != std::errc()) return result;
  result.first = number;
  if (first.ptr == end || *first.ptr != ',') return result;
  if (std::from_chars(first.ptr + 1, end, number).ec == std::errc()) result.second = number;
  return result;
}

std::optional<std::uint32_t> capacity_of(TypeClass type_class, std::string_view type_name) {
  const Modifier modifier = modifier_of(type_name);
  if (!modifier.first) return std::nullopt;
  if (type_class == TypeClass::kText) return static_cast<std::uint32_t>(*modifier.first);
  if (type_class != TypeClass::kNumeric) return std::nullopt;
  // The scale may be negative, or larger than the precision.
  const std::int32_t digits = *modifier.first - modifier.second.value_or(0);
  return static_cast<std::uint32_t>(std::max(digits, 0));
}

std::string_view class_name(const ColumnType& type) {
  switch (type.type_class) {
    case TypeClass::kText:
      if (is_citext(type)) return "citext";
      return scalar_oid(type) == kNameOid ? "name" : "text";
    case TypeClass::kJson:
      return "json";
    case TypeClass::kJsonb:
      return "jsonb";
    case TypeClass::kUuid:
      return "uuid";
    case TypeClass::kInt2:
      return "smallint";
    case TypeClass::kInt4:
      return "integer";
    case TypeClass::kInt8:
      return "bigint";
    case TypeClass::kNumeric:
      return "numeric";
    case TypeClass::kBoolean:
      return "boolean";
    case TypeClass::kBytea:
      return "bytea";
    case TypeClass::kDate:
      return "date";
    case TypeClass::kTimestamp:
      return "timestamp";
    case TypeClass::kTimestampTz:
      return "timestamp with time zone";
    case TypeClass::kEnum:
      return "enums";
    case TypeClass::kComposite:
      return "composite types";
    case TypeClass::kOther:
      return "this type";
  }
  return {};
}

}  // namespace

std::string describe(const ColumnType& type) {
  return (type.is_array ? "arrays of " : "") + std::string(class_name(type));
}

ColumnType type_of(const catalog::Column& column, const Catalog& catalog) {
  ColumnType result;
  result.wire_type = column.type_oid;
  while (const catalog::Type* type = catalog.find_type(result.wire_type)) {
    if (type->kind != TypeKind::kDomain) break;
    result.wire_type = type->inner;
  }
  set_type(result.wire_type, catalog, result);
  const bool is_domain = result.wire_type != column.type_oid;
  if (result.sql_name.empty()) {
    // The row type of a table, or an array of it, for example.
    if (!is_domain) result.sql_name = column.type_name;
    return result;
  }
  if (result.is_array) result.sql_name += "[]";
  if (!is_domain && result.wire_type < catalog::kFirstNormalObject)
    result.capacity = capacity_of(result.type_class, column.type_name);
  return result;
}

}  // namespace tracegate::mask
