// The prepared statements and portals of one session, as the store has confirmed them. SQL
// (PREPARE, DECLARE) and protocol (Parse, Bind) share one name space for each, as in PostgreSQL.
//
// What this rests on: under a name that stands here the store has what stands here, or nothing. So
// only what the store has answered is entered; what a pipeline has under way is kept in the queue
// of expected answers (pending.h) and takes effect when its answer arrives, and a failed Parse
// never leaves a name bound to a plan that the store does not have under it.
//
// Source: src/backend/commands/prepare.c and src/backend/utils/mmgr/portalmem.c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proto_pg/bytes.h"
#include "src/policy/plan.h"

namespace tracegate::session {

enum class NameSpace : std::uint8_t { kStatements, kPortals };

// Both tables of the store compare and keep the first 63 bytes of a name (NAMEDATALEN - 1), also of
// one that comes in a Parse or Bind: two longer names that agree so far are one.
inline constexpr std::size_t kMaxName = 63;
[[nodiscard]] constexpr std::string_view as_stored(std::string_view name) {
  return name.substr(0, kMaxName);
}

// A statement of a plan, which it keeps alive.
using StatementRef = std::shared_ptr<const policy::StatementPlan>;

// What masking has to know of a portal that a Bind has made. Only those whose rows are masked have
// it.
struct BoundPortal {
  std::vector<proto::FormatCode> result_formats;  // as in the Bind
  // Of one that runs EXECUTE or FETCH: the statement whose rows these return, as it was when it was
  // bound. The store keeps the rows of such a portal from its first Execute on; the name may mean
  // another statement by then.
  StatementRef rows;
};
using BoundPortalRef = std::shared_ptr<const BoundPortal>;

class NameTable {
 public:
  struct Named {
    policy::PlanRef plan;
    BoundPortalRef bound;  // of a portal; null: no rows of it are masked, or SQL has declared it
  };
  // Null if unknown. The unnamed one has the empty name.
  [[nodiscard]] const Named* find(std::string_view name) const;
  // A null plan erases: what stands there is not known.
  void set(std::string_view name, Named named, bool survives_transaction);
  // If `name` stands for `stale`, it stands for `judged` from now on: the same text, judged again.
  void refresh(std::string_view name, const policy::PlanRef& stale, policy::PlanRef judged);
  void erase(std::string_view name);
  void erase_named();  // DEALLOCATE ALL, DISCARD ALL; PostgreSQL keeps the unnamed statement
  void erase_all();    // CLOSE ALL
  // Ends what a transaction's end ends: every portal that is not WITH HOLD.
  void end_transaction();

  [[nodiscard]] std::size_t size() const { return named_.size(); }
  // Bytes of text that the named plans keep alive. A plan under two names counts twice.
  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_; }

 private:
  struct Entry {
    Named named;
    bool survives_transaction = false;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> named_;
  Named unnamed_;
  std::uint64_t held_bytes_ = 0;
};

// What a plan keeps in memory, near enough for limits.
[[nodiscard]] inline std::uint64_t held_by(const policy::PlanRef& plan) {
  return plan ? plan->text.size() + plan->recorded_text.size() + plan->store_text.size() : 0;
}

}  // namespace tracegate::session
