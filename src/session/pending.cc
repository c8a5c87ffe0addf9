#include "src/session/pending.h"

#include <algorithm>

namespace tracegate::session {
namespace {

using policy::StatementPlan;
using sql::NameAction;

Resolution resolution_of(const policy::PlanRef& plan, const BoundPortalRef& bound = {}) {
  if (!plan) return {};
  return {Resolution::State::kKnown, plan, bound};
}

bool changes(const Pending& pending, NameSpace space) {
  if (pending.denial) return false;
  switch (pending.kind) {
    case Answering::kParse:
      return space == NameSpace::kStatements;
    case Answering::kBind:
      return space == NameSpace::kPortals;
    case Answering::kClose:
      return space == pending.space;
    case Answering::kExecute:
    case Answering::kQuery:
      return std::any_of(
          pending.plan->statements.begin(), pending.plan->statements.end(),
          [space](const StatementPlan& statement) { return changes(statement, space); });
    case Answering::kDescribe:
    case Answering::kSync:
    case Answering::kFunctionCall:
      return false;
  }
  return true;
}

// What `pending`, which changes names of `space`, makes of this one.
std::optional<Resolution> change_of(const Pending& pending, NameSpace space,
                                    std::string_view name) {
  if (pending.kind == Answering::kExecute) {
    NameChanges made;
    for (const StatementPlan& statement : pending.plan->statements) made.add(statement);
    return made.find(space, name);
  }
  if (pending.name != name) return std::nullopt;
  return resolution_of(pending.plan, pending.bound);  // which a kClose does not have
}

NamesMade names_made_by(const Pending& pending, NameSpace space) {
  if (pending.denial) return {};
  switch (pending.kind) {
    case Answering::kParse:
    case Answering::kBind:
      if (!changes(pending, space) || pending.name.empty()) return {};
      return {1, session::held_by(pending.plan)};
    case Answering::kExecute:
    case Answering::kQuery:
      return session::names_made_by(*pending.plan, space);
    case Answering::kDescribe:
    case Answering::kClose:
    case Answering::kSync:
    case Answering::kFunctionCall:
      return {};
  }
  return {};
}

NamesMade& operator+=(NamesMade& sum, const NamesMade& more) {
  sum = {sum.count + more.count, sum.bytes + more.bytes};
  return sum;
}

NamesMade& operator-=(NamesMade& sum, const NamesMade& less) {
  sum = {sum.count - less.count, sum.bytes - less.bytes};
  return sum;
}

std::uint64_t held_by(const Pending& pending) {
  return pending.kind == Answering::kParse || pending.kind == Answering::kQuery
             ? session::held_by(pending.plan)
             : 0;
}

}  // namespace

bool returns_rows_of_another(const StatementPlan& statement) {
  return statement.statement_class == sql::StatementClass::kExecute ||
         statement.statement_class == sql::StatementClass::kFetch;
}

bool is_indirect(const policy::Plan& plan) {
  return plan.statements.size() == 1 && returns_rows_of_another(plan.statements[0]);
}

bool changes(const StatementPlan& statement, NameSpace space) {
  switch (statement.name_action) {
    case NameAction::kPrepare:
    case NameAction::kDeallocate:
    case NameAction::kDeallocateAll:
      return space == NameSpace::kStatements;
    case NameAction::kDeclare:
    case NameAction::kClose:
    case NameAction::kCloseAll:
      return space == NameSpace::kPortals;
    case NameAction::kDiscardAll:
    case NameAction::kUnknown:
      return true;
    case NameAction::kExecute:
    case NameAction::kFetch:
    case NameAction::kNone:
      return false;
  }
  return true;
}

NamesMade names_made_by(const policy::Plan& plan, NameSpace space) {
  NamesMade made;
  for (const StatementPlan& statement : plan.statements)
    if (statement.inner && changes(statement, space)) made += {1, held_by(statement.inner)};
  return made;
}

void NameChanges::add(const StatementPlan& statement) {
  const std::string_view name = as_stored(statement.name);
  const auto remove_all = [](Changes& changed) {
    changed.since.clear();
    changed.all_removed = true;
  };
  switch (statement.name_action) {
    case NameAction::kPrepare:
      statements_.since[name] = &statement.inner;
      return;
    case NameAction::kDeallocate:
      statements_.since[name] = nullptr;
      return;
    case NameAction::kDeallocateAll:
      remove_all(statements_);
      return;
    case NameAction::kDeclare:
      portals_.since[name] = &statement.inner;
      return;
    case NameAction::kClose:
      portals_.since[name] = nullptr;
      return;
    case NameAction::kCloseAll:
      remove_all(portals_);
      return;
    case NameAction::kDiscardAll:
    case NameAction::kUnknown:
      remove_all(statements_);
      remove_all(portals_);
      return;
    case NameAction::kExecute:
    case NameAction::kFetch:
    case NameAction::kNone:
      return;
  }
}

std::optional<Resolution> NameChanges::find(NameSpace space, std::string_view name) const {
  const bool statements = space == NameSpace::kStatements;
  const Changes& changed = statements ? statements_ : portals_;
  name = as_stored(name);
  if (const auto found = changed.since.find(name); found != changed.since.end())
    return found->second ? resolution_of(*found->second) : Resolution{};
  if (changed.all_removed && !(statements && name.empty())) return Resolution{};
  return std::nullopt;
}

void PendingQueue::push(Pending pending) {
  // What leads up to a statement (Parse, Bind, Describe) is answered together with it: its answers
  // wait for the same record, so that they leave in one piece.
  if (pending.intent > Ticket{})
    for (std::size_t i = size();
         i-- > 0 && ring_[i].intent == Ticket{} && !ring_[i].ends_segment();)
      ring_[i].intent = pending.intent;
  Pending& slot = ring_.push();
  slot = std::move(pending);
  slot.changes_statements = changes(slot, NameSpace::kStatements);
  slot.changes_portals = changes(slot, NameSpace::kPortals);
  statement_changes_ += slot.changes_statements ? 1 : 0;
  portal_changes_ += slot.changes_portals ? 1 : 0;
  held_bytes_ += held_by(slot);
  slot.statements_made = names_made_by(slot, NameSpace::kStatements);
  slot.portals_made = names_made_by(slot, NameSpace::kPortals);
  statements_made_ += slot.statements_made;
  portals_made_ += slot.portals_made;
  if (slot.ends_segment()) mark_flushed();
}

bool PendingQueue::writes_under_way() const {
  for (std::size_t i = 0; i < size(); ++i)
    if (ring_[i].running.writes) return true;
  return false;
}

bool PendingQueue::executes(const policy::Plan& plan) const {
  for (std::size_t i = 0; i < size() && !ring_[i].ends_segment(); ++i)
    if (ring_[i].kind == Answering::kExecute && !ring_[i].denial &&
        ring_[i].plan->text_hash == plan.text_hash)
      return true;
  return false;
}

void PendingQueue::confirm_names(const policy::StatementPlan& statement) {
  if (!statement.inner) return;
  const NamesMade one{1, session::held_by(statement.inner)};
  if (changes(statement, NameSpace::kStatements)) {
    front().statements_made -= one;
    statements_made_ -= one;
  }
  if (changes(statement, NameSpace::kPortals)) {
    front().portals_made -= one;
    portals_made_ -= one;
  }
}

void PendingQueue::pop() {
  const Pending& oldest = front();
  statement_changes_ -= oldest.changes_statements ? 1 : 0;
  portal_changes_ -= oldest.changes_portals ? 1 : 0;
  held_bytes_ -= held_by(oldest);
  statements_made_ -= oldest.statements_made;
  portals_made_ -= oldest.portals_made;
  if (flushed_ > 0) --flushed_;
  ring_.pop();
}

Resolution PendingQueue::resolve(NameSpace space, std::string_view name,
                                 const NameTable& confirmed) const {
  const bool statements = space == NameSpace::kStatements;
  name = as_stored(name);
  bool same_segment = true;
  std::size_t unseen = statements ? statement_changes_ : portal_changes_;
  for (std::size_t i = size(); unseen > 0 && i-- > 0;) {
    const Pending& pending = ring_[i];
    if (pending.ends_segment()) same_segment = false;
    if (!(statements ? pending.changes_statements : pending.changes_portals)) continue;
    --unseen;
    // Any change by a Query is worth a wait: its text may hold thousands.
    if (pending.kind == Answering::kQuery) return {Resolution::State::kUnsettled, {}};
    if (auto change = change_of(pending, space, name))
      return same_segment ? *std::move(change) : Resolution{Resolution::State::kUnsettled, {}};
  }
  const NameTable::Named* known = confirmed.find(name);
  return known ? resolution_of(known->plan, known->bound) : Resolution{};
}

}  // namespace tracegate::session
