// What rewriting a text needs to know of its trees beyond the facts of analysis.h: where relations,
// their columns and the targets of writes stand. Gathered by the Walker on demand. Pointers are
// into the parse tree and the catalog. Only for .cc files of this folder. Threading: one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/sql/draft.h"
#include "src/sql/parse_tree.h"

namespace tracegate::sql {

// A condition that may be repeated inside a fence: safe, and not true of NULL.
struct Repeat {
  std::string_view column;  // the one column in it
  std::string condition;    // over kRowAlias
};

// Columns of a relation.
struct ColumnsUsed {
  bool all = false;
  ColumnSet some = {};
  [[nodiscard]] bool contains(std::size_t index) const { return all || some.contains(index); }
};

// A relation in FROM.
struct TableUse {
  const RangeVar* name = nullptr;
  const catalog::Relation* relation = nullptr;
  // An unsafe expression uses it: its rows must be filtered before anything else is evaluated.
  bool fenced = false;
  std::vector<Repeat> repeats = {};
  bool reads_tableoid = false;
  bool nullable = false;      // an outer join may put NULL in the place of its columns
  ColumnsUsed computed = {};  // with which more is done than to return them
};

// The relation that a statement writes to.
struct TargetUse {
  const RangeVar* name = nullptr;
  const catalog::Relation* relation = nullptr;
  bool fenced = false;
  const Node* statement = nullptr;  // InsertStmt, UpdateStmt, DeleteStmt, MergeStmt, CopyStmt
  // Safe conditions of its WHERE clause, in the words of that clause.
  std::vector<std::string> repeats = {};
};

// Of a relation that a statement writes to, the columns with which more is done than to assign or
// return them.
struct ComputedTarget {
  const RangeVar* name = nullptr;
  const catalog::Relation* relation = nullptr;
  ColumnsUsed computed = {};
  bool nullable = false;  // an outer join may put NULL in the place of what it returns
};

// An output column of a statement: a column of a relation as it is, or something computed.
struct ReturnedColumn {
  const RangeVar* name = nullptr;               // where the relation stands in the statement
  const catalog::Relation* relation = nullptr;  // null: computed
  std::uint32_t column = 0;                     // in Relation::columns
  bool is_wrapped = false;                      // in a COALESCE of one value
};

// schema.table.column, or schema.table.*, of a relation in FROM.
struct QualifiedColumn {
  std::int32_t location = -1;
  int qualifiers = 1;  // parts in front of the table's name: 2 with the database
  const catalog::Relation* relation = nullptr;
};

// What cannot be rewritten if the relation has a view.
struct Obstacle {
  const catalog::Relation* relation = nullptr;  // null: of whatever relation
  std::string_view construct;                   // "TABLESAMPLE"
  std::int32_t location = -1;
};

// A name that the store would look up among objects of which some do not exist for the role.
struct LookedUp {
  std::string_view construct;
  std::int32_t location = -1;
};

// COPY relation (columns) TO STDOUT.
struct CopiedTable {
  const RangeVar* name = nullptr;
  const catalog::Relation* relation = nullptr;
  const List* columns = nullptr;  // null: all
};

// A use of a function or a type of guarded.h.
struct GuardedUse {
  // What takes the value, as far as it matters to a value of a type that looks names up: a literal
  // that meets one is looked up, too.
  enum class Around : std::uint8_t {
    kAnything,
    kComparison,
    kCast  // to a type that does not look names up
  };
  const FuncCall* call = nullptr;
  const TypeCast* cast = nullptr;
  const TypeName* type = nullptr;  // neither a call nor a cast: cannot be guarded
  Around around = Around::kAnything;
  bool in_from = false;  // it is an item of FROM
  bool unnamed = false;  // without an alias
};

struct Findings {
  std::vector<TableUse> tables;
  std::vector<CopiedTable> copied;
  std::vector<TargetUse> targets;
  std::vector<QualifiedColumn> qualified;
  std::vector<Obstacle> obstacles;
  std::vector<LookedUp> looked_up;
  std::vector<GuardedUse> guarded;
  std::vector<ComputedTarget> computed_targets;
  // What goes to the client, each output in its place; empty: nothing, or the places are not known.
  std::vector<ReturnedColumn> returned;
  bool unsafe = false;  // any expression that can get below a row filter is not safe
};

}  // namespace tracegate::sql
