#include "src/policy/claims.h"

#include <algorithm>

namespace tracegate::policy {
namespace {

Claims relevant(const Role& role, const Claims& claims) {
  Claims result;
  const auto take = [&](const std::string& name) {
    const auto found = claims.find(name);
    if (name.empty() || found == claims.end() || result.contains(name)) return;
    std::vector<std::string> values = found->second;
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    result.emplace(name, std::move(values));
  };
  for (const Scope& scope : role.scopes) {
    if (scope.in_namespace) take(scope.in_namespace->claim);
    if (scope.in_time) take(scope.in_time->claim);
  }
  return result;
}

}  // namespace

ClaimsTable::ClaimsTable() : none_(std::make_shared<SessionClaims>()) {}

ClaimsRef ClaimsTable::intern(const Role& role, const Claims& claims) {
  Claims values = relevant(role, claims);
  if (values.empty()) return none_;
  if (const auto found = sets_.find(values); found != sets_.end()) return found->second;
  if (sets_.size() >= forget_at_) forget_unused();
  auto made = std::make_shared<SessionClaims>();
  made->id = ++last_id_;
  made->values = values;
  sets_.emplace(std::move(values), made);
  return made;
}

void ClaimsTable::forget_unused() {
  std::erase_if(sets_, [](const auto& each) { return each.second.use_count() == 1; });
  forget_at_ = std::max(kKept, 2 * sets_.size());
}

}  // namespace tracegate::policy
