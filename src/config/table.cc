#include "src/config/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/log.h"

namespace tracegate::config {
namespace {

// The value as a message shows it: `the string "10"`, `the integer 10`, `a list`.
std::string shown(const Value& value) {
  switch (value.kind) {
    case Kind::kString:
      return "the string " + in_quotes(value.text);
    case Kind::kInteger:
      return "the integer " + value.text;
    case Kind::kFloat:
      return "the floating point number " + value.text;
    case Kind::kBoolean:
      return "the boolean " + value.text;
    case Kind::kDateTime:
    case Kind::kArray:
    case Kind::kTable:
      break;
  }
  return std::string(describe(value.kind));
}

bool is_bare_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string join_path(const std::string& path, std::string_view key) {
  const std::string part = is_bare_key(key) ? std::string(key) : in_quotes(key);
  return path.empty() ? part : path + '.' + part;
}

}  // namespace

Table::Table(const Value& value, std::string path, Diagnostics& diagnostics)
    : value_(&value), path_(std::move(path)), diagnostics_(&diagnostics) {}

std::string Table::in_here() const {
  return path_.empty() ? std::string() : " in [" + path_ + "]";
}

const Value* Table::ask(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  const Member* member = value_->find(key);
  return member ? &member->value : nullptr;
}

const Value* Table::ask(std::string_view key, Kind kind) {
  const Value* value = ask(key);
  if (!value || value->kind == kind) return value;
  wrong_kind(key, *value, describe(kind));
  return nullptr;
}

void Table::wrong_kind(std::string_view key, const Value& found, std::string_view expected) {
  error(found.place,
        fmt::format("{}{} must be {}, not {}", in_quotes(key), in_here(), expected, shown(found)));
}

bool Table::has(std::string_view key) {
  return ask(key) != nullptr;
}

Place Table::place_of(std::string_view key) const {
  const Member* member = value_->find(key);
  return member ? member->value.place : value_->place;
}

void Table::error(Place place, std::string message, std::string suggestion) {
  diagnostics_->error(std::move(place), std::move(message), std::move(suggestion));
}

void Table::warning(Place place, std::string message, std::string suggestion) {
  diagnostics_->warning(std::move(place), std::move(message), std::move(suggestion));
}

void Table::require(std::string_view key) {
  if (!has(key)) error(place(), fmt::format("{} is missing{}", in_quotes(key), in_here()));
}

void Table::refuse_empty_list(std::string_view key) {
  const Value* value = ask(key);
  if (value && value->kind == Kind::kArray && value->elements.empty())
    error(value->place, fmt::format("{}{} is empty", in_quotes(key), in_here()));
}

std::string Table::text(std::string_view key, std::string_view fallback) {
  const Value* value = ask(key, Kind::kString);
  if (!value) return std::string(fallback);
  if (value->text.empty())
    error(value->place, fmt::format("{}{} must not be empty", in_quotes(key), in_here()));
  return value->text;
}

bool Table::is_text(std::string_view key) {
  const Value* value = ask(key);
  return value && value->kind == Kind::kString;
}

std::string Table::required_text(std::string_view key) {
  require(key);
  return text(key);
}

bool Table::boolean(std::string_view key, bool fallback) {
  const Value* value = ask(key, Kind::kBoolean);
  return value ? value->boolean : fallback;
}

std::int64_t Table::integer(std::string_view key, Range<std::int64_t> range,
                            std::int64_t fallback) {
  const Value* value = ask(key, Kind::kInteger);
  if (!value) return fallback;
  if (value->integer >= range.min && value->integer <= range.max) return value->integer;
  out_of_range(key, *value, std::to_string(range.min), std::to_string(range.max));
  return fallback;
}

void Table::out_of_range(std::string_view key, const Value& found, std::string_view min,
                         std::string_view max) {
  error(found.place,
        fmt::format("{}{} is {}", in_quotes(key), in_here(), log::printable(found.text, 80)),
        fmt::format("it must be from {} to {}", min, max));
}

void Table::malformed(std::string_view key, const Value& found, const Error& why) {
  error(found.place, fmt::format("{}{}: {}", in_quotes(key), in_here(), why.message), why.hint);
}

Milliseconds Table::duration(std::string_view key, Range<Milliseconds> range,
                             Milliseconds fallback) {
  const Value* value = ask(key, Kind::kString);
  if (!value) return fallback;
  const Result<Milliseconds> parsed = parse_duration(value->text);
  if (parsed && *parsed >= range.min && *parsed <= range.max) return *parsed;
  if (parsed)
    out_of_range(key, *value, to_string(range.min), to_string(range.max));
  else
    malformed(key, *value, parsed.error());
  return fallback;
}

ByteCount Table::size(std::string_view key, Range<ByteCount> range, ByteCount fallback) {
  const Value* value = ask(key, Kind::kString);
  if (!value) return fallback;
  const Result<ByteCount> parsed = parse_size(value->text);
  if (parsed && *parsed >= range.min && *parsed <= range.max) return *parsed;
  if (parsed)
    out_of_range(key, *value, to_string(range.min), to_string(range.max));
  else
    malformed(key, *value, parsed.error());
  return fallback;
}

std::optional<Endpoint> Table::required_endpoint(std::string_view key) {
  require(key);
  const Value* value = ask(key, Kind::kString);
  if (!value) return std::nullopt;
  Result<Endpoint> parsed = parse_endpoint(value->text);
  if (parsed) return std::move(parsed).value();
  malformed(key, *value, parsed.error());
  return std::nullopt;
}

std::vector<Located<std::string>> Table::texts(std::string_view key) {
  std::vector<Located<std::string>> list;
  const Value* value = ask(key);
  if (!value) return list;
  if (value->kind != Kind::kArray) {
    error(value->place,
          fmt::format("{}{} must be a list of strings, not {}", in_quotes(key), in_here(),
                      shown(*value)),
          value->kind == Kind::kString ? fmt::format("write [{}]", in_quotes(value->text)) : "");
    return list;
  }
  for (const Value& element : value->elements) {
    if (element.kind != Kind::kString) {
      error(element.place, fmt::format("{}{} must hold strings only, not {}", in_quotes(key),
                                       in_here(), shown(element)));
    } else if (element.text.empty()) {
      error(element.place, fmt::format("{}{} holds an empty string", in_quotes(key), in_here()));
    } else if (std::any_of(list.begin(), list.end(),
                           [&](const auto& each) { return each.value == element.text; })) {
      error(element.place,
            fmt::format("{}{} holds {} twice", in_quotes(key), in_here(), in_quotes(element.text)));
    } else {
      list.push_back({element.text, element.place});
    }
  }
  return list;
}

std::vector<Located<Endpoint>> Table::endpoints(std::string_view key) {
  std::vector<Located<Endpoint>> list;
  for (const Located<std::string>& each : texts(key)) {
    Result<Endpoint> parsed = parse_endpoint(each.value);
    if (parsed)
      list.push_back({std::move(parsed).value(), each.place});
    else
      error(each.place, fmt::format("{}{}: {}", in_quotes(key), in_here(), parsed.error().message),
            parsed.error().hint);
  }
  return list;
}

std::optional<std::size_t> Table::choice_index(std::string_view key,
                                               const std::vector<std::string_view>& names) {
  const Value* value = ask(key, Kind::kString);
  if (!value) return std::nullopt;
  const auto at = std::find(names.begin(), names.end(), value->text);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  std::string known;
  for (const std::string_view name : names)
    known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", name);
  error(value->place, fmt::format("{}{} is {}", in_quotes(key), in_here(), in_quotes(value->text)),
        "it must be one of " + known);
  return std::nullopt;
}

std::vector<std::string_view> Table::keys() const {
  std::vector<std::string_view> keys;
  for (const Member& member : value_->members) keys.push_back(member.key);
  return keys;
}

std::optional<Table> Table::table(std::string_view key) {
  const Value* value = ask(key, Kind::kTable);
  if (!value) return std::nullopt;
  return Table(*value, join_path(path_, key), *diagnostics_);
}

std::vector<Table> Table::tables(std::string_view key) {
  std::vector<Table> list;
  const Value* value = ask(key);
  if (!value) return list;
  const std::string path = join_path(path_, key);
  const std::string form = fmt::format("a list of tables ([[{}]])", path);
  if (value->kind != Kind::kArray) {
    wrong_kind(key, *value, form);
    return list;
  }
  for (const Value& element : value->elements) {
    if (element.kind == Kind::kTable)
      list.emplace_back(element, path, *diagnostics_);
    else
      wrong_kind(key, element, form);
  }
  return list;
}

std::vector<Table::Named> Table::named_tables(std::string_view key) {
  std::vector<Named> list;
  const Value* value = ask(key, Kind::kTable);
  if (!value) return list;
  const std::string path = join_path(path_, key);
  for (const Member& member : value->members) {
    if (member.value.kind == Kind::kTable)
      list.push_back({member.key, Table(member.value, join_path(path, member.key), *diagnostics_)});
    else
      error(member.key_place,
            fmt::format("{} in [{}] must be a table ([{}]), not {}", in_quotes(member.key), path,
                        join_path(path, "NAME"), shown(member.value)));
  }
  return list;
}

void Table::finish() {
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (const Member& member : value_->members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    const std::string_view what = member.value.kind == Kind::kTable ? "table" : "key";
    error(member.key_place, fmt::format("unknown {} {}{}", what, in_quotes(member.key), in_here()),
          suggest(member.key, known));
  }
}

}  // namespace tracegate::config
