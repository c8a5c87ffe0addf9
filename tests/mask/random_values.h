// Values for columns, as PostgreSQL reads them: the odd ones of each type, and random ones.
// Fixed seeds: the same values in every run.
#pragma once

#include <string>
#include <vector>

namespace tracegate::mask {

enum class Values {
  kText,
  kShortText,  // of at most 40 characters
  kName,       // of at most 60 bytes
  kJson,
  kJsonb,
  kUuid,
  kInt2,
  kInt4,
  kInt8,
  kNumeric,
  kSmallNumeric,  // of at most 26 digits before the point
  kBoolean,
  kBytea,
  kDate,
  kTimestamp,
  kTimestampTz,
  kMood,
  kPair,
  kPoint,
};

[[nodiscard]] std::vector<std::string> values_of(Values kind);
// Arrays of them: of several dimensions, with other bounds, with NULLs.
[[nodiscard]] std::vector<std::string> arrays_of(Values kind);

}  // namespace tracegate::mask
