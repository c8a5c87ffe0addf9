// Whatever stands in a journal directory: reading and recovering end with records or an error,
// never with a crash, and nothing that was read is different from what was written.
//
// The first byte of the input says how the rest is used:
//   0  it is a whole segment file
//   1  it is what stands behind a valid segment header
//   2  it is the body of a batch whose CRC and hash are right, so that the fuzzer gets past them
//   3  it is one record
#include <cstdlib>

#include "src/journal/format.h"
#include "src/journal/journal.h"
#include "src/journal/segment_log.h"
#include "tests/journal/memory_files.h"

using namespace tracegate;
using namespace tracegate::journal;

namespace {

constexpr const char* kDirectory = "/journal";

void require(bool condition) {
  if (!condition) std::abort();
}

// What decode() accepts is exactly what encode() makes.
void check_record(std::string_view bytes) {
  const Result<Record> record = decode(bytes);
  if (!record) return;
  std::string again;
  std::visit([&](const auto& value) { encode(value, again); }, *record);
  require(again == bytes);
}

std::string header_block() {
  SegmentHeader header;
  header.first_lsn = Lsn{1};
  header.mark = 0x0123456789abcdef;
  return encode(header);
}

std::string segment_around(std::string_view body) {
  std::string segment = header_block();
  BatchHeader batch;
  batch.mark = 0x0123456789abcdef;
  batch.first_lsn = Lsn{1};
  batch.body_size = static_cast<std::uint32_t>(body.size());
  for (std::string_view rest = body; take_record(rest);) ++batch.count;
  ChainHasher hasher;
  batch.chain = hasher.next(ChainHash{}, batch, {&body, 1});
  batch.crc = batch_crc(batch, {&body, 1});
  const auto block = encode(batch);
  return segment.append(block.data(), block.size()).append(body);
}

std::uint64_t read_all(MemoryFiles& files) {
  const Result<std::unique_ptr<Reader>> reader = Reader::open(kDirectory, Lsn{}, &files);
  if (!reader) return 0;
  std::uint64_t count = 0;
  while (true) {
    const Result<std::optional<Reader::Entry>> entry = (*reader)->next();
    if (!entry || !entry.value()) return count;
    require(entry.value()->lsn.value == ++count);
    check_record(entry.value()->bytes);
  }
}

void check_segment(std::string segment) {
  MemoryFiles files;
  files.set_content(std::string(kDirectory) + "/" + segment_name(Lsn{1}), std::move(segment));
  const std::uint64_t before = read_all(files);
  Options options;
  options.directory = kDirectory;
  options.segment_size = 16_KiB;
  options.max_size = 256_MiB;
  const Result<std::unique_ptr<SegmentLog>> log = SegmentLog::open(options, files);
  if (!log) return;
  // Recovery keeps what could be read, and what is behind it goes on from there.
  require((*log)->last_lsn().value == before);
  std::string body(kRecordPrefixSize, '\0');
  encode(GatewayStarted{}, body);
  body[0] = static_cast<char>(body.size() - kRecordPrefixSize);
  if (!(*log)->fits(body.size())) require(*(*log)->begin_segment(body.size(), Lsn{}));
  const std::string_view part = body;
  require((*log)->append({&part, 1}, 1).ok());
  require(read_all(files) == before + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      check_segment(std::string(rest));
      break;
    case 1:
      check_segment(header_block().append(rest));
      break;
    case 2:
      check_segment(segment_around(rest));
      break;
    default:
      check_record(rest);
      break;
  }
  return 0;
}
