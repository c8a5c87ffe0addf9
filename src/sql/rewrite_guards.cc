// Guards around what tells of objects by their Oids and names (guarded.h), and the proof of them.
#include <algorithm>
#include <charconv>

#include "src/sql/builtins.h"
#include "src/sql/rewriter.h"
#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

using Around = GuardedUse::Around;
using Form = GuardedFunction::Form;

// The guard in two halves, with the argument between them. `also` is a condition more, `output` the
// name of its column.
struct GuardText {
  std::string before;
  std::string behind;
};
GuardText text_of_guard(const Guard& guard, std::string_view output, std::string_view also = {}) {
  const std::string argument = quoted_name(kArgumentAlias) + ".\"oid\"";
  // The kind of object that nobody sees needs no Oid to compare with: the argument may be a name,
  // and is text, so that nothing is looked up.
  const bool compares = guard.predicate != "false";
  GuardText text;
  text.behind = compares ? ")::pg_catalog.oid) AS " : ")::pg_catalog.text) AS ";
  text.behind += quoted_name(kArgumentAlias) + " (\"oid\")";
  if (guard.table.empty()) {
    text.before = compares ? "(SELECT " + argument : "(SELECT NULL::pg_catalog.oid";
    text.behind += " WHERE " + guard.predicate;
  } else {
    const std::string row = quoted_name(kRowAlias);
    text.before = "(SELECT " + row + "." + quoted_name(guard.id);
    text.behind += ", " + guard.table + " AS " + row;
    // Of a column's number the relation is compared by `also`.
    text.behind += " WHERE " + row + "." + quoted_name(guard.id) + " OPERATOR(pg_catalog.=) " +
                   argument + " AND (" + (guard.predicate.empty() ? "true" : guard.predicate) + ")";
    text.behind += also;
    text.behind += " LIMIT 1";
  }
  text.behind += ")";
  text.before += output.empty() ? "" : " AS " + quoted_name(output);
  text.before += " FROM (SELECT (";
  return text;
}

// By a name that is only known as the statement runs: with or without schema, in quotes where it
// needs them or not; or by the Oid in digits. Without schema: one of the search path.
GuardText text_of_named_guard(const Guard& guard, std::string_view name_column,
                              std::string_view schema_column, std::string_view output) {
  const std::string row = quoted_name(kRowAlias);
  const std::string argument = quoted_name(kArgumentAlias) + ".\"name\"";
  const std::string name = row + "." + quoted_name(name_column);
  const std::string schema = "\"tracegate_schema\".\"nspname\"";
  const std::string dot = " OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) ";
  const std::string plain = "::pg_catalog.text";
  GuardText text;
  text.before = "(SELECT " + row + ".\"oid\"";
  text.before += output.empty() ? "" : " AS " + quoted_name(output);
  text.before += " FROM (SELECT (";
  text.behind = ")::pg_catalog.text) AS " + quoted_name(kArgumentAlias) + " (\"name\"), " +
                guard.table + " AS " + row;
  if (!schema_column.empty()) text.behind += ", pg_catalog.pg_namespace AS \"tracegate_schema\"";
  text.behind += " WHERE (" + argument + " OPERATOR(pg_catalog.=) " + row + ".\"oid\"" + plain;
  if (schema_column.empty()) {
    text.behind += " OR " + argument + " OPERATOR(pg_catalog.=) " + name + plain + " OR " +
                   argument + " OPERATOR(pg_catalog.=) pg_catalog.quote_ident(" + name + plain +
                   "))";
  } else {
    text.behind +=
        " OR " + schema + " OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(true)) AND " +
        argument + " OPERATOR(pg_catalog.=) ANY (ARRAY[" + name + plain +
        ", pg_catalog.quote_ident(" + name + plain + ")]) OR " + argument +
        " OPERATOR(pg_catalog.=) ANY (ARRAY[" + schema + plain + dot + name + plain +
        ", pg_catalog.quote_ident(" + schema + plain + ")" + dot + "pg_catalog.quote_ident(" +
        name + plain + ")])) AND " + row + "." + quoted_name(schema_column) +
        " OPERATOR(pg_catalog.=) \"tracegate_schema\".\"oid\"";
  }
  text.behind += " AND (" + (guard.predicate.empty() ? "true" : guard.predicate) + ") LIMIT 1)";
  return text;
}

// Whether the value is a name for all that is known: a parameter, or a cast to text.
bool is_text(const Node* node) {
  if (has_tag(node, T_ParamRef)) return true;
  if (!has_tag(node, T_TypeCast) || as<TypeCast>(node).typeName == nullptr) return false;
  const TypeName* type = as<TypeCast>(node).typeName;
  const std::string name = dotted(type->names);
  return type->arrayBounds == nullptr &&
         (name == "text" || name == "pg_catalog.text" || name == "pg_catalog.varchar");
}

std::string_view literal_of(const Node* node) {
  if (!has_tag(node, T_A_Const)) return {};
  const A_Const& constant = as<A_Const>(node);
  return !constant.isnull && constant.val.node.type == T_String ? view(constant.val.sval.sval)
                                                                : std::string_view();
}
bool is_literal(const Node* node) {
  return has_tag(node, T_A_Const) && !as<A_Const>(node).isnull &&
         as<A_Const>(node).val.node.type == T_String;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 10 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Where a part of the expression stands: its first token, or any part if it is in brackets.
struct Location {
  std::int32_t offset = -1;
  bool is_first = true;
};
Location location_of(const Node* node) {
  if (node == nullptr) return {};
  switch (static_cast<int>(node->type)) {
    case T_ColumnRef:
      return {as<ColumnRef>(node).location};
    case T_A_Const:
      return {as<A_Const>(node).location};
    case T_ParamRef:
      return {as<ParamRef>(node).location};
    case T_SQLValueFunction:
      return {as<SQLValueFunction>(node).location};
    case T_FuncCall:
      return {as<FuncCall>(node).location, as<FuncCall>(node).funcformat == COERCE_EXPLICIT_CALL};
    case T_SubLink: {
      const SubLink& link = as<SubLink>(node);
      return {link.location, link.testexpr == nullptr};
    }
    case T_CaseExpr:
      return {as<CaseExpr>(node).location};
    case T_CoalesceExpr:
      return {as<CoalesceExpr>(node).location};
    case T_MinMaxExpr:
      return {as<MinMaxExpr>(node).location};
    case T_A_ArrayExpr:
      return {as<A_ArrayExpr>(node).location};
    case T_A_Expr:
      return {as<A_Expr>(node).location, as<A_Expr>(node).kind == AEXPR_NULLIF};
    case T_A_Indirection:
      return location_of(as<A_Indirection>(node).arg);
    default:
      return {};
  }
}

// name, schema.name and their quoted forms, as in a literal that is cast to a reg* type.
struct NameParts {
  std::string schema;
  std::string name;
  bool valid = false;
};
NameParts parts_of(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    while (at < text.size() &&
           std::string_view(" \t\n\r\f\v").find(text[at]) != std::string_view::npos)
      ++at;
  };
  for (;;) {
    skip_spaces();
    std::string part;
    if (at < text.size() && text[at] == '"') {
      for (++at;; ++at) {
        if (at == text.size()) return {};
        if (text[at] == '"' && (++at == text.size() || text[at] != '"')) break;
        part += text[at];
      }
    } else {
      while (at < text.size() && text[at] != '.' && text[at] != '"' &&
             std::string_view(" \t\n\r\f\v").find(text[at]) == std::string_view::npos) {
        const char c = text[at++];
        part += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      }
    }
    if (part.empty()) return {};
    parts.push_back(std::move(part));
    skip_spaces();
    if (at == text.size()) break;
    if (text[at++] != '.') return {};
  }
  if (parts.size() > 2) return {};
  return {parts.size() == 2 ? parts[0] : std::string(), parts.back(), true};
}

// What an error of PostgreSQL would call it.
std::string shown_name(const NameParts& parts) {
  return parts.schema.empty() ? parts.name : parts.schema + "." + parts.name;
}

}  // namespace

void Rewriter::refuse_as(std::string_view sqlstate, std::string message, std::int32_t location) {
  if (!refusal_) refusal_ = Refusal{std::string(sqlstate), std::move(message), location};
}

void Rewriter::guard(const GuardedUse& use) {
  const void* node = use.call != nullptr   ? static_cast<const void*>(use.call)
                     : use.cast != nullptr ? static_cast<const void*>(use.cast)
                                           : use.type;
  if (!guarded_.insert(node).second) return;
  if (use.call != nullptr) return guard_call(*use.call, use);
  if (use.cast != nullptr && use.in_from)
    return refuse("a cast in FROM is not supported", use.cast->location);
  if (use.cast != nullptr) return guard_cast(*use.cast, use.around);
  refuse("a type that looks names up is only supported in a cast of one value", use.type->location);
}

void Rewriter::close_behind(std::size_t token, std::string added) {
  insertions_.close(tokens_[token].token.end, std::move(added));
}

// A word may follow without a space: f(x)label.
void Rewriter::cast_behind(std::size_t token, bool to_text) {
  const bool touches =
      token + 1 < tokens_.size() && tokens_[token + 1].token.begin == tokens_[token].token.end &&
      (tokens_[token + 1].token.is_word() || tokens_[token + 1].token.is_literal());
  close_behind(token, std::string(to_text ? "::pg_catalog.text" : "::pg_catalog.oid") +
                          (touches ? " " : ""));
}

// The tokens of each argument of name(...).
bool Rewriter::find_arguments(const FuncCall& call, std::vector<Range>& arguments) {
  const Nodes given(call.args);
  bool plain = !call.func_variadic && !call.agg_star && !call.agg_distinct &&
               call.agg_order == nullptr && call.agg_filter == nullptr && call.over == nullptr &&
               !call.agg_within_group;
  for (const Node* argument : given) plain = plain && !has_tag(argument, T_NamedArgExpr);
  std::size_t at = plain && call.location >= 0 ? tokens_.at(static_cast<std::size_t>(call.location))
                                               : tokens_.size();
  while (at + 2 < tokens_.size() && tokens_[at + 1].token.code == '.') at += 2;
  if (at + 2 >= tokens_.size() || tokens_[at + 1].token.code != '(') {
    refuse("a call of " + dotted(call.funcname) + " in this form is not supported", call.location);
    return false;
  }
  const int depth = tokens_[++at].depth;
  std::size_t first = at + 1;
  for (++at; at < tokens_.size(); ++at) {
    const bool ends = tokens_[at].token.code == ')' && tokens_[at].depth == depth;
    if (!ends && !(tokens_[at].token.code == ',' && tokens_[at].depth == depth + 1)) continue;
    if (at > first) arguments.push_back({first, at - 1});
    first = at + 1;
    if (ends) break;
  }
  if (arguments.size() == given.size()) return true;
  refuse("the arguments of a call could not be placed", call.location);
  return false;
}

void Rewriter::guard_call(const FuncCall& call, const GuardedUse& use) {
  const GuardedFunction* function = find_guarded(dotted(call.funcname));
  const std::size_t count = Nodes(call.args).size();
  if (function != nullptr && function->form == Form::kHarmless) return;
  if (function == nullptr || count < function->least || count > function->most)
    return refuse("a call of " + dotted(call.funcname) + " with these arguments is not supported",
                  call.location);
  switch (function->form) {
    case Form::kHarmless:
      return;
    case Form::kOid:
      guard_oid(call, *function);
      break;
    case Form::kAncestors:
      return guard_ancestors(call, use.unnamed);
    case Form::kColumn:
      guard_column(call);
      break;
    case Form::kRelationName:
    case Form::kColumnName:
      guard_names(call, *function);
      break;
  }
  if (!function->returns_name || use.around == Around::kCast) return;
  if (use.in_from) return refuse("a call of this function in FROM is not supported", call.location);
  // A literal that is compared with what it returns would be looked up.
  std::size_t end = tokens_.at(static_cast<std::size_t>(call.location));
  while (end < tokens_.size() && tokens_[end].token.code != '(') ++end;
  const int depth = end < tokens_.size() ? tokens_[end].depth : 0;
  while (end < tokens_.size() && !(tokens_[end].token.code == ')' && tokens_[end].depth == depth))
    ++end;
  if (end == tokens_.size()) return refuse("a call could not be placed", call.location);
  const bool as_text = use.around != Around::kComparison && function->form == Form::kRelationName;
  cast_behind(end, as_text);
}

// The relation alone, as rows of Oids: unnest() in the place of the call, where it may stand as
// well. Whose partition it is, the role may not know.
void Rewriter::guard_ancestors(const FuncCall& call, bool unnamed) {
  std::vector<Range> arguments;
  if (!find_arguments(call, arguments)) return;
  const std::size_t first = tokens_.at(static_cast<std::size_t>(call.location));
  const GuardText guard = text_of_guard(views_.guard_of(ObjectKind::kRelation), {});
  insertions_.replace(tokens_[first].token.begin, tokens_[arguments[0].first].token.begin,
                      "pg_catalog.unnest(ARRAY[" + guard.before);
  close_behind(arguments[0].last, guard.behind + "]");
  if (unnamed) close_behind(arguments[0].last + 1, " AS \"pg_partition_ancestors\" (\"relid\")");
}

void Rewriter::guard_oid(const FuncCall& call, const GuardedFunction& function) {
  std::vector<Range> arguments;
  if (!find_arguments(call, arguments)) return;
  const Range range = arguments[function.argument];
  const Node* argument = Nodes(call.args)[function.argument];
  const GuardText guard = text_of_guard(views_.guard_of(function.kind), {});
  const bool names = is_literal(argument) && !is_number(literal_of(argument)) &&
                     function.kind != ObjectKind::kNothing;
  if (!names) {
    insert_before(range.first, guard.before);
    close_behind(range.last, guard.behind);
    return;
  }
  if (function.kind != ObjectKind::kRelation)
    return refuse("a name as argument of " + dotted(call.funcname) + " is not supported",
                  call.location);
  const std::int32_t location = as<A_Const>(argument).location;
  const std::optional<std::string> oid =
      resolved(literal_of(argument), ObjectKind::kRelation, "regclass", location);
  if (!oid) return;
  insertions_.replace(tokens_[range.first].token.begin, tokens_[range.last].token.end,
                      guard.before + "'" + *oid + "'" + guard.behind);
}

// col_description(relation, number): the number counts for the relation, which stands in the guard
// once more. That is harmless for a column's name or a constant, and for nothing else.
void Rewriter::guard_column(const FuncCall& call) {
  std::vector<Range> arguments;
  if (!find_arguments(call, arguments)) return;
  const Node* relation = Nodes(call.args)[0];
  while (has_tag(relation, T_TypeCast) && !is_literal(as<TypeCast>(relation).arg))
    relation = as<TypeCast>(relation).arg;
  std::string again;
  if (has_tag(relation, T_ColumnRef)) {
    const Nodes fields(as<ColumnRef>(relation).fields);
    for (std::size_t i = fields.size() > 2 ? fields.size() - 2 : 0; i < fields.size(); ++i) {
      if (!has_tag(fields[i], T_String))
        return refuse("col_description of a row is not supported", call.location);
      again += (again.empty() ? "" : ".") + quoted_name(string_of(fields[i]));
    }
  } else if (has_tag(relation, T_ParamRef)) {
    again = "$" + std::to_string(as<ParamRef>(relation).number);
  } else {
    const Node* literal = has_tag(relation, T_TypeCast) ? as<TypeCast>(relation).arg : relation;
    std::optional<std::string> oid;
    if (is_literal(literal))
      oid = resolved(literal_of(literal), ObjectKind::kRelation, "regclass",
                     as<A_Const>(literal).location);
    else if (has_tag(literal, T_A_Const) && as<A_Const>(literal).val.node.type == T_Integer)
      oid = std::to_string(as<A_Const>(literal).val.ival.ival);
    if (!oid) return refuse("col_description of this form is not supported", call.location);
    again = "'" + *oid + "'";
  }
  const GuardText of_relation = text_of_guard(views_.guard_of(ObjectKind::kRelation), {});
  insert_before(arguments[0].first, of_relation.before);
  close_behind(arguments[0].last, of_relation.behind);
  // The two arguments stand side by side in FROM, where no name of ours can capture theirs.
  const Guard guard = views_.guard_of(ObjectKind::kColumnNumber);
  const std::string row = quoted_name(kRowAlias);
  const std::string argument = quoted_name(kArgumentAlias);
  insert_before(arguments[1].first,
                "(SELECT " + row + ".\"attnum\" FROM (SELECT (" + again + ")::pg_catalog.oid, (");
  close_behind(arguments[1].last, ")::pg_catalog.int4) AS " + argument +
                                      " (\"oid\", \"number\"), " + guard.table + " AS " + row +
                                      " WHERE " + row + ".\"attrelid\" OPERATOR(pg_catalog.=) " +
                                      argument + ".\"oid\" AND " + row +
                                      ".\"attnum\"::pg_catalog.int4 OPERATOR(pg_catalog.=) " +
                                      argument + ".\"number\" AND (" + guard.predicate + "))");
}

const catalog::Relation* Rewriter::find_named(std::string_view name) const {
  const NameParts parts = parts_of(name);
  if (!parts.valid) return nullptr;
  return parts.schema.empty() ? catalog_.resolve(parts.name, search_path_)
                              : catalog_.find(parts.schema, parts.name);
}

// Literals that name what is looked up: a name in the role's catalog, in the place of PostgreSQL's.
void Rewriter::guard_names(const FuncCall& call, const GuardedFunction& function) {
  std::vector<Range> arguments;
  if (!find_arguments(call, arguments)) return;
  const Nodes given(call.args);
  for (const Node* argument : given)
    if (!is_literal(argument))
      return refuse(
          "a call of " + dotted(call.funcname) + " with anything but constants is not supported",
          call.location);
  const catalog::Relation* relation = find_named(literal_of(given[0]));
  const auto replace = [&](std::size_t index, std::string_view text) {
    insertions_.replace(tokens_[arguments[index].first].token.begin,
                        tokens_[arguments[index].last].token.end, std::string(text));
  };
  if (function.form == Form::kRelationName)
    return replace(
        0, relation == nullptr ? "NULL" : catalog::quote_literal(relation->qualified_name()));
  const NameParts parts = parts_of(literal_of(given[0]));
  const std::int32_t location = as<A_Const>(given[0]).location;
  if (relation == nullptr)
    return refuse_as("42P01", "relation \"" + shown_name(parts) + "\" does not exist", location);
  const RelationView* view = views_.find(*relation);
  const std::string_view column = literal_of(given[1]);
  const bool exists =
      view == nullptr ? relation->find_column(column) != nullptr
                      : std::any_of(view->columns.begin(), view->columns.end(),
                                    [&](const ViewColumn& each) { return each.name == column; });
  if (!exists)
    return refuse_as("42703",
                     "column \"" + std::string(column) + "\" of relation \"" + relation->name +
                         "\" does not exist",
                     location);
  replace(0, catalog::quote_literal(relation->qualified_name()));
  replace(1, catalog::quote_literal(column));
}

// What stands for `name` in a literal of a type that looks names up; nothing and refused if it does
// not exist for the role.
std::optional<std::string> Rewriter::resolved(std::string_view name, ObjectKind kind,
                                              std::string_view type, std::int32_t location) {
  const NameParts parts = parts_of(name.substr(0, name.find('(')));
  switch (kind) {
    case ObjectKind::kRelation: {
      if (is_number(name)) break;
      if (const catalog::Relation* relation = find_named(name))
        return std::to_string(relation->oid);
      refuse_as("42P01", "relation \"" + shown_name(parts) + "\" does not exist", location);
      return std::nullopt;
    }
    case ObjectKind::kNamespace:
      if (parts.valid && parts.schema.empty() && views_.has_schema(parts.name))
        return std::string(name);
      refuse_as("3F000", "schema \"" + parts.name + "\" does not exist", location);
      return std::nullopt;
    case ObjectKind::kFunction:
      // Only what PostgreSQL itself has by this name.
      if (!parts.valid || is_number(name)) break;
      if (parts.schema == "pg_catalog") return std::string(name);
      if (parts.schema.empty()) return "pg_catalog." + std::string(name);
      break;
    case ObjectKind::kType: {
      if (!parts.valid) break;
      if (is_builtin_type(parts.schema.empty() ? parts.name : parts.schema + "." + parts.name))
        return std::string(name);
      const catalog::Type* found = nullptr;
      if (!parts.schema.empty()) found = catalog_.find_type(parts.schema, parts.name);
      for (std::size_t i = 0; parts.schema.empty() && i < search_path_.size() && !found; ++i)
        found = catalog_.find_type(search_path_[i], parts.name);
      if (found != nullptr && views_.has_type(found->oid)) return std::to_string(found->oid);
      refuse_as("42704", "type \"" + shown_name(parts) + "\" does not exist", location);
      return std::nullopt;
    }
    case ObjectKind::kIndex:
    case ObjectKind::kConstraint:
    case ObjectKind::kPartitioned:
    case ObjectKind::kRole:
    case ObjectKind::kDatabase:
    case ObjectKind::kCommented:
    case ObjectKind::kColumnNumber:
    case ObjectKind::kBuiltin:
    case ObjectKind::kNothing:
      break;
  }
  refuse("this constant of type " + std::string(type) + " is not supported", location);
  return std::nullopt;
}

// The tokens of what is cast, and the last one of the cast itself.
bool Rewriter::find_operand(const TypeCast& cast, Range& operand, std::size_t& last) {
  const auto fail = [&] {
    refuse("a cast could not be placed", cast.typeName->location);
    return false;
  };
  const std::size_t type = cast.typeName->location < 0
                               ? tokens_.size()
                               : tokens_.at(static_cast<std::size_t>(cast.typeName->location));
  if (type == tokens_.size() || type == 0) return fail();
  last = type;
  while (last + 2 < tokens_.size() && tokens_[last + 1].token.code == '.') last += 2;
  if (cast.location < 0) {  // regclass 'traces'
    operand = {last + 1, last + 1};
    last = operand.last;
    return last < tokens_.size() && tokens_[last].token.is_literal() ? true : fail();
  }
  const std::size_t start = tokens_.at(static_cast<std::size_t>(cast.location));
  if (start == tokens_.size()) return fail();
  if (tokens_[start].token.keyword == "cast") {  // CAST (operand AS type)
    operand = {start + 2, type - 2};
    ++last;
    return operand.first <= operand.last && tokens_[type - 1].token.keyword == "as" &&
                   last < tokens_.size() && tokens_[last].token.code == ')'
               ? true
               : fail();
  }
  // operand::type
  if (start + 1 != type || start == 0) return fail();
  operand.last = start - 1;
  const Node* inner = cast.arg;
  while (has_tag(inner, T_TypeCast)) {
    const TypeCast& next = as<TypeCast>(inner);
    if (next.location >= 0 &&
        tokens_[tokens_.at(static_cast<std::size_t>(next.location))].token.keyword == "cast")
      break;
    if (next.location < 0 && next.typeName != nullptr) break;
    inner = next.arg;
  }
  Location location = location_of(inner);
  if (has_tag(inner, T_TypeCast))
    location = {as<TypeCast>(inner).location >= 0 ? as<TypeCast>(inner).location
                                                  : as<TypeCast>(inner).typeName->location};
  operand.first =
      location.offset < 0 ? tokens_.size() : tokens_.at(static_cast<std::size_t>(location.offset));
  if (operand.first == tokens_.size()) return fail();
  if (!location.is_first && tokens_[operand.first].depth == tokens_[start].depth) return fail();
  // What stands deeper stands in brackets that are the operand's.
  while (operand.first > 0 && tokens_[operand.first].depth > tokens_[start].depth) --operand.first;
  return operand.first <= operand.last && tokens_[operand.first].depth == tokens_[start].depth
             ? true
             : fail();
}

void Rewriter::guard_literal(const TypeCast& cast, ObjectKind kind, Around around) {
  Range operand;
  std::size_t last = 0;
  if (!find_operand(cast, operand, last)) return;
  const std::optional<std::string> stands_for = resolved(
      literal_of(cast.arg), kind, dotted(cast.typeName->names), as<A_Const>(cast.arg).location);
  if (!stands_for) return;
  insertions_.replace(tokens_[operand.first].token.begin, tokens_[operand.last].token.end,
                      catalog::quote_literal(*stands_for));
  if (around != Around::kCast) cast_behind(last, around != Around::kComparison);
}

void Rewriter::guard_cast(const TypeCast& cast, Around around) {
  const NameType* type = find_name_type(dotted(cast.typeName->names));
  if (type == nullptr || type->kind == ObjectKind::kNothing)
    return refuse("a cast to " + dotted(cast.typeName->names) + " is not supported",
                  cast.typeName->location);
  if (is_literal(cast.arg) && !is_number(literal_of(cast.arg)))
    return guard_literal(cast, type->kind, around);
  Range operand;
  std::size_t last = 0;
  if (!find_operand(cast, operand, last)) return;
  // The name that PostgreSQL would give the column.
  const std::string_view output = default_column_name(reinterpret_cast<const Node*>(&cast));
  const Guard of_kind = views_.guard_of(type->kind);
  GuardText guard = text_of_guard(of_kind, output);
  if (is_text(cast.arg) && !of_kind.table.empty()) {
    if (type->kind == ObjectKind::kRelation)
      guard = text_of_named_guard(of_kind, "relname", "relnamespace", output);
    if (type->kind == ObjectKind::kType)
      guard = text_of_named_guard(of_kind, "typname", "typnamespace", output);
    if (type->kind == ObjectKind::kNamespace)
      guard = text_of_named_guard(of_kind, "nspname", {}, output);
  }
  if (cast.location < 0) return refuse("a constant of this form is not supported", -1);
  insert_before(operand.first, guard.before);
  close_behind(operand.last, guard.behind);
  // What a value of the type is compared with would be looked up as a name. What is cast further is
  // out of reach.
  const bool as_text = around != Around::kComparison && !is_literal(cast.arg);
  if (around != Around::kCast) cast_behind(last, as_text);
}

bool is_guarded(const GuardedUse& use, const std::function<bool(std::int32_t)>& is_ours) {
  const auto stands_in_ours = [&](const Node* node) {
    if (has_tag(node, T_SubLink))
      return as<SubLink>(node).subLinkType == EXPR_SUBLINK && is_ours(as<SubLink>(node).location);
    return has_tag(node, T_A_Const) && is_ours(as<A_Const>(node).location);
  };
  if (use.cast != nullptr) return use.around == Around::kCast && stands_in_ours(use.cast->arg);
  if (use.call == nullptr) return false;
  const GuardedFunction* function = find_guarded(dotted(use.call->funcname));
  if (function == nullptr || (function->returns_name && use.around != Around::kCast)) return false;
  const Nodes arguments(use.call->args);
  switch (function->form) {
    case Form::kHarmless:
      return true;
    case Form::kOid:
      return function->argument < arguments.size() && stands_in_ours(arguments[function->argument]);
    case Form::kAncestors:
      return false;
    case Form::kRelationName:
    case Form::kColumn:
    case Form::kColumnName:
      break;
  }
  for (const Node* argument : arguments)
    if (!stands_in_ours(argument)) return false;
  return true;
}

}  // namespace tracegate::sql
