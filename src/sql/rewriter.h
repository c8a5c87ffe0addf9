// How rewrite() is divided. Private to src/sql: rewrite.cc (tables in FROM, proof),
// rewrite_writes.cc (targets of writes), rewrite_guards.cc (calls that tell of objects),
// insertions.{h,cc} (the text that is put together). Threading: one thread, one ParseTree at a
// time.
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

  // Changes what has to be changed of one statement; false if it cannot be.
  bool rewrite(const Findings& findings);
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }
  [[nodiscard]] Insertions& insertions() { return insertions_; }

 private:
  // From the first to the last token of something.
  struct Range {
    std::size_t first = 0;
    std::size_t last = 0;
  };

  void refuse(std::string construct, std::int32_t location);
  void refuse_on(const TargetUse& target, std::string_view construct);

  void replace_table(const TableUse& use, const RelationView& view);
  void replace_copied(const CopiedTable& copied, const RelationView& view);
  void unqualify(const QualifiedColumn& column);
  [[nodiscard]] bool find_name(const RangeVar& name, Range& range);
  void insert_before(std::size_t token, std::string added);
  void insert_behind(std::size_t token, std::string added);

  // rewrite_writes.cc
  void restrict_target(const TargetUse& target, const RelationView& view);
  void restrict_update(const TargetUse& target, const RelationView& view);
  void restrict_rows(const TargetUse& target, const RelationView& view, std::size_t from);
  void restrict_assignments(const TargetUse& target, const RelationView& view, const List* targets,
                            int depth);
  void restrict_insert(const TargetUse& target, const RelationView& view);
  void restrict_values(const TargetUse& target, const ScopeColumn& column, const SelectStmt& select,
                       std::size_t position, std::size_t target_token);
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

  TokenList tokens_;
  Insertions insertions_;
  const catalog::Catalog& catalog_;
  std::span<const std::string> search_path_;
  const Views& views_;
  std::set<const void*> guarded_;  // nodes: some are visited twice
  std::optional<Refusal> refusal_;
};

// Whether every guarded use in the re-parsed text is guarded by text of ours.
[[nodiscard]] bool is_guarded(const GuardedUse& use,
                              const std::function<bool(std::int32_t)>& is_ours);

// `template_text` with `replacement` for `gap` wherever it stands outside of string literals.
[[nodiscard]] std::string fill_gaps(std::string_view template_text, std::string_view gap,
                                    std::string_view replacement);
// In double quotes, whatever it is.
[[nodiscard]] std::string quoted_name(std::string_view name);

}  // namespace tracegate::sql
