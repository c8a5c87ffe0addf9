// How rewrite() is divided. Private to src/sql: rewrite.cc (tables in FROM, proof),
// rewrite_columns.cc (what a view's sub-select shows, raw outputs), rewrite_writes.cc (targets of
// writes), rewrite_merge.cc (MERGE), rewrite_blind.cc (blind inserts), rewrite_guards.cc (calls
// that tell of objects), insertions.{h,cc} (the text that is put together). Threading: one thread,
// one ParseTree at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/sql/findings.h"
#include "src/sql/guarded.h"
#include "src/sql/insertions.h"
#include "src/sql/rewrite.h"
#include "src/sql/tokens.h"

namespace tracegate::sql {

class Rewriter {
 public:
  Rewriter(const ParseTree& tree, std::string_view sql_text, const catalog::Catalog& catalog,
           std::span<const std::string> search_path, const Views& views)
      : tokens_(tree),
        insertions_(sql_text),
        catalog_(catalog),
        search_path_(search_path),
        views_(views) {}

  // Changes what has to be changed of one statement, the text's `index`th; false if it cannot be.
  bool rewrite(const Node* statement, std::size_t index, Findings findings);
  [[nodiscard]] std::vector<OfferedRows>& offered() { return offered_; }
  [[nodiscard]] std::vector<RawRow>& raw_rows() { return raw_rows_; }
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }
  [[nodiscard]] Insertions& insertions() { return insertions_; }

 private:
  // From the first to the last token of something.
  struct Range {
    std::size_t first = 0;
    std::size_t last = 0;
  };

  void refuse(std::string construct, std::int32_t location, std::string hint = {});
  void refuse_on(const TargetUse& target, std::string_view construct);

  void replace_table(const TableUse& use, const RelationView& view);
  void replace_copied(const CopiedTable& copied, const RelationView& view, std::size_t index);
  [[nodiscard]] std::string select_of(const TableUse& use, const RelationView& view, bool only);
  [[nodiscard]] std::string view_column(const TableUse& use, const RelationView& view,
                                        const ViewColumn& column);
  void refuse_computing(const ComputedTarget& target, const RelationView& view);
  void keep_raw(std::size_t index, const Findings& findings);
  void keep_raw(std::size_t index, const catalog::Relation& relation, const RelationView& view,
                std::span<const std::string> columns);
  void unqualify(const QualifiedColumn& column);
  void skip_escape(std::size_t& token) const;
  [[nodiscard]] bool find_name(const RangeVar& name, Range& range);
  void insert_before(std::size_t token, std::string added);
  void insert_behind(std::size_t token, std::string added);

  // rewrite_writes.cc
  void restrict_target(const TargetUse& target, const RelationView& view);
  void restrict_update(const TargetUse& target, const RelationView& view);
  void restrict_rows(const TargetUse& target, const RelationView& view, std::size_t from);
  void restrict_condition(const TargetUse& target, const RelationView& view, Range condition);
  [[nodiscard]] static std::string predicate_on(const TargetUse& target, const RelationView& view);
  void restrict_assignments(const TargetUse& target, const RelationView& view, const List* targets,
                            int depth);
  void restrict_insert(const TargetUse& target, const RelationView& view);
  void restrict_values(const TargetUse& target, const ScopeColumn& column, const SelectStmt& select,
                       std::size_t position, std::size_t target_token);
  bool restrict_row(const TargetUse& target, const ScopeColumn& column, const List* values,
                    std::size_t position, std::size_t open);
  [[nodiscard]] Range find_item(std::size_t open, std::size_t position) const;
  [[nodiscard]] std::optional<std::size_t> find_value(const TargetUse& target, const List* columns,
                                                      const ScopeColumn& column);
  void restrict_select(const TargetUse& target, const ScopeColumn& column, const SelectStmt& select,
                       std::size_t position);
  void restrict_conflict(const TargetUse& target, const RelationView& view,
                         const OnConflictClause& clause);
  void restrict_copy(const TargetUse& target, const RelationView& view);
  void check_value(const TargetUse& target, const ScopeColumn& column, Range expression);
  // rewrite_guards.cc
  void guard(const GuardedUse& use);
  void guard_call(const FuncCall& call, const GuardedUse& use);
  void guard_oid(const FuncCall& call, const GuardedFunction& function);
  void guard_column(const FuncCall& call);
  void guard_ancestors(const FuncCall& call, bool unnamed);
  void guard_names(const FuncCall& call, const GuardedFunction& function);
  void guard_cast(const TypeCast& cast, GuardedUse::Around around);
  void guard_literal(const TypeCast& cast, ObjectKind kind, GuardedUse::Around around);
  void close_behind(std::size_t token, std::string added);
  void cast_behind(std::size_t token, bool to_text);
  [[nodiscard]] bool find_arguments(const FuncCall& call, std::vector<Range>& arguments);
  [[nodiscard]] bool find_operand(const TypeCast& cast, Range& operand, std::size_t& last);
  [[nodiscard]] const catalog::Relation* find_named(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> resolved(std::string_view name, ObjectKind kind,
                                                    std::string_view type, std::int32_t location);
  void refuse_as(std::string_view sqlstate, std::string message, std::int32_t location);

  // The first token from `from` on at which a clause of the statement at `depth` ends that
  // `is_end` knows; size() if the text ends before.
  template <typename IsEnd>
  [[nodiscard]] std::size_t find_end(std::size_t from, int depth, IsEnd is_end) const;
  // Likewise; what stands in CASE ... END is not looked at. Not for lists of SELECT, in which both
  // words can be labels.
  template <typename IsEnd>
  [[nodiscard]] std::size_t find_outside_case(std::size_t from, int depth, IsEnd is_end) const;
  [[nodiscard]] bool is_name(std::size_t token) const;

  // rewrite_merge.cc
  void restrict_merge(const TargetUse& target, const RelationView& view);
  void restrict_action(const TargetUse& target, const RelationView& view,
                       const MergeWhenClause& clause, std::size_t then);

  // rewrite_blind.cc
  void write_blindly(const Node* statement, std::size_t index, const TargetUse& target);
  void insert_blindly(const TargetUse& target);
  void offer(std::size_t index, const TargetUse& target);
  void keep_single(const TargetUse& target, const SelectStmt& select);
  [[nodiscard]] bool is_checked(const TargetUse& target, std::size_t position) const;
  void refuse_blind(const TargetUse& target, std::string_view construct, std::string_view hint);

  TokenList tokens_;
  Insertions insertions_;
  const catalog::Catalog& catalog_;
  std::span<const std::string> search_path_;
  const Views& views_;
  std::set<const void*> guarded_;  // nodes: some are visited twice
  std::optional<Refusal> refusal_;
  std::vector<OfferedRows> offered_;
  std::vector<RawRow> raw_rows_;
};

// The raw columns of views among what a statement returns; without its index.
[[nodiscard]] RawRow raw_row_of(const Findings& findings, const Views& views);

// Whether every guarded use in the re-parsed text is guarded by text of ours.
[[nodiscard]] bool is_guarded(const GuardedUse& use,
                              const std::function<bool(std::int32_t)>& is_ours);

template <typename IsEnd>
std::size_t Rewriter::find_end(std::size_t from, int depth, IsEnd is_end) const {
  for (std::size_t i = from; i < tokens_.size(); ++i) {
    const TokenList::Entry& entry = tokens_[i];
    if (entry.depth < depth || (entry.depth == depth && entry.token.code == ';')) return i;
    if (entry.depth == depth && !is_name(i) && is_end(i)) return i;
  }
  return tokens_.size();
}

template <typename IsEnd>
std::size_t Rewriter::find_outside_case(std::size_t from, int depth, IsEnd is_end) const {
  int cases = 0;
  return find_end(from, depth, [&](std::size_t i) {
    const std::string_view keyword = tokens_[i].token.keyword;
    if (keyword == "case") ++cases;
    if (keyword == "end") --cases;
    return cases == 0 && keyword != "end" && is_end(i);
  });
}

[[nodiscard]] inline bool is_word(const Token& token, std::string_view keyword) {
  return token.keyword == keyword;
}

[[nodiscard]] inline std::string_view alias_of(const RangeVar& name) {
  return name.alias != nullptr ? view(name.alias->aliasname) : view(name.relname);
}

// In double quotes, whatever it is.
[[nodiscard]] std::string quoted_name(std::string_view name);

}  // namespace tracegate::sql
