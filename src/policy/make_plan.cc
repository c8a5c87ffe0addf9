#include "src/policy/make_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/result.h"
#include "src/base/utf8.h"
#include "src/policy/denial.h"
#include "src/policy/judge.h"
#include "src/sql/analysis.h"
#include "src/sql/rewrite.h"

namespace tracegate::policy {
namespace {

constexpr std::string_view kUndefinedTable = "42P01";

// The first relation, by place, that the statements need and that the role must not know.
struct HiddenNeed {
  const sql::Need* need = nullptr;
  std::size_t statement = 0;
};
HiddenNeed find_hidden(const catalog::Catalog& shown, const sql::Analysis& analysis) {
  for (std::size_t i = 0; i < analysis.statements.size(); ++i) {
    HiddenNeed first{nullptr, i};
    for (const sql::Need& need : analysis.statements[i].needs)
      if (!shown.find(need.schema, need.relation) &&
          (!first.need || need.location < first.need->location))
        first.need = &need;
    if (first.need) return first;
  }
  return {};
}

std::string hidden_reason(const RoleCatalog& catalog, const sql::Need& need) {
  const std::string why = catalog.why_not_shown(need.schema, need.relation);
  return fmt::format("{} on {}.{}: {}; to the client it does not exist",
                     sql::to_string(need.operation), catalog::quote_identifier(need.schema),
                     catalog::quote_identifier(need.relation),
                     why.empty() ? "no rule is about it" : why);
}

void deny(Plan& plan, const Role& role, const sql::Refusal& refusal, std::size_t statement) {
  plan.denial = deny_refused(role, refusal, plan.text);
  plan.denial->statement = statement;
  if (statement < plan.statements.size()) plan.statements[statement].rule = plan.denial->rule;
}

// Of what PREPARE and DECLARE store, the rows come later.
void set_masks(StatementPlan& statement, const mask::RowMasksRef& masks) {
  if (!statement.inner) {
    statement.masks = masks;
    return;
  }
  auto inner = std::make_shared<Plan>(*statement.inner);
  for (StatementPlan& each : inner->statements) set_masks(each, masks);
  statement.inner = std::move(inner);
}

// False: denied.
bool add_masks(Plan& plan, const RoleMasks& masks, std::span<const sql::RawRow> rows,
               const Role& role) {
  for (const sql::RawRow& row : rows) {
    StatementPlan& statement = plan.statements[row.statement];
    if (statement.statement_class == sql::StatementClass::kCopyOut && !statement.copy_out) {
      deny(plan, role,
           {"0A000", "COPY of masked columns with these options is not supported", -1,
            "Use FORMAT, HEADER, DELIMITER, NULL, QUOTE, ESCAPE and FORCE_QUOTE, and UTF8."},
           row.statement);
      return false;
    }
    set_masks(statement, masks.masks_of(row));
  }
  return true;
}

// `masks` are null for a role without views.
void rewrite(Plan& plan, const Role& role, const Upstream& upstream,
             const catalog::Catalog& catalog, const sql::Views& views, const RoleMasks* masks) {
  sql::Rewriting rewriting =
      sql::rewrite(plan.text, catalog, upstream.search_path, views, plan.parameter_types);
  if (rewriting.refusal) return deny(plan, role, *rewriting.refusal, rewriting.statement);
  plan.store_text = std::move(rewriting.text);
  plan.pieces = std::move(rewriting.pieces);
  for (const sql::OfferedRows& each : rewriting.offered)
    plan.statements[each.statement].offered_rows = each.rows;
  if (masks && !add_masks(plan, *masks, rewriting.raw_rows, role)) return;
  // What the store keeps of the text is of that rewriting, too: after a reload it is compared.
  for (StatementPlan& statement : plan.statements) {
    if (!statement.inner) continue;
    auto inner = std::make_shared<Plan>(*statement.inner);
    inner->store_text = plan.store_text;
    inner->pieces = plan.pieces;
    inner->raw_columns = plan.raw_columns;
    inner->report_detectors = plan.report_detectors;
    statement.inner = std::move(inner);
  }
}

// Of a role that sees all of the tables of its rules, and writes some of them blindly.
class WholeTables final : public sql::Views {
 public:
  explicit WholeTables(const Role& role) : role_(role) {}
  [[nodiscard]] const sql::RelationView* find(const catalog::Relation&) const override {
    return nullptr;
  }
  [[nodiscard]] bool is_blind(const catalog::Relation& relation) const override {
    return role_.writes_blindly(relation.schema, relation.name);
  }

 private:
  const Role& role_;
};

class ScopedPlan {
 public:
  ScopedPlan(PolicyVersion version, const Role& role, const Upstream& upstream,
             const catalog::Catalog& catalog, const RoleViews& views, std::string_view text,
             ParameterTypes parameter_types)
      : role_(role), upstream_(upstream), whole_(catalog), views_(views), text_(text) {
    const catalog::Catalog& shown = views.catalog().shown();
    plan_ = judge(version, role, upstream, shown, text,
                  sql::analyze(text, shown, upstream.search_path), &views);
    plan_->parameter_types.assign(parameter_types.begin(), parameter_types.end());
  }

  PlanRef finish() && {
    if (plan_->denial && plan_->denial->sqlstate == kUndefinedTable) say_why_unknown();
    if (!plan_->denial && views_.catalog().hides_by_search_path()) refuse_hidden();
    if (!plan_->denial) {
      plan_->raw_columns = raw_columns();
      if (plan_->raw_columns) plan_->report_detectors = role_.report_detectors;
      rewrite(*plan_, role_, upstream_, views_.catalog().shown(), views_,
              &views_.catalog().masks());
    }
    return std::move(plan_);
  }

 private:
  [[nodiscard]] std::shared_ptr<const mask::RawColumns> raw_columns() const {
    const auto& raw = views_.catalog().masks().raw_columns();
    return raw->empty() ? nullptr : raw;
  }

  // For the record, not for the client.
  void say_why_unknown() {
    const sql::Analysis all = sql::analyze(text_, whole_, upstream_.search_path);
    Denial& denial = *plan_->denial;
    if (denial.statement >= all.statements.size()) return;
    for (const sql::Need& need : all.statements[denial.statement].needs)
      if (!views_.catalog().shown().find(need.schema, need.relation) &&
          character_position(text_, need.location) == denial.position)
        denial.reason = hidden_reason(views_.catalog(), need);
  }

  // A name that is left as it is would mean a hidden relation to the store. Names with a schema
  // have found what they mean by now, so this one has none.
  void refuse_hidden() {
    const sql::Analysis all = sql::analyze(text_, whole_, upstream_.search_path);
    const HiddenNeed hidden = find_hidden(views_.catalog().shown(), all);
    if (!hidden.need) return;
    deny(*plan_, role_,
         {std::string(kUndefinedTable),
          fmt::format("relation \"{}\" does not exist", hidden.need->relation),
          hidden.need->location},
         hidden.statement);
    plan_->denial->reason = hidden_reason(views_.catalog(), *hidden.need);
  }

  const Role& role_;
  const Upstream& upstream_;
  const catalog::Catalog& whole_;
  const RoleViews& views_;
  std::string_view text_;
  std::shared_ptr<Plan> plan_;
};

}  // namespace

PlanRef make_plan(PolicyVersion version, const Role& role, const Upstream& upstream,
                  const catalog::Catalog& catalog, const RoleViews* views, std::string_view text,
                  ParameterTypes parameter_types) {
  TG_CHECK(role.is_scoped() == (views != nullptr), "a scoped role has views, no other has");
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
    return refuse_invalid_utf8(version, text);
  if (views)
    return ScopedPlan(version, role, upstream, catalog, *views, text, parameter_types).finish();
  std::shared_ptr<Plan> plan = judge(version, role, upstream, catalog, text,
                                     sql::analyze(text, catalog, upstream.search_path));
  if (role.is_blind() && !plan->denial)
    rewrite(*plan, role, upstream, catalog, WholeTables(role), nullptr);
  return plan;
}

}  // namespace tracegate::policy
