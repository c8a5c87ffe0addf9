#include "src/journal/segment_reader.h"

#include <algorithm>
#include <cstring>

namespace tracegate::journal {
namespace {

constexpr std::size_t kReadAhead = std::size_t{64} << 10;
constexpr std::size_t kScanChunk = std::size_t{1} << 20;

bool all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<SegmentReader>> SegmentReader::open(FileSystem& files,
                                                           const std::string& directory,
                                                           Lsn first_lsn) {
  std::string name = segment_name(first_lsn);
  Result<std::unique_ptr<ReadableFile>> file = files.open_to_read(directory + "/" + name);
  if (!file) return std::move(file).error();
  if (*file == nullptr) return std::unique_ptr<SegmentReader>();
  const Result<std::uint64_t> size = (*file)->size();
  if (!size) return Error(size.error());
  std::unique_ptr<SegmentReader> reader(
      new SegmentReader(std::move(*file), std::move(name), *size));
  TG_TRY(reader->read_header(first_lsn));
  return reader;
}

Status SegmentReader::read_header(Lsn first_lsn) {
  TG_TRY(fill(0, kSegmentHeaderSize));
  Result<SegmentHeader> header = decode_segment_header(buffered(0));
  if (!header) return std::move(header).error().with_context(name_ + " at offset 0");
  if (header->first_lsn != first_lsn) {
    return Error(name_ +
                 " at offset 0: the header belongs to the segment that begins with record " +
                 std::to_string(header->first_lsn.value));
  }
  header_ = *header;
  next_lsn_ = header_.first_lsn;
  chain_ = header_.previous_chain;
  return Ok{};
}

Error SegmentReader::damage(std::string_view what) const {
  return Error(name_ + " at offset " + std::to_string(offset_) + ": " + std::string(what));
}

Status SegmentReader::fill(std::uint64_t offset, std::size_t wanted) {
  const std::uint64_t left = size_ - std::min(size_, offset);
  buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(wanted, left)));
  buffer_offset_ = offset;
  const Result<std::size_t> got = file_->read(buffer_, offset);
  if (!got) {
    buffer_.clear();
    return Error(got.error());
  }
  buffer_.resize(*got);
  return Ok{};
}

std::string_view SegmentReader::buffered(std::uint64_t offset) const {
  if (offset < buffer_offset_ || offset > buffer_offset_ + buffer_.size()) return {};
  return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - buffer_offset_));
}

Result<SegmentReader::Found> SegmentReader::next(Batch& batch) {
  BatchHeader header;
  std::string_view body;
  Result<Found> found = find_batch(header, body);
  if (found && *found != Found::kBatch) {
    // What was read ahead may be older than what the writer has put there since.
    TG_TRY(fill(offset_, kReadAhead));
    found = find_batch(header, body);
  }
  if (!found || *found != Found::kBatch) return found;
  TG_TRY(accept(header, body));
  batch = {header.first_lsn, header.count, body};
  return Found::kBatch;
}

Result<SegmentReader::Found> SegmentReader::find_batch(BatchHeader& header,
                                                       std::string_view& body) {
  std::string_view bytes = buffered(offset_);
  if (bytes.size() < kBatchHeaderSize) {
    TG_TRY(fill(offset_, kReadAhead));
    bytes = buffered(offset_);
  }
  if (bytes.size() < kBatchHeaderSize) return all_zero(bytes) ? Found::kEnd : Found::kIncomplete;
  if (all_zero(bytes.substr(0, kBatchHeaderSize))) return Found::kEnd;
  header = decode_batch_header(bytes);
  const std::size_t whole = kBatchHeaderSize + std::size_t{header.body_size};
  if (header.mark != header_.mark || header.body_size > kMaxBatchBody || whole > size_ - offset_)
    return Found::kIncomplete;
  if (bytes.size() < whole) {
    TG_TRY(fill(offset_, whole));
    bytes = buffered(offset_);
    if (bytes.size() < whole) return Found::kIncomplete;
  }
  body = bytes.substr(kBatchHeaderSize, header.body_size);
  return batch_crc(header, {&body, 1}) == header.crc ? Found::kBatch : Found::kIncomplete;
}

Status SegmentReader::accept(const BatchHeader& header, std::string_view body) {
  if (header.flags != 0) return damage("the batch has flags that this program does not know");
  if (header.first_lsn != next_lsn_) {
    return damage("the batch begins with record " + std::to_string(header.first_lsn.value) +
                  " where " + std::to_string(next_lsn_.value) + " is due");
  }
  const ChainHash chain = hasher_.next(chain_, header, {&body, 1});
  if (chain != header.chain) return damage("the hash chain is broken");
  std::uint32_t count = 0;
  for (std::string_view rest = body; !rest.empty(); ++count)
    if (!take_record(rest)) return damage("the batch does not divide into records");
  if (count == 0 || count != header.count)
    return damage("the batch does not hold as many records as it says");
  chain_ = chain;
  next_lsn_.value += count;
  offset_ += kBatchHeaderSize + header.body_size;
  return Ok{};
}

Result<bool> SegmentReader::batch_behind() {
  std::string mark(sizeof header_.mark, '\0');
  std::memcpy(mark.data(), &header_.mark, mark.size());
  const std::uint64_t here = offset_;
  bool behind = false;
  std::uint64_t from = here + 1;
  while (!behind && from < size_) {
    TG_TRY(fill(from, kScanChunk));
    const std::size_t at = buffer_.find(mark);
    if (at == std::string::npos) {
      if (buffer_.size() < kScanChunk) break;
      from += buffer_.size() - (mark.size() - 1);  // it may stand across the border
      continue;
    }
    offset_ = from + at;
    BatchHeader header;
    std::string_view body;
    const Result<Found> found = find_batch(header, body);
    from = offset_ + 1;
    offset_ = here;
    if (!found) return Error(found.error());
    behind = *found == Found::kBatch;
  }
  buffer_.clear();
  return behind;
}

Result<std::uint64_t> SegmentReader::end_of_data() {
  std::uint64_t end = offset_;
  for (std::uint64_t from = offset_; from < size_; from += kScanChunk) {
    TG_TRY(fill(from, kScanChunk));
    const std::size_t last = buffer_.find_last_not_of('\0');
    if (last != std::string::npos) end = from + last + 1;
  }
  buffer_.clear();
  return end;
}

}  // namespace tracegate::journal
