// A secret value (password, key, token). It cannot be formatted, compared with ==, copied by
// accident or printed; its memory is wiped when it goes. Reading it takes a visible word: reveal().
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace tracegate {

// Overwrites `size` bytes in a way that the optimiser keeps.
void wipe_memory(void* data, std::size_t size) noexcept;

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept { take(other); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      take(other);
    }
    return *this;
  }
  ~Secret() { wipe(); }

  // A deliberate second copy, for example one for each worker.
  [[nodiscard]] Secret clone() const { return Secret(value_); }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  // Borrowed until the Secret is changed or destroyed. Must not reach a log, an error or a record.
  [[nodiscard]] std::string_view reveal() const { return value_; }

 private:
  void wipe() noexcept { wipe_memory(value_.data(), value_.size()); }
  void take(Secret& other) noexcept {
    value_ = other.value_;  // a moved std::string may leave its small buffer behind; copy and wipe
    other.wipe();
    other.value_.clear();
  }
  std::string value_;
};

}  // namespace tracegate
