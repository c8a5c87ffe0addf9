#include "src/journal/segment_log.h"

#include <algorithm>
#include <bit>
#include <system_error>

#include "src/crypto/random.h"
#include "src/journal/segment_reader.h"

namespace tracegate::journal {
namespace {

// The next segment until it has its header and its name.
constexpr std::string_view kPreparedName = "next.tmp";
constexpr std::size_t kZeros = std::size_t{1} << 20;

Status write_zeros(WritableFile& file, std::uint64_t from, std::uint64_t to) {
  const std::string zeros(static_cast<std::size_t>(std::min<std::uint64_t>(kZeros, to - from)),
                          '\0');
  while (from < to) {
    const std::string_view part = std::string_view(zeros).substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(kZeros, to - from)));
    TG_TRY(file.write({&part, 1}, from, Durability::kLater));
    from += part.size();
  }
  return file.sync();
}

std::uint64_t random_mark() {
  std::uint64_t mark = 0;
  while (mark == 0) mark = std::bit_cast<std::uint64_t>(crypto::random_bytes<8>());
  return mark;
}

}  // namespace

Result<std::unique_ptr<SegmentLog>> SegmentLog::open(const Options& options, FileSystem& files) {
  if (options.segment_size.value < 2 * kSegmentHeaderSize)
    return Error("journal: segment_size is too small");
  if (options.max_size.value < 2 * options.segment_size.value)
    return Error("journal: max_size must have room for at least two segments");
  std::unique_ptr<SegmentLog> log(new SegmentLog(options, files));
  Result<std::vector<std::string>> names = files.list(options.directory);
  if (!names) return std::move(names).error();
  if (std::find(names->begin(), names->end(), kPreparedName) != names->end())
    TG_TRY(files.remove(log->path(kPreparedName)));
  const Result<std::vector<Lsn>> segments = list_segments(files, options.directory);
  if (!segments) return Error(segments.error());
  if (segments->empty()) {
    log->id_.bytes = crypto::random_bytes<16>();
    Result<Prepared> first = log->prepare(log->segment_size_);
    if (!first) return std::move(first).error();
    TG_TRY(log->install(std::move(*first)));
  } else {
    TG_TRY(log->recover(*segments));
  }
  return log;
}

// Headers of all segments, contents of the last one: the others are verified by who reads them, so
// that a gateway with a long record starts as fast as one with a short one.
Status SegmentLog::recover(std::span<const Lsn> segments) {
  for (const Lsn first : segments) {
    const Result<std::unique_ptr<SegmentReader>> segment =
        SegmentReader::open(files_, directory_, first);
    if (!segment) return Error(segment.error());
    if (*segment == nullptr) return Error(segment_name(first) + " has disappeared");
    if (segments_.empty()) id_ = (*segment)->header().journal;
    if ((*segment)->header().journal != id_)
      return (*segment)->damage("the segment belongs to another journal");
    segments_.push_back({first, (*segment)->size()});
    total_size_ += (*segment)->size();
  }
  return recover_tail(segments.back());
}

Status SegmentLog::recover_tail(Lsn last) {
  const Result<std::unique_ptr<SegmentReader>> opened =
      SegmentReader::open(files_, directory_, last);
  if (!opened) return Error(opened.error());
  if (*opened == nullptr) return Error(segment_name(last) + " has disappeared");
  SegmentReader& segment = **opened;
  SegmentReader::Batch batch;
  while (true) {
    const Result<SegmentReader::Found> found = segment.next(batch);
    if (!found) return Error(found.error());
    if (*found != SegmentReader::Found::kBatch) break;
  }
  // A batch is written only after the one before it is durable, so one that a crash tore has
  // nothing valid behind it.
  const Result<bool> behind = segment.batch_behind();
  if (!behind) return Error(behind.error());
  if (*behind) return segment.damage("a batch is damaged: valid ones stand behind it");
  const Result<std::uint64_t> end = segment.end_of_data();
  if (!end) return Error(end.error());

  Result<std::unique_ptr<WritableFile>> file = files_.open_to_write(path(segment_name(last)));
  if (!file) return std::move(file).error();
  file_ = std::move(*file);
  if (*end > segment.offset()) TG_TRY(write_zeros(*file_, segment.offset(), *end));
  offset_ = segment.offset();
  mark_ = segment.header().mark;
  next_lsn_ = segment.next_lsn();
  chain_ = segment.chain();
  return Ok{};
}

std::string SegmentLog::path(std::string_view name) const {
  return directory_ + "/" + std::string(name);
}

bool SegmentLog::fits(std::size_t body_size) const {
  return offset_ + kBatchHeaderSize + body_size <= segments_.back().size;
}

std::uint64_t SegmentLog::size_for(std::size_t body_size) const {
  return std::max<std::uint64_t>(segment_size_, kSegmentHeaderSize + kBatchHeaderSize + body_size);
}

Result<bool> SegmentLog::begin_segment(std::size_t body_size, Lsn released) {
  const std::uint64_t size = size_for(body_size);
  if (size + segments_.back().size > max_size_)
    return Error("a batch of " + std::to_string(body_size) +
                 " bytes does not fit the journal's max_size");
  const Result<bool> room = make_room(size, released);
  if (!room || !*room) return room;
  Result<Prepared> prepared = take_prepared(size);
  if (!prepared) return std::move(prepared).error();
  TG_TRY(install(std::move(*prepared)));
  return true;
}

Result<bool> SegmentLog::make_room(std::uint64_t needed, Lsn released) {
  while (total_size_ + needed > max_size_) {
    // A segment holds what is before the next one's first record; the last one is being written.
    if (segments_.size() < 2 || segments_[1].first_lsn.value > released.value + 1) return false;
    TG_TRY(remove_oldest());
  }
  return true;
}

Status SegmentLog::remove_oldest() {
  TG_TRY(files_.remove(path(segment_name(segments_.front().first_lsn))));
  // Else a crash could bring back an older segment and not a newer one: a gap.
  TG_TRY(files_.sync_directory(directory_));
  total_size_ -= segments_.front().size;
  segments_.pop_front();
  return Ok{};
}

void SegmentLog::prepare_ahead(Lsn released) {
  if (ahead_.valid() || offset_ < segments_.back().size / 2) return;
  const Result<bool> room = make_room(segment_size_, released);
  if (!room || !*room) return;  // begin_segment() will find the same and tell
  try {
    ahead_ = std::async(std::launch::async, [this] { return prepare(segment_size_); });
  } catch (const std::system_error&) {
    // No thread to be had: begin_segment() prepares it in place, which is slower and no less safe.
  }
}

Result<SegmentLog::Prepared> SegmentLog::take_prepared(std::uint64_t size) {
  if (ahead_.valid()) {
    Result<Prepared> ready = ahead_.get();
    if (!ready || ready->size >= size) return ready;
    TG_TRY(files_.remove(path(kPreparedName)));
  }
  return prepare(size);
}

// Zeros are really written: blocks that are only reserved would make the first commit into each of
// them a change of metadata, with a second flush.
Result<SegmentLog::Prepared> SegmentLog::prepare(std::uint64_t size) const {
  Result<std::unique_ptr<WritableFile>> file = files_.create(path(kPreparedName));
  if (!file) return std::move(file).error();
  TG_TRY(write_zeros(**file, 0, size));
  return Prepared{std::move(*file), size};
}

Status SegmentLog::install(Prepared prepared) {
  SegmentHeader header;
  header.journal = id_;
  header.first_lsn = next_lsn_;
  header.mark = random_mark();
  header.previous_chain = chain_;
  header.created_at = now().wall;
  const std::string block = encode(header);
  const std::string_view part = block;
  TG_TRY(prepared.file->write({&part, 1}, 0, Durability::kNow));
  TG_TRY(files_.rename(path(kPreparedName), path(segment_name(next_lsn_))));
  TG_TRY(files_.sync_directory(directory_));
  file_ = std::move(prepared.file);
  segments_.push_back({next_lsn_, prepared.size});
  total_size_ += prepared.size;
  offset_ = kSegmentHeaderSize;
  mark_ = header.mark;
  return Ok{};
}

Status SegmentLog::append(std::span<const std::string_view> body, std::uint32_t count) {
  BatchHeader header;
  header.mark = mark_;
  header.first_lsn = next_lsn_;
  header.count = count;
  std::size_t body_size = 0;
  for (const std::string_view part : body) body_size += part.size();
  TG_CHECK(count > 0 && body_size <= kMaxBatchBody && fits(body_size), "not a batch that fits");
  header.body_size = static_cast<std::uint32_t>(body_size);
  header.chain = hasher_.next(chain_, header, body);
  header.crc = batch_crc(header, body);
  const auto block = encode(header);
  parts_.assign(1, {block.data(), block.size()});
  parts_.insert(parts_.end(), body.begin(), body.end());
  TG_TRY(file_->write(parts_, offset_, Durability::kNow));
  chain_ = header.chain;
  next_lsn_.value += count;
  offset_ += kBatchHeaderSize + body_size;
  return Ok{};
}

}  // namespace tracegate::journal
