// What the finders of detectors.h share: the kinds of things that are built in, and the record of
// what was found where. A finder reads a text and adds spans; it never changes the text, never
// fails, and takes time linear in the text whatever stands in it: each looks only a bounded way
// around a place, or moves on past what it looked at.
//
// Finders are independent: spans come in any order and may overlap (detect_marks.h sorts that out).
// Threading: a Search belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tracegate::mask::detect {

enum class Kind : std::uint8_t {
  kEmail,
  kPhone,
  kPaymentCard,
  kIban,
  kUsSsn,
  kIpAddress,
  kJwt,
  kAwsKey,
  kGcpKey,
  kGithubToken,
  kSlackToken,
  kOpenaiKey,
  kPrivateKey,
  kHighEntropy,
};
inline constexpr std::array<std::string_view, 14> kKindNames = {
    "email",       "phone",      "payment_card", "iban",        "us_ssn",
    "ip_address",  "jwt",        "aws_key",      "gcp_key",     "github_token",
    "slack_token", "openai_key", "private_key",  "high_entropy"};

class KindSet {
 public:
  void add(Kind kind) { bits_ |= bit(kind); }
  [[nodiscard]] bool has(Kind kind) const { return (bits_ & bit(kind)) != 0; }
  template <typename... Kinds>
  [[nodiscard]] bool any_of(Kinds... kinds) const {
    return (bits_ & (bit(kinds) | ...)) != 0;
  }

 private:
  static std::uint32_t bit(Kind kind) { return std::uint32_t{1} << static_cast<unsigned>(kind); }
  std::uint32_t bits_ = 0;
};

struct Span {
  std::size_t begin = 0;  // offsets of bytes
  std::size_t end = 0;
  std::uint32_t mark = 0;  // a Kind, or the number of kinds and then that of a custom detector
};

struct Search {
  std::string_view text;
  KindSet wanted;
  std::vector<Span>& found;

  void add(Kind kind, std::size_t begin, std::size_t end) {
    found.push_back({begin, end, static_cast<std::uint32_t>(kind)});
  }
};

}  // namespace tracegate::mask::detect
