// The patterns of operators, by RE2: linear in the text, no backtracking. One pass over a text says
// which patterns are in it at all; only for those are places looked for.
//
// RE2 finds one match after the other, and each search may read further than its match; so that all
// of them together stay linear, a pattern must say how long its matches can get.
// Threading: immutable; RE2 guards its automata itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/mask/detect_search.h"
#include "src/mask/detectors.h"

namespace tracegate::mask::detect {

class CustomPatterns {
 public:
  // The spans of pattern i have the mark `first_mark` + i. Errors name the detector.
  [[nodiscard]] static Result<std::unique_ptr<CustomPatterns>> make(
      std::span<const CustomDetector> custom, std::uint32_t first_mark);
  CustomPatterns(const CustomPatterns&) = delete;
  CustomPatterns& operator=(const CustomPatterns&) = delete;
  ~CustomPatterns();

  void find(std::string_view text, std::vector<Span>& found) const;
  // Whether one of them is in the text.
  [[nodiscard]] bool any_in(std::string_view text) const;
  // Whether one of them may be in a part of the text, where control characters stand between parts.
  [[nodiscard]] bool may_be_in_parts(std::string_view text) const;

 private:
  struct Engine;
  CustomPatterns(std::unique_ptr<Engine> engine, std::uint32_t first_mark);
  std::unique_ptr<Engine> engine_;
  std::uint32_t first_mark_;
};

}  // namespace tracegate::mask::detect
