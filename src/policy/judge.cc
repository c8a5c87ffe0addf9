#include "src/policy/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "src/base/bytes.h"
#include "src/crypto/digest.h"
#include "src/policy/calls.h"
#include "src/policy/denial.h"
#include "src/policy/settings.h"

namespace tracegate::policy {
namespace {

using sql::Operation;
using sql::StatementClass;

// What a statement must name for its class to be judged at all. The analysis lists it; that it is
// there is proved again here, so that a gap in the analysis denies.
enum class MustName : std::uint8_t { kNothing, kRelation, kSetting, kShownSetting, kInner, kNever };

struct ClassRule {
  MustName must_name = MustName::kNever;
  std::optional<Operation> operation;  // permitted as such, or on some relation of the statement
};

ClassRule rule_of(StatementClass statement_class) {
  switch (statement_class) {
    case StatementClass::kSelect:
      return {MustName::kNothing, {}};
    case StatementClass::kInsert:
      return {MustName::kRelation, Operation::kInsert};
    case StatementClass::kUpdate:
      return {MustName::kRelation, Operation::kUpdate};
    case StatementClass::kDelete:
      return {MustName::kRelation, Operation::kDelete};
    case StatementClass::kMerge:
      return {MustName::kRelation, {}};
    case StatementClass::kTruncate:
      return {MustName::kRelation, Operation::kTruncate};
    case StatementClass::kCopyIn:
      return {MustName::kRelation, Operation::kCopyIn};
    case StatementClass::kCopyOut:
      return {MustName::kNothing, {}};  // COPY (VALUES (1)) TO STDOUT
    case StatementClass::kExplain:
      return {MustName::kInner, Operation::kExplain};
    case StatementClass::kPrepare:
      return {MustName::kInner, {}};
    case StatementClass::kExecute:
      return {MustName::kNothing, {}};  // the session knows the name
    case StatementClass::kDeallocate:
      return {MustName::kNothing, {}};
    case StatementClass::kDeclareCursor:
      return {MustName::kInner, {}};
    case StatementClass::kFetch:
      return {MustName::kNothing, {}};
    case StatementClass::kCloseCursor:
      return {MustName::kNothing, {}};
    case StatementClass::kTransaction:
      return {MustName::kNothing, {}};
    case StatementClass::kSet:
      return {MustName::kSetting, {}};
    case StatementClass::kShow:
      return {MustName::kShownSetting, {}};
    case StatementClass::kDiscard:
      return {MustName::kNothing, {}};
    case StatementClass::kListen:
      return {MustName::kNothing, Operation::kListen};
    case StatementClass::kNotify:
      return {MustName::kNothing, Operation::kNotify};
    case StatementClass::kUnlisten:
      return {MustName::kNothing, {}};
    case StatementClass::kLock:
      return {MustName::kRelation, Operation::kLock};
    case StatementClass::kCall:
      return {MustName::kNothing, Operation::kCall};
    case StatementClass::kDo:
      return {MustName::kNothing, Operation::kDo};
    case StatementClass::kMaintenance:
      return {MustName::kNothing, Operation::kMaintenance};
    case StatementClass::kDdl:
      return {MustName::kNothing, Operation::kDdl};
    case StatementClass::kUnknown:
      return {MustName::kNever, {}};
  }
  return {};
}

bool names_what_it_must(const sql::Statement& statement, const ClassRule& rule) {
  switch (rule.must_name) {
    case MustName::kNothing:
      return true;
    case MustName::kRelation:
      return rule.operation ? std::any_of(statement.needs.begin(), statement.needs.end(),
                                          [&](const sql::Need& need) {
                                            return need.operation == rule.operation;
                                          })
                            : !statement.needs.empty();
    case MustName::kSetting:
      return !statement.settings.empty();
    case MustName::kShownSetting:
      return !statement.shown_settings.empty();
    case MustName::kInner:
      return statement.inner != nullptr;
    case MustName::kNever:
      return false;
  }
  return false;
}

// Judges the statements of one text for one restricted role.
class Judge {
 public:
  Judge(const Role& role, const Upstream& upstream, const catalog::Catalog& catalog,
        std::string_view text)
      : role_(role), upstream_(upstream), catalog_(catalog), text_(text) {}

  // Nothing: permitted, and rules() names what permits it.
  std::optional<Denial> judge(const sql::Statement& statement) {
    rules_.clear();
    if (statement.refusal) return deny_refused(role_, *statement.refusal, text_);
    const ClassRule rule = rule_of(statement.statement_class);
    if (!names_what_it_must(statement, rule)) return deny_class(role_, statement.statement_class);
    if (rule.operation && !sql::is_on_relation(*rule.operation) && !permit(*rule.operation))
      return deny_operation(role_, *rule.operation);
    for (const Operation operation : statement.operations)
      if (!permit(operation)) return deny_operation(role_, operation);
    for (const sql::Need& need : statement.needs)
      if (std::optional<Denial> denial = judge_need(need)) return denial;
    return judge_beyond_relations(statement);
  }

  // "roles.toml:9, roles.toml:14"; "session" for what every role may do.
  [[nodiscard]] std::string rules() const {
    if (rules_.empty()) return "session";
    std::string text;
    for (const Rule* rule : rules_) text.append(text.empty() ? "" : ", ").append(rule->source);
    return text;
  }

 private:
  std::optional<Denial> judge_beyond_relations(const sql::Statement& statement) const {
    for (const std::string& function : statement.functions)
      if (!may_call(role_, statement, function)) return deny_function(role_, function);
    for (const sql::UserDefined& defined : statement.user_defined)
      if (!may_use(role_, defined)) return deny_user_defined(role_, defined);
    for (const sql::SettingChange& change : statement.settings)
      if (std::optional<Error> refusal = judge_setting(role_, upstream_, change))
        return deny_setting(*std::move(refusal));
    for (const std::string& setting : statement.shown_settings)
      if (std::optional<Error> refusal = judge_show(role_, setting))
        return deny_setting(*std::move(refusal));
    return std::nullopt;
  }

  void used(const Rule& rule) {
    if (std::find(rules_.begin(), rules_.end(), &rule) == rules_.end()) rules_.push_back(&rule);
  }

  bool permit(Operation operation) {
    for (const Rule& rule : role_.rules) {
      if (!rule.permits(operation)) continue;
      used(rule);
      return true;
    }
    return false;
  }

  std::optional<Denial> judge_need(const sql::Need& need) {
    std::vector<const Rule*> narrower;
    for (const Rule& rule : role_.rules) {
      if (!rule.permits(need.operation) || !rule.covers(need.schema, need.relation)) continue;
      if (rule.columns.empty()) {
        used(rule);
        return std::nullopt;
      }
      narrower.push_back(&rule);
    }
    const catalog::Relation* relation = catalog_.find(need.schema, need.relation);
    if (narrower.empty()) return deny_need(role_, need, relation, nullptr, {});
    return judge_columns(need, relation, narrower);
  }

  // `rules` all permit the operation on the relation, each for some columns; what they permit
  // together is permitted, as grants on columns add up in PostgreSQL.
  std::optional<Denial> judge_columns(const sql::Need& need, const catalog::Relation* relation,
                                      const std::vector<const Rule*>& rules) {
    if (need.columns.all && !relation) return deny_need(role_, need, relation, rules.front(), {});
    std::vector<std::string_view> wanted(need.columns.names.begin(), need.columns.names.end());
    if (need.columns.all)
      for (const catalog::Column& column : relation->columns) wanted.push_back(column.name);
    if (wanted.empty()) used(*rules.front());  // count(*): any column will do, as in PostgreSQL
    for (const std::string_view column : wanted) {
      const auto lists = [&](const Rule* rule) {
        return std::any_of(rule->columns.begin(), rule->columns.end(),
                           [&](const auto& each) { return each.value == column; });
      };
      const auto rule = std::find_if(rules.begin(), rules.end(), lists);
      if (rule == rules.end()) return deny_need(role_, need, relation, rules.front(), column);
      used(**rule);
    }
    return std::nullopt;
  }

  const Role& role_;
  const Upstream& upstream_;
  const catalog::Catalog& catalog_;
  std::string_view text_;
  std::vector<const Rule*> rules_;  // that were needed for the present statement
};

// Whether values in the text may be values of traces: whatever changes data, or stands for a
// statement that may.
bool may_carry_values(const sql::Statement& statement) {
  if (!statement.has_constants && statement.statement_class != StatementClass::kUnknown)
    return false;
  return statement.writes || statement.statement_class == StatementClass::kExecute ||
         (statement.inner && may_carry_values(*statement.inner));
}

void record(Plan& plan, std::string text) {
  plan.recorded_text = std::move(text);
  plan.text_hash = crypto::sha256(as_bytes(plan.recorded_text));
}

std::string placeholder(std::string_view text, std::string_view what) {
  return fmt::format("/* {} bytes that {} */", text.size(), what);
}

void record_analysed(Plan& plan, const sql::Analysis& analysis) {
  if (analysis.syntax_error) return record(plan, placeholder(plan.text, "do not parse"));
  if (std::none_of(analysis.statements.begin(), analysis.statements.end(), may_carry_values))
    return record(plan, plan.text);
  std::string without_values = sql::replace_constants(plan.text);
  if (without_values.empty())
    without_values = placeholder(plan.text, "cannot be shown without values");
  record(plan, std::move(without_values));
}

StatementPlan plan_of(const sql::Statement& statement, std::string rule) {
  StatementPlan plan;
  plan.statement_class = statement.statement_class;
  plan.writes = statement.writes;
  // What the analysis did not understand reaches the store for unrestricted roles only.
  plan.may_copy_in = statement.copies_in || statement.refusal.has_value() ||
                     statement.statement_class == StatementClass::kUnknown;
  plan.name_action = statement.name_action;
  plan.name = statement.name;
  plan.with_hold = statement.with_hold;
  plan.rule = std::move(rule);
  return plan;
}

void add(Plan& plan, StatementPlan statement) {
  plan.writes = plan.writes || statement.writes;
  plan.may_copy_in = plan.may_copy_in || statement.may_copy_in;
  plan.statements.push_back(std::move(statement));
}

// What PREPARE or DECLARE stores. It is recorded under the text that stored it.
PlanRef plan_inner(const Plan& outer, const sql::Statement& inner, const std::string& rule) {
  auto plan = std::make_shared<Plan>();
  plan->policy_version = outer.policy_version;
  plan->catalog_version = outer.catalog_version;
  plan->text = outer.text;
  plan->recorded_text = outer.recorded_text;
  plan->text_hash = outer.text_hash;
  add(*plan, plan_of(inner, rule));
  return plan;
}

void add_with_inner(Plan& plan, const sql::Statement& statement, const std::string& rule) {
  StatementPlan result = plan_of(statement, rule);
  const bool stores = statement.statement_class == StatementClass::kPrepare ||
                      statement.statement_class == StatementClass::kDeclareCursor;
  if (stores && statement.inner) result.inner = plan_inner(plan, *statement.inner, rule);
  add(plan, std::move(result));
}

}  // namespace

PlanRef judge(PolicyVersion version, const Role& role, const Upstream& upstream,
              const catalog::Catalog& catalog, std::string_view text,
              const sql::Analysis& analysis) {
  auto plan = std::make_shared<Plan>();
  plan->policy_version = version;
  plan->catalog_version = catalog.version();
  plan->text = text;
  record_analysed(*plan, analysis);
  if (analysis.syntax_error) {
    // An unrestricted role gets the store's own answer to it, whatever that is.
    sql::Statement unknown;
    add(*plan, plan_of(unknown, role.unrestricted ? role.source : "default"));
    if (!role.unrestricted) plan->denial = deny_syntax_error(*analysis.syntax_error);
    return plan;
  }
  Judge judge(role, upstream, catalog, text);
  for (const sql::Statement& statement : analysis.statements) {
    if (role.unrestricted) {
      add_with_inner(*plan, statement, role.source);
      continue;
    }
    std::optional<Denial> denial = judge.judge(statement);
    add_with_inner(*plan, statement, denial ? denial->rule : judge.rules());
    if (denial && !plan->denial) {
      denial->statement = plan->statements.size() - 1;
      plan->denial = std::move(denial);
    }
  }
  return plan;
}

PlanRef refuse_invalid_utf8(PolicyVersion version, std::string_view text) {
  auto plan = std::make_shared<Plan>();
  plan->policy_version = version;
  plan->text = text;
  record(*plan, placeholder(text, "are not valid UTF-8"));
  add(*plan, plan_of(sql::Statement{}, "default"));
  plan->denial = deny_invalid_utf8(text);
  return plan;
}

}  // namespace tracegate::policy
