// What a policy says of a mask, before it is known of which type the column is.
// docs/masking.md is the reference.
// Threading: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tracegate::mask {

enum class Method : std::uint8_t {
  kRedact,    // one constant for every value, NULL included
  kPartial,   // the first and last characters; a * for each between them
  kEmail,     // a***@example.com
  kHash,      // a pseudonym: equal values have equal ones
  kTruncate,  // times to the hour, day, month or year; numbers to buckets
  kJson,      // what stands at paths
  kDetect,    // personal data and secrets within free text or JSON
};
[[nodiscard]] std::string_view to_string(Method method);  // "redact", ...

enum class TimeUnit : std::uint8_t { kHour, kDay, kMonth, kYear };

struct JsonRule;

struct Spec {
  Method method = Method::kRedact;
  std::optional<std::string> value;  // kRedact: the constant as text; not set: NULL
  std::uint32_t keep_first = 0;      // kPartial, in characters
  std::uint32_t keep_last = 0;
  // kHash: equal values of columns of one domain have equal pseudonyms.
  std::string domain;
  std::optional<TimeUnit> unit;  // kTruncate of a time
  std::int64_t bucket = 0;       // kTruncate of a number: the width; 0: it is for times
  std::vector<JsonRule> paths;   // kJson: in order; the first that fits counts
  // kDetect, and kJson if any of its leaves is kDetect (they share them): names, built in and
  // custom; sorted.
  std::vector<std::string> detectors;
};

// One step of a path: a key of an object, any key, or any element of an array.
struct JsonStep {
  enum class Kind : std::uint8_t { kKey, kAnyKey, kAnyElement };
  Kind kind = Kind::kKey;
  std::string key;
};

struct JsonRule {
  std::vector<JsonStep> steps;  // at least one
  // kRedact, kPartial, kEmail, kHash or kDetect, of strings. What stands there and is neither a
  // string nor null becomes the string "[redacted]"; kRedact replaces it whatever it is.
  Spec leaf;
};

// "user.email", "messages[*].content", "tags.*", with "a key".b for keys that are no identifier;
// nothing if it is none.
[[nodiscard]] std::optional<std::vector<JsonStep>> parse_json_path(std::string_view text);

}  // namespace tracegate::mask
