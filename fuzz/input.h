// The bytes of a fuzzer as choices, taken from the front; at their end every choice is the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tracegate {

class Input {
 public:
  explicit Input(std::string_view bytes) : left_(bytes) {}
  [[nodiscard]] bool empty() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return first;
  }
  std::string_view bytes(std::size_t count) {
    const std::string_view first = left_.substr(0, count);
    left_.remove_prefix(first.size());
    return first;
  }
  template <typename Table>
  std::string_view one_of(const Table& table) {
    return table[byte() % table.size()];
  }

 private:
  std::string_view left_;
};

}  // namespace tracegate
