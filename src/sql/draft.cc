#include "src/sql/draft.h"

#include "src/sql/parse_tree.h"

namespace tracegate::sql {

void ColumnSet::add(std::size_t index) {
  if (index < 64) {
    first_ |= std::uint64_t{1} << index;
    return;
  }
  const std::size_t word = index / 64 - 1;
  if (more_.size() <= word) more_.resize(word + 1);
  more_[word] |= std::uint64_t{1} << (index % 64);
}

bool ColumnSet::contains(std::size_t index) const {
  if (index < 64) return (first_ >> index & 1) != 0;
  const std::size_t word = index / 64 - 1;
  return word < more_.size() && (more_[word] >> (index % 64) & 1) != 0;
}

void ColumnSet::add(const ColumnSet& other) {
  first_ |= other.first_;
  if (more_.size() < other.more_.size()) more_.resize(other.more_.size());
  for (std::size_t i = 0; i < other.more_.size(); ++i) more_[i] |= other.more_[i];
}

void Draft::begin(const catalog::Catalog& catalog, std::span<const std::string> search_path) {
  meanings_.begin(catalog, search_path);
  reuse(needs_);
  operations_.clear();
  functions_.clear();
  shown_settings_.clear();
  refusal_.reset();
  last_need_ = work_ = 0;
  has_constants_ = writes_ = calls_impure_ = false;
}

Draft::DraftNeed& Draft::find_or_add(Operation operation, const catalog::Relation& relation,
                                     std::int32_t location) {
  const auto matches = [&](const DraftNeed& need) {
    return need.relation == &relation && need.operation == operation;
  };
  if (last_need_ < needs_.size() && matches(needs_[last_need_])) {
    needs_[last_need_].of_conflicts = false;
    return needs_[last_need_];
  }
  for (std::size_t i = 0; i < needs_.size(); ++i) {
    if (!matches(needs_[i])) continue;
    spend(i + 1);
    last_need_ = i;
    needs_[i].of_conflicts = false;
    return needs_[i];
  }
  spend(needs_.size());
  last_need_ = needs_.size();
  needs_.push_back({operation, &relation, false, location, 0, {}, {}});
  return needs_.back();
}

void Draft::need(Operation operation, const catalog::Relation& relation, std::int32_t location) {
  find_or_add(operation, relation, location);
}

void Draft::need_column(Operation operation, const catalog::Relation& relation, std::size_t index) {
  find_or_add(operation, relation, -1).columns.add(index);
}

void Draft::need_column(Operation operation, const catalog::Relation& relation,
                        std::string_view name) {
  DraftNeed& need = find_or_add(operation, relation, -1);
  // Column lists are mostly written in the table's order: look on from where the last one stood.
  const std::size_t count = relation.columns.size();
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t index = (need.next_column + step) % count;
    if (relation.columns[index].name != name) continue;
    spend(step);
    need.columns.add(index);
    need.next_column = static_cast<std::uint32_t>(index + 1);
    return;
  }
  spend(count);
  need.unknown_columns.push_back(name);
}

void Draft::need_all(Operation operation, const catalog::Relation& relation) {
  find_or_add(operation, relation, -1).all = true;
}

void Draft::read_target_column(const catalog::Relation& relation, std::size_t index) {
  DraftNeed& need = find_or_add(Operation::kSelect, relation, -1);
  need.columns.add(index);
  need.target_columns.add(index);
}

void Draft::read_target(const catalog::Relation& relation) {
  DraftNeed& need = find_or_add(Operation::kSelect, relation, -1);
  need.all = true;
  need.target_all = true;
}

bool Draft::reads_only_conflicts(const catalog::Relation& relation) const {
  for (const DraftNeed& need : needs_)
    if (need.relation == &relation && need.operation == Operation::kSelect)
      return need.of_conflicts;
  return true;
}

void Draft::set_reads_only_conflicts(const catalog::Relation& relation, bool only) {
  spend(needs_.size());
  find_or_add(Operation::kSelect, relation, -1).of_conflicts = only;
}

void Draft::need_of_what_is_read(Operation operation) {
  const std::size_t count = needs_.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (needs_[i].operation != Operation::kSelect) continue;
    DraftNeed& target = find_or_add(operation, *needs_[i].relation, needs_[i].location);
    const DraftNeed& read = needs_[i];  // looked up again: find_or_add may have moved it
    target.all = target.all || read.all;
    target.columns.add(read.columns);
  }
}

void Draft::add_operation(Operation operation) {
  if (!has_operation(operation)) operations_.push_back(operation);
}

bool Draft::has_operation(Operation operation) const {
  return std::find(operations_.begin(), operations_.end(), operation) != operations_.end();
}

void Draft::call(std::string_view name) {
  if (functions_.contains(name)) return;
  if (!is_pure_function(name)) calls_impure_ = true;
  functions_.emplace(name);
}

void Draft::call_of_row(std::string_view name) {
  call(quoted_part(name));
  const std::vector<Oid> row = {kAnyType};
  meanings_.use_function({}, name, &row);
  meanings_.use_type({}, name);
}

void Draft::refuse(std::string_view sqlstate, std::string construct, std::int32_t location) {
  if (!refusal_) refusal_ = Refusal{std::string(sqlstate), std::move(construct), location};
}

void Draft::refuse_unseen(std::string_view sqlstate, std::string construct, std::int32_t location) {
  refuse(sqlstate, std::move(construct), location);
  writes_ = true;
  has_constants_ = true;
}

void Draft::refuse_as_too_complex() {
  refuse_unseen("54001", "the statement is too complex to be judged", -1);
}

// Of a name that the catalog does not know the type is not known either.
void Draft::tell_types(const DraftNeed& need) {
  const bool writes = need.operation == Operation::kInsert || need.operation == Operation::kUpdate;
  const auto tell = [&](Oid type) {
    meanings_.read_type(type);
    if (writes) meanings_.write_type(type);
  };
  if (need.all) {
    for (const catalog::Column& column : need.relation->columns) tell(column.type_oid);
  } else {
    need.columns.for_each([&](std::size_t index) { tell(need.relation->columns[index].type_oid); });
  }
  if (!need.unknown_columns.empty()) tell(kAnyType);
}

void Draft::show(std::string setting) {
  shown_settings_.push_back(std::move(setting));
}

void Draft::finish(Statement& statement) {
  for (std::string& setting : shown_settings_)
    statement.shown_settings.push_back(std::move(setting));
  for (const DraftNeed& need : needs_) tell_types(need);
  if (meanings_.finish(statement, work_)) writes_ = true;
  spend(0);
  statement.needs.reserve(statement.needs.size() + needs_.size());
  for (const DraftNeed& draft : needs_) {
    Need& need = statement.needs.emplace_back();
    need.operation = draft.operation;
    need.schema = draft.relation->schema;
    need.relation = draft.relation->name;
    need.location = draft.location;
    need.columns.all = draft.all;
    need.of_target.all = draft.target_all;
    need.of_conflicts = draft.of_conflicts;
    if (!draft.target_all)
      draft.target_columns.for_each([&](std::size_t index) {
        need.of_target.names.push_back(draft.relation->columns[index].name);
      });
    std::sort(need.of_target.names.begin(), need.of_target.names.end());
    if (draft.all) continue;
    std::vector<std::string>& names = need.columns.names;
    draft.columns.for_each(
        [&](std::size_t index) { names.push_back(draft.relation->columns[index].name); });
    names.insert(names.end(), draft.unknown_columns.begin(), draft.unknown_columns.end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }
  for (const Operation operation : operations_)
    if (std::find(statement.operations.begin(), statement.operations.end(), operation) ==
        statement.operations.end())
      statement.operations.push_back(operation);
  if (!functions_.empty()) {
    std::vector<std::string>& names = statement.functions;
    names.insert(names.end(), functions_.begin(), functions_.end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }
  statement.has_constants = statement.has_constants || has_constants_;
  statement.writes = statement.writes || writes_ || calls_impure_;
  if (!statement.refusal) statement.refusal = std::move(refusal_);
}

}  // namespace tracegate::sql
