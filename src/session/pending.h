// What the store still owes an answer to, oldest first. Every message that was sent to the store and
// that it will answer has one entry; so each answer is attributed to the statement it belongs to,
// and a statement that the gateway refused is recognised when the store fails in its place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/policy/plan.h"
#include "src/session/names.h"
#include "src/session/ring.h"

namespace tracegate::session {

// The message that is to be answered.
enum class Answering : std::uint8_t {
  kParse, kBind, kDescribe, kExecute, kClose, kSync, kQuery, kFunctionCall,
};

// The statements of one Execute, Query or FunctionCall while they run.
struct Running {
  StatementNo first{};        // number of its first statement; 0 if nothing was recorded
  std::uint16_t recorded = 0; // how many statements have an intent on record
  std::uint16_t done = 0;     // how many of them have ended
  Microseconds started{};     // monotonic
  std::uint64_t rows = 0;     // of the current statement, as are the following
  std::uint64_t bytes = 0;
  std::uint64_t bytes_in = 0;
};

struct Pending {
  Answering kind = Answering::kSync;
  NameSpace space = NameSpace::kStatements;  // of kClose
  bool survives_transaction = false;
  std::string name = {};        // what kParse and kBind make, kClose removes
  policy::PlanRef plan = {};    // of kParse, kBind, kExecute, kQuery
  std::shared_ptr<const policy::Denial> denial = {};  // refused: a failing statement went in its place
  Ticket intent{};         // no answer may be seen before this record is durable
  Running running = {};

  // Ends a segment: what comes behind runs even if what stands before failed.
  [[nodiscard]] bool ends_segment() const {
    return kind == Answering::kSync || kind == Answering::kQuery || kind == Answering::kFunctionCall;
  }
};

// What is known of a name while answers are under way.
struct Resolution {
  enum class State : std::uint8_t {
    kKnown,    // `plan` is what the name stands for
    kUnknown,  // the store has nothing under this name
    kUnsettled,// an earlier segment decides; ask again when it was answered
  };
  State state = State::kUnknown;
  policy::PlanRef plan;
};

class PendingQueue {
 public:
  [[nodiscard]] std::size_t size() const { return ring_.size(); }
  [[nodiscard]] bool empty() const { return ring_.empty(); }
  [[nodiscard]] Pending& front() { return ring_.front(); }
  [[nodiscard]] const Pending& front() const { return ring_.front(); }
  // Returns the entry in its place, valid until the next push or pop.
  Pending& push(Pending pending);
  void pop();

  // What `name` will stand for when everything in the queue has succeeded, given what is `confirmed`.
  // Within the last segment success may be presumed: should anything in it fail, the store skips the
  // message that asks. An earlier segment's outcome must be waited for.
  [[nodiscard]] Resolution resolve(NameSpace space, std::string_view name,
                                   const NameTable& confirmed) const;

 private:
  Ring<Pending> ring_;
  std::size_t statement_effects_ = 0;  // entries that may change what a statement name stands for
};

// What one statement of SQL does to `name`: nothing (nullopt), or makes it stand for a plan, or
// removes it (kUnknown).
[[nodiscard]] std::optional<Resolution> effect_of(const policy::StatementPlan& statement,
                                                  NameSpace space, std::string_view name);

}  // namespace tracegate::session
