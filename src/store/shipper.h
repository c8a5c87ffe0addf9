// Moves the durable records of a journal into the session tables of a PostgreSQL, each exactly
// once: rows and position are committed in one transaction, and after anything that goes wrong the
// position in the database says where to go on. Only then may the journal remove what was shipped.
//
// It never gives up: while the database is away the journal keeps everything, and the shipper tries
// again. It refuses to ship (and says so in its status) when the session tables already hold
// records that the journal does not: then the journal was replaced by an older copy. Threading: a
// thread of its own; status() from any thread.
#pragma once

#include <memory>
#include <string>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/base/result.h"
#include "src/journal/journal.h"
#include "src/store/connection_config.h"

namespace tracegate::store {

struct ShipperOptions {
  ConnectionConfig connection;
  bool manage_schema = true;  // create or migrate schema "tracegate"; false: it must be there
  std::size_t batch_records = 5000;
  Milliseconds interval{200};  // between transactions when there is less than a full batch
  Milliseconds retry_at_most{5000};
  Milliseconds drain{5000};  // how long the end may take, to ship what is durable by then
};

struct ShipperStatus {
  bool connected = false;
  Lsn shipped;               // everything up to here is in the session tables
  std::uint64_t behind = 0;  // durable records that are not
  Microseconds lag{};        // for how long there have been such records
  std::string error;         // why it is not getting on; empty if it is. No secrets, no row data.
};

class Shipper {
 public:
  // `journal` outlives the shipper. The database need not be there yet.
  [[nodiscard]] static Result<std::unique_ptr<Shipper>> start(ShipperOptions options,
                                                              journal::Journal& journal);
  virtual ~Shipper() = default;  // ships what is durable, for at most options.drain
  [[nodiscard]] virtual ShipperStatus status() const = 0;
};

}  // namespace tracegate::store
