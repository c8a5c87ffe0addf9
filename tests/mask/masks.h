// What tests say of masks: types by their names, and what becomes of a value.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/mask/column_mask.h"

namespace tracegate::mask {

// PostgreSQL's own by the names that format_type() gives them ("character varying(10)[]"), and of
// the schema app: citext, citext[], mood (an enum: 'sad', 'so so', 'happy'), mood[], pair (a
// composite), short (a domain over text), ages (over integer[]), short[].
[[nodiscard]] ColumnType type_named(const std::string& type_name);

// Of 32 times the letter k.
[[nodiscard]] HashKeyRef test_key();
// Finds the word "secret", which becomes "[found]".
[[nodiscard]] DetectorsRef test_detectors();

[[nodiscard]] Spec redact(std::optional<std::string> value = {});
[[nodiscard]] Spec partial(std::uint32_t first, std::uint32_t last);
[[nodiscard]] Spec email();
[[nodiscard]] Spec hash(std::string domain = "users");
[[nodiscard]] Spec truncate(TimeUnit unit);
[[nodiscard]] Spec buckets(std::int64_t width);
[[nodiscard]] Spec json(const std::vector<std::pair<std::string, Spec>>& paths);
[[nodiscard]] Spec detect();

// With test_key() and test_detectors(). Terminates where there is none.
[[nodiscard]] ColumnMask mask_of(const Spec& spec, const std::string& type_name);
// The error of make_mask(); empty if there is none.
[[nodiscard]] std::string refusal_of(const Spec& spec, const std::string& type_name);

inline const std::string kNullValue = "(NULL)";
inline const std::string kKeptValue = "(kept)";
// What the mask appended, and checks that it appended to what was there.
[[nodiscard]] std::string masked(const ValueMask& mask, std::string_view value,
                                 Format format = Format::kText);
[[nodiscard]] std::string masked(const ColumnMask& mask, std::string_view value,
                                 Format format = Format::kText);
[[nodiscard]] std::string masked_null(const ColumnMask& mask, Format format = Format::kText);

// Bytes from pairs of digits; spaces are left out.
[[nodiscard]] std::string bytes(std::string_view hexadecimal);

}  // namespace tracegate::mask
