// The prepared statements and portals of one session, as the store has confirmed them. SQL
// (PREPARE, DECLARE) and protocol (Parse, Bind) share one name space for each, as in PostgreSQL.
//
// Only what the store has answered stands here. What a pipeline has under way is kept in the queue of
// expected answers (session.cc) and takes effect when its answer arrives, so that a failed Parse never
// leaves a name bound to a plan that the store does not have under it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/policy/plan.h"

namespace tracegate::session {

enum class NameSpace { kStatements, kPortals };

class NameTable {
 public:
  // Null if unknown. The unnamed one has the empty name.
  [[nodiscard]] const policy::PlanRef* find(std::string_view name) const;
  void set(std::string_view name, policy::PlanRef plan, bool survives_transaction);
  void erase(std::string_view name);
  // DEALLOCATE ALL, DISCARD ALL, CLOSE ALL: the named ones. (PostgreSQL keeps the unnamed statement.)
  void erase_named();
  // Ends what a transaction's end ends: every portal that is not WITH HOLD.
  void end_transaction();
  [[nodiscard]] std::size_t size() const { return named_.size(); }

 private:
  struct Entry {
    policy::PlanRef plan;
    bool survives_transaction = false;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> named_;
  policy::PlanRef unnamed_;
};

}  // namespace tracegate::session
