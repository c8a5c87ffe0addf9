// Numbers the statements of a session and puts them on record: an intent each before it runs, an
// outcome each when it has ended.
#pragma once

#include <string_view>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/journal/record.h"
#include "src/policy/plan.h"
#include "src/session/effects.h"
#include "src/session/pending.h"

namespace tracegate::session {

class StatementLog {
 public:
  StatementLog(SessionId session, Effects& effects) : session_(session), effects_(effects) {}

  // The intents of all statements of `plan`, which are to run now. Fills `running`; returns the
  // ticket of the last one (Ticket{0} for a text without statements).
  Ticket record_intents(const policy::Plan& plan, journal::Via via, bool writes, Instant now,
                        Running& running);
  // One intent with the verdict "deny" for a text of which nothing will run.
  Ticket record_denial(const policy::Plan& plan, const policy::Denial& denial, journal::Via via,
                       Instant now);
  // The end of the statement that is running now; the next one of the same message becomes current.
  void record_outcome(Running& running, journal::Ending ending, std::string_view sqlstate,
                      std::string_view command_tag, Instant now);
  // The same for every statement of the message that has not ended.
  void record_rest(Running& running, journal::Ending ending, Instant now);

  [[nodiscard]] std::uint64_t statements() const { return count_; }

 private:
  journal::Intent intent_of(const policy::Plan& plan, std::size_t index, journal::Via via,
                            Instant now);

  const SessionId session_;
  Effects& effects_;
  std::uint64_t count_ = 0;
};

}  // namespace tracegate::session
