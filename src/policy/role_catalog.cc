#include "src/policy/role_catalog.h"

#include <fmt/format.h>

#include <algorithm>

namespace tracegate::policy {
namespace {

std::string why_exposing(const Exposed& exposed) {
  const std::string name = exposed.relation->qualified_name();
  return exposed.masks
             ? fmt::format("it shows columns of {}, which have masks, and has none itself", name)
             : fmt::format("it shows rows of {}, which has a scope, and has none itself", name);
}

}  // namespace

bool exists_for(const Role& role, std::string_view schema, std::string_view relation) {
  return is_ruled(role, schema, relation) || Introspection::covers(schema, relation);
}

RoleCatalog::RoleCatalog(const Role& role, const Upstream& upstream,
                         const catalog::Catalog& whole) {
  const Relatives relatives(role, upstream, whole);
  std::vector<catalog::Relation> shown;
  std::vector<catalog::Relation> scoped;
  std::map<catalog::Oid, const catalog::Relation*> ancestors;
  for (const catalog::Relation& relation : whole.relations()) {
    if (role.find_scope(relation.schema, relation.name)) scoped.push_back(relation);
    if (!exists_for(role, relation.schema, relation.name)) continue;
    const bool ruled = is_ruled(role, relation.schema, relation.name);
    if (const Exposed exposed = ruled ? relatives.exposed_by(relation) : Exposed{};
        exposed.relation) {
      exposing_.emplace(std::pair(relation.schema, relation.name), why_exposing(exposed));
      continue;
    }
    shown.push_back(relation);
    Family family{relatives.scopes(relation), {}};
    const std::vector<const catalog::Relation*> above = relatives.ancestors(relation);
    for (const catalog::Relation* each : above) {
      ancestors.emplace(each->oid, each);
      family.ancestors.push_back(each->oid);
    }
    if (ruled) {
      masks_.add(role, upstream, relation, above, whole);
      std::vector<catalog::Column>& columns = shown.back().columns;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const bool may_read = masks_.fate_of(relation.oid, i) != RoleMasks::Fate::kWithheld;
        columns[i].is_hidden =
            !VisibleObjects::shows_column(role, relation, columns[i].name, may_read) ||
            hides_column(role, above, columns[i].name);
      }
    }
    if (!family.scopes.empty() || !family.ancestors.empty())
      families_.emplace(relation.oid, std::move(family));
  }
  shown_ = whole.limited_to(std::move(shown));
  scoped_ = whole.limited_to(std::move(scoped));
  std::vector<catalog::Relation> copies;
  for (const auto& [oid, relation] : ancestors) copies.push_back(*relation);
  ancestors_ = whole.limited_to(std::move(copies));
  for (const catalog::Relation& relation : shown_->relations()) {
    const catalog::Relation* found = whole.resolve(relation.name, upstream.search_path);
    if (found && !shown_->find(found->oid)) hides_by_search_path_ = true;
  }
  introspection_.emplace(role, *shown_);
}

const std::vector<const Scope*>& RoleCatalog::scopes(const catalog::Relation& relation) const {
  static const std::vector<const Scope*> kNone;
  const auto found = families_.find(relation.oid);
  return found != families_.end() ? found->second.scopes : kNone;
}

std::vector<const catalog::Relation*> RoleCatalog::ancestors(
    const catalog::Relation& relation) const {
  std::vector<const catalog::Relation*> result;
  if (const auto found = families_.find(relation.oid); found != families_.end())
    for (const catalog::Oid oid : found->second.ancestors) result.push_back(ancestors_->find(oid));
  return result;
}

std::string RoleCatalog::why_not_shown(std::string_view schema, std::string_view relation) const {
  const auto found = exposing_.find({std::string(schema), std::string(relation)});
  if (found == exposing_.end()) return {};
  return found->second;
}

}  // namespace tracegate::policy
