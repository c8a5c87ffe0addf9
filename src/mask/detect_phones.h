// Phone numbers: international (ITU-T E.164, with + or 00) and as they are written at home in many
// countries. What is only a run of digits, or has a form that tables of numbers have as well,
// counts when a label stands before it ("call", "Tel.", "phone":).
#pragma once

#include <optional>

#include "src/mask/detect_addresses.h"
#include "src/mask/detect_groups.h"

namespace tracegate::mask::detect {

// The phone number whose first digit is that of `groups`.
[[nodiscard]] std::optional<Place> phone_at(const Groups& groups);

}  // namespace tracegate::mask::detect
