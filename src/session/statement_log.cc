#include "src/session/statement_log.h"

#include "proto_pg/backend.h"

namespace tracegate::session {

journal::Intent StatementLog::intent_of(const policy::Plan& plan, std::size_t index,
                                        journal::Via via, Instant now) {
  journal::Intent intent;
  intent.at = now.wall;
  intent.session = session_;
  intent.statement = StatementNo{++count_};
  intent.via = via;
  intent.index = static_cast<std::uint16_t>(index);
  intent.policy_version = plan.policy_version;
  intent.text_hash = plan.text_hash;
  if (!plan.text_recorded) {
    intent.text_present = true;
    intent.text = plan.recorded_text;
    plan.text_recorded = true;
  }
  const auto statement_class = index < plan.statements.size()
                                   ? plan.statements[index].statement_class
                                   : sql::StatementClass::kUnknown;
  intent.statement_class = static_cast<std::uint8_t>(statement_class);
  intent.class_name = sql::to_string(statement_class);
  return intent;
}

Ticket StatementLog::record_intents(const policy::Plan& plan, journal::Via via, bool writes,
                                    Instant now, Running& running) {
  Ticket last{};
  running.first = StatementNo{count_ + 1};
  running.started = now.monotonic;
  for (std::size_t i = 0; i < plan.statements.size(); ++i) {
    journal::Intent intent = intent_of(plan, i, via, now);
    intent.verdict = journal::Verdict::kAllow;
    intent.writes = writes;
    intent.rule = plan.statements[i].rule;
    last = effects_.record(intent);
  }
  running.recorded = static_cast<std::uint32_t>(plan.statements.size());
  return last;
}

Ticket StatementLog::record_denial(const policy::Plan& plan, const policy::Denial& denial,
                                   journal::Via via, Instant now) {
  journal::Intent intent = intent_of(plan, denial.statement, via, now);
  intent.verdict = journal::Verdict::kDeny;
  intent.writes = plan.writes;
  intent.rule = denial.rule;
  intent.reason = denial.reason.empty() ? std::string_view(denial.message) : denial.reason;
  intent.sqlstate = denial.sqlstate;
  return effects_.record(intent);
}

void StatementLog::record_outcome(Running& running, journal::Ending ending,
                                  std::string_view sqlstate, std::string_view command_tag,
                                  Instant now) {
  if (running.done >= running.recorded) return;
  journal::Outcome outcome;
  outcome.at = now.wall;
  outcome.session = session_;
  outcome.statement = StatementNo{running.first.value + running.done};
  outcome.ending = ending;
  outcome.rows = running.rows;
  if (outcome.rows == 0) {
    if (const auto affected = proto::row_count(command_tag)) outcome.rows = *affected;
  }
  outcome.bytes = running.bytes;
  outcome.bytes_in = running.bytes_in;
  outcome.duration = now.monotonic - running.started;
  outcome.sqlstate = sqlstate;
  outcome.command_tag = command_tag;
  outcome.masked_cells = running.cells.masked;
  outcome.detected_cells = running.cells.detected;
  effects_.record(outcome);
  ++running.done;
  running.started = now.monotonic;
  running.rows = running.bytes = running.bytes_in = 0;
  running.cells = {};
}

void StatementLog::record_rest(Running& running, journal::Ending ending, Instant now) {
  while (running.done < running.recorded) record_outcome(running, ending, {}, {}, now);
}

}  // namespace tracegate::session
