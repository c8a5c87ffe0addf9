// The append-only journal: segments on local disk, written by one thread, group-committed with
// fdatasync. It is the one source of truth of what was asked; the session tables are its projection.
//
// Workers append through a Producer each (no lock until flush()). The journal thread gathers what
// all producers handed over, gives the records their Lsn, writes one batch, makes it durable and
// wakes those who wait. If a write or an fdatasync fails, the journal is failed for good (a later
// fdatasync could lie): failed() turns true, nothing becomes durable any more, and the gateway
// serves nothing.
//
// On disk: docs/journal.md.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "src/base/bytes.h"
#include "src/base/ids.h"
#include "src/base/result.h"
#include "src/journal/record.h"

namespace tracegate::journal {

struct Options {
  std::string directory;            // made if missing, mode 0700; locked against a second gateway
  ByteCount segment_size = 64_MiB;  // preallocated, so that a commit changes no file metadata
  ByteCount max_size{16ULL << 30};  // all segments; beyond it append stalls (see backlog())
  std::size_t producers = 1;        // how many workers will append
};

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
  // Hands the open batch to the journal thread. `urgent`: somebody waits for it, commit now.
  // Otherwise it may ride with the next urgent batch, at most 50 ms later.
  enum class Urgency { kCommitNow, kMayWait };
  virtual void flush(Urgency urgency) = 0;
  // Every record up to this ticket is on disk. Lock-free, from any thread.
  [[nodiscard]] virtual Ticket durable() const = 0;
  // Bytes appended and not yet durable; the owner stops taking work above its limit.
  [[nodiscard]] virtual ByteCount backlog() const = 0;
};

class Journal {
 public:
  // Opens or creates the journal; recovers after a crash: a torn last batch is cut off (it was never
  // reported durable), any other damage is an error that names segment and offset. Starts the thread.
  // `wake(n)` is called on the journal thread whenever producer n's durable ticket moved or the
  // journal failed; it must only signal (uv_async_send).
  [[nodiscard]] static Result<std::unique_ptr<Journal>> open(const Options& options,
                                                             std::function<void(std::size_t)> wake);
  virtual ~Journal() = default;  // flushes what was handed over, joins the thread

  [[nodiscard]] virtual Producer& producer(std::size_t index) = 0;
  [[nodiscard]] virtual bool failed() const = 0;         // any thread
  [[nodiscard]] virtual std::string failure() const = 0; // why, any thread
  [[nodiscard]] virtual Lsn durable_lsn() const = 0;     // any thread
  // The shipper (or whoever consumes) has everything up to here elsewhere; whole segments below may
  // be removed when the journal needs room. Any thread.
  virtual void release(Lsn shipped) = 0;
};

// Reads a journal directory in order, live (behind a writer in this or another process) or offline.
class Reader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Reader>> open(const std::string& directory, Lsn after);
  virtual ~Reader() = default;
  struct Entry {
    Lsn lsn;
    std::string_view bytes;  // for decode(); borrowed until the next call
  };
  // The next record, or nothing yet (end of what is complete on disk). Damage is an error.
  [[nodiscard]] virtual Result<std::optional<Entry>> next() = 0;
};

}  // namespace tracegate::journal
