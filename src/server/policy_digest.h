// Which policy it was: a digest over the files, for the record.
#pragma once

#include <filesystem>
#include <string>

#include "src/base/result.h"

namespace tracegate::server {

// Hex SHA-256 over every *.toml of `folder` in order of name, each as "name NUL length NUL
// content". The same as `for f in *.toml; do printf '%s\0%s\0' "$f" "$(stat -c %s "$f")"; cat "$f";
// done | sha256sum`.
[[nodiscard]] Result<std::string> policy_digest(const std::filesystem::path& folder);

}  // namespace tracegate::server
