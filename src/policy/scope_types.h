// The types that columns of scopes can have: how values of them are compared, so that no comparison
// can fail on any row or for any claim, and indexes serve them.
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/catalog/catalog.h"

namespace tracegate::policy {

// How a column's values are compared with namespaces, which are texts.
enum class NamespaceType : std::uint8_t {
  kNone,      // not at all
  kText,      // text, varchar, char
  kName,      // name: no longer than 63 bytes
  kNumber,    // smallint, integer, bigint
  kUuid,      //
  kEnum,      // by its labels
  kCaseless,  // the extension citext, by its own operator
};

struct ScopeType {
  // Without its domains and modifier, for CAST under any search path: pg_catalog."varchar",
  // "public"."mood". A value that is about to be written is held in it: an explicit cast to
  // varchar(3) or a domain over it would cut off what the store refuses to write. Empty: values of
  // the type cannot be compared by PostgreSQL's own operators, or nothing is known of it.
  std::string carrier;
  // As it is stored: pg_catalog."varchar"(3), "public"."a domain".
  std::string stored;
  catalog::Oid base = 0;  // of `carrier`
  NamespaceType in_namespaces = NamespaceType::kNone;
  const catalog::Type* own = nullptr;  // `carrier`, if it is not PostgreSQL's; borrowed
};

// Borrows from the catalog.
[[nodiscard]] ScopeType scope_type(const catalog::Column& column, const catalog::Catalog& catalog);

// Whether a value of the type may be written so. What cannot be is equal to none, and a comparison
// with it would fail.
[[nodiscard]] bool can_be(const ScopeType& type, std::string_view name);

// Whether the column is one that a time scope can be on: timestamptz, timestamp, date, or a domain
// over one of them.
[[nodiscard]] bool is_time(const ScopeType& type);
[[nodiscard]] bool has_zone(const ScopeType& type);  // timestamptz

}  // namespace tracegate::policy
