// What roles see of columns that are classified or that they have masks for: as policy says it.
// role_masks.h makes masks of it for the types that a store's columns have. docs/masking.md is the
// reference.
//
// Private to src/policy but for the structs, which policy.h holds.
// Threading: plain values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/config/document.h"
#include "src/mask/detectors.h"
#include "src/mask/hash_key.h"
#include "src/mask/spec.h"

namespace tracegate::policy {

// `mask = "none"` or `mask = { method = ... }`.
struct MaskChoice {
  std::optional<mask::Spec> spec;  // nothing: the column is shown as it is
  mask::DetectorsRef detectors;    // of `spec`; null if it names none
  mask::HashKeyRef key;            // null if the policy has none
  config::Place place;
  std::string source;  // "masking.toml:12"
};

// A column of a table that is classified, or that the role has a mask for.
struct ColumnMasking {
  std::string column;
  MaskChoice mask;
  config::Place place;  // where the column is named
};

}  // namespace tracegate::policy
