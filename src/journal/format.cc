#include "src/journal/format.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "src/base/bytes.h"
#include "src/journal/files.h"

namespace tracegate::journal {
namespace {

constexpr std::string_view kMagic = "TGJRNL1\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kPrefix = "journal-";
constexpr std::string_view kSuffix = ".seg";
constexpr std::size_t kDigits = 20;

// Offsets in a segment header.
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kCrcAt = 12;
constexpr std::size_t kJournalAt = 16;
constexpr std::size_t kFirstLsnAt = 32;
constexpr std::size_t kMarkAt = 40;
constexpr std::size_t kPreviousChainAt = 48;
constexpr std::size_t kCreatedAt = 80;

// Offsets in a batch header.
constexpr std::size_t kBatchSizeAt = 8;
constexpr std::size_t kBatchCountAt = 12;
constexpr std::size_t kBatchFirstLsnAt = 16;
constexpr std::size_t kBatchCrcAt = 24;
constexpr std::size_t kBatchFlagsAt = 28;
constexpr std::size_t kBatchChainAt = 32;

template <typename Block, typename T>
void put(Block& block, std::size_t at, const T& value) {
  std::memcpy(block.data() + at, &value, sizeof value);
}

template <typename T>
T get(std::string_view block, std::size_t at) {
  T value;
  std::memcpy(&value, block.data() + at, sizeof value);
  return value;
}

// With the field that holds the CRC taken as zero.
std::uint32_t segment_header_crc(std::string block) {
  put(block, kCrcAt, std::uint32_t{0});
  return crypto::crc32c(as_bytes(block));
}

}  // namespace

std::string encode(const SegmentHeader& header) {
  std::string block(kSegmentHeaderSize, '\0');
  kMagic.copy(block.data(), kMagic.size());
  put(block, kVersionAt, kVersion);
  put(block, kJournalAt, header.journal.bytes);
  put(block, kFirstLsnAt, header.first_lsn.value);
  put(block, kMarkAt, header.mark);
  put(block, kPreviousChainAt, header.previous_chain);
  put(block, kCreatedAt, std::int64_t{header.created_at.count()});
  put(block, kCrcAt, segment_header_crc(block));
  return block;
}

Result<SegmentHeader> decode_segment_header(std::string_view block) {
  if (block.size() < kSegmentHeaderSize) return Error("the segment header is cut short");
  block = block.substr(0, kSegmentHeaderSize);
  if (!block.starts_with(kMagic)) return Error("this is not a journal segment");
  if (const auto version = get<std::uint32_t>(block, kVersionAt); version != kVersion)
    return Error("the segment has format version " + std::to_string(version) +
                 ", this program reads 1");
  if (segment_header_crc(std::string(block)) != get<std::uint32_t>(block, kCrcAt))
    return Error("the segment header does not match its CRC");
  SegmentHeader header;
  header.journal.bytes = get<decltype(header.journal.bytes)>(block, kJournalAt);
  header.first_lsn.value = get<std::uint64_t>(block, kFirstLsnAt);
  header.mark = get<std::uint64_t>(block, kMarkAt);
  header.previous_chain = get<ChainHash>(block, kPreviousChainAt);
  header.created_at = Microseconds(get<std::int64_t>(block, kCreatedAt));
  if (header.mark == 0 || header.first_lsn.value == 0)
    return Error("the segment header has no mark or no first record number");
  return header;
}

std::string segment_name(Lsn first_lsn) {
  const std::string digits = std::to_string(first_lsn.value);
  std::string name(kPrefix);
  name.append(kDigits - digits.size(), '0').append(digits).append(kSuffix);
  return name;
}

std::optional<Lsn> parse_segment_name(std::string_view name) {
  if (name.size() != kPrefix.size() + kDigits + kSuffix.size() || !name.starts_with(kPrefix) ||
      !name.ends_with(kSuffix))
    return std::nullopt;
  const std::string_view digits = name.substr(kPrefix.size(), kDigits);
  Lsn lsn;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), lsn.value);
  if (error != std::errc() || end != digits.end()) return std::nullopt;
  return lsn;
}

Result<std::vector<Lsn>> list_segments(FileSystem& files, const std::string& directory) {
  Result<std::vector<std::string>> names = files.list(directory);
  if (!names) return std::move(names).error();
  std::vector<Lsn> found;
  for (const std::string& name : *names)
    if (const std::optional<Lsn> lsn = parse_segment_name(name)) found.push_back(*lsn);
  std::sort(found.begin(), found.end());
  return found;
}

std::array<char, kBatchHeaderSize> encode(const BatchHeader& header) {
  std::array<char, kBatchHeaderSize> block;
  put(block, 0, header.mark);
  put(block, kBatchSizeAt, header.body_size);
  put(block, kBatchCountAt, header.count);
  put(block, kBatchFirstLsnAt, header.first_lsn.value);
  put(block, kBatchCrcAt, header.crc);
  put(block, kBatchFlagsAt, header.flags);
  put(block, kBatchChainAt, header.chain);
  return block;
}

BatchHeader decode_batch_header(std::string_view bytes) {
  BatchHeader header;
  header.mark = get<std::uint64_t>(bytes, 0);
  header.body_size = get<std::uint32_t>(bytes, kBatchSizeAt);
  header.count = get<std::uint32_t>(bytes, kBatchCountAt);
  header.first_lsn.value = get<std::uint64_t>(bytes, kBatchFirstLsnAt);
  header.crc = get<std::uint32_t>(bytes, kBatchCrcAt);
  header.flags = get<std::uint32_t>(bytes, kBatchFlagsAt);
  header.chain = get<ChainHash>(bytes, kBatchChainAt);
  return header;
}

std::uint32_t batch_crc(const BatchHeader& header, std::span<const std::string_view> body) {
  BatchHeader without_crc = header;
  without_crc.crc = 0;
  const auto block = encode(without_crc);
  std::uint32_t crc = crypto::crc32c(as_bytes({block.data(), block.size()}));
  for (const std::string_view part : body) crc = crypto::crc32c(as_bytes(part), crc);
  return crc;
}

ChainHash ChainHasher::next(const ChainHash& previous, const BatchHeader& header,
                            std::span<const std::string_view> body) {
  const auto block = encode(header);
  hash_.update(previous);
  hash_.update(as_bytes({block.data() + kBatchSizeAt, kBatchCrcAt - kBatchSizeAt}));
  for (const std::string_view part : body) hash_.update(as_bytes(part));
  return hash_.finish();
}

std::optional<std::string_view> take_record(std::string_view& body) {
  if (body.size() < kRecordPrefixSize) return std::nullopt;
  const auto size = get<std::uint32_t>(body, 0);
  if (size > body.size() - kRecordPrefixSize) return std::nullopt;
  const std::string_view record = body.substr(kRecordPrefixSize, size);
  body.remove_prefix(kRecordPrefixSize + size);
  return record;
}

}  // namespace tracegate::journal
