// What is known of the types of operands and arguments without computing types: columns, casts,
// constants. It is needed only where a name has a meaning that is not PostgreSQL's own
// (meanings.h).
#include <charconv>

#include "src/sql/builtins.h"
#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

constexpr Oid kBool = 16, kInt8 = 20, kInt4 = 23, kBit = 1560, kNumeric = 1700;

// As make_const in parser/parse_node.c: what does not fit becomes wider.
Oid number_type(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole ? kInt8 : kNumeric;
}

Oid constant_type(const A_Const& constant) {
  if (constant.isnull) return kUnknownType;
  switch (static_cast<int>(constant.val.node.type)) {
    case T_Integer:
      return kInt4;
    case T_Float:
      return number_type(view(constant.val.fval.fval));
    case T_Boolean:
      return kBool;
    case T_BitString:
      return kBit;
    case T_String:
      return kUnknownType;
    default:
      return kUndecidedType;
  }
}

struct QualifiedName {
  std::string_view schema;
  std::string_view name;
};
// A part in front of the schema names the database, which can only be the current one.
QualifiedName name_of(const List* list) {
  const Nodes parts(list);
  if (parts.size() == 0) return {};
  const std::string_view name = string_of(parts[parts.size() - 1]);
  return {parts.size() > 1 ? string_of(parts[parts.size() - 2]) : std::string_view(), name};
}

const List* row_of(const Node* node) {
  return has_tag(node, T_RowExpr) ? as<RowExpr>(node).args : nullptr;
}

}  // namespace

Oid Walker::named_type(const TypeName* type) const {
  if (type == nullptr) return kAnyType;
  const auto [schema, name] = name_of(type->names);
  return draft_.meanings().find_type(schema, name);
}

Oid Walker::parameter_type(const ParamRef& parameter) const {
  if (findings_ == nullptr) return kUndecidedType;
  const auto index = static_cast<std::size_t>(parameter.number) - 1;
  return index < parameter_types_.size() ? parameter_types_[index] : kAnyType;
}

void Walker::declare_parameters(const List* types) {
  if (findings_ == nullptr) return;
  declared_parameters_.assign(parameter_types_.begin(), parameter_types_.end());
  std::size_t index = 0;
  for (const Node* item : Nodes(types)) {
    if (index == declared_parameters_.size()) break;  // it does not stand in the text
    const TypeName& type = as<TypeName>(item);
    const Oid named = type.arrayBounds == nullptr ? named_type(&type) : kAnyType;
    declared_parameters_[index++] = named == kNoType ? kAnyType : named;
  }
  parameter_types_ = declared_parameters_;
}

void Walker::use_type(const List* list) {
  const auto [schema, name] = name_of(list);
  draft_.meanings().use_type(schema, name);
}

Oid Walker::operand_type(const Node* node, const Scope& scope) {
  const Level level(*this);
  if (node == nullptr || level.too_deep()) return kAnyType;
  switch (static_cast<int>(node->type)) {
    case T_A_Const:
      return constant_type(as<A_Const>(node));
    case T_ParamRef:
      return parameter_type(as<ParamRef>(node));
    case T_SetToDefault:
      return kUndecidedType;
    case T_ColumnRef: {
      const Nodes fields(as<ColumnRef>(node).fields);
      if (has_tag(fields[fields.size() - 1], T_A_Star)) return kAnyType;
      if (fields.size() == 1) return names_.type_of(scope, string_of(fields[0]));
      if (fields.size() == 2)
        return names_.type_of(scope, string_of(fields[0]), string_of(fields[1]));
      return kAnyType;
    }
    case T_TypeCast: {
      const TypeName* type = as<TypeCast>(node).typeName;
      if (type == nullptr || type->arrayBounds != nullptr) return kAnyType;
      const Oid named = named_type(type);
      return named == kNoType ? kAnyType : named;
    }
    case T_CollateClause:
      return operand_type(as<CollateClause>(node).arg, scope);
    case T_A_Indirection:
      // A field of ROW('a') is a literal still.
      return has_tag(as<A_Indirection>(node).arg, T_RowExpr) ? kUndecidedType : kAnyType;
    default:
      return kAnyType;
  }
}

void Walker::use_operator(const List* name, Oid left, Oid right) {
  const auto [schema, symbol] = name == nullptr ? QualifiedName{{}, "="} : name_of(name);
  draft_.meanings().use_operator(schema, symbol, left, right);
}

// Rows are compared element by element; so is a row with what a sub-select returns (no `right`).
void Walker::compare(const List* name, const Node* left, const Node* right, const Scope& scope) {
  const Level level(*this);
  if (level.too_deep()) return;
  const List* left_row = row_of(left);
  const List* right_row = row_of(right);
  const bool in_pairs = left_row != nullptr && (right == nullptr || right_row != nullptr);
  if (!in_pairs) return use_operator(name, operand_type(left, scope), operand_type(right, scope));
  const Nodes lefts(left_row);
  const Nodes rights(right_row);
  for (std::size_t i = 0; i < lefts.size(); ++i)
    compare(name, lefts[i], i < rights.size() ? rights[i] : nullptr, scope);
}

void Walker::use_operators(const A_Expr& node, const Scope& scope) {
  Meanings& meanings = draft_.meanings();
  const auto between = [&](std::initializer_list<std::string_view> symbols) {
    for (const std::string_view symbol : symbols) {
      if (!meanings.is_ambiguous_operator(symbol)) continue;
      for (const Node* bound : Nodes(reinterpret_cast<const List*>(node.rexpr)))
        meanings.use_operator({}, symbol, operand_type(node.lexpr, scope),
                              operand_type(bound, scope));
    }
  };
  switch (node.kind) {
    case AEXPR_BETWEEN:
    case AEXPR_BETWEEN_SYM:
      return between({">=", "<="});
    case AEXPR_NOT_BETWEEN:
    case AEXPR_NOT_BETWEEN_SYM:
      return between({"<", ">"});
    case AEXPR_OP:
    case AEXPR_OP_ANY:
    case AEXPR_OP_ALL:
    case AEXPR_DISTINCT:
    case AEXPR_NOT_DISTINCT:
    case AEXPR_NULLIF:
    case AEXPR_IN:
    case AEXPR_LIKE:
    case AEXPR_ILIKE:
    case AEXPR_SIMILAR:
      break;
  }
  if (!meanings.is_ambiguous_operator(name_of(node.name).name)) return;
  if (node.lexpr == nullptr)
    return use_operator(node.name, kNoType, operand_type(node.rexpr, scope));
  if (node.kind == AEXPR_IN && has_tag(node.rexpr, T_List)) {
    for (const Node* item : Nodes(reinterpret_cast<const List*>(node.rexpr)))
      compare(node.name, node.lexpr, item, scope);
    return;
  }
  if (node.kind == AEXPR_OP_ANY || node.kind == AEXPR_OP_ALL)
    return use_operator(node.name, operand_type(node.lexpr, scope),
                        element_type(node.rexpr, scope));
  compare(node.name, node.lexpr, node.rexpr, scope);
}

// Of an array: ANY ('{1,2}'::int[]), ANY ($1). The type of a literal follows from the other side.
Oid Walker::element_type(const Node* array, const Scope& scope) {
  if (has_tag(array, T_TypeCast)) {
    const TypeName* type = as<TypeCast>(array).typeName;
    const Oid named = named_type(type);
    return type == nullptr || type->arrayBounds == nullptr || named == kNoType ? kAnyType : named;
  }
  const Oid type = operand_type(array, scope);
  return type == kUnknownType || type == kUndecidedType ? type : kAnyType;
}

void Walker::use_function(const FuncCall& call, const Scope& scope) {
  const auto [schema, name] = name_of(call.funcname);
  const Nodes arguments(call.args);
  if (arguments.size() == 1) draft_.meanings().use_type(schema, name);
  if (!draft_.meanings().is_ambiguous_function(name)) return;
  bool positional = !call.func_variadic && !call.agg_within_group;
  std::vector<Oid> types;
  for (const Node* argument : arguments) {
    if (has_tag(argument, T_NamedArgExpr)) positional = false;
    types.push_back(operand_type(argument, scope));
  }
  draft_.meanings().use_function(schema, name, positional ? &types : nullptr);
}

}  // namespace tracegate::sql
