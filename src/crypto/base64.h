// Base64 (RFC 4648 section 4), strict: with padding, no line breaks or white space, and the unused
// bits of the last character zero, so that every value has exactly one text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace tracegate::crypto {

[[nodiscard]] std::string base64_encode(ByteView data);
// Nothing if `text` is not what base64_encode() gives for some bytes.
[[nodiscard]] std::optional<Bytes> base64_decode(std::string_view text);

}  // namespace tracegate::crypto
