// A first-in first-out queue that keeps its memory: pushing and popping one entry per message must
// not allocate. Capacity grows by doubling up to what its owner lets in.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "src/base/result.h"

namespace tracegate::session {

template <typename T>
class Ring {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // By age: [0] is the oldest.
  T& operator[](std::size_t index) {
    TG_CHECK(index < size_, "ring index");
    return slots_[(head_ + index) & (slots_.size() - 1)];
  }
  const T& operator[](std::size_t index) const { return const_cast<Ring&>(*this)[index]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }

  // The new entry is a T{} for the caller to fill.
  T& push() {
    if (size_ == slots_.size()) grow();
    T& slot = slots_[(head_ + size_) & (slots_.size() - 1)];
    ++size_;
    slot = T{};
    return slot;
  }
  void pop() {
    front() = T{};  // releases what it holds
    head_ = (head_ + 1) & (slots_.size() - 1);
    --size_;
  }

 private:
  void grow() {
    std::vector<T> larger(slots_.empty() ? 8 : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    slots_ = std::move(larger);
    head_ = 0;
  }
  std::vector<T> slots_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace tracegate::session
