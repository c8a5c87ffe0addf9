// Names within a statement: which relation, sub-select or function a column can come from, and
// whether a table name is that of a WITH query. Follows the rules of parser/parse_relation.c and
// parser/parse_clause.c of PostgreSQL 15 for what is visible where; for columns it reports at least
// the relations that PostgreSQL would choose.
//
// A name is looked for level by level, from the innermost query outwards:
//  - t.c: the innermost level at which t is visible decides, as in PostgreSQL. If t is known and
//  has
//    no such column, c can be a column that the catalog does not know yet, or a function applied to
//    the row (t.f means f(t)): the whole row counts as read and the name as called.
//  - c: counts as read from every visible relation at every level that has such a column. If
//  nothing
//    visible has it, the whole row of everything visible counts as read.
// Threading: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "src/sql/draft.h"

namespace tracegate::sql {

// Which column of which relation an output column is, as it is.
struct SourceColumn {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::uint32_t use = kNone;     // in Names::uses; kNone: it is computed
  std::uint32_t column = kNone;  // in Relation::columns
  bool is_wrapped = false;       // in a COALESCE of one value, which makes it an expression
};

// An output column that a query further out can name.
struct OutputName {
  std::string_view name;
  SourceColumn origin = {};
  bool is_open = false;  // nameless: here, or before, stand columns that are not known
};

// Some of the output names that Names holds.
struct NameRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

// An item of a FROM clause, or the target of a statement that writes.
struct Source {
  std::string_view name;  // under which columns refer to it; empty if it has none
  const catalog::Relation* relation = nullptr;  // null for a sub-select, a WITH query, a function
  bool aliased = false;                         // then schema.table.column does not reach it
  bool hidden = false;                          // inside a join that has an alias of its own
  bool names_only = false;       // alias of JOIN ... USING (...) AS x: not part of "*"
  NameRange columns;             // known output columns, where they are not those of `relation`
  bool has_all_columns = false;  // without a relation: `columns` are all that it has
  std::uint32_t join_first = 0;  // a join under an alias: the sources that it covers
  std::uint32_t join_last = 0;
  std::uint32_t use_first = 0;  // the relations that it reads, in Names::uses
  std::uint32_t use_last = 0;
  bool locks = true;  // FOR UPDATE reaches them: not through a WITH query
};

// A relation at one place of the statement: an item of FROM, or the target of a write.
struct Use {
  const catalog::Relation* relation = nullptr;
  const void* name = nullptr;  // the RangeVar
  bool is_target = false;
  const void* statement =
      nullptr;  // the Node that writes to a target; null where it is of no account
  // An expression that may fail, and that the planner may evaluate before it filters the relation's
  // rows, uses a column of it: see Names::mark_unsafe.
  bool fenced = false;
  bool reads_tableoid = false;  // under the name of the relation or its alias
  bool reads_system_column = false;
  bool nullable = false;  // an outer join may put NULL in the place of its columns
  // Columns that the statement does more with than return them: all, or these.
  bool computes_all = false;
  ColumnSet computed = {};
};

// One query level. Its sources are those in [first, last) of Names::sources.
struct Scope {
  const Scope* parent = nullptr;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool merges_columns = false;  // of a join, by USING or NATURAL: "*" has them once
};

// A WITH query that can be named at this point.
struct WithQuery {
  std::string_view name;
  NameRange columns;
  const void* aliases = nullptr;  // List of its column names, where given
  std::uint32_t use_first = 0;    // the relations that it reads, in Names::uses
  std::uint32_t use_last = 0;
  bool has_all_columns = false;  // `columns` are all that it has
};

class Names {
 public:
  explicit Names(Draft& draft) : draft_(draft) {}
  void begin();

  // Column c, t.c and s.t.c. `may_be_output` is a name in ORDER BY or GROUP BY that an output
  // column has, so that it need not be a column of any source.
  void read(const Scope& scope, std::string_view column, bool may_be_output = false);
  void read(const Scope& scope, std::string_view table, std::string_view column);
  void read(const Scope& scope, std::string_view schema, std::string_view table,
            std::string_view column);
  // t.*, s.t.* and *.
  void read_row(const Scope& scope, std::string_view table);
  void read_row(const Scope& scope, std::string_view schema, std::string_view table);
  void read_everything(const Scope& scope);
  // Everything visible at this level and outwards: what is left when a name cannot be placed.
  void read_whole_chain(const Scope& scope);
  // Whether (t).c certainly is column c of table t: t is no column, and c is not a function.
  [[nodiscard]] bool is_field_of_table(const Scope& scope, std::string_view table,
                                       std::string_view column) const;
  // The type of column c or t.c; kAnyType if it may be another than a certain column of a relation.
  [[nodiscard]] Oid type_of(const Scope& scope, std::string_view column) const;
  [[nodiscard]] Oid type_of(const Scope& scope, std::string_view table,
                            std::string_view column) const;
  // Column `column` of JOIN ... USING on the sources in [first, last).
  void read_joined(std::uint32_t first, std::uint32_t last, std::string_view column);
  void read_rows(std::uint32_t first, std::uint32_t last);
  void need_row(const Source& source);
  // A column of this source and no other; the whole row if it has none of that name.
  void read_column_of(const Source& source, std::string_view column);

  // Adds the output columns of t.* or * to the names that are being collected at the end of
  // `names`.
  void append_columns_of_row(const Scope& scope, std::string_view table);
  void append_columns_of_row(const Scope& scope, std::string_view schema, std::string_view table);
  void append_columns_of_everything(const Scope& scope);

  [[nodiscard]] bool contains(NameRange range, std::string_view name) const;

  // Lineage. What is read counts as computed with, but for what is read while `returning` is set.
  // An output column of a query further in is what its origin is.
  void set_returning(bool returning) { returning_ = returning; }
  // What column c, t.c or s.t.c of the innermost level is; nothing if that is not certain. For
  // parts that are not written: the empty name.
  [[nodiscard]] std::optional<SourceColumn> find_origin(const Scope& scope, std::string_view schema,
                                                        std::string_view table,
                                                        std::string_view column) const;
  void compute(const SourceColumn& origin);
  // Whatever the outputs are, all or those called `name`.
  void compute(NameRange outputs);
  void compute(NameRange outputs, std::string_view name);
  [[nodiscard]] bool has_open(NameRange range) const;
  // Index of the WITH query that `name` stands for; -1 for none.
  [[nodiscard]] int find_with_query(std::string_view name) const;

  // While set, whatever is read is marked as Use::fenced.
  void mark_unsafe(bool marking) { marking_ = marking; }
  [[nodiscard]] bool is_marking() const { return marking_; }
  // How often something was marked.
  [[nodiscard]] std::size_t marks() const { return marks_; }
  // The types that column c or t.c may have: none unless it certainly is one of a relation, and of
  // a type that compares safely (comparisons.h). Several only where a name is of several sources.
  using Types = std::vector<Oid>;
  [[nodiscard]] Types plain_types(const Scope& scope, std::string_view column) const;
  [[nodiscard]] Types plain_types(const Scope& scope, std::string_view table,
                                  std::string_view column) const;
  // The use that `schema.table` means in `scope`; null if it means none.
  [[nodiscard]] const Use* find_use(const Scope& scope, std::string_view schema,
                                    std::string_view table) const;

  std::vector<Source> sources;  // of all open levels, outermost first
  std::vector<OutputName> names;
  std::vector<WithQuery> with_queries;  // visible now, innermost last
  std::vector<Use> uses;                // in order of appearance

 private:
  // PostgreSQL allows 1664 output columns; a chain of sub-selects that doubles them must not take
  // our memory before the store refuses it. A name that is left out is only known less of.
  static constexpr std::size_t kMaxNames = 1'000'000;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  // The source that `table` means in `scope`; kNone if nothing visible has that name.
  std::uint32_t find_table(const Scope& scope, std::string_view table) const;
  std::uint32_t find_table(const Scope& scope, std::string_view schema,
                           std::string_view table) const;
  // A relation under its own columns' names.
  [[nodiscard]] static bool is_plain(const Source& source);
  void read_system_column(const Source& source);
  // Whether `source` itself, not a part of a join, has the column; counts it as read.
  bool read_if_present(const Source& source, std::string_view column);
  void read_row_of(const Source& source);
  void append_columns_of(const Source& source);
  void append_columns_of_item(std::uint32_t item);
  // Whether a source with a relation is the target of a write, or what it proposes ("excluded").
  [[nodiscard]] bool is_target(const Source& source) const;
  // Counts the column, or the row, as read.
  void need(const Source& source, std::size_t column);
  void mark(const Source& source);
  // Adds the origins to `found` that `column` of the source can have; false if that is not certain.
  bool find_in(const Source& source, std::string_view column,
               std::vector<SourceColumn>& found) const;
  void append_open();

  Draft& draft_;
  bool marking_ = false;
  bool returning_ = false;
  std::size_t marks_ = 0;
};

}  // namespace tracegate::sql
