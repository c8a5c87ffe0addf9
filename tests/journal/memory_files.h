// A disk in memory that can lose power and fail any call. What was written and not synced survives
// a loss of power in an arbitrary set of sectors, names that were not synced not at all.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "src/journal/files.h"

namespace tracegate::journal {

class MemoryFiles final : public FileSystem {
 public:
  // The n-th changing call from now on (from 1), and only that, fails with this message; half of a
  // failing write is done.
  void fail_call(std::uint64_t n, std::string message);
  // The n-th changing call from now on and all behind it fail: the power is gone.
  void lose_power_at_call(std::uint64_t n);
  // Comes up again after a loss of power, now or before: see above. All locks are gone.
  void restart(std::uint32_t seed);
  // Changing calls so far.
  [[nodiscard]] std::uint64_t calls();

  // Contents, for damage. The path is the whole one.
  [[nodiscard]] std::string content(const std::string& path);
  void set_content(const std::string& path, std::string content);
  void erase(const std::string& path);
  [[nodiscard]] std::vector<std::string> names(const std::string& directory);

  Status make_directory(const std::string& path) override;
  Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  Result<std::unique_ptr<WritableFile>> open_to_write(const std::string& path) override;
  Result<std::unique_ptr<ReadableFile>> open_to_read(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status sync_directory(const std::string& path) override;

 private:
  struct Inode {
    std::string content;  // as processes see it
    std::string durable;  // as the disk has it
  };
  class Writable;
  class Readable;
  class Lock;
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  // Counts a changing call; its error if it is to fail. Under mutex_.
  Status begin_call();
  Status write(Inode& inode, std::span<const std::string_view> parts, std::uint64_t offset,
               Durability durability);
  Status sync(Inode& inode);

  std::mutex mutex_;
  Names names_;
  Names durable_names_;
  std::set<std::string> locks_;
  std::uint64_t calls_ = 0;
  std::uint64_t fail_at_ = 0;
  std::string fail_message_;
  std::uint64_t power_lost_at_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace tracegate::journal
