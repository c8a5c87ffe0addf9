#include "tests/session/fake_judge.h"

#include <algorithm>
#include <cstring>

#include "tests/session/tiny_sql.h"

namespace tracegate::session::testing {
namespace {

using policy::StatementPlan;
using sql::NameAction;
using sql::StatementClass;

struct Facts {
  StatementClass statement_class;
  bool writes = false;
  NameAction name_action = NameAction::kNone;
};

Facts facts_of(Verb verb) {
  switch (verb) {
    case Verb::kSelect:
    case Verb::kFail:
      return {StatementClass::kSelect};
    case Verb::kInsert:
      return {StatementClass::kInsert, true};
    case Verb::kBegin:
    case Verb::kCommit:
    case Verb::kRollback:
      return {StatementClass::kTransaction};
    case Verb::kPrepare:
      return {StatementClass::kPrepare, false, NameAction::kPrepare};
    case Verb::kExecute:
      return {StatementClass::kExecute, true, NameAction::kExecute};
    case Verb::kCreateAs:
      return {StatementClass::kDdl, true, NameAction::kExecute};
    case Verb::kDeallocate:
      return {StatementClass::kDeallocate, false, NameAction::kDeallocate};
    case Verb::kDeallocateAll:
      return {StatementClass::kDeallocate, false, NameAction::kDeallocateAll};
    case Verb::kDiscardAll:
      return {StatementClass::kDiscard, false, NameAction::kDiscardAll};
    case Verb::kDeclare:
      return {StatementClass::kDeclareCursor, false, NameAction::kDeclare};
    case Verb::kFetch:
      return {StatementClass::kFetch, true, NameAction::kFetch};
    case Verb::kClose:
      return {StatementClass::kCloseCursor, false, NameAction::kClose};
    case Verb::kCloseAll:
      return {StatementClass::kCloseCursor, false, NameAction::kCloseAll};
    case Verb::kCopyIn:
      return {StatementClass::kCopyIn, true};
    case Verb::kCopyOut:
      return {StatementClass::kCopyOut};
    case Verb::kSet:
      return {StatementClass::kSet};
    case Verb::kNotice:
      return {StatementClass::kDo, true};
    case Verb::kSyntaxError:
      return {StatementClass::kUnknown, true};
  }
  return {StatementClass::kUnknown, true};
}

policy::TextHash hash_of(std::string_view text) {
  policy::TextHash hash{};
  const std::size_t value = std::hash<std::string_view>{}(text);
  std::memcpy(hash.data(), &value, sizeof value);
  return hash;
}

}  // namespace

bool FakeJudge::is_denied(std::string_view statement) const {
  return std::any_of(denied_.begin(), denied_.end(),
                     [&](const std::string& text) { return statement.starts_with(text); });
}

const policy::Denial* FakeJudge::denial_of(std::string_view text) {
  const policy::PlanRef judged = plan(text, Origin::kSimple, {});
  return judged->denial ? &*judged->denial : nullptr;  // the cache keeps it
}

policy::PlanRef FakeJudge::plan(std::string_view text, Origin origin, policy::ParameterTypes) {
  const auto key = std::tuple(version_.value, catalog_version_, std::string(text));
  if (const auto cached = cache_.find(key); cached != cache_.end()) return cached->second;
  ++plans_made_;
  auto made = std::make_shared<policy::Plan>();
  made->policy_version = version_;
  made->catalog_version = catalog_version_;
  made->text = text;
  made->recorded_text = text;
  made->text_hash = hash_of(text);
  made->raw_columns = raw_columns_;
  made->report_detectors = report_detectors_;
  if (const auto found = rewritten_.find(text); found != rewritten_.end()) {
    made->store_text = found->second;
    made->pieces.push_back({.begin = static_cast<std::uint32_t>(found->second.size() - text.size()),
                            .length = static_cast<std::uint32_t>(text.size()),
                            .source = 0});
  }
  for (const TinyStatement& statement : parse_tiny(text)) {
    const Facts facts = facts_of(statement.verb);
    StatementPlan planned;
    planned.statement_class = facts.statement_class;
    planned.writes = facts.writes;
    planned.may_copy_in = statement.verb == Verb::kCopyIn;
    planned.name_action = facts.name_action;
    if (statement.verb != Verb::kSet) planned.name = statement.name;
    planned.with_hold = statement.hold;
    planned.rule = "test.toml:1";
    if (const auto found = offered_.find(statement.text); found != offered_.end())
      planned.offered_rows = found->second;
    if (const auto found = masked_.find(statement.text); found != masked_.end()) {
      planned.masks = found->second.rows;
      planned.copy_out = found->second.copy_out;
    } else if (all_masks_) {
      planned.masks = all_masks_;
      if (statement.verb == Verb::kCopyOut) planned.copy_out = proto::CopyFormat{};
    }
    bool denied = is_denied(statement.text);
    if (!statement.inner.empty()) {
      planned.inner = plan(statement.inner, origin, {});
      if (!made->store_text.empty()) {
        auto inner = std::make_shared<policy::Plan>(*planned.inner);
        inner->text = text;  // by which it is judged again
        inner->store_text = made->store_text;
        planned.inner = std::move(inner);
      }
      denied = denied || planned.inner->denial;
    }
    made->writes = made->writes || planned.writes;
    made->may_copy_in = made->may_copy_in || planned.may_copy_in;
    if (denied) {
      policy::Denial denial;
      denial.message = "permission denied for " + statement.text;
      denial.hint = "Ask for another rule.";
      denial.rule = "test.toml:2";
      made->denial = std::move(denial);
    }
    made->statements.push_back(std::move(planned));
  }
  cache_.emplace(key, made);
  return made;
}

}  // namespace tracegate::session::testing
