#include <atomic>
#include <utility>

#include "src/journal/files.h"
#include "src/journal/live_reader.h"
#include "src/journal/segment_reader.h"

namespace tracegate::journal {
namespace {

class DirectoryReader final : public Reader {
 public:
  DirectoryReader(FileSystem& files, std::string directory, Lsn after, DurableLsn durable)
      : files_(files),
        directory_(std::move(directory)),
        after_(after),
        durable_(std::move(durable)) {}

  Status start() {
    const Result<std::vector<Lsn>> segments = list_segments(files_, directory_);
    if (!segments) return Error(segments.error());
    const Lsn wanted{after_.value + 1};
    std::optional<Lsn> begin;
    for (const Lsn first : *segments)
      if (first <= wanted) begin = first;
    if (!begin) {
      return Error(
          "journal " + directory_ + " no longer holds record " + std::to_string(wanted.value) +
          (segments->empty() ? ": there is no segment"
                             : ": the oldest segment is " + segment_name(segments->front())));
    }
    Result<std::unique_ptr<SegmentReader>> segment =
        SegmentReader::open(files_, directory_, *begin);
    if (!segment) return std::move(segment).error();
    if (*segment == nullptr)
      return Error(segment_name(*begin) + " was removed while it was opened");
    segment_ = std::move(*segment);
    return Ok{};
  }

  Result<std::optional<Entry>> next() override {
    while (true) {
      while (!rest_.empty()) {
        const std::string_view record = *take_record(rest_);  // the batch was checked as a whole
        const Lsn lsn = next_in_batch_;
        ++next_in_batch_.value;
        if (lsn > after_) return std::optional<Entry>(Entry{lsn, record});
      }
      const Result<bool> more = next_batch();
      if (!more) return Error(more.error());
      if (!*more) return std::optional<Entry>();
    }
  }

 private:
  // Whether there is one.
  Result<bool> next_batch() {
    while (true) {
      // Below the durable record everything is complete on disk; at and behind it the writer may be
      // at work, so nothing there is even looked at.
      const bool must_exist =
          durable_ && segment_->next_lsn().value <= durable_->load(std::memory_order_acquire);
      if (durable_ && !must_exist) return false;
      SegmentReader::Batch batch;
      const Result<SegmentReader::Found> found = segment_->next(batch);
      if (!found) return Error(found.error());
      if (*found == SegmentReader::Found::kBatch) {
        rest_ = batch.body;
        next_in_batch_ = batch.first_lsn;
        return true;
      }
      if (*found == SegmentReader::Found::kEnd || !must_exist) {
        const Result<bool> moved = enter_next_segment();
        if (!moved) return Error(moved.error());
        if (*moved) {
          if (*found == SegmentReader::Found::kEnd) continue;
          return previous_->damage("the last batch of the segment is damaged");
        }
      }
      if (must_exist) return segment_->damage("a batch that was durable is missing or damaged");
      const Result<bool> retry = written_meanwhile();
      if (!retry) return Error(retry.error());
      if (!*retry) return false;
    }
  }

  // The next segment is named after the record that is due, so if it exists, nothing was written to
  // this one since it was looked at.
  Result<bool> enter_next_segment() {
    if (segment_->next_lsn() == segment_->header().first_lsn) return false;  // that is this one
    Result<std::unique_ptr<SegmentReader>> next =
        SegmentReader::open(files_, directory_, segment_->next_lsn());
    if (!next) return std::move(next).error();
    if (*next == nullptr) return false;
    if ((*next)->header().journal != segment_->header().journal)
      return (*next)->damage("the segment belongs to another journal");
    if ((*next)->header().previous_chain != segment_->chain())
      return (*next)->damage("the hash chain to the previous segment is broken");
    previous_ = std::exchange(segment_, std::move(*next));
    return true;
  }

  // At what looks like the end, without knowing what is durable: an error if something valid stands
  // behind it. True if the writer got on meanwhile and it is worth looking again.
  Result<bool> written_meanwhile() {
    const std::uint64_t here = segment_->offset();
    if (checked_ == std::pair(segment_->header().first_lsn, here)) return false;
    const Result<bool> behind = segment_->batch_behind();
    if (!behind) return Error(behind.error());
    const Result<std::vector<Lsn>> segments = list_segments(files_, directory_);
    if (!segments) return Error(segments.error());
    const bool later = !segments->empty() && segments->back() > segment_->header().first_lsn &&
                       segments->back() != segment_->next_lsn();
    if (!*behind && !later) {
      checked_ = {segment_->header().first_lsn, here};
      return false;
    }
    if (suspected_ == std::pair(segment_->header().first_lsn, here))
      return segment_->damage("a batch is damaged: valid ones stand behind it");
    suspected_ = {segment_->header().first_lsn, here};
    return true;
  }

  FileSystem& files_;
  const std::string directory_;
  const Lsn after_;
  const DurableLsn durable_;
  std::unique_ptr<SegmentReader> segment_;
  std::unique_ptr<SegmentReader> previous_;
  std::string_view rest_;  // of the batch, borrowed from *segment_
  Lsn next_in_batch_;
  std::pair<Lsn, std::uint64_t> checked_;    // an end behind which nothing stood
  std::pair<Lsn, std::uint64_t> suspected_;  // a place behind which something stood
};

}  // namespace

Result<std::unique_ptr<Reader>> make_reader(FileSystem& files, const std::string& directory,
                                            Lsn after, DurableLsn durable) {
  auto reader = std::make_unique<DirectoryReader>(files, directory, after, std::move(durable));
  TG_TRY(reader->start());
  return std::unique_ptr<Reader>(std::move(reader));
}

Result<std::unique_ptr<Reader>> Reader::open(const std::string& directory, Lsn after,
                                             FileSystem* files) {
  return make_reader(files != nullptr ? *files : posix_files(), directory, after, nullptr);
}

Result<Lsn> Reader::before_oldest(const std::string& directory, FileSystem* files) {
  const Result<std::vector<Lsn>> segments =
      list_segments(files != nullptr ? *files : posix_files(), directory);
  if (!segments) return Error(segments.error());
  if (segments->empty()) return Error("there is no journal in " + directory);
  return Lsn{segments->front().value - 1};
}

}  // namespace tracegate::journal
