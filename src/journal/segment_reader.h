// Reads one segment batch by batch and verifies what it passes. It says what it found; whether an
// incomplete batch is a torn tail or damage is for those to judge who know what stands behind it.
// Thread-confined.
#pragma once

#include <memory>
#include <string>

#include "src/journal/files.h"
#include "src/journal/format.h"

namespace tracegate::journal {

class SegmentReader {
 public:
  // Null if there is no such segment. A header that is damaged, or belongs elsewhere, is an error.
  [[nodiscard]] static Result<std::unique_ptr<SegmentReader>> open(FileSystem& files,
                                                                   const std::string& directory,
                                                                   Lsn first_lsn);

  struct Batch {
    Lsn first_lsn;
    std::uint32_t count = 0;
    std::string_view body;  // borrowed until the next call
  };
  enum class Found {
    kBatch,       // `batch` holds it, and the reader stands behind it
    kEnd,         // zeros, or no room for a header
    kIncomplete,  // something that is not a whole batch
  };
  // An error is a failure to read, or damage beyond doubt: a batch whose CRC is right and that is
  // not what has to stand here.
  [[nodiscard]] Result<Found> next(Batch& batch);

  // Whether a whole batch of this segment stands anywhere behind the present position.
  [[nodiscard]] Result<bool> batch_behind();
  // Where the last byte that is not zero stands, plus one; at least the present position.
  [[nodiscard]] Result<std::uint64_t> end_of_data();

  [[nodiscard]] const SegmentHeader& header() const { return header_; }
  [[nodiscard]] Lsn next_lsn() const { return next_lsn_; }
  [[nodiscard]] const ChainHash& chain() const { return chain_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // "journal-...seg at offset 4096: what"
  [[nodiscard]] Error damage(std::string_view what) const;

 private:
  SegmentReader(std::unique_ptr<ReadableFile> file, std::string name, std::uint64_t size)
      : file_(std::move(file)), name_(std::move(name)), size_(size) {}

  Status read_header(Lsn first_lsn);
  // Makes buffer_ hold `wanted` bytes from `offset`, or as many as the file has.
  Status fill(std::uint64_t offset, std::size_t wanted);
  [[nodiscard]] std::string_view buffered(std::uint64_t offset) const;
  Result<Found> find_batch(BatchHeader& header, std::string_view& body);
  Status accept(const BatchHeader& header, std::string_view body);

  std::unique_ptr<ReadableFile> file_;
  std::string name_;
  std::uint64_t size_;
  SegmentHeader header_;
  Lsn next_lsn_;
  ChainHash chain_{};
  ChainHasher hasher_;
  std::uint64_t offset_ = kSegmentHeaderSize;
  std::string buffer_;
  std::uint64_t buffer_offset_ = 0;
};

}  // namespace tracegate::journal
