#include "src/sql/parser_check.h"

#include "src/sql/parse_tree.h"

namespace tracegate::sql {
namespace {

// Known-good sizes (x86-64 and every other LP64 platform): a change of these headers shows at build
// time. That the library agrees with them is checked below, at run time.
static_assert(sizeof(void*) == 8, "node sizes are known for 64-bit platforms only");
static_assert(sizeof(ListCell) == 8 && sizeof(List) == 24);
static_assert(sizeof(RawStmt) == 24);
static_assert(sizeof(SelectStmt) == 160);
static_assert(sizeof(InsertStmt) == 64);
static_assert(sizeof(UpdateStmt) == 56);
static_assert(sizeof(DeleteStmt) == 48);
static_assert(sizeof(MergeStmt) == 48);
static_assert(sizeof(CopyStmt) == 64);
static_assert(sizeof(RangeVar) == 56);
static_assert(sizeof(ResTarget) == 40);
static_assert(sizeof(ColumnRef) == 24);
static_assert(sizeof(A_Const) == 32);
static_assert(sizeof(A_Expr) == 40);
static_assert(sizeof(FuncCall) == 64);
static_assert(sizeof(TypeCast) == 32);
static_assert(sizeof(TypeName) == 56);
static_assert(sizeof(SubLink) == 48);
static_assert(sizeof(JoinExpr) == 72);
static_assert(sizeof(CommonTableExpr) == 104);
static_assert(T_SelectStmt == 242 && T_A_Expr > T_SelectStmt);

// One fact about the tree of a text.
struct Probe {
  const char* text;
  bool (*holds)(const Node* statement);
};

const Node* element(const List* list, int index) {
  if (list == nullptr || list->type != T_List || index >= list->length) return nullptr;
  return static_cast<const Node*>(list->elements[index].ptr_value);
}

bool is_name(const Node* node, std::string_view name) {
  return has_tag(node, T_String) && string_of(node) == name;
}

bool is_column(const Node* node, std::string_view name, int location) {
  return has_tag(node, T_ColumnRef) && as<ColumnRef>(node).location == location &&
         is_name(element(as<ColumnRef>(node).fields, 0), name);
}

bool is_table(const void* node, std::string_view schema, std::string_view name, int location) {
  return has_tag(node, T_RangeVar) && view(as<RangeVar>(node).schemaname) == schema &&
         view(as<RangeVar>(node).relname) == name && as<RangeVar>(node).location == location;
}

bool select_probe(const Node* node) {
  if (!has_tag(node, T_SelectStmt)) return false;
  const SelectStmt& select = as<SelectStmt>(node);
  const Node* target = element(select.targetList, 0);
  if (!has_tag(target, T_ResTarget) || !is_column(as<ResTarget>(target).val, "a", 7)) return false;
  if (view(as<ResTarget>(target).name) != "x") return false;
  if (!is_table(element(select.fromClause, 0), "s", "t", 19)) return false;
  if (!has_tag(select.whereClause, T_A_Expr)) return false;
  const A_Expr& comparison = as<A_Expr>(select.whereClause);
  if (comparison.kind != AEXPR_OP || !is_name(element(comparison.name, 0), "=")) return false;
  if (!is_column(comparison.lexpr, "b", 29) || !has_tag(comparison.rexpr, T_A_Const)) return false;
  const A_Const& constant = as<A_Const>(comparison.rexpr);
  if (constant.isnull || constant.val.node.type != T_Integer || constant.val.ival.ival != 5 ||
      constant.location != 33)
    return false;
  const Node* sort = element(select.sortClause, 0);
  return has_tag(sort, T_SortBy) && has_tag(as<SortBy>(sort).node, T_FuncCall) &&
         is_name(element(as<FuncCall>(as<SortBy>(sort).node).funcname, 0), "f") &&
         has_tag(select.limitCount, T_ParamRef) && as<ParamRef>(select.limitCount).number == 1 &&
         has_tag(element(select.lockingClause, 0), T_LockingClause) && select.op == SETOP_NONE;
}

bool with_probe(const Node* node) {
  if (!has_tag(node, T_SelectStmt)) return false;
  const SelectStmt& select = as<SelectStmt>(node);
  if (select.op != SETOP_UNION || !select.all || !has_tag(select.larg, T_SelectStmt) ||
      !has_tag(select.rarg, T_SelectStmt) || !has_tag(select.withClause, T_WithClause))
    return false;
  const Node* query = element(select.withClause->ctes, 0);
  if (!select.withClause->recursive || !has_tag(query, T_CommonTableExpr)) return false;
  const CommonTableExpr& with = as<CommonTableExpr>(query);
  const Node* join = element(select.larg->fromClause, 0);
  return view(with.ctename) == "w" && has_tag(with.ctequery, T_SelectStmt) &&
         has_tag(join, T_JoinExpr) && as<JoinExpr>(join).isNatural &&
         is_table(as<JoinExpr>(join).larg, "", "w", 49);
}

bool insert_probe(const Node* node) {
  if (!has_tag(node, T_InsertStmt)) return false;
  const InsertStmt& insert = as<InsertStmt>(node);
  const Node* column = element(insert.cols, 0);
  return is_table(insert.relation, "", "t", 12) && has_tag(column, T_ResTarget) &&
         view(as<ResTarget>(column).name) == "a" && has_tag(insert.selectStmt, T_SelectStmt) &&
         as<SelectStmt>(insert.selectStmt).valuesLists != nullptr &&
         has_tag(insert.onConflictClause, T_OnConflictClause) &&
         insert.onConflictClause->action == ONCONFLICT_NOTHING &&
         has_tag(element(insert.returningList, 0), T_ResTarget) &&
         has_tag(as<ResTarget>(element(insert.returningList, 0)).val, T_TypeCast);
}

bool update_probe(const Node* node) {
  if (!has_tag(node, T_UpdateStmt)) return false;
  const UpdateStmt& update = as<UpdateStmt>(node);
  return is_table(update.relation, "", "t", 7) &&
         is_table(element(update.fromClause, 0), "", "u", 24) &&
         has_tag(update.whereClause, T_SubLink) &&
         as<SubLink>(update.whereClause).subLinkType == EXISTS_SUBLINK &&
         has_tag(as<SubLink>(update.whereClause).subselect, T_SelectStmt);
}

bool copy_probe(const Node* node) {
  if (!has_tag(node, T_CopyStmt)) return false;
  const CopyStmt& copy = as<CopyStmt>(node);
  return copy.is_from && !copy.is_program && copy.filename == nullptr && copy.query == nullptr &&
         is_table(copy.relation, "", "t", 5) && is_name(element(copy.attlist, 0), "a") &&
         has_tag(copy.whereClause, T_BoolExpr);
}

bool set_probe(const Node* node) {
  return has_tag(node, T_VariableSetStmt) && as<VariableSetStmt>(node).kind == VAR_SET_VALUE &&
         view(as<VariableSetStmt>(node).name) == "search_path" &&
         has_tag(element(as<VariableSetStmt>(node).args, 0), T_A_Const);
}

// The last statement kinds of the enumeration: their tags show whether anything was inserted
// before.
bool last_tags_probe(const Node* node) {
  return has_tag(node, T_CallStmt) && has_tag(as<CallStmt>(node).funccall, T_FuncCall) &&
         is_name(element(as<CallStmt>(node).funccall->funcname, 0), "p");
}

constexpr Probe kProbes[] = {
    {"SELECT a AS x FROM s.t WHERE b = 5 ORDER BY f(c) LIMIT $1 FOR UPDATE", select_probe},
    {"WITH RECURSIVE w AS (SELECT 1) SELECT a FROM /**/w NATURAL JOIN v UNION ALL VALUES (2)",
     with_probe},
    {"INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING RETURNING a::int", insert_probe},
    {"UPDATE t SET a = 1 FROM u WHERE EXISTS (SELECT 1)", update_probe},
    {"COPY t (a) FROM STDIN WHERE a AND b", copy_probe},
    {"SET search_path = public", set_probe},
    {"CALL p()", last_tags_probe}};

}  // namespace

Status check_parser() {
  for (const Probe& probe : kProbes) {
    const ParseTree tree(probe.text);
    const Node* raw = element(tree.statements(), 0);
    if (!has_tag(raw, T_RawStmt) || !probe.holds(as<RawStmt>(raw).stmt))
      return Error(std::string("libpg_query does not have the parse trees of PostgreSQL 15 that "
                               "this program was built for; seen with: ") +
                   probe.text);
  }
  return Ok{};
}

void require_trusted_parser() {
  static const bool trusted = check_parser().ok();
  TG_CHECK(trusted, "the parse trees of libpg_query are not those this program was built for");
}

}  // namespace tracegate::sql
