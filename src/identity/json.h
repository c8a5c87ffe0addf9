// Small JSON objects from outside (RFC 8259), read strictly: the header and the payload of a token,
// a set of keys. What another reader could understand differently is refused, at every depth,
// whether anybody asks for it or not:
//
// - a name that stands twice in one object, also where it is written with escapes;
// - bytes that are not UTF-8, a byte order mark;
// - escapes of a surrogate without its other half, and U+0000, in texts and in names;
// - more than 32 levels; a number that fits neither 64 bits nor a finite double; anything but white
//   space behind the object.
//
// Threading: plain values. The only file that knows the parser behind it is json.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tracegate::identity {

inline constexpr std::size_t kMaxJsonDepth = 32;

enum class JsonFault { kMalformed, kNotUtf8, kText, kNumber, kTooDeep, kDuplicateName, kNoObject };
[[nodiscard]] std::string_view to_string(JsonFault fault);  // "not UTF-8"

// A value. Objects keep their members sorted by name.
class Json {
 public:
  struct Member;
  using List = std::vector<Json>;
  using Object = std::vector<Member>;

  Json() = default;  // null

  // An object and nothing else. The result does not borrow from `text`.
  [[nodiscard]] static std::variant<Json, JsonFault> parse_object(std::string_view text);

  // Each is null if the value is of another type.
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const List* list() const { return std::get_if<List>(&value_); }
  // The nearest double.
  [[nodiscard]] const double* number() const;
  [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(value_); }
  // Of an object; null as well if it has no such member.
  [[nodiscard]] const Json* find(std::string_view name) const;

  // A text as it is, a boolean as "true" or "false", a number as the shortest decimal that means
  // the same, without exponent or point where that is no longer: 1e2 and 100.0 both give "100".
  [[nodiscard]] std::optional<std::string> scalar() const;

 private:
  friend class JsonBuilder;
  struct Number {
    double value = 0;
    std::string decimal;
  };
  std::variant<std::monostate, bool, Number, std::string, List, Object> value_;
};

struct Json::Member {
  std::string name;
  Json value;
};

}  // namespace tracegate::identity
