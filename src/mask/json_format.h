// json and jsonb as they stand in results: JSON text; in binary format, jsonb has a version before
// it (utils/adt/jsonb.c).
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/mask/value_mask.h"

namespace tracegate::mask {

inline constexpr char kJsonbVersion = 1;

// Borrowed from `value`. Nothing for a version that is not known.
[[nodiscard]] inline std::optional<std::string_view> json_text(ByteView value, Format format,
                                                               bool is_jsonb) {
  std::string_view text = as_text(value);
  if (!is_jsonb || format == Format::kText) return text;
  if (!text.starts_with(kJsonbVersion)) return std::nullopt;
  text.remove_prefix(1);
  return text;
}

// Appends what stands before the text.
inline void begin_json(Format format, bool is_jsonb, std::string& out) {
  if (is_jsonb && format == Format::kBinary) out.push_back(kJsonbVersion);
}

}  // namespace tracegate::mask
