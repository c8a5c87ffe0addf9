// The file operations that the journal needs, as an interface, so that tests can lose power, fill
// the disk and fail any single call. posix_files() is the real thing.
// Threading: a FileSystem may be used from any thread; a file belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace tracegate::journal {

enum class Durability {
  kNow,    // on the disk when the call returns
  kLater,  // with the next sync()
};

class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // Writes `parts` one behind the other from `offset`: all of it, or an error. After an error
  // nothing is known of what the disk holds, now or later.
  [[nodiscard]] virtual Status write(std::span<const std::string_view> parts, std::uint64_t offset,
                                     Durability durability) = 0;
  // Data and size of the file are on the disk when this returns.
  [[nodiscard]] virtual Status sync() = 0;
};

class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  // Fills `to` from `offset`; returns how much there was, less than asked only at the end of the
  // file.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> to, std::uint64_t offset) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() = 0;
};

// Held as long as it lives.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Makes the directory with mode 0700 if it is missing, and refuses one that the group can write
  // to or others can read.
  [[nodiscard]] virtual Status make_directory(const std::string& path) = 0;
  // Against every other process, and a second lock in this one; an error if somebody holds it.
  [[nodiscard]] virtual Result<std::unique_ptr<DirectoryLock>> lock(
      const std::string& directory) = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  // A new file with mode 0600; an error if it exists.
  [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> open_to_write(
      const std::string& path) = 0;
  // Null if there is no such file.
  [[nodiscard]] virtual Result<std::unique_ptr<ReadableFile>> open_to_read(
      const std::string& path) = 0;
  [[nodiscard]] virtual Status rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Status remove(const std::string& path) = 0;
  // Names that were made, renamed or removed are so on the disk when this returns.
  [[nodiscard]] virtual Status sync_directory(const std::string& path) = 0;
};

// The operating system's. Never destroyed.
[[nodiscard]] FileSystem& posix_files();

}  // namespace tracegate::journal
