#include "src/policy/role_masks.h"

#include <algorithm>
#include <unordered_set>

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

bool has_masking(const Role& role, const Upstream& upstream, const catalog::Relation& relation) {
  return role.find_masking(upstream.name, relation.schema, relation.name) != nullptr;
}

Found find_choice(const Role& role, const Upstream& upstream, const catalog::Relation& relation,
                  const std::vector<const catalog::Relation*>& ancestors, std::string_view column) {
  Found found = find_choice(role, upstream, relation, column);
  for (auto each = ancestors.begin(); each != ancestors.end(); ++each) {
    if (found.choice || found.is_withheld) break;
    if ((*each)->find_column(column)) found = find_choice(role, upstream, **each, column);
  }
  if (found.choice || found.is_withheld || has_masking(role, upstream, relation)) return found;
  found.is_withheld = std::any_of(ancestors.begin(), ancestors.end(), [&](const auto* each) {
    const TableMasking* masking = role.find_masking(upstream.name, each->schema, each->name);
    return masking && masking->withholds_others;
  });
  return found;
}

// Whether one mask shows nothing that the other hides: they are the same, or it is a constant.
bool shows_no_more(const Found& shown, const Found& hidden) {
  if (shown.is_withheld) return true;
  if (!shown.choice || !shown.choice->spec || hidden.is_withheld) return false;
  return shown.choice->spec->method == mask::Method::kRedact ||
         (hidden.choice && shown.choice->source == hidden.choice->source);
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

std::vector<const catalog::Relation*> masked_parts(const Role& role, const Upstream& upstream,
                                                   const catalog::Relation& relation,
                                                   const catalog::Catalog& whole) {
  std::vector<const catalog::Relation*> all = {&relation};
  std::vector<const catalog::Relation*> masked;
  std::unordered_set<catalog::Oid> seen = {relation.oid};
  for (std::size_t at = 0; at < all.size(); ++at)
    for (const catalog::Oid child : all[at]->children) {
      const catalog::Relation* part = whole.find(child);
      if (!part || !seen.insert(child).second) continue;
      all.push_back(part);
      if (has_masking(role, upstream, *part)) masked.push_back(part);
    }
  return masked;
}

const catalog::Relation* masked_by_part(const Role& role, const Upstream& upstream,
                                        const catalog::Relation& relation,
                                        const std::vector<const catalog::Relation*>& ancestors,
                                        const std::vector<const catalog::Relation*>& parts,
                                        std::string_view column) {
  if (parts.empty()) return nullptr;
  const Found own = find_choice(role, upstream, relation, ancestors, column);
  for (const catalog::Relation* part : parts) {
    const Found found = find_choice(role, upstream, *part, column);
    const bool hides = found.is_withheld || (found.choice && found.choice->spec);
    if (hides && !shows_no_more(own, found)) return part;
  }
  return nullptr;
}

RoleMasks::RoleMasks() : raw_(std::make_shared<mask::RawColumns>()), raw_columns_(raw_) {}

void RoleMasks::add(const Role& role, const Upstream& upstream, const catalog::Relation& relation,
                    const std::vector<const catalog::Relation*>& ancestors,
                    const catalog::Catalog& whole) {
  std::vector<Column> columns;
  const std::vector<const catalog::Relation*> parts = masked_parts(role, upstream, relation, whole);
  for (const catalog::Column& column : relation.columns) {
    const Found found = find_choice(role, upstream, relation, ancestors, column.name);
    Column& made = columns.emplace_back();
    made.attribute_number = column.attribute_number;
    if (found.is_withheld ||
        masked_by_part(role, upstream, relation, ancestors, parts, column.name)) {
      made.fate = Fate::kWithheld;
      continue;
    }
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
