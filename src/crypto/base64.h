// Base64 (RFC 4648 section 4, with padding) and base64url (section 5, without, as RFC 7515 section
// 2 has it), both strict: no line breaks or white space, and the unused bits of the last character
// zero, so that every value has exactly one text in each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace tracegate::crypto {

[[nodiscard]] std::string base64_encode(ByteView data);
// Nothing if `text` is not what base64_encode() gives for some bytes.
[[nodiscard]] std::optional<Bytes> base64_decode(std::string_view text);

[[nodiscard]] std::string base64url_encode(ByteView data);
// Nothing if `text` is not what base64url_encode() gives for some bytes.
[[nodiscard]] std::optional<Bytes> base64url_decode(std::string_view text);

}  // namespace tracegate::crypto
