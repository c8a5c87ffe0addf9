#include "src/policy/relatives.h"

#include <algorithm>
#include <unordered_set>

namespace tracegate::policy {
namespace {

bool lists(const Rule& rule, std::string_view column) {
  return rule.columns.empty() ||
         std::any_of(rule.columns.begin(), rule.columns.end(),
                     [&](const auto& each) { return each.value == column; });
}

}  // namespace

std::vector<const Rule*> reading_rules(const Role& role, const catalog::Relation& relation) {
  std::vector<const Rule*> rules;
  for (const Rule& rule : role.rules)
    if (rule.permits(sql::Operation::kSelect) && rule.covers(relation.schema, relation.name))
      rules.push_back(&rule);
  return rules;
}

bool any_lists(const std::vector<const Rule*>& rules, std::string_view column) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const Rule* rule) { return lists(*rule, column); });
}

bool hides_column(const Role& role, const std::vector<const catalog::Relation*>& ancestors,
                  std::string_view column) {
  return std::any_of(ancestors.begin(), ancestors.end(), [&](const catalog::Relation* ancestor) {
    const std::vector<const Rule*> rules = reading_rules(role, *ancestor);
    return !rules.empty() && ancestor->find_column(column) && !any_lists(rules, column);
  });
}
namespace {

using catalog::Oid;
using catalog::Relation;

// All that `next` leads to from `start`, breadth first, each once, without `start` itself.
template <typename Next>
std::vector<const Relation*> closure(const Relation& start, Next next) {
  std::vector<const Relation*> found = {&start};
  std::unordered_set<Oid> seen = {start.oid};
  for (std::size_t at = 0; at < found.size(); ++at)
    for (const Relation* each : next(*found[at]))
      if (seen.insert(each->oid).second) found.push_back(each);
  found.erase(found.begin());
  return found;
}

std::vector<const Relation*> look_up(const catalog::Catalog& catalog,
                                     const std::vector<Oid>& oids) {
  std::vector<const Relation*> found;
  for (const Oid oid : oids)
    if (const Relation* relation = catalog.find(oid)) found.push_back(relation);
  return found;
}

}  // namespace

Relatives::Relatives(const Role& role, const Upstream& upstream, const catalog::Catalog& whole)
    : role_(role), upstream_(upstream), whole_(whole) {
  for (const Relation& parent : whole.relations())
    for (const Oid child : parent.children) parents_[child].push_back(&parent);
}

std::vector<const Relation*> Relatives::ancestors(const Relation& relation) const {
  return closure(relation, [this](const Relation& each) {
    const auto found = parents_.find(each.oid);
    return found != parents_.end() ? found->second : std::vector<const Relation*>();
  });
}

std::vector<const Scope*> Relatives::scopes(const Relation& relation) const {
  std::vector<const Scope*> found;
  if (const Scope* own = own_scope(relation)) found.push_back(own);
  for (const Relation* each : ancestors(relation))
    if (const Scope* scope = own_scope(*each)) found.push_back(scope);
  return found;
}

bool Relatives::has_or_inherits(const Relation& relation, Has has) const {
  if ((this->*has)(relation)) return true;
  const std::vector<const Relation*> above = ancestors(relation);
  return std::any_of(above.begin(), above.end(),
                     [&](const Relation* each) { return (this->*has)(*each); });
}

const Relation* Relatives::find(const Relation& relation, Has has) const {
  if (has_or_inherits(relation, has)) return &relation;
  for (const Relation* each :
       closure(relation, [this](const Relation& from) { return look_up(whole_, from.children); }))
    if ((this->*has)(*each)) return each;
  return nullptr;
}

const Relation* Relatives::find_exposed(const Relation& relation, Has has) const {
  if (has_or_inherits(relation, has)) return nullptr;
  if (const Relation* descendant = find(relation, has)) return descendant;
  for (const Relation* read :
       closure(relation, [this](const Relation& from) { return look_up(whole_, from.reads); }))
    if (const Relation* found = find(*read, has)) return found;
  return nullptr;
}

Exposed Relatives::exposed_by(const Relation& relation) const {
  if (const Relation* scoped = find_exposed(relation, &Relatives::has_scope))
    return {scoped, false};
  return {find_exposed(relation, &Relatives::has_masks), true};
}

}  // namespace tracegate::policy
