// What names stand for, and what goes in a refused message's place.
#include <algorithm>

#include "proto_pg/frontend.h"
#include "src/mask/copy_fields.h"
#include "src/session/refusals.h"
#include "src/session/session.h"

namespace tracegate::session {
namespace {

using sql::NameAction;

// A statement that the store refuses in any state: nothing in it resolves, so it can do nothing. In
// an aborted transaction the store refuses it with 25P02, as it would have refused the original.
constexpr std::string_view kRefusedText = "SELECT tracegate_denied.by_policy";
// Under which it is parsed where the refused message is not a Parse of the unnamed statement. It
// never comes to exist, and a client's own statement of that name is not touched: the text fails
// first.
constexpr std::string_view kRefusedName = "tracegate denied";

// Changes no names and asks for no data: all that SQL's own PREPARE could have prepared, and more.
bool is_plain(const policy::Plan& plan) {
  const auto changes_names = [](const policy::StatementPlan& statement) {
    return changes(statement, NameSpace::kStatements) || changes(statement, NameSpace::kPortals);
  };
  return !plan.may_copy_in &&
         std::none_of(plan.statements.begin(), plan.statements.end(), changes_names);
}

bool offers_rows(const policy::Plan& plan) {
  return std::any_of(plan.statements.begin(), plan.statements.end(),
                     [](const auto& statement) { return statement.offered_rows.has_value(); });
}

bool has_ambiguous_null(const policy::StatementPlan& statement) {
  return statement.masks && statement.copy_out && mask::null_is_ambiguous(*statement.copy_out);
}

bool is_masked(const policy::Plan& plan) {
  return std::any_of(plan.statements.begin(), plan.statements.end(),
                     [](const auto& statement) { return statement.masks != nullptr; });
}

bool has_same_column(const mask::MaskedOutput& one, const mask::MaskedOutput& other) {
  return one.relation == other.relation && one.attribute_number == other.attribute_number &&
         one.type == other.type && one.origin_hidden == other.origin_hidden;
}

// Whether the rows of an open portal, which are those of `then`, are known to have the columns that
// `now` masks. Of rows that were not masked nothing is known.
bool has_same_columns(const policy::Plan& then, const policy::Plan& now) {
  return std::equal(then.statements.begin(), then.statements.end(), now.statements.begin(),
                    now.statements.end(),
                    [](const policy::StatementPlan& one, const policy::StatementPlan& other) {
                      if (!one.masks || !other.masks) return one.masks == other.masks;
                      const auto& before = one.masks->outputs;
                      const auto& after = other.masks->outputs;
                      return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                                        has_same_column);
                    });
}

// FETCH from a portal that runs FETCH from a portal ...
constexpr int kMaxNameDepth = 4;

}  // namespace

Session::Take Session::wait_for_name() {
  unsettled_ = true;
  return Take::kWait;
}

// Nothing of the message reaches the store; a statement that fails goes in its place, so that the
// store skips and aborts as it would after a refusal of its own.
Session::Take Session::deny(Pending pending, DenialRef denial, journal::Via via, Instant now) {
  pending.intent = log_.record_denial(*pending.plan, *denial, via, now);
  pending.denial = std::move(denial);
  std::string& replacement = generate();
  if (pending.ends_segment()) {
    proto::encode(proto::Query{.text = kRefusedText}, replacement);
  } else {
    const bool unnamed_parse = pending.kind == Answering::kParse && pending.name.empty();
    proto::Parse parse;
    parse.statement = unnamed_parse ? std::string_view{} : kRefusedName;
    parse.query = kRefusedText;
    proto::encode(parse, replacement);
    skipping_ = true;  // here or at an earlier message, the store fails
  }
  pending_.push(std::move(pending));
  return Take::kReplace;
}

bool Session::is_as_bound(const BoundPortalRef& bound, const StatementRef& rows) {
  const StatementRef then = bound ? bound->rows : nullptr;
  const auto masks = [](const StatementRef& statement) {
    return statement ? statement->masks : nullptr;
  };
  if (!masks(then) && !masks(rows)) return true;
  return masks(then) == masks(rows) && then->copy_out == rows->copy_out;
}

Resolution Session::look_up(NameSpace space, std::string_view name) {
  Resolution found = pending_.resolve(space, name, table(space));
  if (found.state != Resolution::State::kKnown) return found;
  if (found.plan->policy_version == judge_.version() &&
      found.plan->catalog_version == judge_.catalog_version())
    return found;
  if (is_opaque(*found.plan)) return judge_.unrestricted() ? found : Resolution{};
  policy::PlanRef judged =
      judge_.plan(found.plan->text, Judge::Origin::kParse, found.plan->parameter_types);
  if (!judged->denial) {
    // A name that SQL made (PREPARE, DECLARE) stands for the statement within the text.
    for (const policy::StatementPlan& statement : judged->statements) {
      if (statement.inner && changes(statement, space) &&
          as_stored(statement.name) == as_stored(name)) {
        judged = policy::PlanRef(statement.inner);
        break;
      }
    }
  }
  // The store has the text of then, and of an open portal perhaps the rows.
  if (!judged->denial &&
      (judged->store_text != found.plan->store_text ||
       (space == NameSpace::kPortals && !has_same_columns(*found.plan, *judged)))) {
    found.plan = stale_plan(*judged, space, name);
    return found;
  }
  table(space).refresh(name, found.plan, judged);
  found.plan = std::move(judged);
  return found;
}

bool Session::has_room(NameSpace space, std::size_t count, std::uint64_t bytes) {
  const NameTable& names = table(space);
  const NamesMade& coming = pending_.names_under_way(space);
  return names.size() + coming.count + count <= options_.max_names &&
         names.held_bytes() + coming.bytes + bytes <= options_.max_names_text.value;
}

Session::NameCheck Session::check_names(const policy::Plan& plan) {
  NameChanges before;
  NameCheck check = check_uses(plan, before, 0);
  if (check.unsettled || check.denial) return check;
  const NamesMade prepared = names_made_by(plan, NameSpace::kStatements);
  const NamesMade declared = names_made_by(plan, NameSpace::kPortals);
  if ((prepared.count > 0 && !has_room(NameSpace::kStatements, prepared.count, prepared.bytes)) ||
      (declared.count > 0 && !has_room(NameSpace::kPortals, declared.count, declared.bytes)))
    check.denial = too_many_names();
  return check;
}

Session::NameCheck Session::check_uses(const policy::Plan& plan, NameChanges& before, int depth) {
  NameCheck check;
  for (std::size_t i = 0; i < plan.statements.size(); ++i) {
    const policy::StatementPlan& statement = plan.statements[i];
    if (statement.name_action != NameAction::kExecute &&
        statement.name_action != NameAction::kFetch) {
      if (has_ambiguous_null(statement)) {
        check.denial = ambiguous_null();
        return check;
      }
      check.writes = check.writes || statement.writes;
      if (statement.name_action != NameAction::kNone) before.add(statement);
      continue;
    }
    NameUse use = check_use(statement, before, depth);
    check.writes = check.writes || use.writes;
    check.unsettled = use.unsettled;
    check.denial = std::move(use.denial);
    if (check.unsettled || check.denial) return check;
    if (!use.rows || !use.rows->masks) continue;
    check.used.resize(plan.statements.size());
    check.used[i] = std::move(use.rows);
  }
  return check;
}

Session::NameUse Session::check_use(const policy::StatementPlan& statement, NameChanges& before,
                                    int depth) {
  const bool execute = statement.name_action == NameAction::kExecute;
  const NameSpace space = execute ? NameSpace::kStatements : NameSpace::kPortals;
  // A FETCH writes if what it fetches from does. EXECUTE has parameters, which may call functions.
  NameUse use{.writes = execute && statement.writes};
  std::optional<Resolution> changed = before.find(space, statement.name);
  const Resolution used = changed ? *std::move(changed) : look_up(space, statement.name);
  switch (used.state) {
    case Resolution::State::kUnsettled:
      use.unsettled = true;
      break;
    case Resolution::State::kUnknown:
      use.writes = true;
      if (!judge_.unrestricted())
        use.denial = execute ? no_such_statement(statement.name) : no_such_cursor(statement.name);
      break;
    case Resolution::State::kKnown:
      if ((use.denial = denial_of(used.plan))) break;
      // What was prepared by Parse may be any statement. What it does to names, or a COPY, would
      // have to be looked for behind every EXECUTE; nobody needs that.
      if (execute && !is_plain(*used.plan))
        use.denial = indirect_utility_refused();
      else if (offers_rows(*used.plan))  // its tag would be looked for behind every EXECUTE as well
        use.denial = blind_execute_refused();
      else
        follow_use(statement, used, before, depth, use);
      break;
  }
  return use;
}

// A FETCH may be from a portal that is bound to an EXECUTE or another FETCH.
void Session::follow_use(const policy::StatementPlan& statement, const Resolution& used,
                         NameChanges& before, int depth, NameUse& use) {
  NameCheck within{.writes = true};
  if (depth < kMaxNameDepth)
    within = check_uses(*used.plan, before, depth + 1);
  else if (!judge_.unrestricted())
    within.denial = too_deep();
  use.unsettled = within.unsettled;
  use.denial = std::move(within.denial);
  use.writes = use.writes || within.writes;
  if (use.unsettled || use.denial || !returns_rows_of_another(statement)) return;
  if (used.plan->statements.size() > 1 && is_masked(*used.plan)) {
    use.denial = several_masked_statements();
  } else if (!within.used.empty()) {
    use.rows = std::move(within.used[0]);
  } else if (!used.plan->statements.empty()) {
    use.rows = StatementRef(used.plan, &used.plan->statements[0]);
  }
  if (statement.name_action == NameAction::kFetch && is_indirect(*used.plan) &&
      !is_as_bound(used.bound, use.rows))
    use.denial = portal_has_changed(statement.name);
}

}  // namespace tracegate::session
