#include "src/session/names.h"

namespace tracegate::session {

const NameTable::Named* NameTable::find(std::string_view name) const {
  name = as_stored(name);
  if (name.empty()) return unnamed_.plan ? &unnamed_ : nullptr;
  const auto found = named_.find(name);
  return found == named_.end() ? nullptr : &found->second.named;
}

void NameTable::set(std::string_view name, Named named, bool survives_transaction) {
  name = as_stored(name);
  if (!named.plan) return erase(name);
  if (name.empty()) {
    unnamed_ = std::move(named);
    return;
  }
  auto found = named_.find(name);
  if (found == named_.end()) found = named_.emplace(std::string(name), Entry{}).first;
  held_bytes_ += held_by(named.plan);
  held_bytes_ -= held_by(found->second.named.plan);
  found->second = {std::move(named), survives_transaction};
}

void NameTable::refresh(std::string_view name, const policy::PlanRef& stale,
                        policy::PlanRef judged) {
  name = as_stored(name);
  if (name.empty()) {
    if (unnamed_.plan == stale) unnamed_.plan = std::move(judged);
    return;
  }
  const auto found = named_.find(name);
  if (found == named_.end() || found->second.named.plan != stale) return;
  held_bytes_ += held_by(judged);
  held_bytes_ -= held_by(stale);
  found->second.named.plan = std::move(judged);
}

void NameTable::erase(std::string_view name) {
  name = as_stored(name);
  if (name.empty()) {
    unnamed_ = {};
  } else if (const auto found = named_.find(name); found != named_.end()) {
    held_bytes_ -= held_by(found->second.named.plan);
    named_.erase(found);
  }
}

void NameTable::erase_named() {
  named_.clear();
  held_bytes_ = 0;
}

void NameTable::erase_all() {
  unnamed_ = {};
  erase_named();
}

void NameTable::end_transaction() {
  unnamed_ = {};
  if (named_.empty()) return;
  std::erase_if(named_, [this](const auto& named) {
    if (named.second.survives_transaction) return false;
    held_bytes_ -= held_by(named.second.named.plan);
    return true;
  });
}

}  // namespace tracegate::session
