// A reader behind the writer of the same process. The number of the last durable record is shared,
// so that a reader may outlive the journal.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "src/journal/files.h"
#include "src/journal/journal.h"

namespace tracegate::journal {

using DurableLsn = std::shared_ptr<const std::atomic<std::uint64_t>>;

// `durable` null: reads up to the end of what is complete on disk.
[[nodiscard]] Result<std::unique_ptr<Reader>> make_reader(FileSystem& files,
                                                          const std::string& directory, Lsn after,
                                                          DurableLsn durable);

}  // namespace tracegate::journal
