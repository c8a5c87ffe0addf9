// The claims of sessions, with a number for each distinct set of them: plans and views are kept by
// that number, so that nothing made for one set is ever handed to a session of another.
//
// Only what the scopes of the session's role name is kept of its claims; the sessions of a role
// whose scopes name none share everything.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "src/policy/policy.h"

namespace tracegate::policy {

struct SessionClaims {
  // 0 for no claims. Never given to another set, for as long as the ClaimsTable lives.
  std::uint64_t id = 0;
  Claims values;
};
// Shared: by sessions, by the table, and by views made from it, whichever lives longest.
using ClaimsRef = std::shared_ptr<const SessionClaims>;

// One thread.
class ClaimsTable {
 public:
  ClaimsTable();
  // Those of `claims` that a scope of `role` names; values in any order are the same set. Never
  // null. Sets that no session holds any more are kept for a while, for those who come back, and
  // then forgotten.
  [[nodiscard]] ClaimsRef intern(const Role& role, const Claims& claims);

  [[nodiscard]] std::size_t size() const { return sets_.size(); }

 private:
  static constexpr std::size_t kKept = 1024;
  void forget_unused();

  ClaimsRef none_;
  std::map<Claims, ClaimsRef> sets_;
  std::uint64_t last_id_ = 0;
  std::size_t forget_at_ = kKept;
};

}  // namespace tracegate::policy
