// The facts of one statement while its tree is being walked: what is needed of which relation,
// which functions are called, whether it is refused. Names are views into the parse tree and the
// catalog; finish() turns them into a Statement that borrows from nothing. Threading: one thread.
// Reused from statement to statement to keep its memory: begin() starts anew.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/sql/analysis.h"
#include "src/sql/meanings.h"

namespace tracegate::sql {

// Empties a vector that is used from statement to statement, and gives back what a huge statement
// made of it.
template <typename T>
void reuse(std::vector<T>& vector) {
  constexpr std::size_t kKept = 4096;
  if (vector.capacity() > kKept) vector = std::vector<T>();
  vector.clear();
}

// A set of columns of one relation, by their place in Relation::columns.
class ColumnSet {
 public:
  void add(std::size_t index);
  void add(const ColumnSet& other);
  [[nodiscard]] bool contains(std::size_t index) const;
  template <typename Visitor>
  void for_each(Visitor visit) const {
    for_each_bit(first_, 0, visit);
    for (std::size_t word = 0; word < more_.size(); ++word)
      for_each_bit(more_[word], 64 * (word + 1), visit);
  }

 private:
  template <typename Visitor>
  static void for_each_bit(std::uint64_t bits, std::size_t base, Visitor& visit) {
    for (; bits != 0; bits &= bits - 1)
      visit(base + static_cast<std::size_t>(__builtin_ctzll(bits)));
  }
  std::uint64_t first_ = 0;  // of the first 64 columns: most tables have no more
  std::vector<std::uint64_t> more_;
};

class Draft {
 public:
  void begin(const catalog::Catalog& catalog, std::span<const std::string> search_path);

  // `operation` on the relation itself; adds no column.
  void need(Operation operation, const catalog::Relation& relation, std::int32_t location);
  // Column `index` of relation.columns.
  void need_column(Operation operation, const catalog::Relation& relation, std::size_t index);
  // A column by the name that the statement gives, which the catalog may not know.
  void need_column(Operation operation, const catalog::Relation& relation, std::string_view name);
  void need_all(Operation operation, const catalog::Relation& relation);
  // Likewise for kSelect, of the target of a write: what stands in a table's place in FROM does not
  // stand between the statement and its target.
  void read_target_column(const catalog::Relation& relation, std::size_t index);
  void read_target(const catalog::Relation& relation);
  // Whether the relation is read by nothing, or by ON CONFLICT DO NOTHING only.
  [[nodiscard]] bool reads_only_conflicts(const catalog::Relation& relation) const;
  void set_reads_only_conflicts(const catalog::Relation& relation, bool only);
  // Whatever is read is also needed for `operation`.
  void need_of_what_is_read(Operation operation);

  void add_operation(Operation operation);
  // `name` as in Statement::functions: parts joined by dots.
  void call(std::string_view name);
  // f of a row that is written t.f or (t).f.
  void call_of_row(std::string_view name);
  // current_setting('setting') is SHOW setting.
  void show(std::string setting);
  // What names can mean; told about operators, types and arguments by those who see them.
  [[nodiscard]] Meanings& meanings() { return meanings_; }
  [[nodiscard]] const Meanings& meanings() const { return meanings_; }
  [[nodiscard]] bool has_operation(Operation operation) const;
  void set_has_constants() { has_constants_ = true; }
  // The statement changes something, whatever functions it calls.
  void set_writes() { writes_ = true; }

  // Keeps the first refusal.
  void refuse(std::string_view sqlstate, std::string construct, std::int32_t location);
  // The tree was not walked to its end: nothing can be ruled out.
  void refuse_unseen(std::string_view sqlstate, std::string construct, std::int32_t location);

  // Bounds the time that a statement can cost: names times relations is quadratic in its length.
  // Once too much is spent the statement is refused (54001) and the walk may stop.
  void spend(std::size_t steps) {
    work_ += steps;
    if (work_ > kMaxWork) [[unlikely]]
      refuse_as_too_complex();
  }
  [[nodiscard]] bool exhausted() const { return work_ > kMaxWork; }

  // Adds the facts gathered since begin() to `statement`; `writes` is set if any of them writes.
  void finish(Statement& statement);

 private:
  struct DraftNeed {
    Operation operation;
    const catalog::Relation* relation;
    bool all;
    std::int32_t location;
    std::uint32_t next_column;  // where to look first for the next column by name
    ColumnSet columns;
    std::vector<std::string_view> unknown_columns;
    bool target_all = false;  // of the target of a write
    ColumnSet target_columns = {};
    bool of_conflicts = false;  // any other use resets it
  };
  static constexpr std::size_t kMaxWork = 10'000'000;  // some 20 ms
  void refuse_as_too_complex();
  void tell_types(const DraftNeed& need);
  DraftNeed& find_or_add(Operation operation, const catalog::Relation& relation,
                         std::int32_t location);

  Meanings meanings_;
  std::vector<DraftNeed> needs_;
  std::vector<Operation> operations_;
  std::set<std::string, std::less<>> functions_;
  std::optional<Refusal> refusal_;
  std::size_t work_ = 0;
  std::size_t last_need_ = 0;  // the entry found last: references come in runs
  std::vector<std::string> shown_settings_;
  bool has_constants_ = false;
  bool writes_ = false;
  bool calls_impure_ = false;
};

}  // namespace tracegate::sql
