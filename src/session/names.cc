#include "src/session/names.h"

namespace tracegate::session {

const policy::PlanRef* NameTable::find(std::string_view name) const {
  if (name.empty()) return unnamed_ ? &unnamed_ : nullptr;
  const auto found = named_.find(name);
  return found == named_.end() ? nullptr : &found->second.plan;
}

void NameTable::set(std::string_view name, policy::PlanRef plan, bool survives_transaction) {
  if (name.empty()) {
    unnamed_ = std::move(plan);
    return;
  }
  auto found = named_.find(name);
  if (found == named_.end()) found = named_.emplace(std::string(name), Entry{}).first;
  found->second = {std::move(plan), survives_transaction};
}

void NameTable::erase(std::string_view name) {
  if (name.empty()) {
    unnamed_.reset();
  } else if (const auto found = named_.find(name); found != named_.end()) {
    named_.erase(found);
  }
}

void NameTable::erase_named() { named_.clear(); }

void NameTable::end_transaction() {
  unnamed_.reset();
  if (named_.empty()) return;
  std::erase_if(named_, [](const auto& entry) { return !entry.second.survives_transaction; });
}

}  // namespace tracegate::session
