// Hexadecimal text for known answers.
#pragma once

#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace tracegate::crypto::testing {

inline std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

}  // namespace tracegate::crypto::testing
