#include "src/journal/journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/journal/harness.h"

namespace tracegate::journal {
namespace {

using Urgency = Producer::Urgency;

// Segments on the disk, without the lock.
std::vector<std::string> segments(MemoryFiles& files) {
  return files.names(kDirectory);
}

TEST(Journal, NumbersRecordsFromOneWithoutGaps) {
  MemoryFiles files;
  TestJournal journal(small(files));
  ASSERT_TRUE(journal.ok()) << journal.error();
  for (std::uint64_t i = 1; i <= 100; ++i) ASSERT_TRUE(journal.commit(intent(i)));
  EXPECT_EQ(journal->durable_lsn().value, 100U);
  const ReadOut out = read_all(files);
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.lsns, range(1, 100));
  EXPECT_EQ(out.statements, range(1, 100));
}

TEST(Journal, TicketsOfAProducerCountItsRecords) {
  MemoryFiles files;
  TestJournal journal(small(files));
  Producer& producer = journal->producer(0);
  EXPECT_EQ(producer.append(intent(1)).value, 1U);
  EXPECT_EQ(producer.append(Outcome{}).value, 2U);
  EXPECT_EQ(producer.durable().value, 0U);
  EXPECT_GT(producer.backlog().value, 0U);
  EXPECT_TRUE(journal.commit(SessionClosed{}));
  EXPECT_EQ(producer.durable().value, 3U);
  EXPECT_EQ(producer.backlog().value, 0U);
}

TEST(Journal, NothingIsDurableBeforeItIsHandedOver) {
  MemoryFiles files;
  Options options = small(files);
  options.producers = 2;
  TestJournal journal(options);
  journal->producer(0).append(intent(1));
  ASSERT_TRUE(journal.commit(intent(2), 1));
  EXPECT_EQ(journal->producer(0).durable().value, 0U);
  EXPECT_EQ(journal->durable_lsn().value, 1U);
}

TEST(Journal, WhatMayWaitFollowsByItselfWithoutAWake) {
  MemoryFiles files;
  TestJournal journal(small(files));
  ASSERT_TRUE(journal.commit(intent(1)));
  ASSERT_TRUE(eventually([&] { return journal.wakes() >= 1; }));
  const int wakes = journal.wakes();
  const Ticket ticket = journal->producer(0).append(Outcome{});
  journal->producer(0).flush(Urgency::kMayWait);
  EXPECT_TRUE(eventually([&] { return journal->producer(0).durable() >= ticket; }));
  EXPECT_EQ(journal.wakes(), wakes);
}

TEST(Journal, WhatMayWaitWakesAThreadThatSleepsDeeply) {
  MemoryFiles files;
  TestJournal journal(small(files));
  for (int i = 0; i < 3; ++i) {
    const Ticket ticket = journal->producer(0).append(Outcome{});
    journal->producer(0).flush(Urgency::kMayWait);
    EXPECT_TRUE(eventually([&] { return journal->producer(0).durable() >= ticket; }));
    const auto deep = std::chrono::steady_clock::now() + std::chrono::milliseconds(120);
    ASSERT_TRUE(eventually([&] { return std::chrono::steady_clock::now() > deep; }));
  }
}

TEST(Journal, WhatMayWaitRidesWithTheNextUrgentBatch) {
  MemoryFiles files;
  TestJournal journal(small(files));
  ASSERT_TRUE(journal.commit(intent(1)));
  journal->producer(0).append(Outcome{});
  journal->producer(0).flush(Urgency::kMayWait);
  ASSERT_TRUE(journal.commit(intent(2)));
  EXPECT_EQ(journal->durable_lsn().value, 3U);
}

TEST(Journal, FlushingAgainMakesUrgentWhatCouldWait) {
  MemoryFiles files;
  TestJournal journal(small(files));
  for (int i = 0; i < 50; ++i) {
    const Ticket ticket = journal->producer(0).append(Outcome{});
    journal->producer(0).flush(Urgency::kMayWait);
    journal->producer(0).flush(Urgency::kCommitNow);
    ASSERT_TRUE(journal.wait_for(ticket));
  }
}

TEST(Journal, CommitsWhatWasHandedOverBeforeItEnds) {
  MemoryFiles files;
  {
    TestJournal journal(small(files));
    for (std::uint64_t i = 1; i <= 20; ++i) journal->producer(0).append(intent(i));
    journal->producer(0).flush(Urgency::kMayWait);
  }
  EXPECT_EQ(read_all(files).statements, range(1, 20));
}

TEST(Journal, ContinuesWhereTheLastRunEnded) {
  MemoryFiles files;
  JournalId id;
  for (std::uint64_t run = 0; run < 20; ++run) {
    TestJournal journal(small(files));
    ASSERT_TRUE(journal.ok()) << journal.error();
    if (run == 0) id = journal->id();
    EXPECT_EQ(journal->id(), id);
    for (std::uint64_t i = 1; i <= 10; ++i) ASSERT_TRUE(journal.commit(intent(run * 10 + i)));
  }
  const ReadOut out = read_all(files);
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.statements, range(1, 200));
}

TEST(Journal, RecordLargerThanASegmentGetsOneOfItsOwn) {
  MemoryFiles files;
  TestJournal journal(small(files));
  ASSERT_TRUE(journal.commit(intent(1)));
  ASSERT_TRUE(journal.commit(intent(2, std::string(100'000, 'x'))));
  ASSERT_TRUE(journal.commit(intent(3)));
  const ReadOut out = read_all(files);
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.statements, range(1, 3));
}

TEST(Journal, RecordThatMaxSizeCanNeverHoldFailsTheJournal) {
  MemoryFiles files;
  TestJournal journal(small(files));
  EXPECT_FALSE(journal.commit(intent(1, std::string(2 << 20, 'x'))));
  EXPECT_NE(journal->failure().find("max_size"), std::string::npos);
}

TEST(Journal, StallsWhenFullUntilSomethingIsReleased) {
  MemoryFiles files;
  Options options = small(files);
  options.max_size = {3 * options.segment_size.value};
  TestJournal journal(options);
  const std::string text(1000, 'x');
  Producer& producer = journal->producer(0);
  std::uint64_t appended = 0;
  while (!journal->stalled()) {
    producer.append(intent(++appended, text));
    producer.flush(Urgency::kCommitNow);
    ASSERT_TRUE(
        eventually([&] { return producer.durable().value == appended || journal->stalled(); }));
    ASSERT_LT(appended, 1000U);
  }
  const std::uint64_t durable = producer.durable().value;
  EXPECT_LT(durable, appended);
  EXPECT_GT(producer.backlog().value, 0U);
  const std::vector<std::string> full = segments(files);
  EXPECT_EQ(full.size(), 3U);

  // Not a whole segment yet: nothing may be removed.
  journal->release(Lsn{1});
  EXPECT_TRUE(journal->stalled());
  EXPECT_EQ(segments(files), full);
  EXPECT_EQ(producer.durable().value, durable);

  journal->release(Lsn{durable});
  ASSERT_TRUE(journal.wait_for(Ticket{appended}));
  EXPECT_FALSE(journal->stalled());
  EXPECT_EQ(producer.backlog().value, 0U);
  EXPECT_LE(segments(files).size(), 4U);  // three and perhaps one in preparation
  EXPECT_NE(segments(files).front(), full.front());

  // A reader of what was removed is told so; one of the rest reads to the end.
  EXPECT_FALSE(Reader::open(kDirectory, Lsn{}, &files).ok());
  const Result<Lsn> oldest = Reader::before_oldest(kDirectory, &files);
  ASSERT_TRUE(oldest.ok());
  EXPECT_EQ(read_all(files, *oldest).lsns, range(oldest->value + 1, appended));
}

TEST(Journal, ReleasedSegmentsStayWhileThereIsRoom) {
  MemoryFiles files;
  TestJournal journal(small(files));
  for (std::uint64_t i = 1; i <= 200; ++i) {
    ASSERT_TRUE(journal.commit(intent(i)));
    journal->release(Lsn{i});
  }
  EXPECT_EQ(read_all(files).statements, range(1, 200));
}

TEST(Journal, EndsWhileStalled) {
  MemoryFiles files;
  Options options = small(files);
  options.max_size = {2 * options.segment_size.value};
  std::uint64_t durable = 0;
  {
    TestJournal journal(options);
    const std::string text(1000, 'x');
    for (std::uint64_t i = 1; !journal->stalled(); ++i) {
      journal->producer(0).append(intent(i, text));
      journal->producer(0).flush(Urgency::kCommitNow);
      ASSERT_TRUE(eventually(
          [&] { return journal->producer(0).durable().value == i || journal->stalled(); }));
    }
    durable = journal->durable_lsn().value;
  }
  EXPECT_EQ(read_all(files).statements, range(1, durable));
}

TEST(Journal, SeveralProducersAndAReaderAtOnce) {
  constexpr std::uint64_t kRecords = 2000;
  constexpr std::size_t kProducers = 4;
  MemoryFiles files;
  Options options = small(files);
  options.producers = kProducers;
  options.max_size = 64_MiB;
  TestJournal journal(options);
  std::vector<std::thread> workers;
  for (std::size_t p = 0; p < kProducers; ++p) {
    workers.emplace_back([&, p] {
      Producer& producer = journal->producer(p);
      for (std::uint64_t i = 1; i <= kRecords; ++i) {
        const Ticket ticket = producer.append(intent(p * kRecords + i));
        if (i % 3 == 0) producer.flush(Urgency::kMayWait);
        if (i % 7 == 0) producer.flush(Urgency::kCommitNow);
        if (i % 70 == 0) journal.wait_for(ticket, p);
      }
      producer.flush(Urgency::kCommitNow);
      journal.wait_for(Ticket{kRecords}, p);
    });
  }
  const Result<std::unique_ptr<Reader>> reader = journal->reader(Lsn{});
  ASSERT_TRUE(reader.ok());
  std::vector<std::uint64_t> last_of(kProducers, 0);
  std::uint64_t seen = 0;
  while (seen < kProducers * kRecords) {
    const Result<std::optional<Reader::Entry>> entry = (*reader)->next();
    ASSERT_TRUE(entry.ok()) << entry.error().message;
    if (!entry.value()) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(entry.value()->lsn.value, ++seen);
    ASSERT_LE(seen, journal->durable_lsn().value);
    const std::uint64_t statement = statement_of(entry.value()->bytes) - 1;
    ASSERT_EQ(statement % kRecords, last_of[statement / kRecords]++) << "order within a producer";
  }
  for (std::thread& worker : workers) worker.join();
}

TEST(Reader, BeginsBehindAnyRecord) {
  MemoryFiles files;
  {
    TestJournal journal(small(files));
    for (std::uint64_t i = 1; i <= 150; ++i) ASSERT_TRUE(journal.commit(intent(i)));
  }
  for (std::uint64_t after = 0; after <= 150; ++after)
    EXPECT_EQ(read_all(files, Lsn{after}).lsns, range(after + 1, 150)) << after;
}

TEST(Reader, FollowsAnotherProcessAcrossSegments) {
  MemoryFiles files;
  TestJournal journal(small(files));
  ASSERT_TRUE(journal.commit(intent(1)));
  const Result<std::unique_ptr<Reader>> reader = Reader::open(kDirectory, Lsn{}, &files);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(read_all(**reader).statements, range(1, 1));
  for (std::uint64_t i = 2; i <= 200; ++i) {
    ASSERT_TRUE(journal.commit(intent(i)));
    EXPECT_EQ(read_all(**reader).statements, range(i, i));
  }
}

TEST(Reader, OfADirectoryWithoutAJournalIsAnError) {
  MemoryFiles files;
  EXPECT_FALSE(Reader::open(kDirectory, Lsn{}, &files).ok());
  EXPECT_FALSE(Reader::before_oldest(kDirectory, &files).ok());
}

// On the real file system.
class PosixJournal : public testing::Test {
 protected:
  PosixJournal() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tracegate-XXXXXX").string();
    base_ = ::mkdtemp(pattern.data());
    options_.directory = base_ + "/journal";
    options_.segment_size = 64_KiB;
    options_.max_size = 1_MiB;
  }
  ~PosixJournal() override { std::filesystem::remove_all(base_); }

  static mode_t mode(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }

  std::string base_;
  Options options_;
};

TEST_F(PosixJournal, KeepsRecordsAcrossRuns) {
  for (std::uint64_t run = 0; run < 5; ++run) {
    TestJournal journal(options_);
    ASSERT_TRUE(journal.ok()) << journal.error();
    for (std::uint64_t i = 1; i <= 300; ++i) ASSERT_TRUE(journal.commit(intent(run * 300 + i)));
  }
  const Result<std::unique_ptr<Reader>> reader = Reader::open(options_.directory, Lsn{});
  ASSERT_TRUE(reader.ok());
  const ReadOut out = read_all(**reader);
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.statements, range(1, 1500));
}

TEST_F(PosixJournal, FilesAreForTheOwnerAlone) {
  TestJournal journal(options_);
  ASSERT_TRUE(journal.ok()) << journal.error();
  EXPECT_EQ(mode(options_.directory), 0700U);
  for (const auto& entry : std::filesystem::directory_iterator(options_.directory))
    EXPECT_EQ(mode(entry.path().string()), 0600U) << entry.path();
}

TEST_F(PosixJournal, RefusesADirectoryThatIsOpenToOthers) {
  std::filesystem::create_directory(options_.directory);
  ASSERT_EQ(::chmod(options_.directory.c_str(), 0755), 0);
  EXPECT_FALSE(TestJournal(options_).ok());
  ASSERT_EQ(::chmod(options_.directory.c_str(), 0750), 0);
  EXPECT_TRUE(TestJournal(options_).ok());
}

TEST_F(PosixJournal, LocksOutASecondGateway) {
  TestJournal journal(options_);
  ASSERT_TRUE(journal.ok());
  const TestJournal second(options_);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().find("in use by another gateway"), std::string::npos);
  journal.close();
  EXPECT_TRUE(TestJournal(options_).ok());
}

TEST_F(PosixJournal, LocksOutASecondProcess) {
  std::filesystem::create_directory(options_.directory);
  const auto lock = posix_files().lock(options_.directory);
  ASSERT_TRUE(lock.ok());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(posix_files().lock(options_.directory).ok() ? 1 : 0);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(PosixJournal, ManyPiecesAreOneBatch) {
  options_.producers = 700;  // more than one call of pwritev takes
  options_.segment_size = 1_MiB;
  options_.max_size = 8_MiB;
  {
    TestJournal journal(options_);
    ASSERT_TRUE(journal.ok()) << journal.error();
    for (std::size_t p = 0; p < options_.producers; ++p) {
      journal->producer(p).append(intent(p + 1));
      journal->producer(p).flush(p % 2 == 0 ? Urgency::kCommitNow : Urgency::kMayWait);
    }
  }
  const Result<std::unique_ptr<Reader>> reader = Reader::open(options_.directory, Lsn{});
  ASSERT_TRUE(reader.ok());
  const ReadOut out = read_all(**reader);
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.lsns, range(1, 700));
}

TEST_F(PosixJournal, MissingParentDirectoryIsAnError) {
  options_.directory = base_ + "/no/such/place";
  const TestJournal journal(options_);
  EXPECT_FALSE(journal.ok());
  EXPECT_NE(journal.error().find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace tracegate::journal
