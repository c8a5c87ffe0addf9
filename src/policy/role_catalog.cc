#include "src/policy/role_catalog.h"

#include <algorithm>
#include <vector>

namespace tracegate::policy {
namespace {

// `whole` with other relations. Whatever else a catalog defines must come along: judging takes a
// name that the catalog does not define for PostgreSQL's own.
template <typename Whole>
std::shared_ptr<const catalog::Catalog> with_relations(const Whole& whole,
                                                       std::vector<catalog::Relation> relations) {
  if constexpr (requires { whole.definitions(); })
    return Whole::build(whole.version(), std::move(relations), whole.definitions());
  else
    return Whole::build(whole.version(), std::move(relations));
}

}  // namespace

bool exists_for(const Role& role, std::string_view schema, std::string_view relation) {
  return std::any_of(role.rules.begin(), role.rules.end(),
                     [&](const Rule& rule) { return rule.covers(schema, relation); });
}

RoleCatalog::RoleCatalog(const Role& role, const Upstream& upstream,
                         const catalog::Catalog& whole) {
  std::vector<catalog::Relation> shown;
  std::vector<catalog::Relation> scoped;
  for (const catalog::Relation& relation : whole.relations()) {
    if (role.find_scope(relation.schema, relation.name)) scoped.push_back(relation);
    if (!exists_for(role, relation.schema, relation.name)) continue;
    shown.push_back(relation);
    const catalog::Relation* found = whole.resolve(relation.name, upstream.search_path);
    if (found && !exists_for(role, found->schema, found->name)) hides_by_search_path_ = true;
  }
  shown_ = with_relations(whole, std::move(shown));
  scoped_ = catalog::Catalog::build(whole.version(), std::move(scoped));
}

}  // namespace tracegate::policy
