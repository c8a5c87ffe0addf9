#include "src/session/pending.h"

#include <algorithm>

namespace tracegate::session {
namespace {

using policy::StatementPlan;
using sql::NameAction;

Resolution known(policy::PlanRef plan) { return {Resolution::State::kKnown, std::move(plan)}; }
Resolution removed() { return {Resolution::State::kUnknown, nullptr}; }

// The last statement of `plan` that touches the name wins.
std::optional<Resolution> effect_of_all(const policy::Plan& plan, NameSpace space,
                                        std::string_view name) {
  std::optional<Resolution> last;
  for (const StatementPlan& statement : plan.statements)
    if (auto effect = effect_of(statement, space, name)) last = std::move(effect);
  return last;
}

std::optional<Resolution> effect_of_pending(const Pending& pending, NameSpace space,
                                            std::string_view name) {
  if (pending.denial) return std::nullopt;
  switch (pending.kind) {
    case Answering::kParse:
      if (space == NameSpace::kStatements && pending.name == name) return known(pending.plan);
      return std::nullopt;
    case Answering::kBind:
      if (space == NameSpace::kPortals && pending.name == name) return known(pending.plan);
      return std::nullopt;
    case Answering::kClose:
      if (space == pending.space && pending.name == name) return removed();
      return std::nullopt;
    case Answering::kExecute:
    case Answering::kQuery:
      return pending.plan ? effect_of_all(*pending.plan, space, name) : std::nullopt;
    case Answering::kDescribe:
    case Answering::kSync:
    case Answering::kFunctionCall:
      return std::nullopt;
  }
  return std::nullopt;
}

bool may_change_statements(const Pending& pending) {
  switch (pending.kind) {
    case Answering::kParse: return true;
    case Answering::kClose: return pending.space == NameSpace::kStatements;
    case Answering::kExecute:
    case Answering::kQuery:
      return pending.plan && std::any_of(pending.plan->statements.begin(),
                                         pending.plan->statements.end(), [](const auto& statement) {
                                           return statement.name_action != NameAction::kNone;
                                         });
    case Answering::kBind:
    case Answering::kDescribe:
    case Answering::kSync:
    case Answering::kFunctionCall:
      return false;
  }
  return true;
}

}  // namespace

Pending& PendingQueue::push(Pending pending) {
  if (may_change_statements(pending)) ++statement_effects_;
  Pending& slot = ring_.push();
  slot = std::move(pending);
  return slot;
}

void PendingQueue::pop() {
  if (may_change_statements(front())) --statement_effects_;
  ring_.pop();
}

std::optional<Resolution> effect_of(const StatementPlan& statement, NameSpace space,
                                    std::string_view name) {
  const bool statements = space == NameSpace::kStatements;
  const bool same = statement.name == name;
  switch (statement.name_action) {
    case NameAction::kPrepare:
      if (statements && same) return known(statement.inner);
      return std::nullopt;
    case NameAction::kDeallocate:
      if (statements && same) return removed();
      return std::nullopt;
    case NameAction::kDeallocateAll:
      if (statements && !name.empty()) return removed();
      return std::nullopt;
    case NameAction::kDeclare:
      if (!statements && same) return known(statement.inner);
      return std::nullopt;
    case NameAction::kClose:
      if (!statements && same) return removed();
      return std::nullopt;
    case NameAction::kCloseAll:
      if (!statements) return removed();
      return std::nullopt;
    case NameAction::kDiscardAll:
      if (!name.empty() || !statements) return removed();
      return std::nullopt;
    case NameAction::kExecute:
    case NameAction::kFetch:
    case NameAction::kNone:
      return std::nullopt;
  }
  return std::nullopt;
}

Resolution PendingQueue::resolve(NameSpace space, std::string_view name,
                                 const NameTable& confirmed) const {
  bool same_segment = true;
  const bool search = space == NameSpace::kPortals || statement_effects_ > 0;
  for (std::size_t i = search ? size() : 0; i-- > 0;) {
    const Pending& pending = ring_[i];
    if (pending.ends_segment()) same_segment = false;
    if (auto effect = effect_of_pending(pending, space, name))
      return same_segment ? *std::move(effect) : Resolution{Resolution::State::kUnsettled, nullptr};
  }
  if (const policy::PlanRef* plan = confirmed.find(name)) return known(*plan);
  return removed();
}

}  // namespace tracegate::session
