// Masks whose effect can be seen at a glance, for tests of what carries rows.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/mask/row_masks.h"
#include "src/mask/value_mask.h"

namespace tracegate::mask::testing {

// A mask out of a function of the value: what it says is what comes of it.
struct Made {
  Fate fate = Fate::kKept;
  std::string value = {};
};
class FakeMask final : public ValueMask {
 public:
  using OfValue = std::function<Made(std::string_view value, Format format)>;
  explicit FakeMask(OfValue of_value, Made of_null = {}, bool detects = false)
      : of_value_(std::move(of_value)), of_null_(std::move(of_null)), detects_(detects) {}
  [[nodiscard]] Fate apply(ByteView value, Format format, std::string& out) const override {
    return give(of_value_(as_text(value), format), out);
  }
  [[nodiscard]] Fate apply_to_null(Format, std::string& out) const override {
    return give(of_null_, out);
  }
  [[nodiscard]] bool detects() const override { return detects_; }

 private:
  static Fate give(const Made& made, std::string& out) {
    if (made.fate == Fate::kReplaced) out += made.value;
    return made.fate;
  }
  OfValue of_value_;
  Made of_null_;
  bool detects_;
};
using MaskRef = std::shared_ptr<const ValueMask>;

inline MaskRef fake(FakeMask::OfValue of_value, Made of_null = {}) {
  return std::make_shared<FakeMask>(std::move(of_value), std::move(of_null));
}
// Every value becomes "***", or "\x01\x02" in binary; NULL stays.
inline MaskRef stars() {
  return fake([](std::string_view, Format format) {
    return Made{Fate::kReplaced, format == Format::kText ? "***" : "\x01\x02"};
  });
}
// Every value becomes another, NULL too.
inline MaskRef constant(std::string value) {
  return fake(
      [value](std::string_view, Format) {
        return Made{Fate::kReplaced, value};
      },
      Made{Fate::kReplaced, value});
}
// Every value becomes NULL.
inline MaskRef to_null() {
  return fake([](std::string_view, Format) { return Made{Fate::kNull}; }, Made{Fate::kNull});
}
// Every value becomes itself: what carries it has to take it apart and put it together again.
inline MaskRef itself() {
  return fake([](std::string_view value, Format) {
    return Made{Fate::kReplaced, std::string(value)};
  });
}
// A detector that finds every '@', and puts "[at]" in its place.
inline MaskRef finds_at_signs() {
  return std::make_shared<FakeMask>(
      [](std::string_view value, Format) {
        const std::size_t at = value.find('@');
        if (at == std::string_view::npos) return Made{};
        return Made{Fate::kReplaced,
                    std::string(value.substr(0, at)).append("[at]").append(value.substr(at + 1))};
      },
      Made{}, true);
}

// One output for each, null for those without a mask. Column i comes from attribute i + 1 of
// `relation`, and is a text.
inline RowMasksRef masks_of(const std::vector<MaskRef>& masks, catalog::Oid relation = 16400) {
  auto made = std::make_shared<RowMasks>();
  for (const MaskRef& mask : masks) {
    MaskedOutput output;
    output.mask = mask;
    output.relation = relation;
    output.attribute_number = static_cast<std::int16_t>(made->outputs.size() + 1);
    output.type = 25;
    made->outputs.push_back(std::move(output));
  }
  return made;
}

}  // namespace tracegate::mask::testing
