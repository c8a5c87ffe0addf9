// Working memory of a thread that keeps its capacity from one value to the next, so that a value
// costs no allocation:
//
//   thread_local std::string memory;
//   const Scratch scratch(memory);
//
// What one enormous value took is given back.
#pragma once

#include <cstddef>
#include <string>

namespace tracegate::mask {

class Scratch {
 public:
  // Empties `memory`, which outlives *this.
  explicit Scratch(std::string& memory) : memory_(memory) { memory_.clear(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    constexpr std::size_t kKept = std::size_t{1} << 20;
    if (memory_.capacity() > kKept) std::string().swap(memory_);
  }

 private:
  std::string& memory_;
};

}  // namespace tracegate::mask
