// The append-only journal: segments on local disk, written by one thread, group-committed with
// fdatasync. It is the one source of truth of what was asked; the session tables are its
// projection.
//
// Workers append through a Producer each (no lock until flush()). The journal thread gathers what
// all producers handed over, gives the records their Lsn, writes one batch, makes it durable and
// wakes those who wait. If a write or an fdatasync fails, the journal is failed for good (a later
// fdatasync could lie): failed() turns true, nothing becomes durable any more, and the gateway
// serves nothing.
//
// On disk: docs/journal.md.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/base/result.h"
#include "src/journal/record.h"

namespace tracegate::journal {

class FileSystem;  // src/journal/files.h

// Which journal: random, made with its first segment, in the header of every segment.
struct JournalId {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const JournalId&) const = default;
  [[nodiscard]] std::string to_string() const { return SessionId{bytes}.to_string(); }
};

struct Options {
  std::string directory;            // made if missing, mode 0700; locked against a second gateway
  ByteCount segment_size = 64_MiB;  // preallocated, so that a commit changes no file metadata
  ByteCount max_size{
      16ULL << 30};           // all segments, at least two; beyond it commits stall (see stalled())
  std::size_t producers = 1;  // how many workers will append
  // Under load the journal waits up to this long for as many intents as were under way a moment
  // ago, and commits them together. With fewer than kCompany of them it never waits. 0: never.
  Microseconds gather{100};
  FileSystem* files = nullptr;  // null: the operating system's; outlives the journal
};
inline constexpr std::uint64_t kCompany = 4;

// One worker's end. Thread-confined to that worker except where noted.
class Producer {
 public:
  virtual ~Producer() = default;
  // Encodes the record into this producer's open batch. Its ticket is the previous one + 1.
  virtual Ticket append(const GatewayStarted& record) = 0;
  virtual Ticket append(const PolicyLoaded& record) = 0;
  virtual Ticket append(const SessionOpened& record) = 0;
  virtual Ticket append(const LoginRefused& record) = 0;
  virtual Ticket append(const Intent& record) = 0;
  virtual Ticket append(const Outcome& record) = 0;
  virtual Ticket append(const SessionClosed& record) = 0;
  // Hands the open batch to the journal thread. Once for each turn of an event loop, not for each
  // record.
  // kCommitNow: somebody waits for what was appended so far; wake() follows when it is durable.
  // kMayWait: nobody does; it rides with the next urgent batch, or follows within 50 ms, without a
  // wake(). Who waits for the backlog to shrink flushes with kCommitNow.
  enum class Urgency { kCommitNow, kMayWait };
  virtual void flush(Urgency urgency) = 0;
  // Every record up to this ticket is on disk. Lock-free, from any thread.
  [[nodiscard]] virtual Ticket durable() const = 0;
  // Bytes appended and not yet durable; the owner stops taking work above its limit.
  [[nodiscard]] virtual ByteCount backlog() const = 0;
};

// Reads a journal in order, across segments, and verifies all that it passes: CRC and hash chain of
// each batch, and that no record is missing. Thread-confined.
class Reader {
 public:
  // The records behind `after`, of a journal that no gateway runs on, or that of another process:
  // then what is read need not be durable yet. An error if records behind `after` were removed.
  [[nodiscard]] static Result<std::unique_ptr<Reader>> open(const std::string& directory, Lsn after,
                                                            FileSystem* files = nullptr);
  // What to pass as `after` to read everything that is still there; 0 if nothing was removed yet.
  [[nodiscard]] static Result<Lsn> before_oldest(const std::string& directory,
                                                 FileSystem* files = nullptr);
  virtual ~Reader() = default;
  struct Entry {
    Lsn lsn;
    std::string_view bytes;  // for decode(); borrowed until the next call
  };
  // The next record, or nothing yet: the end of what is complete on disk, and for Journal::reader()
  // of what is durable. Damage is an error that names segment and offset; the reader stays there.
  [[nodiscard]] virtual Result<std::optional<Entry>> next() = 0;
};

class Journal {
 public:
  // Opens or creates the journal; recovers after a crash: a torn last batch is cut off (it was
  // never reported durable), any other damage is an error that names segment and offset. Verified
  // are the headers of all segments and the whole of the last one; the others as they are read.
  // Starts the thread. `wake(n)` is called on the journal thread whenever producer n waits and its
  // durable ticket moved, and for all of them when the journal failed; it must only signal
  // (uv_async_send).
  [[nodiscard]] static Result<std::unique_ptr<Journal>> open(const Options& options,
                                                             std::function<void(std::size_t)> wake);
  virtual ~Journal() = default;  // commits what was handed over, unless stalled; joins the thread

  [[nodiscard]] virtual Producer& producer(std::size_t index) = 0;
  [[nodiscard]] virtual const JournalId& id() const = 0;
  [[nodiscard]] virtual bool failed() const = 0;          // any thread
  [[nodiscard]] virtual std::string failure() const = 0;  // why, any thread
  // max_size is reached and nothing of it is released: nothing becomes durable until release()
  // makes room. Any thread.
  [[nodiscard]] virtual bool stalled() const = 0;
  [[nodiscard]] virtual Lsn durable_lsn() const = 0;  // any thread
  // The durable records behind `after`, live; may outlive the journal, of which it then sees no
  // more.
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> reader(Lsn after) const = 0;
  // The shipper (or whoever consumes) has everything up to here elsewhere; whole segments below may
  // be removed when the journal needs room. Any thread.
  virtual void release(Lsn shipped) = 0;
};

}  // namespace tracegate::journal
