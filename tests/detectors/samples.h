// The labelled texts of tests/data/detectors.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tracegate::mask {

struct LabelledSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string kind;
};
struct Sample {
  std::string text;
  std::vector<LabelledSpan> spans;
};

// Aborts with a message if the file is not as make_samples writes it.
[[nodiscard]] const std::vector<Sample>& samples();

}  // namespace tracegate::mask
