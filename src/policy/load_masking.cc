// [masking], [detector.NAME], [class.NAME], [classify.UPSTREAM."schema.table"], [role.NAME.mask]
// and [role.NAME.mask_columns."schema.table"]. docs/masking.md is the reference; a key added here
// is added there.
#include <fmt/format.h>

#include <algorithm>

#include "src/policy/load_parts.h"
#include "src/policy/names.h"

namespace tracegate::policy {
namespace {

using config::in_quotes;
using config::Located;
using config::Table;
using mask::Method;

constexpr Method kMethods[] = {Method::kRedact,   Method::kPartial, Method::kEmail, Method::kHash,
                               Method::kTruncate, Method::kJson,    Method::kDetect};
constexpr Method kLeafMethods[] = {Method::kRedact, Method::kPartial, Method::kEmail, Method::kHash,
                                   Method::kDetect};
constexpr config::Choice<mask::TimeUnit> kUnits[] = {{"hour", mask::TimeUnit::kHour},
                                                     {"day", mask::TimeUnit::kDay},
                                                     {"month", mask::TimeUnit::kMonth},
                                                     {"year", mask::TimeUnit::kYear}};
constexpr std::int64_t kMostKept = 64;
constexpr std::int64_t kWidestBucket = 1'000'000'000'000'000'000;

std::string display(const TableName& table) {
  return catalog::quote_identifier(table.schema) + '.' + catalog::quote_identifier(table.name);
}

// Nothing after an error.
std::optional<TableName> read_table_name(Table::Named& named) {
  Result<QualifiedName> name = parse_table_name(named.name);
  if (!name)
    named.table.error(named.table.place(), name.error().message, name.error().hint);
  else if (name->name.empty())
    named.table.error(named.table.place(), in_quotes(named.name) + " is not one table");
  else
    return TableName{std::move(name->schema), std::move(name->name), named.table.place()};
  return std::nullopt;
}

std::optional<std::string> read_column_name(Table& table, std::string_view key) {
  Result<std::string> name = parse_identifier(key);
  if (name) return std::move(name).value();
  table.error(table.place_of(key), name.error().message, name.error().hint);
  return std::nullopt;
}

bool reads(const Role& role, const TableName& table) {
  return std::any_of(role.rules.begin(), role.rules.end(), [&](const Rule& rule) {
    return rule.permits(sql::Operation::kSelect) && rule.covers(table.schema, table.name);
  });
}

void sort_columns(TableMasking& masking) {
  std::sort(masking.columns.begin(), masking.columns.end(),
            [](const auto& a, const auto& b) { return a.column < b.column; });
}

// For each upstream of the role; in the place of what the column's class says.
void put_mask(const ColumnMasking& column, const TableName& table, Role& role) {
  for (const std::string& upstream : role.upstreams) {
    const auto of_table = [&](const TableMasking& each) {
      return each.upstream == upstream && each.table.covers(table.schema, table.name);
    };
    auto masking = std::find_if(role.masking.begin(), role.masking.end(), of_table);
    if (masking == role.masking.end())
      masking = role.masking.insert(masking, {upstream, table, {}, false});
    std::erase_if(masking->columns, [&](const auto& each) { return each.column == column.column; });
    masking->columns.push_back(column);
    sort_columns(*masking);
  }
}

// A rule that lists a column which is withheld would not do what it says.
void check_listed(Table& role_table, const TableMasking& masking, const Role& role) {
  if (!masking.withholds_others) return;
  for (const Rule& rule : role.rules) {
    if (!rule.permits(sql::Operation::kSelect) ||
        !rule.covers(masking.table.schema, masking.table.name))
      continue;
    for (const Located<std::string>& column : rule.columns)
      if (!masking.find(column.value))
        role_table.error(column.place,
                         fmt::format("column {} of {} has no class, so that nobody reads it",
                                     in_quotes(column.value), display(masking.table)),
                         fmt::format("classify it in [classify.{}]", masking.upstream));
  }
}

Method read_method(Table& table, std::span<const Method> known) {
  std::vector<config::Choice<Method>> choices;
  for (const Method each : known) choices.push_back({mask::to_string(each), each});
  table.require("method");
  return table.choice<Method>("method", choices, Method::kRedact);
}

void read_truncate(Table& table, mask::Spec& spec) {
  spec.bucket = table.integer("bucket", {1, kWidestBucket}, 0);
  if (table.has("unit"))
    spec.unit = table.choice<mask::TimeUnit>("unit", kUnits, mask::TimeUnit::kDay);
  if (table.has("unit") == table.has("bucket"))
    table.error(table.place(), "\"truncate\" takes \"unit\" for times or \"bucket\" for numbers",
                "write unit = \"day\" or bucket = 100");
}

}  // namespace

MaskReader::MaskReader(Table& root, const std::filesystem::path& folder) {
  if (std::optional<Table> table = root.table("masking")) {
    const Secret secret = read_secret(*table, "hash_key_file", folder);
    if (table->has("hash_key_file") && !secret.empty()) {
      Result<mask::HashKeyRef> key = mask::HashKey::make(secret);
      if (key)
        hash_key_ = *key;
      else
        table->error(table->place_of("hash_key_file"), key.error().message, key.error().hint);
    }
    table->finish();
  }
  read_detectors(root);
  for (Table::Named& named : root.named_tables("class")) {
    check_name(named);
    ColumnClass each;
    each.name = named.name;
    each.description = named.table.text("description");
    named.table.require("mask");
    if (named.table.has("mask")) each.mask = read_choice(named.table, "mask", named.name);
    named.table.finish();
    classes_.push_back(std::move(each));
  }
}

void MaskReader::read_detectors(Table& root) {
  for (Table::Named& named : root.named_tables("detector")) {
    const mask::CustomDetector detector{named.name, named.table.required_text("pattern")};
    named.table.finish();
    if (detector.pattern.empty()) continue;
    const Result<mask::DetectorsRef> made = mask::Detectors::make({}, {&detector, 1});
    if (made)
      custom_.push_back(detector);
    else
      named.table.error(named.table.place_of("pattern"), made.error().message, made.error().hint);
  }
}

std::optional<std::size_t> MaskReader::find_class(Table& table, std::string_view key,
                                                  std::string_view name) const {
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    if (classes_[i].name == name) return i;
    known.push_back(classes_[i].name);
  }
  table.error(table.place_of(key), fmt::format("there is no class {}", in_quotes(name)),
              config::suggest(name, known));
  return std::nullopt;
}

MaskChoice MaskReader::read_choice(Table& table, std::string_view key, std::string_view domain) {
  MaskChoice choice;
  choice.place = table.place_of(key);
  choice.source = choice.place.line_reference();
  choice.key = hash_key_;
  if (table.is_text(key)) {
    if (table.text(key) != "none")
      table.error(choice.place, fmt::format("{} must be \"none\" or a table", in_quotes(key)),
                  "write { method = \"redact\" }, or another method of docs/masking.md");
    return choice;
  }
  std::optional<Table> written = table.table(key);
  if (!written) return choice;
  choice.spec = read_spec(*written, domain);
  if (!choice.spec->detectors.empty()) choice.detectors = compile(*written, *choice.spec);
  written->finish();
  return choice;
}

mask::Spec MaskReader::read_spec(Table& table, std::string_view domain) {
  mask::Spec spec;
  spec.method = read_method(table, kMethods);
  read_method_keys(table, spec, domain);
  if (spec.method == Method::kTruncate) read_truncate(table, spec);
  if (spec.method == Method::kJson) read_paths(table, spec, domain);
  if (spec.method == Method::kDetect) read_detector_names(table, spec);
  return spec;
}

// Keys of the methods that paths have as well.
void MaskReader::read_method_keys(Table& table, mask::Spec& spec, std::string_view domain) {
  switch (spec.method) {
    case Method::kRedact:
      if (table.has("value")) spec.value = table.text("value");
      return;
    case Method::kPartial:
      spec.keep_first = static_cast<std::uint32_t>(table.integer("keep_first", {0, kMostKept}, 0));
      spec.keep_last = static_cast<std::uint32_t>(table.integer("keep_last", {0, kMostKept}, 0));
      return;
    case Method::kHash:
      spec.domain = table.text("domain", domain);
      if (!hash_key_)
        table.error(table.place_of("method"), "\"hash\" needs a key",
                    "write hash_key_file in [masking]");
      return;
    case Method::kEmail:
    case Method::kTruncate:
    case Method::kJson:
    case Method::kDetect:
      return;
  }
}

void MaskReader::read_paths(Table& table, mask::Spec& spec, std::string_view domain) {
  table.require("paths");
  for (Table& path : table.tables("paths")) spec.paths.push_back(read_path(path, domain));
  if (table.has("paths") && spec.paths.empty()) table.refuse_empty_list("paths");
  const auto detects = [](const mask::JsonRule& rule) {
    return rule.leaf.method == Method::kDetect;
  };
  if (std::any_of(spec.paths.begin(), spec.paths.end(), detects)) read_detector_names(table, spec);
}

mask::JsonRule MaskReader::read_path(Table& table, std::string_view domain) {
  mask::JsonRule rule;
  const std::string written = table.required_text("path");
  std::optional<std::vector<mask::JsonStep>> steps = mask::parse_json_path(written);
  if (steps)
    rule.steps = *std::move(steps);
  else if (!written.empty())
    table.error(table.place_of("path"), in_quotes(written) + " is not a path",
                "write user.email, messages[*].content, tags.* or \"a key\".b");
  rule.leaf.method = read_method(table, kLeafMethods);
  read_method_keys(table, rule.leaf, domain);
  table.finish();
  return rule;
}

void MaskReader::read_detector_names(Table& table, mask::Spec& spec) {
  table.refuse_empty_list("detectors");
  std::vector<std::string_view> known(mask::builtin_detectors().begin(),
                                      mask::builtin_detectors().end());
  for (const mask::CustomDetector& each : custom_) known.push_back(each.name);
  for (const Located<std::string>& each : table.texts("detectors")) {
    if (std::find(known.begin(), known.end(), each.value) == known.end())
      table.error(each.place, fmt::format("there is no detector {}", in_quotes(each.value)),
                  config::suggest(each.value, known));
    else
      spec.detectors.push_back(each.value);
  }
  if (!table.has("detectors")) spec.detectors.assign(known.begin(), known.end());
  std::sort(spec.detectors.begin(), spec.detectors.end());
}

mask::DetectorsRef MaskReader::compile(Table& table, const mask::Spec& spec) {
  const auto found = compiled_.find(spec.detectors);
  if (found != compiled_.end()) return found->second;
  std::vector<std::string> builtin;
  std::vector<mask::CustomDetector> custom;
  for (const std::string& name : spec.detectors) {
    const auto own = std::find_if(custom_.begin(), custom_.end(),
                                  [&](const auto& each) { return each.name == name; });
    if (own != custom_.end())
      custom.push_back(*own);
    else
      builtin.push_back(name);
  }
  Result<mask::DetectorsRef> made = mask::Detectors::make(builtin, custom);
  if (!made) {
    table.error(table.place(), made.error().message, made.error().hint);
    return nullptr;
  }
  return compiled_[spec.detectors] = *made;
}

mask::DetectorsRef MaskReader::report_detectors(Table& table) {
  mask::Spec spec;
  for (const std::string_view name : mask::builtin_detectors())
    if (name != "high_entropy") spec.detectors.emplace_back(name);
  for (const mask::CustomDetector& each : custom_) spec.detectors.push_back(each.name);
  std::sort(spec.detectors.begin(), spec.detectors.end());
  return compile(table, spec);
}

std::vector<ClassifiedTable> MaskReader::read_classified(Table& root,
                                                         const std::vector<Upstream>& upstreams) {
  std::vector<ClassifiedTable> classified;
  std::vector<std::string_view> known;
  for (const Upstream& upstream : upstreams) known.push_back(upstream.name);
  std::optional<Table> all = root.table("classify");
  if (!all) return classified;
  for (const std::string_view name : all->keys()) {
    const auto upstream = std::find_if(upstreams.begin(), upstreams.end(),
                                       [&](const Upstream& each) { return each.name == name; });
    if (upstream == upstreams.end()) {
      all->error(all->place_of(name), fmt::format("unknown upstream {}", in_quotes(name)),
                 config::suggest(name, known));
    }
    for (Table::Named& named : all->named_tables(name)) {
      if (upstream == upstreams.end()) continue;
      ClassifiedTable table = read_table(named, *upstream);
      const auto is_same = [&](const ClassifiedTable& each) {
        return each.upstream == table.upstream &&
               each.table.covers(table.table.schema, table.table.name);
      };
      if (std::any_of(classified.begin(), classified.end(), is_same))
        named.table.error(table.table.place, display(table.table) + " is classified twice");
      else if (!table.table.name.empty())
        classified.push_back(std::move(table));
    }
  }
  all->finish();
  return classified;
}

// Without a name after an error in it.
ClassifiedTable MaskReader::read_table(Table::Named& named, const Upstream& upstream) {
  ClassifiedTable result;
  result.upstream = upstream.name;
  Table& table = named.table;
  if (std::optional<TableName> name = read_table_name(named)) result.table = *std::move(name);
  for (const std::string_view key : table.keys()) {
    const std::string written = table.text(key);
    const std::optional<std::size_t> found =
        written.empty() ? std::nullopt : find_class(table, key, written);
    const std::optional<std::string> column = read_column_name(table, key);
    if (!found || !column) continue;
    const auto is_same = [&](const auto& each) { return each.name.value == *column; };
    if (std::any_of(result.columns.begin(), result.columns.end(), is_same))
      table.error(table.place_of(key),
                  fmt::format("column {} is classified twice", in_quotes(key)));
    result.columns.push_back({{*column, table.place_of(key)}, *found});
  }
  table.finish();
  return result;
}

TableMasking MaskReader::mask_table(const ClassifiedTable& classified,
                                    const std::map<std::size_t, MaskChoice>& by_class) const {
  TableMasking masking;
  masking.upstream = classified.upstream;
  masking.table = classified.table;
  masking.withholds_others = true;
  for (const ClassifiedTable::Column& column : classified.columns) {
    const auto own = by_class.find(column.column_class);
    masking.columns.push_back(
        {column.name.value,
         own != by_class.end() ? own->second : classes_[column.column_class].mask,
         column.name.place});
  }
  sort_columns(masking);
  return masking;
}

// A mask for a column of a table, whatever its class says.
void MaskReader::read_column_masks(Table::Named& named,
                                   const std::vector<ClassifiedTable>& classified, Role& role) {
  Table& table = named.table;
  const std::optional<TableName> name = read_table_name(named);
  if (name && !reads(role, *name))
    table.error(table.place(),
                fmt::format("no rule lets role {} read {}", in_quotes(role.name), display(*name)));
  for (const std::string_view key : table.keys()) {
    const std::optional<std::string> column = read_column_name(table, key);
    std::string domain = fmt::format("{}.{}", named.name, key);
    for (const ClassifiedTable& each : classified)
      for (const ClassifiedTable::Column& known : each.columns)
        if (name && column && each.table.covers(name->schema, name->name) &&
            known.name.value == *column)
          domain = classes_[known.column_class].name;
    const MaskChoice choice = read_choice(table, key, domain);
    if (name && column) put_mask({*column, choice, table.place_of(key)}, *name, role);
  }
  table.finish();
}

void MaskReader::read_role(Table& role_table, const std::vector<ClassifiedTable>& classified,
                           Role& role) {
  std::map<std::size_t, MaskChoice> by_class;
  if (std::optional<Table> table = role_table.table("mask")) {
    for (const std::string_view key : table->keys()) {
      const std::optional<std::size_t> found = find_class(*table, key, key);
      MaskChoice choice = read_choice(*table, key, key);
      if (found) by_class.emplace(*found, std::move(choice));
    }
    table->finish();
  }
  std::vector<Table::Named> own = role_table.named_tables("mask_columns");
  if (role.unrestricted) return;
  // Tables that its rules do not name as well: partitions of them that it reads are masked like
  // them, and views over them refused.
  const bool reads_any = std::any_of(role.rules.begin(), role.rules.end(), [](const Rule& rule) {
    return rule.permits(sql::Operation::kSelect);
  });
  for (const ClassifiedTable& each : classified) {
    const bool uses = std::find(role.upstreams.begin(), role.upstreams.end(), each.upstream) !=
                      role.upstreams.end();
    if (uses && reads_any) role.masking.push_back(mask_table(each, by_class));
  }
  for (Table::Named& named : own) read_column_masks(named, classified, role);
  for (const TableMasking& masking : role.masking) check_listed(role_table, masking, role);
  if (!role.masking.empty()) role.report_detectors = report_detectors(role_table);
}

}  // namespace tracegate::policy
