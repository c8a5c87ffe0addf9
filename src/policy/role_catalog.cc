#include "src/policy/role_catalog.h"

#include <algorithm>
#include <vector>

namespace tracegate::policy {

bool exists_for(const Role& role, std::string_view schema, std::string_view relation) {
  return is_ruled(role, schema, relation) || Introspection::covers(schema, relation);
}

RoleCatalog::RoleCatalog(const Role& role, const Upstream& upstream, const catalog::Catalog& whole)
    : introspection_(role, whole) {
  std::vector<catalog::Relation> shown;
  std::vector<catalog::Relation> scoped;
  for (const catalog::Relation& relation : whole.relations()) {
    if (role.find_scope(relation.schema, relation.name)) scoped.push_back(relation);
    if (!exists_for(role, relation.schema, relation.name)) continue;
    shown.push_back(relation);
    const catalog::Relation* found = whole.resolve(relation.name, upstream.search_path);
    if (found && !exists_for(role, found->schema, found->name)) hides_by_search_path_ = true;
  }
  shown_ = whole.limited_to(std::move(shown));
  scoped_ = whole.limited_to(std::move(scoped));
}

}  // namespace tracegate::policy
