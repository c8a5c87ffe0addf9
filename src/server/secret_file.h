// A secret of the gateway's own that must outlive restarts, kept in a file that only it can read.
#pragma once

#include <filesystem>

#include "src/base/result.h"
#include "src/base/secret.h"

namespace tracegate::server {

// 32 random bytes: the file's, or fresh ones written to a new file (mode 0600). An error if the
// file cannot be read or made, has another size, or is open to others.
[[nodiscard]] Result<Secret> load_or_make_secret(const std::filesystem::path& file);

}  // namespace tracegate::server
