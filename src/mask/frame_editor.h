// Copies a run of messages to an output, in pieces as large as can be, with other bytes in some
// places, and corrects the lengths of the messages in which that has happened. What stands before
// the first change, between changes, and behind the last one, messages without any included, is one
// copy each.
//
//   FrameEditor editor(frames, out);
//   editor.begin_frame(at);
//   editor.cut(value_at) += "other";
//   editor.resume(value_end);
//   if (!editor.end_frame(end)) return too_long;
//   editor.finish();
//
// Threading: a plain value, thread-confined.
#pragma once

#include <cstddef>
#include <string>

#include "proto_pg/framer.h"
#include "src/base/bytes.h"

namespace tracegate::mask {

// The end of the frame that begins at `at`, which must be of type `type` and stand whole in
// `frames`; 0 if it does not.
[[nodiscard]] inline std::size_t end_of_frame(ByteView frames, std::size_t at, char type) {
  constexpr std::uint32_t kShortest = 4;  // the length counts itself
  const std::size_t left = frames.size() - at;
  if (left < proto::FrameHeader::kSize || static_cast<char>(frames[at]) != type) return 0;
  const std::uint32_t length = proto::load_u32(&frames[at + 1]);
  return length < kShortest || length > left - 1 ? 0 : at + 1 + length;
}

class FrameEditor {
 public:
  // Both outlive it. All offsets are into `frames` and do not go back.
  FrameEditor(ByteView frames, std::string& out) : frames_(frames), out_(out) {
    out_.reserve(out_.size() + frames.size());
  }

  // The frame whose type byte stands at `at`; the one before has ended.
  void begin_frame(std::size_t at) {
    frame_ = at;
    header_ = kNotCopied;
    changed_ = false;
  }
  // The output as far as `at`, a place in the frame's body. What the caller appends comes next; if
  // it is taken back, the frame goes on as if nothing had been.
  [[nodiscard]] std::string& cut(std::size_t at) {
    if (header_ == kNotCopied) header_ = out_.size() + (frame_ - copied_);
    copy(at);
    return out_;
  }
  // What was appended stands for all before `at`.
  void resume(std::size_t at) {
    copied_ = at;
    changed_ = true;
  }
  // False if it has become longer than a message may be; the output is of no use then.
  [[nodiscard]] bool end_frame(std::size_t end) {
    if (!changed_) return true;
    const std::size_t total = out_.size() - header_ + (end - copied_);
    if (total - proto::FrameHeader::kSize > proto::kMaxBody) return false;
    const auto length = static_cast<std::uint32_t>(total - 1);  // the type byte does not count
    for (std::size_t i = 0; i < 4; ++i)
      out_[header_ + 1 + i] = static_cast<char>(length >> (24 - 8 * i));
    return true;
  }
  void finish() { copy(frames_.size()); }

 private:
  static constexpr std::size_t kNotCopied = std::string::npos;
  void copy(std::size_t end) {
    out_.append(as_text(frames_.subspan(copied_, end - copied_)));
    copied_ = end;
  }

  ByteView frames_;
  std::string& out_;
  std::size_t copied_ = 0;           // everything before stands in the output, or is replaced in it
  std::size_t frame_ = 0;            // where the present frame begins
  std::size_t header_ = kNotCopied;  // and where in the output
  bool changed_ = false;
};

}  // namespace tracegate::mask
