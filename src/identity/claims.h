// Where a claim stands in the payload of a token, and what may stand there.
// Threading: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/identity/json.h"

namespace tracegate::identity {

// Names from the outside in: {"realm_access", "roles"}. A name may be anything, also a URL.
using ClaimPath = std::vector<std::string>;

// Of the names between the dots. An error if one is empty; a name that has a dot of its own has to
// be given as a path.
[[nodiscard]] Result<ClaimPath> parse_claim_path(std::string_view dotted);
// For people: the names, with dots between them.
[[nodiscard]] std::string to_string(const ClaimPath& path);

// Null if a name on the way is missing or is no object, and for the path without names.
[[nodiscard]] const Json* find_claim(const Json& payload, const ClaimPath& path);

inline constexpr std::size_t kMaxClaimText = 255;  // bytes
inline constexpr std::size_t kMaxClaimValues = 1000;

// Whether a text can stand for somebody, or for a group, in front of people and in records: 1 to
// 255 bytes without control characters and without the invisible ones that change how the text
// around them reads (direction marks, joiners, line separators, tags).
[[nodiscard]] bool is_claim_text(std::string_view text);

enum class ClaimTypes { kTexts, kScalars };
// A value or a list of values; nothing if one is not a claim text, is of another type, or if there
// are more than kMaxClaimValues. With kScalars, numbers and booleans count as Json::scalar() has
// it.
[[nodiscard]] std::optional<std::vector<std::string>> claim_values(const Json& claim,
                                                                   ClaimTypes types);

}  // namespace tracegate::identity
