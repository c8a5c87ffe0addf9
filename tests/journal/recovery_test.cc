// What a crash, a disk or a person may do to the files, and what the journal says of it.
#include <gtest/gtest.h>

#include "src/journal/format.h"
#include "src/journal/segment_log.h"
#include "tests/journal/harness.h"

namespace tracegate::journal {
namespace {

const std::string kFirst = std::string(kDirectory) + "/journal-00000000000000000001.seg";

// One batch with one intent.
void append_batch(SegmentLog& log, std::uint64_t statement) {
  std::string record;
  encode(intent(statement), record);
  std::string body(kRecordPrefixSize, '\0');
  const auto size = static_cast<std::uint32_t>(record.size());
  std::memcpy(body.data(), &size, sizeof size);
  body += record;
  if (!log.fits(body.size())) {
    const Result<bool> begun = log.begin_segment(body.size(), Lsn{});
    ASSERT_TRUE(begun.ok() && *begun);
  }
  const std::string_view part = body;
  ASSERT_TRUE(log.append({&part, 1}, 1).ok());
}

std::unique_ptr<SegmentLog> must_open(MemoryFiles& files) {
  Result<std::unique_ptr<SegmentLog>> log = SegmentLog::open(small(files), files);
  EXPECT_TRUE(log.ok()) << (log.ok() ? "" : log.error().message);
  return log.ok() ? std::move(*log) : nullptr;
}

// `batches` batches; returns the offset behind each of them in the first segment, from the header
// on.
std::vector<std::size_t> fill(MemoryFiles& files, std::uint64_t batches) {
  std::vector<std::size_t> ends{kSegmentHeaderSize};
  const auto log = must_open(files);
  for (std::uint64_t i = 1; i <= batches; ++i) {
    append_batch(*log, i);
    ends.push_back(files.content(kFirst).find_last_not_of('\0') + 1);
  }
  return ends;
}

void expect_recovers(MemoryFiles& files, std::uint64_t batches) {
  const auto log = must_open(files);
  ASSERT_NE(log, nullptr);
  ASSERT_EQ(log->last_lsn().value, batches);
  append_batch(*log, batches + 1);
  const ReadOut out = read_all(files);
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.statements, range(1, batches + 1));
}

TEST(Recovery, BatchTornAtAnyByteIsCutOff) {
  MemoryFiles files;
  const std::vector<std::size_t> ends = fill(files, 3);
  const std::string whole = files.content(kFirst);
  for (std::size_t at = ends[2]; at < ends[3]; ++at) {
    std::string torn = whole;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(at),
              torn.begin() + static_cast<std::ptrdiff_t>(ends[3]), '\0');
    files.set_content(kFirst, torn);
    SCOPED_TRACE(at);
    expect_recovers(files, 2);
  }
}

TEST(Recovery, BatchWhoseFirstSectorsAreMissingIsCutOff) {
  MemoryFiles files;
  const std::vector<std::size_t> ends = fill(files, 3);
  const std::string whole = files.content(kFirst);
  for (std::size_t at = ends[2] + 1; at < ends[3]; ++at) {
    std::string torn = whole;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(ends[2]),
              torn.begin() + static_cast<std::ptrdiff_t>(at), '\0');
    files.set_content(kFirst, torn);
    SCOPED_TRACE(at);
    expect_recovers(files, 2);
    EXPECT_EQ(files.content(kFirst).size(), whole.size());
  }
}

TEST(Recovery, FlippedByteBeforeTheLastBatchIsFoundAndNamed) {
  MemoryFiles files;
  const std::vector<std::size_t> ends = fill(files, 4);
  const std::string whole = files.content(kFirst);
  for (std::size_t at = 0; at < ends[3]; ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    files.set_content(kFirst, changed);
    const Result<std::unique_ptr<SegmentLog>> log = SegmentLog::open(small(files), files);
    ASSERT_FALSE(log.ok()) << at;
    std::size_t batch_begin = 0;
    for (const std::size_t end : ends)
      if (end <= at) batch_begin = end;
    const std::string where =
        "journal-00000000000000000001.seg at offset " + std::to_string(batch_begin) + ":";
    EXPECT_NE(log.error().message.find(where), std::string::npos)
        << log.error().message << " " << at;
    EXPECT_NE(read_all(files).error.find(where), std::string::npos) << at;
    EXPECT_EQ(files.content(kFirst), changed) << "a damaged journal was changed";
  }
}

TEST(Recovery, FlippedByteInAnEarlierSegmentIsFoundByTheReader) {
  MemoryFiles files;
  fill(files, 200);
  ASSERT_GE(files.names(kDirectory).size(), 3U);
  const std::string whole = files.content(kFirst);
  const std::size_t end = whole.find_last_not_of('\0');
  for (std::size_t at = kSegmentHeaderSize; at <= end; at += 7) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    files.set_content(kFirst, changed);
    const ReadOut out = read_all(files);
    EXPECT_NE(out.error.find("journal-00000000000000000001.seg at offset "), std::string::npos)
        << at;
    EXPECT_EQ(out.statements, range(1, out.statements.size()))
        << "records before the damage are good";
  }
}

TEST(Recovery, MissingSegmentIsFound) {
  MemoryFiles files;
  fill(files, 200);
  const std::vector<std::string> names = files.names(kDirectory);
  ASSERT_GE(names.size(), 3U);
  files.erase(std::string(kDirectory) + "/" + names[1]);
  EXPECT_NE(read_all(files).error, "");
}

TEST(Recovery, SegmentOfAnotherJournalIsRefused) {
  MemoryFiles files;
  MemoryFiles others;
  fill(files, 200);
  fill(others, 200);
  const std::vector<std::string> names = files.names(kDirectory);
  ASSERT_EQ(names, others.names(kDirectory));
  const std::string second = std::string(kDirectory) + "/" + names[1];
  files.set_content(second, others.content(second));
  EXPECT_NE(read_all(files).error.find("another journal"), std::string::npos);
  const Result<std::unique_ptr<SegmentLog>> log = SegmentLog::open(small(files), files);
  ASSERT_FALSE(log.ok());
  EXPECT_NE(log.error().message.find("another journal"), std::string::npos);
}

TEST(Recovery, HistoryThatWasRewrittenBreaksTheChain) {
  // An attacker who can compute CRCs and hashes replaces the first batch; the second one tells.
  MemoryFiles files;
  const std::vector<std::size_t> ends = fill(files, 3);
  std::string content = files.content(kFirst);
  BatchHeader header = decode_batch_header(std::string_view(content).substr(ends[0]));
  std::string body = content.substr(ends[0] + kBatchHeaderSize, header.body_size);
  body[body.size() - 1] = '2';  // select 1 -> select 2
  const std::string_view part = body;
  ChainHasher hasher;
  header.chain = hasher.next(ChainHash{}, header, {&part, 1});
  header.crc = batch_crc(header, {&part, 1});
  const auto block = encode(header);
  content.replace(ends[0], block.size(), block.data(), block.size());
  content.replace(ends[0] + kBatchHeaderSize, body.size(), body);
  files.set_content(kFirst, content);
  const ReadOut out = read_all(files);
  EXPECT_EQ(out.statements, range(1, 1));
  EXPECT_NE(out.error.find("offset " + std::to_string(ends[1]) + ": the hash chain is broken"),
            std::string::npos)
      << out.error;
}

TEST(Recovery, BatchOfAnotherPlaceInTheOrderIsRefused) {
  MemoryFiles files;
  const std::vector<std::size_t> ends = fill(files, 1);
  std::string content = files.content(kFirst);
  BatchHeader header = decode_batch_header(std::string_view(content).substr(ends[0]));
  const std::string_view body =
      std::string_view(content).substr(ends[0] + kBatchHeaderSize, header.body_size);
  header.first_lsn.value = 5;
  ChainHasher hasher;
  header.chain = hasher.next(ChainHash{}, header, {&body, 1});
  header.crc = batch_crc(header, {&body, 1});
  const auto block = encode(header);
  content.replace(ends[0], block.size(), block.data(), block.size());
  files.set_content(kFirst, content);
  EXPECT_NE(read_all(files).error.find("begins with record 5 where 1 is due"), std::string::npos);
}

TEST(Recovery, SegmentOfAForkBreaksTheChain) {
  // The directory is copied, both copies go on, and a segment of one is put into the other: the
  // same journal, the same numbers, another history.
  MemoryFiles files;
  MemoryFiles fork;
  fill(files, 5);
  fork.set_content(kFirst, files.content(kFirst));
  for (std::uint64_t i = 6; i <= 200; ++i) {
    append_batch(*must_open(files), i);
    append_batch(*must_open(fork), i == 6 ? 1'000'000 : i);
  }
  const std::vector<std::string> names = files.names(kDirectory);
  ASSERT_EQ(names, fork.names(kDirectory));
  const std::string second = std::string(kDirectory) + "/" + names[1];
  files.set_content(second, fork.content(second));
  const ReadOut out = read_all(files);
  EXPECT_NE(out.error.find(names[1] + " at offset"), std::string::npos) << out.error;
  EXPECT_NE(out.error.find("hash chain to the previous segment is broken"), std::string::npos);
  EXPECT_EQ(out.statements, range(1, out.statements.size()));
}

TEST(Recovery, NothingOfATornBatchStaysBehindTheLastOne) {
  // Else the segment would look damaged once there is a next one.
  MemoryFiles files;
  const std::vector<std::size_t> ends = fill(files, 3);
  std::string torn = files.content(kFirst);
  torn[ends[2] + kBatchHeaderSize] = 'x';
  files.set_content(kFirst, torn);
  {
    const auto log = must_open(files);
    ASSERT_EQ(log->last_lsn().value, 2U);
    const Result<bool> begun = log->begin_segment(1, Lsn{});
    ASSERT_TRUE(begun.ok() && *begun);
    append_batch(*log, 3);
  }
  const ReadOut out = read_all(files);
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.statements, range(1, 3));
}

TEST(Recovery, TextThatLooksLikeABatchIsNotTakenForOne) {
  // Torn batch whose text holds a copy of a valid batch, with any mark but the segment's own.
  MemoryFiles files;
  std::string forged;
  {
    MemoryFiles other;
    const std::vector<std::size_t> ends = fill(other, 1);
    forged = other.content(kFirst).substr(ends[0], ends[1] - ends[0]);
  }
  {
    const auto log = must_open(files);
    append_batch(*log, 1);
  }
  std::string content = files.content(kFirst);
  const std::size_t end = content.find_last_not_of('\0') + 1;
  content.replace(end + kBatchHeaderSize, forged.size(), forged);
  files.set_content(kFirst, content);
  expect_recovers(files, 1);
}

TEST(Recovery, LeftoverOfAnUnfinishedSegmentIsRemoved) {
  MemoryFiles files;
  fill(files, 2);
  files.set_content(std::string(kDirectory) + "/next.tmp", "half a segment");
  expect_recovers(files, 2);
  EXPECT_EQ(files.names(kDirectory).size(), 1U);
}

TEST(Recovery, ManyReopeningsContinueOneChain) {
  MemoryFiles files;
  JournalId id;
  for (std::uint64_t run = 1; run <= 120; ++run) {
    const auto log = must_open(files);
    ASSERT_EQ(log->last_lsn().value, run - 1);
    if (run == 1) id = log->id();
    ASSERT_EQ(log->id(), id);
    append_batch(*log, run);
  }
  EXPECT_GE(files.names(kDirectory).size(), 2U);
  const ReadOut out = read_all(files);
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.statements, range(1, 120));
}

TEST(Recovery, ImpossibleSizesAreRefused) {
  MemoryFiles files;
  Options options = small(files);
  options.max_size = {options.segment_size.value * 2 - 1};
  EXPECT_FALSE(SegmentLog::open(options, files).ok());
  options = small(files);
  options.segment_size = {100};
  EXPECT_FALSE(SegmentLog::open(options, files).ok());
}

// Commits until the disk fails or `statements` are durable. Returns how many were reported durable.
std::uint64_t run_until_failure(MemoryFiles& files, std::uint64_t first, std::uint64_t statements,
                                std::string* failure = nullptr) {
  TestJournal journal(small(files));
  if (!journal.ok()) {
    if (failure != nullptr) *failure = journal.error();
    return first - 1;
  }
  const std::string text(600, 'x');
  for (std::uint64_t i = first; i < first + statements; ++i) {
    if (!journal.commit(intent(i, text))) {
      if (failure != nullptr) *failure = journal->failure();
      EXPECT_TRUE(journal->failed());
      return i - 1;
    }
  }
  return first + statements - 1;
}

TEST(Crash, NothingReportedDurableIsLost) {
  constexpr std::uint64_t kStatements = 50;  // over three segments
  std::uint64_t calls = 0;
  {
    MemoryFiles files;
    ASSERT_EQ(run_until_failure(files, 1, kStatements), kStatements);
    calls = files.calls();
  }
  ASSERT_GT(calls, kStatements);
  for (std::uint64_t call = 1; call <= calls; ++call) {
    for (std::uint32_t seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE("power lost at call " + std::to_string(call) + ", seed " + std::to_string(seed));
      MemoryFiles files;
      files.lose_power_at_call(call);
      const std::uint64_t durable = run_until_failure(files, 1, kStatements);
      files.restart(seed);
      TestJournal again(small(files));
      ASSERT_TRUE(again.ok()) << again.error();
      const std::uint64_t recovered = again->durable_lsn().value;
      ASSERT_GE(recovered, durable);
      ASSERT_LE(recovered, durable + 1);  // the one under way may have made it
      ASSERT_TRUE(again.commit(intent(recovered + 1)));
      again.close();
      const ReadOut out = read_all(files);
      ASSERT_EQ(out.error, "");
      ASSERT_EQ(out.statements, range(1, recovered + 1));
    }
  }
}

TEST(Crash, ASecondCrashDuringRecoveryLosesNothing) {
  for (std::uint64_t call = 1; call <= 6; ++call) {
    SCOPED_TRACE(call);
    MemoryFiles files;
    ASSERT_EQ(run_until_failure(files, 1, 5), 5U);
    files.lose_power_at_call(3);
    const std::uint64_t durable = run_until_failure(files, 6, 10);
    files.restart(1);
    files.lose_power_at_call(call);
    run_until_failure(files, 100, 3);
    files.restart(2);
    const auto log = must_open(files);
    ASSERT_NE(log, nullptr);
    EXPECT_GE(log->last_lsn().value, durable);
  }
}

TEST(Failure, OfAnyCallIsFinalAndSaysWhy) {
  std::uint64_t calls = 0;
  {
    MemoryFiles files;
    run_until_failure(files, 1, 50);
    calls = files.calls();
  }
  for (std::uint64_t call = 1; call <= calls; ++call) {
    SCOPED_TRACE(call);
    MemoryFiles files;
    files.fail_call(call, "write to segment: No space left on device");
    std::string failure;
    const std::uint64_t durable = run_until_failure(files, 1, 50, &failure);
    if (durable < 50) {
      EXPECT_NE(failure.find("No space left on device"), std::string::npos) << failure;
    }
    const ReadOut out = read_all(files);
    ASSERT_GE(out.statements.size(), durable);
    EXPECT_EQ(out.statements, range(1, out.statements.size()));
  }
}

TEST(Failure, NothingBecomesDurableAfterwards) {
  MemoryFiles files;
  TestJournal journal(small(files));
  ASSERT_TRUE(journal.commit(intent(1)));
  files.fail_call(1, "Input/output error");
  ASSERT_FALSE(journal.commit(intent(2)));
  EXPECT_EQ(journal->failure(), "Input/output error");
  EXPECT_FALSE(journal.commit(intent(3)));
  EXPECT_EQ(journal->producer(0).durable().value, 1U);
  EXPECT_EQ(journal->durable_lsn().value, 1U);
}

}  // namespace
}  // namespace tracegate::journal
