// What the store still owes an answer to, oldest first. Every message that was sent to the store
// and that it will answer has one entry; so each answer is attributed to the statement it belongs
// to, and a statement that the gateway refused is recognised when the store fails in its place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/mask/cell_counts.h"
#include "src/policy/plan.h"
#include "src/session/names.h"
#include "src/session/ring.h"

namespace tracegate::session {

// The message that is to be answered.
enum class Answering : std::uint8_t {
  kParse,
  kBind,
  kDescribe,
  kExecute,
  kClose,
  kSync,
  kQuery,
  kFunctionCall,
};

// The statements of one Execute, Query or FunctionCall while they run.
struct Running {
  StatementNo first{};         // number of its first statement
  std::uint32_t recorded = 0;  // how many statements have an intent on record
  std::uint32_t done = 0;      // how many of them have ended
  bool writes = false;         // any of them may change the store
  Microseconds started{};      // monotonic, of the current statement, as are the following
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_in = 0;
  mask::CellCounts cells = {};
};

// Names that come to exist, and the bytes of text that their plans keep.
struct NamesMade {
  std::size_t count = 0;
  std::uint64_t bytes = 0;
};

struct Pending {
  Answering kind = Answering::kSync;
  NameSpace space = NameSpace::kStatements;  // of kClose and kDescribe
  bool answered = false;      // of a kind with ReadyForQuery: nothing else may come any more
  bool unknown_name = false;  // refused for a name that the store looks up before anything else
  std::string name = {};      // what kParse and kBind make, kClose removes; as_stored()
  // Of kParse, kBind, kExecute, kQuery, kFunctionCall; and of a kDescribe whose answer is checked.
  policy::PlanRef plan = {};
  BoundPortalRef bound = {};  // of the portal that it makes, runs or describes
  // By the index of a statement that runs EXECUTE or FETCH: the one whose rows it returns, if these
  // are masked; null for all others. Empty: there are none such.
  std::vector<StatementRef> used = {};
  std::shared_ptr<const policy::Denial> denial =
      {};           // refused: a failing statement went in its place
  Ticket intent{};  // no answer may be seen before this record is durable
  Running running = {};
  NamesMade statements_made = {};  // and not confirmed yet; these four are set by PendingQueue
  NamesMade portals_made = {};
  bool changes_statements = false;
  bool changes_portals = false;

  // The store answers it with ReadyForQuery. What comes behind runs even if it failed; but a kQuery
  // or kFunctionCall is itself skipped, and ends nothing, when something since the last kSync
  // failed.
  [[nodiscard]] bool ends_segment() const {
    return kind == Answering::kSync || kind == Answering::kQuery ||
           kind == Answering::kFunctionCall;
  }
  // The statement that says how the rows of the one at `index` are masked; null if nothing is known
  // of them. Of an entry with a plan.
  [[nodiscard]] const policy::StatementPlan* rows_of(std::size_t index) const {
    if (index < used.size() && used[index]) return used[index].get();
    return index < plan->statements.size() ? &plan->statements[index] : nullptr;
  }
  // Of EXECUTE or FETCH by itself: likewise, null if they are not masked.
  [[nodiscard]] StatementRef rows_by_name() const { return used.empty() ? nullptr : used[0]; }
  // Rows and command tags may answer it.
  [[nodiscard]] bool runs_statements() const {
    return kind == Answering::kQuery || kind == Answering::kExecute;
  }
};

// What is known of a name while answers are under way.
struct Resolution {
  enum class State : std::uint8_t {
    kKnown,    // `plan` is what the name stands for; never null
    kUnknown,  // the store has nothing under this name, or something that the session does not know
    kUnsettled,  // an earlier segment decides; ask again when it was answered
  };
  State state = State::kUnknown;
  policy::PlanRef plan;
  BoundPortalRef bound = {};  // of a portal
};

// Whether a statement returns the rows of another one, which it names: EXECUTE and FETCH, but not
// EXPLAIN EXECUTE.
[[nodiscard]] bool returns_rows_of_another(const policy::StatementPlan& statement);
// Whether that is all that the plan does.
[[nodiscard]] bool is_indirect(const policy::Plan& plan);

// Whether the statement makes or removes names of that space.
[[nodiscard]] bool changes(const policy::StatementPlan& statement, NameSpace space);

// By the SQL of a text (PREPARE, DECLARE).
[[nodiscard]] NamesMade names_made_by(const policy::Plan& plan, NameSpace space);

// What statements of SQL do to names, one after another. Borrows from them.
class NameChanges {
 public:
  void add(const policy::StatementPlan& statement);
  // Nothing if no statement so far touches the name.
  [[nodiscard]] std::optional<Resolution> find(NameSpace space, std::string_view name) const;

 private:
  struct Changes {
    bool all_removed = false;
    std::unordered_map<std::string_view, const policy::PlanRef*> since;  // null: removed
  };
  Changes statements_;
  Changes portals_;
};

class PendingQueue {
 public:
  [[nodiscard]] std::size_t size() const { return ring_.size(); }
  [[nodiscard]] bool empty() const { return ring_.empty(); }
  [[nodiscard]] Pending& front() { return ring_.front(); }
  [[nodiscard]] const Pending& front() const { return ring_.front(); }
  void push(Pending pending);
  void pop();

  // A statement of the oldest entry has ended: its names are in the tables now, and not under way.
  void confirm_names(const policy::StatementPlan& statement);

  // A Flush went to the store: it answers what stands here now.
  void mark_flushed() { flushed_ = size(); }
  // It did not take notice: the store ignores a Flush that it reads in COPY FROM STDIN.
  void forget_flush() { flushed_ = 0; }
  // Whether an answer will come without anything further being sent.
  [[nodiscard]] bool answer_is_coming() const { return flushed_ > 0; }
  // Any statement that is under way may change the store.
  [[nodiscard]] bool writes_under_way() const;
  // Whether the first segment has an Execute of this plan, or of one for the same text.
  [[nodiscard]] bool executes(const policy::Plan& plan) const;
  // Bytes of text that the entries keep alive.
  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_; }
  // What the names come to, at most, when everything has succeeded: names that are made twice count
  // twice, those that are removed still count.
  [[nodiscard]] const NamesMade& names_under_way(NameSpace space) const {
    return space == NameSpace::kStatements ? statements_made_ : portals_made_;
  }

  // What `name` will stand for when everything in the queue has succeeded, given what is
  // `confirmed`. Within the last segment success may be presumed: should anything in it fail, the
  // store skips the message that asks. An earlier segment's outcome must be waited for.
  [[nodiscard]] Resolution resolve(NameSpace space, std::string_view name,
                                   const NameTable& confirmed) const;

 private:
  Ring<Pending> ring_;
  std::size_t flushed_ = 0;  // entries from the front that will be answered unasked
  std::uint64_t held_bytes_ = 0;
  std::size_t statement_changes_ = 0;  // entries with changes_statements
  std::size_t portal_changes_ = 0;
  NamesMade statements_made_;
  NamesMade portals_made_;
};

}  // namespace tracegate::session
