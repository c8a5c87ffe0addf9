#include "src/config/document.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <sstream>

#include "src/base/utf8.h"

namespace tracegate::config {

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::kString:
      return "a string";
    case Kind::kInteger:
      return "an integer";
    case Kind::kFloat:
      return "a floating point number";
    case Kind::kBoolean:
      return "a boolean";
    case Kind::kDateTime:
      return "a date or time";
    case Kind::kArray:
      return "a list";
    case Kind::kTable:
      return "a table";
  }
  return "nothing";
}

const Member* Value::find(std::string_view key) const {
  const auto at = std::lower_bound(
      members.begin(), members.end(), key,
      [](const Member& member, std::string_view wanted) { return member.key < wanted; });
  return at != members.end() && at->key == key ? &*at : nullptr;
}

namespace {

Place place_of(const toml::source_region& source, const std::string& file) {
  return {file, source.begin.line, source.begin.column};
}

template <typename Scalar>
std::string written(const Scalar& scalar) {
  std::ostringstream out;
  out << scalar;
  return out.str();
}

// How deep our own files go, with room; what is deeper cannot have a known key.
constexpr int kDeepest = 16;

Value convert(const toml::node& node, const std::string& file, int depth, Diagnostics& out);

void convert_members(const toml::table& table, const std::string& file, int depth, Value& value,
                     Diagnostics& out) {
  for (const auto& [key, node] : table)
    value.members.push_back({std::string(key.str()), place_of(key.source(), file),
                             convert(node, file, depth + 1, out)});
  std::sort(value.members.begin(), value.members.end(),
            [](const Member& a, const Member& b) { return a.key < b.key; });
}

Value convert(const toml::node& node, const std::string& file, int depth, Diagnostics& out) {
  Value value;
  value.place = place_of(node.source(), file);
  if (depth > kDeepest) {
    out.error(value.place, "tables and lists are nested too deeply");
    return value;
  }
  if (const toml::table* table = node.as_table()) {
    value.kind = Kind::kTable;
    convert_members(*table, file, depth, value, out);
  } else if (const toml::array* array = node.as_array()) {
    value.kind = Kind::kArray;
    for (const toml::node& element : *array)
      value.elements.push_back(convert(element, file, depth + 1, out));
  } else if (const auto* text = node.as_string()) {
    value.kind = Kind::kString;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Kind::kInteger;
    value.integer = integer->get();
    value.text = std::to_string(value.integer);
  } else if (const auto* floating = node.as_floating_point()) {
    value.kind = Kind::kFloat;
    value.text = written(*floating);
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = Kind::kBoolean;
    value.boolean = boolean->get();
    value.text = value.boolean ? "true" : "false";
  } else {
    value.kind = Kind::kDateTime;
    node.visit([&](const auto& other) { value.text = written(other); });
  }
  return value;
}

// Reports what must not reach the parser; returns whether there was nothing.
bool fit_to_parse(std::string_view text, const std::string& file, Diagnostics& out) {
  if (text.size() > kMaxFileBytes) {
    out.error({file, 0, 0}, fmt::format("the file has more than {} bytes", kMaxFileBytes));
    return false;
  }
  std::uint32_t line_number = 1;
  for (std::size_t at = 0; at < text.size(); ++line_number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.size() > kMaxLineBytes) {
      out.error({file, line_number, 1},
                fmt::format("the line has more than {} bytes", kMaxLineBytes));
      return false;
    }
    if (!is_valid_utf8(line)) {
      std::uint32_t column = 1;
      for (std::size_t i = 0; utf8_sequence_length(line.substr(i)) != 0; ++column)
        i += utf8_sequence_length(line.substr(i));
      out.error({file, line_number, column}, "the text is not valid UTF-8");
      return false;
    }
    at = end + 1;
  }
  return true;
}

}  // namespace

Value parse_document(std::string_view text, const std::string& file, Diagnostics& out) {
  Value empty;
  empty.place = {file, 1, 1};
  if (!fit_to_parse(text, file, out)) return empty;
  try {
    const toml::table table = toml::parse(text);
    Value value;
    value.place = {file, 1, 1};
    convert_members(table, file, 0, value, out);
    return value;
  } catch (const toml::parse_error& error) {
    out.error(place_of(error.source(), file), std::string(error.description()));
  } catch (const std::exception& error) {
    out.error({file, 0, 0}, std::string("the file cannot be read: ") + error.what());
  }
  return empty;
}

}  // namespace tracegate::config
