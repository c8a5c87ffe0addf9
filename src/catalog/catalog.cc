#include "src/catalog/catalog.h"

namespace tracegate::catalog {
namespace {

// NUL cannot be part of a PostgreSQL name, so the joined key is unambiguous.
std::string key_of(std::string_view schema, std::string_view name) {
  std::string key;
  key.reserve(schema.size() + 1 + name.size());
  key.append(schema).push_back('\0');
  key.append(name);
  return key;
}

constexpr std::string_view kSystemSchema = "pg_catalog";

// The words that PostgreSQL 15 does not accept as a table or column name without quotes (kwlist.h:
// RESERVED_KEYWORD, TYPE_FUNC_NAME_KEYWORD and COL_NAME_KEYWORD, as quote_identifier() uses them).
// Sorted.
// clang-format off
constexpr std::string_view kReservedWords[] = {
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization",
    "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character",
    "check", "coalesce", "collate", "collation", "column", "concurrently", "constraint", "create",
    "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc",
    "distinct", "do", "else", "end", "except", "exists", "extract", "false", "fetch", "float", "for",
    "foreign", "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike",
    "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is",
    "isnull", "join", "lateral", "leading", "least", "left", "like", "limit", "localtime",
    "localtimestamp", "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null",
    "nullif", "numeric", "offset", "on", "only", "or", "order", "out", "outer", "overlaps",
    "overlay", "placing", "position", "precision", "primary", "real", "references", "returning",
    "right", "row", "select", "session_user", "setof", "similar", "smallint", "some", "substring",
    "symmetric", "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat",
    "trim", "true", "union", "unique", "user", "using", "values", "varchar", "variadic", "verbose",
    "when", "where", "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists",
    "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable"};
// clang-format on
static_assert(std::is_sorted(std::begin(kReservedWords), std::end(kReservedWords)));

bool survives_unquoted(std::string_view name) {
  const auto is_lower = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (name.empty() || !is_lower(name.front())) return false;
  for (const char c : name)
    if (!is_lower(c) && !(c >= '0' && c <= '9')) return false;
  return !std::binary_search(std::begin(kReservedWords), std::end(kReservedWords), name);
}

}  // namespace

const Column* Relation::find_column(std::string_view column_name) const {
  for (const Column& column : columns)
    if (column.name == column_name) return &column;
  return nullptr;
}

std::string Relation::qualified_name() const {
  return quote_identifier(schema) + "." + quote_identifier(name);
}

std::shared_ptr<const Catalog> Catalog::build(std::uint64_t version,
                                              std::vector<Relation> relations,
                                              Definitions definitions) {
  auto made = std::make_shared<Catalog>();
  made->version_ = version;
  made->relations_ = std::move(relations);
  made->definitions_ = std::move(definitions);
  made->index_relations();
  made->index_definitions();
  return made;
}

void Catalog::index_relations() {
  by_name_.reserve(relations_.size());
  by_oid_.reserve(relations_.size());
  for (std::size_t i = 0; i < relations_.size(); ++i) {
    by_name_.emplace(key_of(relations_[i].schema, relations_[i].name), i);
    by_oid_.emplace(relations_[i].oid, i);
  }
}

void Catalog::index_definitions() {
  const auto index = [](auto& items, auto name_of, Ranges& ranges) {
    std::stable_sort(items.begin(), items.end(),
                     [&](const auto& a, const auto& b) { return name_of(a) < name_of(b); });
    for (std::size_t first = 0, end = 0; first < items.size(); first = end) {
      bool all_builtin = true;
      for (; end < items.size() && name_of(items[end]) == name_of(items[first]); ++end)
        all_builtin = all_builtin && items[end].is_builtin;
      if (!all_builtin) ranges.emplace(name_of(items[first]), Range{first, end - first});
    }
  };
  index(
      definitions_.functions, [](const Function& each) -> std::string_view { return each.name; },
      functions_);
  index(
      definitions_.operators, [](const Operator& each) -> std::string_view { return each.symbol; },
      operators_);
  for (std::size_t i = 0; i < definitions_.types.size(); ++i) {
    types_by_name_.emplace(key_of(definitions_.types[i].schema, definitions_.types[i].name), i);
    types_by_oid_.emplace(definitions_.types[i].oid, i);
  }
  for (std::size_t i = 0; i < definitions_.casts.size(); ++i) {
    const Cast& cast = definitions_.casts[i];
    const bool implicit = cast.context == CastContext::kImplicit;
    if (implicit) implicit_casts_.insert(std::uint64_t{cast.source} << 32 | cast.target);
    if (!cast.is_builtin && !cast.function_name.empty()) calling_casts_.push_back(i);
    if (implicit && cast.target >= kFirstNormalObject) widening_casts_.push_back(i);
  }
}

const Relation* Catalog::find(std::string_view schema, std::string_view name) const {
  const auto found = by_name_.find(key_of(schema, name));
  return found == by_name_.end() ? nullptr : &relations_[found->second];
}

const Relation* Catalog::resolve(std::string_view name,
                                 std::span<const std::string> search_path) const {
  const bool system_listed =
      std::find(search_path.begin(), search_path.end(), kSystemSchema) != search_path.end();
  if (!system_listed) {
    if (const Relation* relation = find(kSystemSchema, name)) return relation;
  }
  for (const std::string& schema : search_path) {
    if (const Relation* relation = find(schema, name)) return relation;
  }
  return nullptr;
}

const Relation* Catalog::find(Oid relation) const {
  const auto found = by_oid_.find(relation);
  return found == by_oid_.end() ? nullptr : &relations_[found->second];
}

std::span<const Function> Catalog::functions(std::string_view name) const {
  const auto found = functions_.find(name);
  if (found == functions_.end()) return {};
  return std::span(definitions_.functions).subspan(found->second.first, found->second.count);
}

std::span<const Operator> Catalog::operators(std::string_view symbol) const {
  const auto found = operators_.find(symbol);
  if (found == operators_.end()) return {};
  return std::span(definitions_.operators).subspan(found->second.first, found->second.count);
}

const Type* Catalog::find_type(Oid type) const {
  const auto found = types_by_oid_.find(type);
  return found == types_by_oid_.end() ? nullptr : &definitions_.types[found->second];
}

const Type* Catalog::find_type(std::string_view schema, std::string_view name) const {
  const auto found = types_by_name_.find(key_of(schema, name));
  return found == types_by_name_.end() ? nullptr : &definitions_.types[found->second];
}

bool Catalog::casts_implicitly(Oid source, Oid target) const {
  return implicit_casts_.contains(std::uint64_t{source} << 32 | target);
}

std::string quote_identifier(std::string_view name) {
  if (survives_unquoted(name)) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace tracegate::catalog
