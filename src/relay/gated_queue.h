// Bytes for the store that must wait until a record is durable, and all that comes behind them.
// Bounded by its owner, who stops reading from the client above its limit.
// Threading: one loop.
#pragma once

#include <deque>
#include <string>

#include "src/base/bytes.h"
#include "src/base/ids.h"

namespace tracegate::relay {

class GatedQueue {
 public:
  [[nodiscard]] bool empty() const { return parts_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  void push(ByteView bytes, Ticket gate) {
    bytes_ += bytes.size();
    // What waits for no more than the part before it joins that part.
    if (!parts_.empty() && gate <= parts_.back().gate) {
      parts_.back().bytes.append(as_text(bytes));
    } else {
      parts_.push_back({gate, std::string(as_text(bytes))});
    }
  }

  // Moves everything that waits for nothing beyond `durable` to `out`, in order.
  void release(Ticket durable, std::string& out) {
    while (!parts_.empty() && parts_.front().gate <= durable) {
      bytes_ -= parts_.front().bytes.size();
      if (out.empty()) {
        out = std::move(parts_.front().bytes);
      } else {
        out += parts_.front().bytes;
      }
      parts_.pop_front();
    }
  }

  void clear() {
    parts_.clear();
    bytes_ = 0;
  }

 private:
  struct Part {
    Ticket gate;
    std::string bytes;
  };
  std::deque<Part> parts_;
  std::size_t bytes_ = 0;
};

// Bytes that came in and could not be consumed yet: contiguous, in order, taken from the front. Its
// memory grows with what must be held (a row that is to be masked) and is given back when most of
// that has been consumed, also in the middle of a stream.
class Inbox {
 public:
  [[nodiscard]] bool empty() const { return head_ == bytes_.size(); }
  [[nodiscard]] ByteView view() const { return ByteView(bytes_).subspan(head_); }
  void append(ByteView bytes) {
    if (head_ > 0 && (empty() || head_ >= bytes_.size() / 2)) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void consume(std::size_t count) {
    head_ += count;
    if (empty())
      clear();
    else if (bytes_.capacity() > kMuch && bytes_.size() - head_ < bytes_.capacity() / 8)
      shrink();
  }
  // Bytes of memory that it has.
  [[nodiscard]] std::size_t capacity() const { return bytes_.capacity(); }
  void clear() {
    head_ = 0;
    if (bytes_.capacity() > kKeptCapacity) {
      bytes_ = {};
    } else {
      bytes_.clear();
    }
  }

 private:
  static constexpr std::size_t kKeptCapacity = 64 << 10;  // when it is empty
  static constexpr std::size_t kMuch = 1 << 20;

  void shrink() {
    const ByteView left = view();
    bytes_ = Bytes(left.begin(), left.end());
    head_ = 0;
  }
  Bytes bytes_;
  std::size_t head_ = 0;
};

}  // namespace tracegate::relay
