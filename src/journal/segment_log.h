// The writing end of a journal directory: finds the end after a crash, appends batches, moves on to
// a new segment, removes old ones. It knows nothing of threads and producers.
//
// Every error is final: what the disk holds is unknown then, and nothing more may be written.
// Threading: confined to one thread at a time. It prepares the next segment on a thread of its own.
#pragma once

#include <deque>
#include <future>
#include <memory>
#include <span>
#include <string>

#include "src/journal/files.h"
#include "src/journal/format.h"
#include "src/journal/journal.h"

namespace tracegate::journal {

class SegmentLog {
 public:
  // Opens or creates. A torn last batch is overwritten with zeros.
  [[nodiscard]] static Result<std::unique_ptr<SegmentLog>> open(const Options& options,
                                                                FileSystem& files);

  // Whether a batch with so many bytes of body fits behind the last one.
  [[nodiscard]] bool fits(std::size_t body_size) const;
  // Begins a new segment that such a batch fits into, after removing segments up to `released` as
  // far as that is necessary. False, and nothing has changed, if max_size leaves no room.
  [[nodiscard]] Result<bool> begin_segment(std::size_t body_size, Lsn released);
  // Appends one batch of `count` records; it is durable when this returns. Requires fits().
  [[nodiscard]] Status append(std::span<const std::string_view> body, std::uint32_t count);
  // Once the segment is half full: starts to prepare the next one, if max_size leaves room for it.
  void prepare_ahead(Lsn released);

  [[nodiscard]] Lsn last_lsn() const { return Lsn{next_lsn_.value - 1}; }
  [[nodiscard]] const JournalId& id() const { return id_; }

 private:
  struct Segment {
    Lsn first_lsn;
    std::uint64_t size;
  };
  struct Prepared {
    std::unique_ptr<WritableFile> file;
    std::uint64_t size = 0;
  };

  SegmentLog(const Options& options, FileSystem& files)
      : files_(files),
        directory_(options.directory),
        segment_size_(options.segment_size.value),
        max_size_(options.max_size.value) {}

  Status recover(std::span<const Lsn> segments);
  Status recover_tail(Lsn last);
  Result<bool> make_room(std::uint64_t needed, Lsn released);
  Status remove_oldest();
  Result<Prepared> prepare(std::uint64_t size) const;
  Result<Prepared> take_prepared(std::uint64_t size);
  Status install(Prepared prepared);
  [[nodiscard]] std::string path(std::string_view name) const;
  [[nodiscard]] std::uint64_t size_for(std::size_t body_size) const;

  FileSystem& files_;
  const std::string directory_;
  const std::uint64_t segment_size_;
  const std::uint64_t max_size_;
  JournalId id_;
  std::deque<Segment> segments_;  // ascending; the last one is being written
  std::uint64_t total_size_ = 0;  // of segments_
  std::unique_ptr<WritableFile> file_;
  std::uint64_t offset_ = 0;
  std::uint64_t mark_ = 0;
  Lsn next_lsn_{1};
  ChainHash chain_{};
  ChainHasher hasher_;
  std::vector<std::string_view> parts_;  // of the write under way
  std::future<Result<Prepared>> ahead_;  // last: its thread uses what stands above
};

}  // namespace tracegate::journal
