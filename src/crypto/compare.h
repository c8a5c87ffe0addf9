// Comparison whose time depends on the sizes only, never on where the contents differ. For proofs,
// signatures and cancel keys.
#pragma once

#include "src/base/bytes.h"

namespace tracegate::crypto {

[[nodiscard]] bool equal_constant_time(ByteView a, ByteView b);

}  // namespace tracegate::crypto
