#include "src/mask/constant.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "src/base/utf8.h"
#include "src/mask/array_mask.h"
#include "src/mask/integer.h"
#include "src/mask/json_format.h"
#include "src/mask/json_scan.h"
#include "src/mask/types.h"
#include "src/mask/uuid.h"

namespace tracegate::mask {
namespace {

Error no_value(std::string_view needed) {
  return Error("the value of redact must be " + std::string(needed));
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<Constant> make_text(std::string_view text, const ColumnType& type) {
  constexpr std::size_t kMaxName = 63;
  const auto length = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
  if (type.capacity && length > *type.capacity)
    return no_value("at most " + std::to_string(*type.capacity) + " characters for this column");
  if (scalar_oid(type) == kNameOid && text.size() > kMaxName)
    return no_value("at most 63 bytes for a name");
  return Constant{std::string(text), std::string(text)};
}

// Without needless zeros and signs; nothing if it is none.
std::optional<std::string> canonical_number(std::string_view text) {
  constexpr std::size_t kMost = 1000;
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  if (!is_digits(whole) || text.size() > kMost) return std::nullopt;
  if (point != std::string_view::npos && !is_digits(text.substr(point + 1))) return std::nullopt;
  text.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size() - 1));
  const bool is_zero = text.find_first_of("123456789") == std::string_view::npos;
  return (is_negative && !is_zero ? "-" : "") + std::string(text);
}

Result<Constant> make_numeric(std::string_view text, const ColumnType& type) {
  const std::optional<std::string> number = canonical_number(text);
  if (!number) return no_value("a number without exponent, of at most 1000 digits");
  std::string_view whole = std::string_view(*number).substr(0, number->find('.'));
  whole.remove_prefix(std::min(whole.find_first_not_of("-0"), whole.size()));
  if (type.capacity && whole.size() > *type.capacity)
    return no_value("a number of at most " + std::to_string(*type.capacity) +
                    " digits before the point for this column");
  return Constant{*number, {}, /*is_store_only=*/true};
}

Result<Constant> make_integer(std::string_view text, const IntegerType& type) {
  const std::optional<std::int64_t> number = read_integer(as_bytes(text), Format::kText, type);
  if (!number)
    return no_value("a whole number between " + std::to_string(type.lowest) + " and " +
                    std::to_string(type.highest));
  Constant constant;
  append_integer(*number, Format::kText, type, constant.text);
  append_integer(*number, Format::kBinary, type, constant.binary);
  return constant;
}

// Of a JSON text of one piece, or {} or []; nothing if it is none or jsonb cannot hold it.
std::optional<std::string> canonical_json_scalar(std::string_view text) {
  JsonScanner in(text);
  const JsonEvent event = in.next();
  const std::size_t begin = in.begin();
  std::string out;
  if (event == JsonEvent::kBeginObject || event == JsonEvent::kBeginArray) {
    const JsonEvent second = in.next();
    if (second != JsonEvent::kEndObject && second != JsonEvent::kEndArray) return std::nullopt;
    out = event == JsonEvent::kBeginObject ? "{}" : "[]";
  } else if (event == JsonEvent::kString) {
    std::string unescaped;
    if (!append_unescaped(in.body(), unescaped)) return std::nullopt;
    if (unescaped.find('\0') != std::string::npos) return std::nullopt;
    append_json_string(unescaped, out);
  } else if (event == JsonEvent::kNumber) {
    const auto number = canonical_number(text.substr(begin, in.end() - begin));
    if (!number) return std::nullopt;
    out = *number;
  } else if (event == JsonEvent::kBoolean || event == JsonEvent::kNull) {
    out = text.substr(begin, in.end() - begin);
  } else {
    return std::nullopt;
  }
  if (in.next() != JsonEvent::kEnd) return std::nullopt;
  return out;
}

bool is_json(std::string_view text) {
  constexpr std::size_t kMaxDepth = 64;  // far from the store's limits
  JsonScanner in(text);
  for (;;) {
    const JsonEvent event = in.next();
    if (event == JsonEvent::kEnd) return true;
    if (event == JsonEvent::kInvalid || in.depth() > kMaxDepth) return false;
  }
}

Result<Constant> make_json(std::string_view text) {
  if (!is_json(text)) return no_value("JSON text of at most 64 levels");
  return Constant{std::string(text), std::string(text)};
}

Result<Constant> make_jsonb(std::string_view text) {
  const std::optional<std::string> canonical = canonical_json_scalar(text);
  if (!canonical)
    return no_value("a string, a number without exponent, true, false, null, {} or [] in JSON");
  return Constant{*canonical, kJsonbVersion + *canonical};
}

Result<Constant> make_uuid(std::string_view text) {
  const std::optional<Uuid> uuid = parse_uuid(text);
  if (!uuid) return no_value("a UUID of the form 01234567-89ab-cdef-0123-456789abcdef");
  Constant constant;
  append_uuid(*uuid, constant.text);
  constant.binary = as_text(*uuid);
  return constant;
}

Result<Constant> make_boolean(std::string_view text) {
  if (text != "true" && text != "false") return no_value("true or false");
  const bool is_true = text == "true";
  return Constant{is_true ? "t" : "f", std::string(1, is_true ? '\1' : '\0')};
}

Result<Constant> make_bytea(std::string_view text) {
  Constant constant;
  if (!text.starts_with("\\x") || !append_unhexed(text.substr(2), constant.binary))
    return no_value("\\x and pairs of hexadecimal digits");
  constant.text = "\\x";
  append_hex(as_bytes(constant.binary), constant.text);
  return constant;
}

// "2026-01-31"
bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t at, std::size_t length) {
    const std::string_view digits = text.substr(at, length);
    int value = 0;
    if (is_digits(digits)) std::from_chars(digits.data(), digits.data() + length, value);
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return day.ok() && number(0, 4) > 0;
}

// "23:59:59"
bool is_time(std::string_view text) {
  return text.size() == 8 && text[2] == ':' && text[5] == ':' && is_digits(text.substr(0, 2)) &&
         is_digits(text.substr(3, 2)) && is_digits(text.substr(6, 2)) && text.substr(0, 2) < "24" &&
         text[3] < '6' && text[6] < '6';
}

Result<Constant> make_date(std::string_view text) {
  if (!is_day(text)) return no_value("a date of the form 2026-01-31");
  return Constant{std::string(text), {}, /*is_store_only=*/true};
}

Result<Constant> make_timestamp(std::string_view text, bool has_zone) {
  const std::string_view form = has_zone ? "2026-01-31 23:59:59Z" : "2026-01-31 23:59:59";
  if (text.size() != form.size() || !is_day(text.substr(0, 10)) || text[10] != ' ' ||
      !is_time(text.substr(11, 8)) || (has_zone && text.back() != 'Z'))
    return no_value("a time of the form " + std::string(form));
  // 'Z' would be looked up among abbreviations, which a setting can replace.
  return Constant{
      std::string(text.substr(0, 19)) + (has_zone ? "+00" : ""), {}, /*is_store_only=*/true};
}

Result<Constant> make_label(std::string_view text, const std::vector<std::string>& labels) {
  if (std::find(labels.begin(), labels.end(), text) == labels.end())
    return no_value("one of the labels of the enum");
  return Constant{std::string(text), std::string(text)};
}

Result<Constant> make_array(std::string_view text, catalog::Oid element_type) {
  if (text != "{}") return no_value("{} for an array");
  Constant constant;
  constant.text = "{}";
  append_empty_array(element_type, constant.binary);
  return constant;
}

}  // namespace

Result<Constant> make_constant(std::string_view text, const ColumnType& type) {
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
    return no_value("UTF-8 without zero bytes");
  if (type.is_array) return make_array(text, type.element_type);
  switch (type.type_class) {
    case TypeClass::kText:
      return make_text(text, type);
    case TypeClass::kJson:
      return make_json(text);
    case TypeClass::kJsonb:
      return make_jsonb(text);
    case TypeClass::kUuid:
      return make_uuid(text);
    case TypeClass::kInt2:
    case TypeClass::kInt4:
    case TypeClass::kInt8:
      return make_integer(text, *integer_type(type.type_class));
    case TypeClass::kNumeric:
      return make_numeric(text, type);
    case TypeClass::kBoolean:
      return make_boolean(text);
    case TypeClass::kBytea:
      return make_bytea(text);
    case TypeClass::kDate:
      return make_date(text);
    case TypeClass::kTimestamp:
      return make_timestamp(text, false);
    case TypeClass::kTimestampTz:
      return make_timestamp(text, true);
    case TypeClass::kEnum:
      return make_label(text, type.labels);
    case TypeClass::kComposite:
    case TypeClass::kOther:
      break;
  }
  return Error("redact has no other value than NULL for " + describe(type));
}

}  // namespace tracegate::mask
