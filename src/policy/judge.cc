#include "src/policy/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/policy/calls.h"
#include "src/policy/denial.h"
#include "src/policy/plan_facts.h"
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

// COPY does not know rules; MERGE is refused by the store where there are any.
bool is_rewritten(Operation operation, const catalog::Relation& relation) {
  const catalog::Relation::RewriteRules& rules = relation.rewrite_rules;
  return (operation == Operation::kInsert && rules.on_insert) ||
         (operation == Operation::kUpdate && rules.on_update) ||
         (operation == Operation::kDelete && rules.on_delete);
}

// Judges the statements of one text for one restricted role.
class Judge {
 public:
  Judge(const Role& role, const Upstream& upstream, const catalog::Catalog& catalog,
        std::string_view text, const sql::Views* views)
      : role_(role), upstream_(upstream), catalog_(catalog), text_(text), views_(views) {}

  // Nothing: permitted, and rules() names what permits it.
  std::optional<Denial> judge(const sql::Statement& statement) {
    rules_.clear();
    if (statement.refusal) return deny_refused(role_, *statement.refusal, text_);
    const ClassRule rule = rule_of(statement.statement_class);
    if (!names_what_it_must(statement, rule)) return deny_class(role_, statement.statement_class);
    if (rule.operation && !sql::is_on_relation(*rule.operation))
      if (std::optional<Denial> denial = judge_operation(*rule.operation)) return denial;
    for (const Operation operation : statement.operations)
      if (std::optional<Denial> denial = judge_operation(operation)) return denial;
    for (const sql::Need& need : statement.needs)
      if (std::optional<Denial> denial = judge_need(statement, need)) return denial;
    return judge_beyond_relations(statement);
  }

  // "roles.toml:9, roles.toml:14"; "session" for what every role may do. The scopes that limited
  // what was permitted stand among them.
  [[nodiscard]] std::string rules() const {
    if (rules_.empty()) return "session";
    std::string text;
    for (const std::string_view rule : rules_) text.append(text.empty() ? "" : ", ").append(rule);
    return text;
  }

 private:
  std::optional<Denial> judge_beyond_relations(const sql::Statement& statement) const {
    for (const std::string& function : statement.functions)
      if (std::optional<Denial> denial = judge_call(statement, function)) return denial;
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

  // For a scoped role a name that only the store's own definitions explain is refused by the words,
  // and in the order with other names, of one that nothing explains: it cannot find out which
  // exist.
  std::optional<Denial> judge_call(const sql::Statement& statement,
                                   std::string_view function) const {
    if (!may_call(role_, statement, function)) return deny_function(role_, function);
    if (!views_) return std::nullopt;
    for (const sql::UserDefined& defined : statement.user_defined) {
      if (defined.explains != function || may_use(role_, defined)) continue;
      Denial denial = deny_function(role_, function);
      denial.reason = deny_user_defined(role_, defined).reason;
      return denial;
    }
    return std::nullopt;
  }

  void used(std::string_view source) {
    if (std::find(rules_.begin(), rules_.end(), source) == rules_.end()) rules_.push_back(source);
  }

  std::optional<Denial> judge_operation(Operation operation) {
    if (views_)
      if (const std::string_view why = why_not_scoped(operation); !why.empty())
        return deny_scoped(role_, operation, why);
    for (const Rule& rule : role_.rules) {
      if (!rule.permits(operation)) continue;
      used(rule.source);
      return std::nullopt;
    }
    return deny_operation(role_, operation);
  }

  std::optional<Denial> judge_need(const sql::Statement& statement, const sql::Need& need) {
    // Who writes blindly is not told what did not conflict.
    if (need.of_conflicts && role_.writes_blindly(need.schema, need.relation)) return std::nullopt;
    const catalog::Relation* relation = catalog_.find(need.schema, need.relation);
    const sql::RelationView* view = views_ && relation ? views_->find(*relation) : nullptr;
    if (view && need.operation == Operation::kTruncate && !view->predicate.empty())
      return deny_scoped(role_, need.operation, "it is on all rows of the table");
    std::vector<const Rule*> rules;
    for (const Rule& rule : role_.rules)
      if (rule.permits(need.operation) && rule.covers(need.schema, need.relation))
        rules.push_back(&rule);
    if (rules.empty() && view && view->needs_no_rule && need.operation == Operation::kSelect)
      return std::nullopt;
    if (rules.empty()) return deny_need(role_, need, relation, nullptr, {});
    if (relation && is_rewritten(need.operation, *relation))
      return deny_rewritten(role_, need.operation, *relation);
    if (const Scope* scope = role_.find_scope(need.schema, need.relation)) used(scope->source);
    const auto whole = std::find_if(rules.begin(), rules.end(),
                                    [](const Rule* rule) { return rule->columns.empty(); });
    if (whole != rules.end()) {
      used((*whole)->source);
      return judge_target(need, relation, view, **whole);
    }
    if (view && need.operation == Operation::kSelect) {
      for (const Rule* rule : rules) used(rule->source);
      sql::Need of_target = need;
      of_target.columns = need.of_target;
      return is_empty(need.of_target) ? std::nullopt
                                      : judge_columns(of_target, relation, nullptr, rules);
    }
    // What is copied out of a view is judged by the columns of the view; what comes out of a write,
    // by those of the table.
    const bool exports_view = view && need.operation == Operation::kCopyOut &&
                              !reads_target(statement, need.schema, need.relation);
    return judge_columns(need, relation, exports_view ? view : nullptr, rules);
  }

  // What is read of a write's target is not read through the view, which can have fewer columns
  // than the relation's own rules list (role_views.cc).
  std::optional<Denial> judge_target(const sql::Need& need, const catalog::Relation* relation,
                                     const sql::RelationView* view, const Rule& rule) const {
    if (!view || need.operation != Operation::kSelect || is_empty(need.of_target))
      return std::nullopt;
    const auto is_shown = [&](std::string_view column) {
      return std::any_of(view->columns.begin(), view->columns.end(),
                         [&](const sql::ViewColumn& each) { return each.name == column; });
    };
    const bool all = view->columns.size() == relation->columns.size();
    if (need.of_target.all && !all) return deny_need(role_, need, relation, &rule, {});
    for (const std::string& column : need.of_target.names)
      if (!is_shown(column)) return deny_need(role_, need, relation, &rule, column);
    return std::nullopt;
  }

  static bool is_empty(const sql::ColumnUse& columns) {
    return !columns.all && columns.names.empty();
  }

  static bool reads_target(const sql::Statement& statement, std::string_view schema,
                           std::string_view relation) {
    return std::any_of(statement.needs.begin(), statement.needs.end(), [&](const sql::Need& need) {
      return need.operation == Operation::kSelect && !is_empty(need.of_target) &&
             need.schema == schema && need.relation == relation;
    });
  }

  // `rules` all permit the operation on the relation, each for some columns; what they permit
  // together is permitted, as grants on columns add up in PostgreSQL. With a view, columns outside
  // of it are none of the statement's: the store will not know them.
  std::optional<Denial> judge_columns(const sql::Need& need, const catalog::Relation* relation,
                                      const sql::RelationView* view,
                                      const std::vector<const Rule*>& rules) {
    if (need.columns.all && !relation) return deny_need(role_, need, relation, rules.front(), {});
    const std::vector<std::string_view> wanted = wanted_columns(need, relation, view);
    if (wanted.empty()) used(rules.front()->source);  // count(*): any column, as in PostgreSQL
    for (const std::string_view column : wanted) {
      const auto lists = [&](const Rule* rule) {
        return std::any_of(rule->columns.begin(), rule->columns.end(),
                           [&](const auto& each) { return each.value == column; });
      };
      const auto rule = std::find_if(rules.begin(), rules.end(), lists);
      if (rule == rules.end()) {
        // Which columns it does not see is nothing to tell a scoped role.
        const bool may_name = !need.columns.all || !views_;
        return deny_need(role_, need, relation, rules.front(), may_name ? column : "");
      }
      used((*rule)->source);
    }
    return std::nullopt;
  }

  static std::vector<std::string_view> wanted_columns(const sql::Need& need,
                                                      const catalog::Relation* relation,
                                                      const sql::RelationView* view) {
    std::vector<std::string_view> wanted;
    const auto is_wanted = [&](std::string_view column) {
      return need.columns.all ||
             std::binary_search(need.columns.names.begin(), need.columns.names.end(), column);
    };
    if (view) {
      for (const sql::ViewColumn& column : view->columns)
        if (is_wanted(column.name)) wanted.push_back(column.name);
      return wanted;
    }
    wanted.assign(need.columns.names.begin(), need.columns.names.end());
    if (need.columns.all)
      for (const catalog::Column& column : relation->columns) wanted.push_back(column.name);
    return wanted;
  }

  const Role& role_;
  const Upstream& upstream_;
  const catalog::Catalog& catalog_;
  std::string_view text_;
  const sql::Views* views_;              // null for a role without scopes
  std::vector<std::string_view> rules_;  // sources of what permits the present statement
};

}  // namespace

std::string_view why_not_scoped(Operation operation) {
  switch (operation) {
    case Operation::kDdl:
    case Operation::kDo:
      return "what it defines or runs is not judged and reads tables as they are";
    case Operation::kMaintenance:
      return "it tells of all rows of a table";
    case Operation::kExplain:
      return "its estimates come from rows and columns that the role does not see";
    case Operation::kSelect:
    case Operation::kInsert:
    case Operation::kUpdate:
    case Operation::kDelete:
    case Operation::kTruncate:
    case Operation::kCopyIn:
    case Operation::kCopyOut:
    case Operation::kLock:
    case Operation::kCall:
    case Operation::kListen:
    case Operation::kNotify:
    case Operation::kTwoPhase:
      return {};
  }
  return "it is unknown";
}

std::shared_ptr<Plan> judge(PolicyVersion version, const Role& role, const Upstream& upstream,
                            const catalog::Catalog& catalog, std::string_view text,
                            const sql::Analysis& analysis, const sql::Views* views) {
  TG_CHECK(role.is_scoped() == (views != nullptr), "a scoped role is judged with its views");
  std::shared_ptr<Plan> plan = begin_plan(version, catalog.version(), text, analysis);
  if (analysis.syntax_error) {
    // An unrestricted role gets the store's own answer to it, whatever that is.
    add_statement(*plan, sql::Statement{}, role.unrestricted ? role.source : "default");
    if (!role.unrestricted) plan->denial = deny_syntax_error(*analysis.syntax_error);
    return plan;
  }
  Judge judge(role, upstream, catalog, text, views);
  for (const sql::Statement& statement : analysis.statements) {
    if (role.unrestricted) {
      add_statement(*plan, statement, role.source);
      continue;
    }
    std::optional<Denial> denial = judge.judge(statement);
    add_statement(*plan, statement, denial ? denial->rule : judge.rules());
    if (denial && !plan->denial) {
      denial->statement = plan->statements.size() - 1;
      plan->denial = std::move(denial);
    }
  }
  return plan;
}

PlanRef refuse_invalid_utf8(PolicyVersion version, std::string_view text) {
  std::shared_ptr<Plan> plan = plan_of_invalid_utf8(version, text);
  plan->denial = deny_invalid_utf8(text);
  return plan;
}

}  // namespace tracegate::policy
