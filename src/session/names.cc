#include "src/session/names.h"

namespace tracegate::session {

const policy::PlanRef* NameTable::find(std::string_view name) const {
  name = as_stored(name);
  if (name.empty()) return unnamed_ ? &unnamed_ : nullptr;
  const auto found = named_.find(name);
  return found == named_.end() ? nullptr : &found->second.plan;
}

void NameTable::set(std::string_view name, policy::PlanRef plan, bool survives_transaction) {
  name = as_stored(name);
  if (!plan) return erase(name);
  if (name.empty()) {
    unnamed_ = std::move(plan);
    return;
  }
  auto found = named_.find(name);
  if (found == named_.end()) found = named_.emplace(std::string(name), Entry{}).first;
  held_bytes_ += held_by(plan);
  held_bytes_ -= held_by(found->second.plan);
  found->second = {std::move(plan), survives_transaction};
}

void NameTable::refresh(std::string_view name, const policy::PlanRef& stale,
                        policy::PlanRef judged) {
  name = as_stored(name);
  if (name.empty()) {
    if (unnamed_ == stale) unnamed_ = std::move(judged);
    return;
  }
  const auto found = named_.find(name);
  if (found == named_.end() || found->second.plan != stale) return;
  const bool survives = found->second.survives_transaction;
  set(name, std::move(judged), survives);
}

void NameTable::erase(std::string_view name) {
  name = as_stored(name);
  if (name.empty()) {
    unnamed_.reset();
  } else if (const auto found = named_.find(name); found != named_.end()) {
    held_bytes_ -= held_by(found->second.plan);
    named_.erase(found);
  }
}

void NameTable::erase_named() {
  named_.clear();
  held_bytes_ = 0;
}

void NameTable::erase_all() {
  unnamed_.reset();
  erase_named();
}

void NameTable::end_transaction() {
  unnamed_.reset();
  if (named_.empty()) return;
  std::erase_if(named_, [this](const auto& named) {
    if (named.second.survives_transaction) return false;
    held_bytes_ -= held_by(named.second.plan);
    return true;
  });
}

}  // namespace tracegate::session
