// Receives a stream in pieces, as a connection does, and collects its frames with the Framer: keeps
// bytes where it asks for more, takes a streamable frame as it comes.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/framer.h"

namespace tracegate::proto {

class FrameCollector {
 public:
  struct Frame {
    char type = 0;
    std::string bytes;  // of the whole frame, or of what came of it
    bool operator==(const Frame&) const = default;
  };

  explicit FrameCollector(const Framer& framer) : framer_(framer) {}

  void feed(std::string_view piece) {
    if (error_) return;
    const std::size_t passed = std::min(streaming_, piece.size());
    if (passed != 0) frames_.back().bytes.append(piece.substr(0, passed));
    streaming_ -= passed;
    held_.append(piece.substr(passed));
    take_frames();
    most_held_ = std::max(most_held_, held_.size());
  }

  [[nodiscard]] const std::vector<Frame>& frames() const { return frames_; }
  [[nodiscard]] const DecodeError& error() const { return error_; }
  [[nodiscard]] const std::string& held() const { return held_; }
  [[nodiscard]] std::size_t most_held() const { return most_held_; }
  // All that tells one course of events from another.
  [[nodiscard]] bool same_as(const FrameCollector& other) const {
    return frames_ == other.frames_ && error_.message == other.error_.message &&
           (error_ || held_ == other.held_);
  }

 private:
  void take_frames() {
    std::string_view left = held_;
    while (!error_) {
      FrameHeader header;
      const PeekStatus status = framer_.peek(bytes_of(left), header, error_);
      if (status == PeekStatus::kNeedMore || status == PeekStatus::kError) break;
      const std::size_t here = std::min(left.size(), header.total());
      streaming_ = header.total() - here;
      frames_.push_back({header.type, std::string(left.substr(0, here))});
      left.remove_prefix(here);
    }
    held_.erase(0, held_.size() - left.size());
  }

  const Framer& framer_;
  std::vector<Frame> frames_;
  std::string held_;
  std::size_t most_held_ = 0;
  std::size_t streaming_ = 0;  // bytes of the last frame that are still to come
  DecodeError error_;
};

}  // namespace tracegate::proto
