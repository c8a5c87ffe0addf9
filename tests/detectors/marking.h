// Detectors as the tests ask for them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "src/mask/detectors.h"

namespace tracegate::mask {

inline DetectorsRef make_detectors(std::vector<std::string> names,
                                   std::vector<CustomDetector> custom = {}) {
  auto made = Detectors::make(names, custom);
  EXPECT_TRUE(made.ok()) << made.error().message;
  return made.ok() ? *made : nullptr;
}

inline const DetectorsRef& all_detectors() {
  static const DetectorsRef all = [] {
    std::vector<std::string> names;
    for (const std::string_view name : builtin_detectors()) names.emplace_back(name);
    return make_detectors(names);
  }();
  return all;
}

// The text as a reader gets it.
inline std::string marked(const Detectors& detectors, std::string_view text) {
  std::string out;
  const bool found = detectors.mark(text, out);
  EXPECT_EQ(found, !out.empty()) << text;
  return found ? out : std::string(text);
}
inline std::string marked(std::string_view text) {
  return marked(*all_detectors(), text);
}

// Likewise; "invalid" if it is no JSON text.
inline std::string marked_json(const Detectors& detectors, std::string_view json) {
  std::string out;
  switch (detectors.mark_json(json, out)) {
    case Detectors::Json::kClean:
      EXPECT_EQ(out, "");
      return std::string(json);
    case Detectors::Json::kMarked:
      return out;
    case Detectors::Json::kInvalid:
      EXPECT_EQ(out, "");
      break;
  }
  return "invalid";
}
inline std::string marked_json(std::string_view json) {
  return marked_json(*all_detectors(), json);
}

}  // namespace tracegate::mask
