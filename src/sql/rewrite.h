// Rewrites a text so that the store sees of each relation only what a view of it shows: some of its
// columns, some of its rows. The client's own words stay byte for byte; what is put in between are
// sub-selects in the place of table names, conditions on the rows that a write may touch, and
// checks of the values that it may write. INSERT into what is blind skips rows that exist.
//
// docs/scoped_reads.md says what becomes of each kind of reference and why nothing of the client's
// is ever evaluated over a row outside the view.
// Thread-safe. The result borrows from nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/sql/analysis.h"
#include "src/sql/object_kinds.h"

namespace tracegate::sql {

// The name under which a view's predicate and expressions refer to the row: "tracegate"."column".
inline constexpr std::string_view kRowAlias = "tracegate";

// A column that a view shows.
struct ViewColumn {
  std::string name;             // of the relation's column; the view keeps its names
  std::string expression = {};  // SQL of the same type over kRowAlias; empty: the column as it is
  // A statement that does nothing with the column but return it gets it as it is, whatever
  // `expression` says, and Rewriting::raw_rows tells where. Without an expression, a statement that
  // does anything else with it is refused. Not for columns of `predicate`.
  bool raw_if_returned = false;

  [[nodiscard]] bool is_changed() const { return raw_if_returned || !expression.empty(); }
};

// A column whose values decide whether a row is in the view.
struct ScopeColumn {
  std::string name;
  // A condition on a value of it alone, with `$value` where the value stands:
  // `$value IN ('a', 'b')`; true exactly for values of rows in the view.
  std::string condition;
  // In which a value is held while it is checked, for CAST under any search path; the store makes
  // of it what the column holds. Empty: the column cannot be written.
  std::string type;
  bool needs_query = false;  // the condition has a sub-select in it, which COPY ... WHERE cannot
};

struct RelationView {
  // In the relation's order. None: the relation is only written; what would read it is refused
  // before.
  std::vector<ViewColumn> columns;
  std::string predicate;  // SQL over kRowAlias; empty: every row
  // What a row that is written must fulfil: all of them. Empty with a predicate: the rows cannot be
  // written.
  std::vector<ScopeColumn> scope_columns;
  // It shows only what everyone may see: reading it needs no rule of the role.
  bool needs_no_rule = false;
};

// Which objects of a kind may be named by an Oid (guarded.h).
struct Guard {
  std::string table;  // a catalog, qualified; empty: the Oid alone decides
  std::string id;     // its column with the Oid
  // A condition on its row, over kRowAlias; without a table, on kArgumentAlias "oid".
  std::string predicate;
};
inline constexpr std::string_view kArgumentAlias = "tracegate_argument";

class Views {
 public:
  virtual ~Views() = default;
  // Null: the relation is used as it is.
  [[nodiscard]] virtual const RelationView* find(const catalog::Relation& relation) const = 0;
  // Which objects calls of guarded functions may be about. Nothing: no object of the kind.
  [[nodiscard]] virtual Guard guard_of(ObjectKind) const { return {{}, {}, "false"}; }
  // Whether a schema of the name exists.
  [[nodiscard]] virtual bool has_schema(std::string_view) const { return false; }
  // Whether a type that is not PostgreSQL's own exists.
  [[nodiscard]] virtual bool has_type(catalog::Oid) const { return false; }
  // Whether an INSERT must tell nothing of the rows that the relation has: it skips those that
  // exist, and how many it skipped is not to be told (Rewriting::offered).
  [[nodiscard]] virtual bool is_blind(const catalog::Relation& /*relation*/) const { return false; }
};

// A part of a rewritten text that stands in the client's text, byte for byte.
struct CopiedPiece {
  std::uint32_t begin = 0;  // in the rewritten text, in bytes
  std::uint32_t length = 0;
  std::uint32_t source = 0;  // where it stands in the client's
};

// A statement whose tag must say that all the rows that it offered were inserted.
struct OfferedRows {
  std::size_t statement = 0;
  std::uint64_t rows = 0;
};

// The outputs of a statement in which columns that are ViewColumn::raw_if_returned are as they are.
struct RawRow {
  struct Output {
    std::size_t position = 0;  // from 0
    catalog::Oid relation = 0;
    std::uint32_t column = 0;  // in Relation::columns
    // The store computes it, so that its RowDescription does not say where it comes from.
    bool is_computed = false;
  };
  std::size_t statement = 0;
  std::size_t width = 0;  // how many outputs the statement has
  std::vector<Output> outputs;
};

struct Rewriting {
  // Empty: nothing had to be changed. Otherwise what goes to the store.
  std::string text;
  std::vector<CopiedPiece> pieces;   // in order; what lies between them is ours
  std::vector<OfferedRows> offered;  // in order
  std::vector<RawRow> raw_rows;      // in order; of a text that is not changed as well
  std::optional<Refusal> refusal;    // then `text` is empty: a construct that cannot be rewritten
  std::size_t statement = 0;         // which of the text's statements `refusal` is about
};

// `sql_text` as analyze() takes it, and found to parse; relations are looked up as there.
// `parameter_types` are the OIDs that Parse declares for $1 and so on: 0, and those left out, are
// for the store to infer.
[[nodiscard]] Rewriting rewrite(std::string_view sql_text, const catalog::Catalog& catalog,
                                std::span<const std::string> search_path, const Views& views,
                                std::span<const catalog::Oid> parameter_types = {});

// Where the store's error position (1-based, in characters of `store_text`) lies in `client_text`;
// a position in an insertion is that of what stands behind it. 0 stays 0.
[[nodiscard]] std::int32_t client_position(std::string_view store_text,
                                           std::span<const CopiedPiece> pieces,
                                           std::string_view client_text, std::int32_t position);

// `template_text` with `replacement` for `gap` wherever it stands outside of string literals.
[[nodiscard]] std::string fill_gaps(std::string_view template_text, std::string_view gap,
                                    std::string_view replacement);

// The text in which the store's error begins when a written value is outside the view (22P02).
inline constexpr std::string_view kOutOfScopeMark = "tracegate: out of scope";

}  // namespace tracegate::sql
