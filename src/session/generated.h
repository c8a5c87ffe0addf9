// Messages of the session's own during one event. Effects borrows them until the event is over, so
// they stay where they are until the next one begins. The first keeps its memory from event to
// event: usually it is the masked rows, which come with every event.
// Threading: one loop.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

namespace tracegate::session {

class Generated {
 public:
  // An empty string, to be filled.
  std::string& add() {
    if (used_ == strings_.size()) strings_.emplace_back();
    return strings_[used_++];
  }
  // What was added last; there is one.
  [[nodiscard]] const std::string& last() const { return strings_[used_ - 1]; }
  // What was lent is void.
  void begin_event() {
    if (used_ == 0) return;
    used_ = 0;
    if (strings_.size() > 1) strings_.erase(strings_.begin() + 1, strings_.end());
    if (strings_.front().capacity() > kKeptCapacity)
      strings_.clear();
    else
      strings_.front().clear();
  }

 private:
  // Of an idle session it stays allocated. A read from the store has at most 64 KiB, and what masks
  // make of it is not much longer.
  static constexpr std::size_t kKeptCapacity = 128 << 10;
  std::deque<std::string> strings_;
  std::size_t used_ = 0;
};

}  // namespace tracegate::session
