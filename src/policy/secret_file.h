// Files beside the policy: secrets (passwords, verifiers), and certificates that are only looked
// at. Performs file I/O; thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "src/base/result.h"
#include "src/base/secret.h"

namespace tracegate::policy {

struct SecretFile {
  Secret value;             // without the line end behind it
  bool others_may = false;  // its mode lets the group or others read or write it
};

// One line of at most 64 KiB. Errors name the file, never what it holds.
[[nodiscard]] Result<SecretFile> read_secret_file(const std::filesystem::path& path);

struct FileFacts {
  bool others_may = false;
};

// Whether `path` is a regular file that this process can read.
[[nodiscard]] Result<FileFacts> look_at_file(const std::filesystem::path& path);

}  // namespace tracegate::policy
