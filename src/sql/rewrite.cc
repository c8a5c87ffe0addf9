#include "src/sql/rewrite.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "src/base/result.h"
#include "src/sql/parse_tree.h"
#include "src/sql/parser_check.h"
#include "src/sql/rewriter.h"
#include "src/sql/statements.h"
#include "src/sql/text_limits.h"
#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

Walker& thread_walker() {
  thread_local Walker walker;
  return walker;
}

class Collecting {
 public:
  Collecting(Walker& walker, Findings& findings, std::span<const Oid> parameters)
      : walker_(walker) {
    walker_.collect(&findings, parameters);
  }
  Collecting(const Collecting&) = delete;
  Collecting& operator=(const Collecting&) = delete;
  ~Collecting() { walker_.collect(nullptr, {}); }

 private:
  Walker& walker_;
};

Findings findings_of(const Node* statement, const catalog::Catalog& catalog,
                     std::span<const std::string> search_path, std::span<const Oid> parameters) {
  Findings findings;
  Walker& walker = thread_walker();
  const Collecting collecting(walker, findings, parameters);
  StatementReader reader(walker, catalog, search_path);
  static_cast<void>(reader.read(statement));
  return findings;
}

// Of $1 and so on, as Walker::collect() takes them; longer ones than a Bind can give are left out.
std::vector<Oid> types_of_parameters(const ParseTree& tree, std::span<const Oid> declared) {
  constexpr std::size_t kMost = 65535;
  std::vector<Oid> types;
  for_each_token(tree, [&](const Token& token) {
    const auto number = static_cast<std::size_t>(token.parameter);
    if (token.parameter <= 0 || number > kMost) return;
    if (number > types.size()) types.resize(number, kNoType);
    Oid& type = types[number - 1];
    type = type == kNoType ? kUndecidedType : kAnyType;
  });
  for (std::size_t i = 0; i < types.size() && i < declared.size(); ++i)
    if (declared[i] != kNoType) types[i] = declared[i];
  return types;
}

bool is_symbol(const Token& token, char symbol) {
  return token.code == symbol;
}

// What chooses the rows that a write touches; null: all, or it touches none that are there.
const Node* condition_of(const Node* statement) {
  switch (static_cast<int>(statement->type)) {
    case T_UpdateStmt:
      return as<UpdateStmt>(statement).whereClause;
    case T_DeleteStmt:
      return as<DeleteStmt>(statement).whereClause;
    case T_MergeStmt:
      return as<MergeStmt>(statement).joinCondition;
    default:
      return nullptr;
  }
}

bool chooses_rows(const Node* statement) {
  return has_tag(statement, T_UpdateStmt) || has_tag(statement, T_DeleteStmt) ||
         has_tag(statement, T_MergeStmt);
}

// Whether `is_ours` says so of the place where it begins, and nothing is an alternative to that.
template <typename IsOurs>
bool begins_with_ours(const Node* condition, IsOurs is_ours) {
  if (condition == nullptr || !is_ours(exprLocation(condition))) return false;
  return !has_tag(condition, T_BoolExpr) || as<BoolExpr>(condition).boolop == AND_EXPR;
}

// Whether two texts return the same raw columns, at whatever places. "*" of a sub-select of ours is
// what that shows, which can be less than what is known of the relation.
bool return_the_same(std::span<const RawRow> rows, std::span<const RawRow> others) {
  const auto columns_of = [](std::span<const RawRow> of) {
    std::multiset<std::tuple<std::size_t, catalog::Oid, std::uint32_t>> columns;
    for (const RawRow& row : of)
      for (const RawRow::Output& output : row.outputs)
        columns.insert({row.statement, output.relation, output.column});
    return columns;
  };
  return columns_of(rows) == columns_of(others);
}

// Nothing in `result` may name a relation that has a view, but for what was put in. The places of
// raw columns become those in its text.
bool is_proven(Rewriting& result, std::size_t statements, const catalog::Catalog& catalog,
               std::span<const std::string> search_path, const Views& views) {
  const ParseTree tree(result.text);
  if (tree.error() || Nodes(tree.statements()).size() != statements) return false;
  std::size_t statement = 0;
  const auto is_ours = [&](std::int32_t location) {
    for (const CopiedPiece& piece : result.pieces) {
      const auto at = static_cast<std::uint32_t>(location);
      if (at >= piece.begin && at < piece.begin + piece.length) return false;
    }
    return location >= 0;
  };
  std::vector<RawRow> raw_rows;
  for (const Node* item : Nodes(tree.statements())) {
    const Findings findings = findings_of(as<RawStmt>(item).stmt, catalog, search_path, {});
    RawRow row = raw_row_of(findings, views);
    row.statement = statement++;
    if (!row.outputs.empty()) raw_rows.push_back(std::move(row));
    for (const TableUse& use : findings.tables)
      if (views.find(*use.relation) != nullptr && !is_ours(use.name->location)) return false;
    for (const CopiedTable& copied : findings.copied)
      if (views.find(*copied.relation) != nullptr) return false;
    for (const TargetUse& target : findings.targets) {
      const RelationView* view = views.find(*target.relation);
      if (view != nullptr && !view->predicate.empty() && chooses_rows(target.statement) &&
          !begins_with_ours(condition_of(target.statement), is_ours))
        return false;
    }
    for (const QualifiedColumn& column : findings.qualified)
      if (views.find(*column.relation) != nullptr && !is_ours(column.location)) return false;
    for (const GuardedUse& use : findings.guarded)
      if (!is_guarded(use, is_ours)) return false;
  }
  if (!return_the_same(raw_rows, result.raw_rows)) return false;
  result.raw_rows = std::move(raw_rows);
  return true;
}

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string fill_gaps(std::string_view template_text, std::string_view gap,
                      std::string_view replacement) {
  std::string filled;
  char quote = 0;  // within quotes of this kind
  for (std::size_t at = 0; at < template_text.size();) {
    if (quote == 0 && template_text.substr(at).starts_with(gap)) {
      filled += replacement;
      at += gap.size();
      continue;
    }
    const char c = template_text[at++];
    filled += c;
    if (c == quote)
      quote = 0;  // a doubled one ends the quotes and begins them again
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
  }
  return filled;
}

void Rewriter::refuse(std::string construct, std::int32_t location, std::string hint) {
  if (!refusal_) refusal_ = Refusal{"0A000", std::move(construct), location, std::move(hint)};
}

void Rewriter::insert_before(std::size_t token, std::string added) {
  const std::size_t at = tokens_[token].token.begin;
  insertions_.replace(at, at, std::move(added));
}

void Rewriter::insert_behind(std::size_t token, std::string added) {
  const std::size_t at = tokens_[token].token.end;
  insertions_.replace(at, at, std::move(added));
}

// The tokens of [schema .] name.
// U&"t" UESCAPE '!' is one name of three tokens.
void Rewriter::skip_escape(std::size_t& token) const {
  if (token + 2 < tokens_.size() && tokens_[token + 1].token.keyword == "uescape") token += 2;
}

bool Rewriter::find_name(const RangeVar& name, Range& range) {
  range.first =
      name.location < 0 ? tokens_.size() : tokens_.at(static_cast<std::size_t>(name.location));
  if (range.first == tokens_.size()) {
    refuse("the place of a table in the statement is not known", name.location);
    return false;
  }
  range.last = range.first;
  skip_escape(range.last);
  while (range.last + 2 < tokens_.size() && is_symbol(tokens_[range.last + 1].token, '.')) {
    range.last += 2;
    skip_escape(range.last);
  }
  return true;
}

namespace {

// Without a list COPY leaves out the columns that are computed of others.
std::vector<std::string> copied_columns(const CopiedTable& copied, const RelationView& view) {
  std::vector<std::string> names;
  for (const Node* column : Nodes(copied.columns)) names.emplace_back(string_of(column));
  if (copied.columns != nullptr) return names;
  for (const ViewColumn& column : view.columns) {
    const catalog::Column* known = copied.relation->find_column(column.name);
    if (known == nullptr || !known->is_generated) names.push_back(column.name);
  }
  return names;
}

}  // namespace

void Rewriter::replace_table(const TableUse& use, const RelationView& view) {
  Range range;
  if (!find_name(*use.name, range)) return;
  const auto before = [&](std::size_t distance) -> std::string_view {
    return range.first >= distance ? tokens_[range.first - distance].token.keyword
                                   : std::string_view();
  };
  const bool opens = range.first > 0 && is_symbol(tokens_[range.first - 1].token, '(');
  bool only = false;
  if (before(1) == "only") {
    only = true;
    --range.first;
  } else if (opens && before(2) == "only") {  // ONLY (t)
    only = true;
    range.first -= 2;
    ++range.last;
  } else if (range.last + 1 < tokens_.size() && is_symbol(tokens_[range.last + 1].token, '*')) {
    ++range.last;  // t *, the old way to say that children count
  }
  if (only == use.name->inh || range.last >= tokens_.size()) {
    refuse("ONLY could not be placed", use.name->location);
    return;
  }
  std::string select = select_of(use, view, only);
  if (use.name->alias == nullptr) select += " AS " + quoted_name(use.name->relname);
  if (before(1) == "table") {  // TABLE t
    --range.first;
    select.insert(0, "SELECT * FROM ");
  }
  insertions_.replace(tokens_[range.first].token.begin, tokens_[range.last].token.end,
                      std::move(select));
}

// COPY t (columns) TO STDOUT
void Rewriter::replace_copied(const CopiedTable& copied, const RelationView& view,
                              std::size_t index) {
  Range range;
  if (!find_name(*copied.name, range)) return;
  const std::vector<std::string> names = copied_columns(copied, view);
  if (copied.columns != nullptr) {
    const int depth = tokens_[range.first].depth;
    do ++range.last;
    while (range.last < tokens_.size() &&
           !(tokens_[range.last].depth == depth && is_symbol(tokens_[range.last].token, ')')));
    if (range.last == tokens_.size()) return refuse("COPY columns could not be placed", -1);
  }
  std::string columns;
  for (const std::string& name : names)
    columns += (columns.empty() ? "" : ", ") + quoted_name(name);
  // COPY takes a table's own rows; all rows of a partitioned table are in others.
  const bool only = copied.relation->kind != catalog::RelationKind::kPartitionedTable;
  const TableUse whole{.name = copied.name, .relation = copied.relation};
  insertions_.replace(tokens_[range.first].token.begin, tokens_[range.last].token.end,
                      "(SELECT " + columns + " FROM " + select_of(whole, view, only) + " AS " +
                          quoted_name(copied.name->relname) + ")");
  keep_raw(index, *copied.relation, view, names);
}

void Rewriter::unqualify(const QualifiedColumn& column) {
  const std::size_t first = tokens_.at(static_cast<std::size_t>(column.location));
  const std::size_t table = first + 2 * static_cast<std::size_t>(column.qualifiers);
  if (table >= tokens_.size()) return refuse("a column could not be placed", column.location);
  insertions_.replace(tokens_[first].token.begin, tokens_[table].token.begin, {});
}

bool Rewriter::rewrite(const Node* statement, std::size_t index, Findings findings) {
  bool any = false;
  // A row filter that asks other tables is a join, which may come last: what is evaluated for rows
  // of other tables before then would tell whether there are rows out of scope.
  const auto is_late = [&](const RelationView& view) {
    return findings.unsafe && std::any_of(view.scope_columns.begin(), view.scope_columns.end(),
                                          [](const auto& each) { return each.needs_query; });
  };
  for (TableUse& use : findings.tables) {
    const RelationView* view = views_.find(*use.relation);
    if (view == nullptr) continue;
    any = true;
    use.fenced = use.fenced || is_late(*view);
    replace_table(use, *view);
  }
  for (const CopiedTable& copied : findings.copied)
    if (const RelationView* view = views_.find(*copied.relation))
      replace_copied(copied, *view, index);
  for (TargetUse target : findings.targets) {
    const RelationView* view = views_.find(*target.relation);
    if (view == nullptr) continue;
    any = true;
    target.fenced = target.fenced || is_late(*view);
    if (!view->predicate.empty()) restrict_target(target, *view);
  }
  for (const ComputedTarget& target : findings.computed_targets)
    if (const RelationView* view = views_.find(*target.relation)) refuse_computing(target, *view);
  keep_raw(index, findings);
  for (const TargetUse& target : findings.targets)
    if (views_.is_blind(*target.relation)) write_blindly(statement, index, target);
  for (const QualifiedColumn& column : findings.qualified)
    if (views_.find(*column.relation) != nullptr) unqualify(column);
  for (const GuardedUse& use : findings.guarded) guard(use);
  for (const LookedUp& name : findings.looked_up)
    refuse(std::string(name.construct) + " is not supported", name.location);
  for (const Obstacle& obstacle : findings.obstacles) {
    const bool in_the_way =
        obstacle.relation == nullptr ? any : views_.find(*obstacle.relation) != nullptr;
    if (in_the_way)
      refuse(std::string(obstacle.construct) +
                 " is not supported on a table that the role sees in part",
             obstacle.location);
  }
  return !refusal_.has_value();
}

Rewriting rewrite(std::string_view sql_text, const catalog::Catalog& catalog,
                  std::span<const std::string> search_path, const Views& views,
                  std::span<const catalog::Oid> parameter_types) {
  require_trusted_parser();
  Rewriting result;
  std::size_t count = 0;
  bool placed = false;
  {
    const ParseTree tree(sql_text);
    TG_CHECK(!tree.error(), "only what parses is rewritten");
    Rewriter rewriter(tree, sql_text, catalog, search_path, views);
    const std::vector<Oid> parameters = types_of_parameters(tree, parameter_types);
    for (const Node* item : Nodes(tree.statements())) {
      const Node* statement = as<RawStmt>(item).stmt;
      if (!rewriter.rewrite(statement, count,
                            findings_of(statement, catalog, search_path, parameters))) {
        result.refusal = rewriter.refusal();
        result.statement = count;
        return result;
      }
      ++count;
    }
    result.offered = std::move(rewriter.offered());
    result.raw_rows = std::move(rewriter.raw_rows());
    if (rewriter.insertions().empty()) return result;
    placed = rewriter.insertions().apply(result);
  }
  Rewriting refused;
  if (check_text_limits(result.text)) {
    refused.refusal = Refusal{"54001", "the statement is too complex", -1};
    return refused;
  }
  if (placed && is_proven(result, count, catalog, search_path, views)) return result;
  refused.refusal =
      Refusal{"0A000", "the statement could not be limited to what the role may see", -1};
  return refused;
}

}  // namespace tracegate::sql
