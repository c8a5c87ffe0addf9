#include "src/policy/role_masks.h"

#include <algorithm>

namespace tracegate::policy {
namespace {

// What policy says of a column; null: nothing.
struct Found {
  const MaskChoice* choice = nullptr;
  bool is_withheld = false;
};

Found find_choice(const Role& role, const Upstream& upstream, const catalog::Relation& relation,
                  std::string_view column) {
  const TableMasking* masking = role.find_masking(upstream.name, relation.schema, relation.name);
  if (!masking) return {};
  const ColumnMasking* own = masking->find(column);
  return {own ? &own->mask : nullptr, !own && masking->withholds_others};
}

Found find_choice(const Role& role, const Upstream& upstream, const catalog::Relation& relation,
                  const std::vector<const catalog::Relation*>& ancestors, std::string_view column) {
  Found found = find_choice(role, upstream, relation, column);
  for (auto each = ancestors.begin(); each != ancestors.end(); ++each) {
    if (found.choice || found.is_withheld) break;
    if ((*each)->find_column(column)) found = find_choice(role, upstream, **each, column);
  }
  return found;
}

std::string row_column(std::string_view name) {
  std::string quoted = '"' + std::string(sql::kRowAlias) + "\".\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace

Result<mask::ColumnMask> make_column_mask(const MaskChoice& choice, const catalog::Column& column,
                                          const catalog::Catalog& catalog) {
  return mask::make_mask(*choice.spec, mask::type_of(column, catalog), choice.key,
                         choice.detectors);
}

bool is_scope_column(const Scope& scope, std::string_view column) {
  return (scope.in_namespace && scope.in_namespace->column.value == column) ||
         (scope.in_time && scope.in_time->column.value == column) ||
         (scope.through && scope.through->column.value == column);
}

RoleMasks::RoleMasks() : raw_(std::make_shared<mask::RawColumns>()), raw_columns_(raw_) {}

void RoleMasks::add(const Role& role, const Upstream& upstream, const catalog::Relation& relation,
                    const std::vector<const catalog::Relation*>& ancestors,
                    const catalog::Catalog& whole) {
  std::vector<Column> columns;
  for (const catalog::Column& column : relation.columns) {
    const Found found = find_choice(role, upstream, relation, ancestors, column.name);
    Column& made = columns.emplace_back();
    made.attribute_number = column.attribute_number;
    if (found.is_withheld) made.fate = Fate::kWithheld;
    if (!found.choice || !found.choice->spec) continue;
    Result<mask::ColumnMask> mask = make_column_mask(*found.choice, column, whole);
    made.fate = mask ? Fate::kMasked : Fate::kWithheld;
    if (mask) made.mask = *std::move(mask);
    made.wire_type = mask::type_of(column, whole).wire_type;
  }
  const auto is_changed = [](const Column& column) { return column.fate != Fate::kShown; };
  if (std::none_of(columns.begin(), columns.end(), is_changed)) return;
  for (const Column& column : columns)
    if (is_changed(column)) raw_->emplace(relation.oid, column.attribute_number);
  tables_.emplace(relation.oid, std::move(columns));
}

RoleMasks::Fate RoleMasks::fate_of(catalog::Oid relation, std::size_t index) const {
  const auto found = tables_.find(relation);
  return found == tables_.end() ? Fate::kShown : found->second[index].fate;
}

sql::ViewColumn RoleMasks::view_column(const catalog::Relation& relation, std::size_t index,
                                       std::string_view predicate) const {
  sql::ViewColumn column{relation.columns[index].name};
  const auto found = tables_.find(relation.oid);
  if (found == tables_.end() || found->second[index].fate != Fate::kMasked) return column;
  const mask::ColumnMask& mask = found->second[index].mask;
  const std::string own = row_column(column.name);
  column.expression = sql::fill_gaps(mask.expression, mask::kColumnMark, own);
  column.raw_if_returned = mask.on_rows && predicate.find(own) == std::string_view::npos;
  return column;
}

mask::RowMasksRef RoleMasks::masks_of(const sql::RawRow& row) const {
  auto masks = std::make_shared<mask::RowMasks>();
  masks->outputs.resize(row.width);
  for (const sql::RawRow::Output& output : row.outputs) {
    const Column& column = tables_.at(output.relation).at(output.column);
    masks->outputs[output.position] = {column.mask.on_rows, output.relation,
                                       column.attribute_number, column.wire_type,
                                       output.is_computed};
  }
  return masks;
}

}  // namespace tracegate::policy
