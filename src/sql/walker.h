// Walks the raw parse tree of a query (SELECT, VALUES, INSERT, UPDATE, DELETE, MERGE) and of the
// expressions of other statements, and reports what it finds to a Draft.
//
// Every field of every node that can hold an expression, a relation, a type or a name of a function
// or operator is visited; a node that no case lists makes the statement refused. Nesting is
// bounded, as in PostgreSQL (54001); a stack of 8 MB suffices for the deepest tree that is walked.
//
// The parts: queries.cc (SELECT and WITH), writes.cc (INSERT, UPDATE, DELETE, MERGE),
// from_clause.cc (FROM items and joins), expressions.cc, operands.cc (their types), columns.cc
// (names of output columns), safety.cc (what may be evaluated before rows are filtered),
// repeats.cc. Threading: one thread. Reused from statement to statement: begin() starts anew.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "src/catalog/catalog.h"
#include "src/sql/comparisons.h"
#include "src/sql/draft.h"
#include "src/sql/findings.h"
#include "src/sql/parse_tree.h"
#include "src/sql/scope.h"

namespace tracegate::sql {

class Walker {
 public:
  Walker() : names_(draft_) {}

  void begin(const catalog::Catalog& catalog, std::span<const std::string> search_path);
  // From now on, what is found is added to `findings` at the end of each statement; null: no more.
  // `parameters` has the type of $1 and so on: declared, kUndecidedType where the one place of the
  // parameter in the text decides, kAnyType where one of several does. Both outlive the walk.
  void collect(Findings* findings, std::span<const Oid> parameters) {
    findings_ = findings;
    parameter_types_ = parameters;
  }
  // The types that PREPARE declares, for the statement inside.
  void declare_parameters(const List* types);
  // The statement has been walked.
  void finish();
  [[nodiscard]] Draft& draft() { return draft_; }

  // A whole statement that can stand in WITH, EXPLAIN, PREPARE, COPY (...): SELECT ... MERGE.
  void query(const Node* statement);
  // Likewise one whose rows go to the client.
  void query_of_client(const Node* statement);
  // Expressions outside of any query: parameters of EXECUTE, arguments of CALL.
  void free_expressions(const List* expressions);
  void free_expression(const Node* expression);
  void free_types(const List* types);
  // COPY relation ... FROM ... [WHERE ...].
  void copy_target(const CopyStmt& statement);

  void found_copied(const CopyStmt& statement, const catalog::Relation& relation);
  void found_obstacle(const catalog::Relation& relation, std::string_view construct,
                      std::int32_t location);

  // The store looks the name up: a list of its parts, where not pg_catalog is the first of several.
  void found_name(const List* name, std::string_view construct, std::int32_t location);
  void found_lookup(std::string_view construct, std::int32_t location);

  // The relation that a statement names as its target; null and refused if the catalog has none.
  const catalog::Relation* find_relation(const RangeVar& name);
  // The columns of an INSERT or COPY list; null is the whole row.
  void target_columns(Operation operation, const catalog::Relation& relation, const List* columns);

 private:
  // What those who ask for a query's output columns must know of them.
  enum class Outputs {
    kIgnored,
    kWanted,   // their names
    kFollowed  // and their origins: returning a column does not yet compute with it
  };

  // A column of a relation in FROM: where it stands in Names::uses, and its name.
  struct ColumnOfUse {
    std::uint32_t use = 0;
    std::string_view name;
    bool operator==(const ColumnOfUse&) const = default;
  };
  // A comparison of the column with constants that holds for every row that comes of it.
  struct Requirement {
    const A_Expr* comparison = nullptr;
    ColumnOfUse column;
  };
  // A safe comparison in the WHERE clause of a write.
  struct WriteCondition {
    const Node* write = nullptr;
    const A_Expr* comparison = nullptr;
  };
  struct Equality {
    ColumnOfUse left;
    ColumnOfUse right;
  };
  // What is known of a parameter: see repeats.cc.
  struct ParameterUse {
    std::size_t total = 0;
    std::size_t required = 0;
    Oid type = kNoType;
    bool one_type = true;
  };

  // queries.cc
  NameRange query_outputs(const Node* statement, const Scope* outer, Outputs outputs);
  NameRange select(const SelectStmt& statement, const Scope* outer, Outputs outputs);
  NameRange select_leaf(const SelectStmt& statement, const Scope* outer, Outputs outputs);
  NameRange leaf_outputs(const SelectStmt& statement, const Scope& scope, Outputs outputs);
  void with_clause(const WithClause* clause, const Scope* outer);
  void with_query(const CommonTableExpr& query, std::size_t index, const Scope* outer,
                  Outputs outputs);
  void into(const IntoClause* clause);
  void sort_or_group(const List* items, NameRange outputs, const Scope& scope);
  void locking(const List* clauses, const Scope& scope);
  std::size_t lock(const Scope& scope, std::string_view name);

  // writes.cc
  NameRange insert(const InsertStmt& statement, const Scope* outer, Outputs outputs);
  void on_conflict(const OnConflictClause& clause, const catalog::Relation* relation,
                   const RangeVar& name, const Scope* outer);
  void arbiter(const InferClause* infer, const catalog::Relation* relation, const Scope& scope);
  NameRange update(const UpdateStmt& statement, const Scope* outer, Outputs outputs);
  NameRange remove(const DeleteStmt& statement, const Scope* outer, Outputs outputs);
  void merge(const MergeStmt& statement, const Scope* outer);
  void merge_action(const MergeWhenClause& clause, const catalog::Relation* relation,
                    const Scope& scope);
  // To a row that is there, or to one that a proposed row, "excluded", is in conflict with.
  enum class Assigning { kRow, kConflict };
  void assignments(const List* targets, const catalog::Relation* relation, const Scope& scope,
                   Assigning assigning = Assigning::kRow);
  NameRange returning(const List* targets, const Scope& scope, Outputs outputs);
  void add_target(const RangeVar& name, const catalog::Relation* relation, Scope& scope,
                  const Node* statement);
  void close(const Scope& scope, std::size_t with_queries);

  // from_clause.cc
  void from_clause(const List* items, Scope& scope);
  void from_item(const Node* item, Scope& scope);
  void table(const RangeVar& name, Scope& scope);
  void sub_select(const RangeSubselect& item, Scope& scope);
  void functions(const RangeFunction& item, Scope& scope);
  void table_function(const RangeTableFunc& item, Scope& scope);
  void sample(const RangeTableSample& item, Scope& scope);
  void join(const JoinExpr& item, Scope& scope);
  void compare_joined(const JoinExpr& item, std::uint32_t first, std::uint32_t middle,
                      std::uint32_t last);
  void column_definitions(const List* definitions, const Scope& scope);
  void append_defined_columns(const List* definitions);
  void append_result_columns(const RangeFunction& item);
  void mark_in_from(const Node* item, bool unnamed);
  void push(Source source, const Alias* alias, Scope& scope);

  // expressions.cc
  void expression(const Node* node, const Scope& scope);
  void type_cast(const TypeCast& cast, const Scope& scope, GuardedUse::Around around);
  void expressions(const List* list, const Scope& scope,
                   GuardedUse::Around around = GuardedUse::Around::kAnything);
  void column_reference(const ColumnRef& reference, const Scope& scope);
  void qualified_reference(const ColumnRef& reference, std::size_t first, const Scope& scope);
  void text_search_configuration(const FuncCall& call, std::string_view name);
  void function_call(const FuncCall& call, const Scope& scope, GuardedUse::Around around);
  void operator_expression(const A_Expr& node, const Scope& scope);
  void operator_name(const List* name);
  void case_expression(const CaseExpr& node, const Scope& scope);
  void indirection(const A_Indirection& node, const Scope& scope);
  void subscripts(const List* steps, const Scope& scope);
  void sub_link(const SubLink& link, const Scope& scope);
  void window(const WindowDef& definition, const Scope& scope);
  void order_operator(const SortBy& item);
  void sort_item(const SortBy& item, const Scope& scope);
  void type_name(const TypeName* type, const Scope& scope);
  void use_of_type(const TypeName& type, const Scope& scope);

  // safety.cc
  enum class Safety {
    kUnsafe,
    kSafe,        // if its parts are
    kSafeWithAll  // and so are its parts
  };
  [[nodiscard]] Safety safety_of(const Node* node, const Scope& scope);
  // One side of a comparison whose value cannot fail to be there: the types that it may have, none
  // if it is not such.
  struct Operand {
    std::vector<Oid> types;
    Origin origin = Origin::kLiteral;
  };
  enum class Shape { kValue, kArray };  // of kArray, `types` are those of the elements
  [[nodiscard]] Operand safe_operand(const Node* node, Shape shape, const Scope& scope);
  [[nodiscard]] Operand safe_cast(const TypeCast& cast, Shape shape) const;
  [[nodiscard]] Operand safe_list(const List* items, const Scope& scope);
  [[nodiscard]] bool is_safe_comparison(const A_Expr& node, const Scope& scope);

  // repeats.cc
  void require(const Node* condition, const Scope& scope, const Node* write = nullptr);
  void require_comparison(const A_Expr& node, const Scope& scope, const Node* write);
  void require_equality(const A_Expr& node, const Scope& scope);
  void require_of_parameters(const Node* constant, Oid type);
  [[nodiscard]] bool are_parameters_steady(const Node* constant) const;
  [[nodiscard]] std::vector<ColumnOfUse> columns_of(const ColumnRef& reference,
                                                    const Scope& scope) const;
  [[nodiscard]] Oid type_of(const ColumnOfUse& column) const;
  void require_of_equals();
  [[nodiscard]] std::vector<Repeat> repeats_of(std::uint32_t use) const;
  [[nodiscard]] std::vector<std::string> repeats_beside(const Node* write) const;

  // operands.cc: which operators and functions are used with what, for Meanings
  void use_operator(const List* name, Oid left, Oid right);
  void use_operators(const A_Expr& node, const Scope& scope);
  void compare(const List* name, const Node* left, const Node* right, const Scope& scope);
  void use_function(const FuncCall& call, const Scope& scope);
  void use_type(const List* name);
  [[nodiscard]] Oid operand_type(const Node* node, const Scope& scope);
  [[nodiscard]] Oid element_type(const Node* array, const Scope& scope);
  [[nodiscard]] Oid named_type(const TypeName* type) const;
  [[nodiscard]] Oid parameter_type(const ParamRef& parameter) const;

  // columns.cc
  void output_columns(const List* targets, const Scope& scope, NameRange outputs, bool follows);
  [[nodiscard]] bool only_returns(const Node* value, const Scope& scope, NameRange outputs) const;
  [[nodiscard]] std::optional<SourceColumn> origin_of(const Node* value, const Scope& scope) const;
  void compute_sorted(const List* items, NameRange outputs);
  void append_row(const ColumnRef& star, const Scope& scope);
  void append_output_columns(const List* targets, const Scope& scope);
  NameRange renamed(NameRange columns, const List* aliases);

  // Bounds nesting; every recursive path of the walk passes through one.
  class Level {
   public:
    explicit Level(Walker& walker) : walker_(walker) { ++walker_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --walker_.depth_; }
    [[nodiscard]] bool too_deep() const;

   private:
    Walker& walker_;
  };

  // While it lives, expressions stand where the planner may evaluate them before it filters rows,
  // or where it does not.
  class Place {
   public:
    Place(Walker& walker, bool below_filter)
        : walker_(walker), before_(std::exchange(walker.below_filter_, below_filter)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { walker_.below_filter_ = before_; }

   private:
    Walker& walker_;
    bool before_;
  };
  // An expression while its parts are walked. If it is not safe, what it uses is marked; if it is
  // known to be safe with all its parts, they are not looked at again.
  class Expression {
   public:
    Expression(Walker& walker, const Node* node, const Scope& scope);
    Expression(const Expression&) = delete;
    Expression& operator=(const Expression&) = delete;
    ~Expression();

   private:
    Walker& walker_;
    const bool below_filter_;
    bool unsafe_ = false;
    std::size_t marks_before_ = 0;
  };

  Draft draft_;
  Names names_;
  Findings* findings_ = nullptr;
  std::span<const Oid> parameter_types_;
  std::vector<Oid> declared_parameters_;
  // Of the present statement.
  std::vector<Requirement> requirements_;
  std::vector<WriteCondition> write_conditions_;
  std::vector<Equality> equalities_;
  std::map<int, ParameterUse> parameters_;
  int outer_joins_ = 0;  // around the present item of FROM, within its query
  int nullable_ = 0;     // likewise, within the whole statement
  // What is around the expression that is visited next.
  GuardedUse::Around around_ = GuardedUse::Around::kAnything;
  bool below_filter_ = true;
  bool unsafe_everywhere_ = false;  // an unsafe expression without any column
  int query_depth_ = 0;             // 1: a SELECT that nothing surrounds
  const catalog::Catalog* catalog_ = nullptr;
  std::span<const std::string> search_path_;
  int depth_ = 0;
  const char* stack_base_ = nullptr;  // the stack grows downwards on every platform supported
  // The WITH query whose outputs the first leaf of its first SELECT decides; -1 for none. A
  // recursive query refers to itself before it ends.
  int awaiting_outputs_ = -1;
};

// The name that PostgreSQL gives to an output column without AS (FigureColname in
// parser/parse_target.c).
[[nodiscard]] std::string_view default_column_name(const Node* expression);

// now(), CURRENT_DATE and their like, perhaps with a short interval added or taken away: no row and
// no value can make it fail.
[[nodiscard]] bool is_recent_time(const Node* node);

}  // namespace tracegate::sql
