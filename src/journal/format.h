// The segment file: its header, the header of a batch, and what binds one batch to the next.
// docs/journal.md is the reference for the layout; this is its only implementation.
//
// A segment begins with one block of 4,096 bytes that holds the header, so that no later write
// touches what identifies the file. Batches follow without gaps; behind the last one are zeros.
// Threading: plain values; a ChainHasher belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/base/result.h"
#include "src/crypto/digest.h"
#include "src/journal/journal.h"

namespace tracegate::journal {

using ChainHash = crypto::Sha256Digest;

inline constexpr std::size_t kSegmentHeaderSize = 4096;
inline constexpr std::size_t kBatchHeaderSize = 64;
// More than one record of the largest kind and all that may be gathered with it.
inline constexpr std::size_t kMaxBatchBody = std::size_t{128} << 20;

struct SegmentHeader {
  JournalId journal;
  Lsn first_lsn;
  // Random, never zero. Each batch of the segment begins with it, so nothing that a client can make
  // us record looks like a batch.
  std::uint64_t mark = 0;
  ChainHash previous_chain{};  // of the last batch before this segment; zeros before the first
  Microseconds created_at{};
};

// One block of kSegmentHeaderSize bytes.
[[nodiscard]] std::string encode(const SegmentHeader& header);
[[nodiscard]] Result<SegmentHeader> decode_segment_header(std::string_view block);

// "journal-00000000000000000001.seg"
[[nodiscard]] std::string segment_name(Lsn first_lsn);
// Nothing if `name` is not what segment_name() gives.
[[nodiscard]] std::optional<Lsn> parse_segment_name(std::string_view name);
// The first lsn of each segment in the directory, ascending.
[[nodiscard]] Result<std::vector<Lsn>> list_segments(FileSystem& files,
                                                     const std::string& directory);

struct BatchHeader {
  std::uint64_t mark = 0;
  std::uint32_t body_size = 0;  // bytes behind the header
  std::uint32_t count = 0;      // of records in it, at least 1
  Lsn first_lsn;
  std::uint32_t crc = 0;
  std::uint32_t flags = 0;  // 0 in this version
  ChainHash chain{};
};

[[nodiscard]] std::array<char, kBatchHeaderSize> encode(const BatchHeader& header);
// Plain unpacking, nothing is checked. `bytes` holds at least kBatchHeaderSize.
[[nodiscard]] BatchHeader decode_batch_header(std::string_view bytes);

// CRC-32C over the header without its crc field, then the body: tells a batch that is whole from
// one that is not, without knowing what came before.
[[nodiscard]] std::uint32_t batch_crc(const BatchHeader& header,
                                      std::span<const std::string_view> body);

// SHA-256 over the previous chain hash, first_lsn, count, body_size and the body.
class ChainHasher {
 public:
  [[nodiscard]] ChainHash next(const ChainHash& previous, const BatchHeader& header,
                               std::span<const std::string_view> body);

 private:
  crypto::Sha256 hash_;
};

// Takes the next length-prefixed record off `body`; nothing if `body` does not start with a whole
// one.
[[nodiscard]] std::optional<std::string_view> take_record(std::string_view& body);
inline constexpr std::size_t kRecordPrefixSize = 4;

}  // namespace tracegate::journal
