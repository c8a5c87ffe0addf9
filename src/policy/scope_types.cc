#include "src/policy/scope_types.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "src/base/utf8.h"

namespace tracegate::policy {
namespace {

using catalog::Oid;

// PostgreSQL's own types that "=" compares, and whose OIDs are the same in every PostgreSQL
// (include/catalog/pg_type.dat).
struct BuiltinType {
  Oid oid;
  std::string_view name;
  NamespaceType in_namespaces = NamespaceType::kNone;
};
constexpr Oid kInt8 = 20, kInt2 = 21, kInt4 = 23;
constexpr Oid kDate = 1082, kTimestamp = 1114, kTimestampTz = 1184;
constexpr BuiltinType kBuiltinTypes[] = {{16, "bool"},
                                         {17, "bytea"},
                                         {18, "char"},
                                         {19, "name", NamespaceType::kName},
                                         {kInt8, "int8", NamespaceType::kNumber},
                                         {kInt2, "int2", NamespaceType::kNumber},
                                         {kInt4, "int4", NamespaceType::kNumber},
                                         {25, "text", NamespaceType::kText},
                                         {26, "oid"},
                                         {650, "cidr"},
                                         {700, "float4"},
                                         {701, "float8"},
                                         {774, "macaddr8"},
                                         {829, "macaddr"},
                                         {869, "inet"},
                                         {1042, "bpchar", NamespaceType::kText},
                                         {1043, "varchar", NamespaceType::kText},
                                         {kDate, "date"},
                                         {1083, "time"},
                                         {kTimestamp, "timestamp"},
                                         {kTimestampTz, "timestamptz"},
                                         {1186, "interval"},
                                         {1266, "timetz"},
                                         {1560, "bit"},
                                         {1562, "varbit"},
                                         {1700, "numeric"},
                                         {2950, "uuid", NamespaceType::kUuid},
                                         {3802, "jsonb"}};

std::string qualified(std::string_view schema, std::string_view name) {
  return catalog::quote_identifier(schema) + "." + catalog::quote_identifier(name);
}

// "(10,2)" of "numeric(10,2)".
std::string_view modifier_of(std::string_view type_name) {
  const std::size_t open = type_name.find('(');
  const std::size_t close = type_name.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  return type_name.substr(open, close - open + 1);
}

// The column holds `type`, a domain or not; names the base type.
void set_base(Oid type, const catalog::Catalog& catalog, ScopeType& result) {
  result.base = type;
  const auto* builtin = std::find_if(std::begin(kBuiltinTypes), std::end(kBuiltinTypes),
                                     [&](const BuiltinType& each) { return each.oid == type; });
  if (builtin != std::end(kBuiltinTypes)) {
    result.carrier = "pg_catalog.\"" + std::string(builtin->name) + "\"";
    result.in_namespaces = builtin->in_namespaces;
    return;
  }
  const catalog::Type* own = catalog.find_type(type);
  if (own == nullptr) return;
  const bool is_citext = own->extension == "citext" && own->name == "citext";
  if (own->kind != catalog::TypeKind::kEnum && !is_citext) return;
  result.carrier = qualified(own->schema, own->name);
  result.in_namespaces = is_citext ? NamespaceType::kCaseless : NamespaceType::kEnum;
  result.own = own;
}

template <typename Integer>
bool is_number(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// As PostgreSQL itself writes one.
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !digit) return false;
  }
  return true;
}

}  // namespace

ScopeType scope_type(const catalog::Column& column, const catalog::Catalog& catalog) {
  ScopeType result;
  const catalog::Type* domain = catalog.find_type(column.type_oid);
  Oid base = column.type_oid;
  while (const catalog::Type* type = catalog.find_type(base)) {
    if (type->kind != catalog::TypeKind::kDomain) break;
    base = type->inner;
  }
  set_base(base, catalog, result);
  if (result.carrier.empty()) return result;
  if (base != column.type_oid)
    result.stored = qualified(domain->schema, domain->name);
  else
    result.stored = result.carrier +
                    std::string(result.own ? std::string_view() : modifier_of(column.type_name));
  return result;
}

bool can_be(const ScopeType& type, std::string_view name) {
  // PostgreSQL holds no NUL, and nothing that is not UTF-8 in a UTF-8 session.
  if (name.find('\0') != std::string_view::npos || !is_valid_utf8(name)) return false;
  constexpr std::size_t kMaxName = 63;
  switch (type.in_namespaces) {
    case NamespaceType::kNone:
      return false;
    case NamespaceType::kText:
    case NamespaceType::kCaseless:
      return true;
    case NamespaceType::kEnum:
      return std::find(type.own->labels.begin(), type.own->labels.end(), name) !=
             type.own->labels.end();
    case NamespaceType::kName:
      return name.size() <= kMaxName;
    case NamespaceType::kNumber:
      return type.base == kInt2   ? is_number<std::int16_t>(name)
             : type.base == kInt4 ? is_number<std::int32_t>(name)
                                  : is_number<std::int64_t>(name);
    case NamespaceType::kUuid:
      return is_uuid(name);
  }
  return false;
}

bool is_time(const ScopeType& type) {
  return type.base == kDate || type.base == kTimestamp || type.base == kTimestampTz;
}

bool has_zone(const ScopeType& type) {
  return type.base == kTimestampTz;
}

}  // namespace tracegate::policy
