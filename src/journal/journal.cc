#include "src/journal/journal.h"

#include "src/journal/files.h"
#include "src/journal/live_reader.h"
#include "src/journal/segment_log.h"
#include "src/journal/writer.h"

namespace tracegate::journal {
namespace {

class DirectoryJournal final : public Journal {
 public:
  DirectoryJournal(const Options& options, FileSystem& files, std::unique_ptr<DirectoryLock> lock,
                   std::unique_ptr<SegmentLog> log, std::function<void(std::size_t)> wake)
      : files_(files),
        directory_(options.directory),
        lock_(std::move(lock)),
        id_(log->id()),
        writer_(options, std::move(log), std::move(wake)) {}

  Status start() { return writer_.start(); }

  Producer& producer(std::size_t index) override { return writer_.producer(index); }
  const JournalId& id() const override { return id_; }
  bool failed() const override { return writer_.failed(); }
  std::string failure() const override { return writer_.failure(); }
  bool stalled() const override { return writer_.stalled(); }
  Lsn durable_lsn() const override {
    return Lsn{writer_.durable_lsn()->load(std::memory_order_acquire)};
  }
  Result<std::unique_ptr<Reader>> reader(Lsn after) const override {
    return make_reader(files_, directory_, after, writer_.durable_lsn());
  }
  void release(Lsn shipped) override { writer_.release(shipped); }

 private:
  FileSystem& files_;
  const std::string directory_;
  const std::unique_ptr<DirectoryLock> lock_;
  const JournalId id_;
  Writer writer_;
};

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const Options& options,
                                               std::function<void(std::size_t)> wake) {
  FileSystem& files = options.files != nullptr ? *options.files : posix_files();
  TG_TRY(files.make_directory(options.directory));
  Result<std::unique_ptr<DirectoryLock>> lock = files.lock(options.directory);
  if (!lock) return std::move(lock).error();
  Result<std::unique_ptr<SegmentLog>> log = SegmentLog::open(options, files);
  if (!log) return std::move(log).error().with_context("journal " + options.directory);
  auto journal = std::make_unique<DirectoryJournal>(options, files, std::move(*lock),
                                                    std::move(*log), std::move(wake));
  TG_TRY(journal->start());
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace tracegate::journal
