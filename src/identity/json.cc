#include "src/identity/json.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "src/base/utf8.h"

namespace tracegate::identity {
namespace {

namespace dom = simdjson::dom;

JsonFault fault_of(simdjson::error_code error) {
  if (error == simdjson::UTF8_ERROR) return JsonFault::kNotUtf8;
  if (error == simdjson::STRING_ERROR) return JsonFault::kText;
  if (error == simdjson::NUMBER_ERROR) return JsonFault::kNumber;
  if (error == simdjson::DEPTH_ERROR) return JsonFault::kTooDeep;
  return JsonFault::kMalformed;
}

// The parser makes an escape of half a surrogate pair into bytes that are not UTF-8.
bool is_sound(std::string_view text) {
  return text.find('\0') == std::string_view::npos && is_valid_utf8(text);
}

template <typename T>
std::string decimal(T value) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

}  // namespace

// Turns the parser's tree into ours, and looks at all of it on the way.
class JsonBuilder {
 public:
  // False if there is a fault().
  bool build(const dom::element& from, Json& into) {
    switch (from.type()) {
      case dom::element_type::NULL_VALUE:
        return true;
      case dom::element_type::BOOL:
        into.value_ = from.get_bool().value_unsafe();
        return true;
      case dom::element_type::INT64:
        return put_number(from.get_int64().value_unsafe(), into);
      case dom::element_type::UINT64:
        return put_number(from.get_uint64().value_unsafe(), into);
      case dom::element_type::DOUBLE:
        return put_number(from.get_double().value_unsafe(), into);
      case dom::element_type::STRING:
        return build_text(from.get_string().value_unsafe(), into.value_.emplace<std::string>());
      case dom::element_type::ARRAY:
        return descend([&] {
          return build_list(from.get_array().value_unsafe(), into.value_.emplace<Json::List>());
        });
      case dom::element_type::OBJECT:
        return descend([&] {
          return build_object(from.get_object().value_unsafe(),
                              into.value_.emplace<Json::Object>());
        });
    }
    return fail(JsonFault::kMalformed);
  }
  [[nodiscard]] JsonFault fault() const { return fault_; }

 private:
  bool fail(JsonFault fault) {
    fault_ = fault;
    return false;
  }

  // The parser counts levels too, but not those that are empty.
  template <typename Build>
  bool descend(const Build& build_level) {
    if (depth_ == kMaxJsonDepth) return fail(JsonFault::kTooDeep);
    ++depth_;
    const bool built = build_level();
    --depth_;
    return built;
  }

  template <typename T>
  bool put_number(T value, Json& into) {
    into.value_ = Json::Number{static_cast<double>(value), decimal(value)};
    return true;
  }

  bool build_text(std::string_view from, std::string& into) {
    if (!is_sound(from)) return fail(JsonFault::kText);
    into = from;
    return true;
  }

  bool build_list(const dom::array& from, Json::List& into) {
    into.reserve(from.size());
    for (const dom::element element : from)
      if (!build(element, into.emplace_back())) return false;
    return true;
  }

  bool build_object(const dom::object& from, Json::Object& into) {
    into.reserve(from.size());
    for (const dom::key_value_pair member : from) {
      Json::Member& added = into.emplace_back();
      if (!build_text(member.key, added.name) || !build(member.value, added.value)) return false;
    }
    const auto before = [](const auto& a, const auto& b) { return a.name < b.name; };
    const auto same = [](const auto& a, const auto& b) { return a.name == b.name; };
    std::sort(into.begin(), into.end(), before);
    if (std::adjacent_find(into.begin(), into.end(), same) != into.end())
      return fail(JsonFault::kDuplicateName);
    return true;
  }

  std::size_t depth_ = 0;
  JsonFault fault_ = JsonFault::kMalformed;
};

std::string_view to_string(JsonFault fault) {
  switch (fault) {
    case JsonFault::kMalformed:
      return "not JSON";
    case JsonFault::kNotUtf8:
      return "not UTF-8";
    case JsonFault::kText:
      return "a text with a bad escape, half a surrogate pair or U+0000";
    case JsonFault::kNumber:
      return "a number that is malformed or too large";
    case JsonFault::kTooDeep:
      return "nested too deeply";
    case JsonFault::kDuplicateName:
      return "a name twice in one object";
    case JsonFault::kNoObject:
      return "not an object";
  }
  return "";
}

std::variant<Json, JsonFault> Json::parse_object(std::string_view text) {
  if (text.empty()) return JsonFault::kMalformed;
  dom::parser parser;
  if (parser.allocate(text.size(), kMaxJsonDepth + 1) != simdjson::SUCCESS)
    return JsonFault::kMalformed;
  dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root); error)
    return fault_of(error);
  if (!root.is_object()) return JsonFault::kNoObject;
  JsonBuilder builder;
  Json value;
  if (!builder.build(root, value)) return builder.fault();
  return value;
}

const double* Json::number() const {
  const Number* found = std::get_if<Number>(&value_);
  return found == nullptr ? nullptr : &found->value;
}

const Json* Json::find(std::string_view name) const {
  const Object* object = std::get_if<Object>(&value_);
  if (object == nullptr) return nullptr;
  const auto before = [](const Member& member, std::string_view sought) {
    return member.name < sought;
  };
  const auto at = std::lower_bound(object->begin(), object->end(), name, before);
  return at != object->end() && at->name == name ? &at->value : nullptr;
}

std::optional<std::string> Json::scalar() const {
  if (const std::string* text = this->text()) return *text;
  if (const bool* boolean = std::get_if<bool>(&value_)) return *boolean ? "true" : "false";
  if (const Number* number = std::get_if<Number>(&value_)) return number->decimal;
  return std::nullopt;
}

}  // namespace tracegate::identity
