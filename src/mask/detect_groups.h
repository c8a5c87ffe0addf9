// A number as people write it: groups of digits with single separators between them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tracegate::mask::detect {

enum class Separator : unsigned char {
  kSpace,  // also no-break spaces and %20
  kDash,   // also those of typography
  kDot,
  kSlash,
  kOpening,  // parenthesis, with or without a space before it
  kClosing,  // parenthesis, with or without a space or a dash behind it
};

struct Group {
  std::size_t begin = 0;
  std::size_t end = 0;
  Separator before = Separator::kSpace;  // what separates it from the one before it
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

// Up to 8 groups and 24 digits from `at`, where a digit stands; more are cut off.
struct Groups {
  std::string_view text;
  std::array<Group, 8> groups;
  std::size_t count = 0;

  [[nodiscard]] const Group& operator[](std::size_t i) const { return groups[i]; }
  [[nodiscard]] std::string_view digits_of(std::size_t i) const {
    return text.substr(groups[i].begin, groups[i].size());
  }
  // Digits of the first `n` groups.
  [[nodiscard]] std::size_t digits(std::size_t n) const;
  // Whether the groups before `n` are separated by `separator` from `first` on.
  [[nodiscard]] bool uniform(std::size_t first, std::size_t n) const;
  // Whether the sizes are these, of that many groups.
  template <typename... Sizes>
  [[nodiscard]] bool shaped(std::size_t n, Sizes... sizes) const {
    const std::array<std::size_t, sizeof...(sizes)> wanted{static_cast<std::size_t>(sizes)...};
    if (n != wanted.size()) return false;
    for (std::size_t i = 0; i < n; ++i)
      if (groups[i].size() != wanted[i]) return false;
    return true;
  }
};

[[nodiscard]] Groups read_digit_groups(std::string_view text, std::size_t at);

// Whether the digits at `begin` go on from what stands before, behind one of `signs`: 3.14, 12-34.
[[nodiscard]] bool continues_number(std::string_view text, std::size_t begin,
                                    std::string_view signs);
// Whether they go on behind `end`.
[[nodiscard]] bool number_goes_on(std::string_view text, std::size_t end, std::string_view signs);

// The length in bytes of what may separate two groups at `at`, and what it is; 0 if nothing does.
struct SeparatorAt {
  std::size_t size = 0;
  Separator kind = Separator::kSpace;
};
[[nodiscard]] SeparatorAt separator_at(std::string_view text, std::size_t at);

}  // namespace tracegate::mask::detect
