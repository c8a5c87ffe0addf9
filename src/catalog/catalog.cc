#include "src/catalog/catalog.h"

#include <algorithm>
#include <unordered_set>

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

// The definitions and the ways to find them. Its maps borrow names from `definitions`.
struct Catalog::Index {
  struct Range {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  using Ranges = std::unordered_map<std::string_view, Range>;

  explicit Index(Definitions given);
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  Definitions definitions;  // functions and operators in order of name
  Ranges functions;         // only names that another schema than pg_catalog has
  Ranges operators;
  std::unordered_map<std::string, std::size_t> types_by_name;  // schema + '\0' + name
  std::unordered_map<Oid, std::size_t> types_by_oid;
  std::unordered_set<std::uint64_t> implicit_casts;  // source << 32 | target
  std::vector<std::size_t> calling_casts;
  std::vector<std::size_t> widening_casts;
};

namespace {

// Sorts `items` by name and notes where each name stands that is not only PostgreSQL's own.
template <typename Items, typename NameOf, typename Ranges>
void index_by_name(Items& items, NameOf name_of, Ranges& ranges) {
  std::stable_sort(items.begin(), items.end(),
                   [&](const auto& a, const auto& b) { return name_of(a) < name_of(b); });
  for (std::size_t first = 0, end = 0; first < items.size(); first = end) {
    bool all_builtin = true;
    for (; end < items.size() && name_of(items[end]) == name_of(items[first]); ++end)
      all_builtin = all_builtin && items[end].is_builtin;
    if (!all_builtin)
      ranges.emplace(name_of(items[first]), typename Ranges::mapped_type{first, end - first});
  }
}

std::uint64_t pair_of(Oid source, Oid target) {
  return std::uint64_t{source} << 32 | target;
}

}  // namespace

Catalog::Index::Index(Definitions given) : definitions(std::move(given)) {
  index_by_name(
      definitions.functions, [](const Function& each) -> std::string_view { return each.name; },
      functions);
  index_by_name(
      definitions.operators, [](const Operator& each) -> std::string_view { return each.symbol; },
      operators);
  for (std::size_t i = 0; i < definitions.types.size(); ++i) {
    types_by_name.emplace(key_of(definitions.types[i].schema, definitions.types[i].name), i);
    types_by_oid.emplace(definitions.types[i].oid, i);
  }
  for (std::size_t i = 0; i < definitions.casts.size(); ++i) {
    const Cast& cast = definitions.casts[i];
    const bool implicit = cast.context == CastContext::kImplicit;
    if (implicit) implicit_casts.insert(pair_of(cast.source, cast.target));
    if (!cast.is_builtin && !cast.function_name.empty()) calling_casts.push_back(i);
    if (implicit && cast.target >= kFirstNormalObject) widening_casts.push_back(i);
  }
}

Catalog::Catalog() {
  static const auto kNoDefinitions = std::make_shared<const Index>(Definitions());
  index_ = kNoDefinitions;
}

std::shared_ptr<const Catalog> Catalog::build(std::uint64_t version,
                                              std::vector<Relation> relations,
                                              Definitions definitions) {
  auto made = std::make_shared<Catalog>();
  made->version_ = version;
  made->relations_ = std::move(relations);
  made->index_ = std::make_shared<const Index>(std::move(definitions));
  made->index_relations();
  return made;
}

std::shared_ptr<const Catalog> Catalog::limited_to(std::vector<Relation> relations) const {
  auto made = std::make_shared<Catalog>();
  made->version_ = version_;
  made->relations_ = std::move(relations);
  made->index_ = index_;
  made->index_relations();
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

const Definitions& Catalog::definitions() const {
  return index_->definitions;
}

std::span<const Function> Catalog::functions(std::string_view name) const {
  const auto found = index_->functions.find(name);
  if (found == index_->functions.end()) return {};
  return std::span(index_->definitions.functions).subspan(found->second.first, found->second.count);
}

std::span<const Operator> Catalog::operators(std::string_view symbol) const {
  const auto found = index_->operators.find(symbol);
  if (found == index_->operators.end()) return {};
  return std::span(index_->definitions.operators).subspan(found->second.first, found->second.count);
}

const Type* Catalog::find_type(Oid type) const {
  const auto found = index_->types_by_oid.find(type);
  return found == index_->types_by_oid.end() ? nullptr : &index_->definitions.types[found->second];
}

const Type* Catalog::find_type(std::string_view schema, std::string_view name) const {
  const auto found = index_->types_by_name.find(key_of(schema, name));
  return found == index_->types_by_name.end() ? nullptr : &index_->definitions.types[found->second];
}

bool Catalog::casts_implicitly(Oid source, Oid target) const {
  return index_->implicit_casts.contains(pair_of(source, target));
}

const std::vector<std::size_t>& Catalog::calling_casts() const {
  return index_->calling_casts;
}

const std::vector<std::size_t>& Catalog::widening_casts() const {
  return index_->widening_casts;
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

std::string quote_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) literal.append(c == '\'' ? 2 : 1, c);
  return literal + '\'';
}

}  // namespace tracegate::catalog
