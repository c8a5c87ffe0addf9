#include "tests/journal/memory_files.h"

#include <algorithm>
#include <cstring>

namespace tracegate::journal {
namespace {

constexpr std::size_t kSector = 512;

void put(std::string& content, std::string_view part, std::uint64_t offset) {
  const auto at = static_cast<std::size_t>(offset);
  if (content.size() < at + part.size()) content.resize(at + part.size());
  part.copy(content.data() + at, part.size());
}

}  // namespace

class MemoryFiles::Writable final : public WritableFile {
 public:
  Writable(MemoryFiles& files, std::shared_ptr<Inode> inode)
      : files_(files), inode_(std::move(inode)) {}
  Status write(std::span<const std::string_view> parts, std::uint64_t offset,
               Durability durability) override {
    return files_.write(*inode_, parts, offset, durability);
  }
  Status sync() override { return files_.sync(*inode_); }

 private:
  MemoryFiles& files_;
  std::shared_ptr<Inode> inode_;  // a removed file lives on while it is open
};

class MemoryFiles::Readable final : public ReadableFile {
 public:
  Readable(MemoryFiles& files, std::shared_ptr<Inode> inode)
      : files_(files), inode_(std::move(inode)) {}
  Result<std::size_t> read(std::span<char> to, std::uint64_t offset) override {
    const std::lock_guard lock(files_.mutex_);
    const std::string& content = inode_->content;
    const auto at = std::min(static_cast<std::size_t>(offset), content.size());
    return content.copy(to.data(), to.size(), at);
  }
  Result<std::uint64_t> size() override {
    const std::lock_guard lock(files_.mutex_);
    return std::uint64_t{inode_->content.size()};
  }

 private:
  MemoryFiles& files_;
  std::shared_ptr<Inode> inode_;
};

class MemoryFiles::Lock final : public DirectoryLock {
 public:
  Lock(MemoryFiles& files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}
  ~Lock() override {
    const std::lock_guard lock(files_.mutex_);
    files_.locks_.erase(directory_);
  }

 private:
  MemoryFiles& files_;
  std::string directory_;
};

void MemoryFiles::fail_call(std::uint64_t n, std::string message) {
  const std::lock_guard lock(mutex_);
  fail_at_ = calls_ + n;
  fail_message_ = std::move(message);
}

void MemoryFiles::lose_power_at_call(std::uint64_t n) {
  const std::lock_guard lock(mutex_);
  power_lost_at_ = calls_ + n;
}

void MemoryFiles::restart(std::uint32_t seed) {
  const std::lock_guard lock(mutex_);
  power_lost_at_ = std::numeric_limits<std::uint64_t>::max();
  names_ = durable_names_;
  std::mt19937 random(seed);
  for (auto& [name, inode] : names_) {
    auto survivor = std::make_shared<Inode>();
    survivor->content = inode->durable;
    for (std::size_t at = 0; at < inode->content.size(); at += kSector) {
      const std::string_view sector = std::string_view(inode->content).substr(at, kSector);
      const bool same = at < inode->durable.size() &&
                        std::string_view(inode->durable).substr(at, kSector) == sector;
      if (!same && at < inode->durable.size() && random() % 2 == 0)
        put(survivor->content, sector.substr(0, inode->durable.size() - at), at);
    }
    survivor->durable = survivor->content;
    inode = survivor;
  }
  durable_names_ = names_;
}

std::uint64_t MemoryFiles::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::string MemoryFiles::content(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return names_.at(path)->content;
}

void MemoryFiles::set_content(const std::string& path, std::string content) {
  const std::lock_guard lock(mutex_);
  auto inode = std::make_shared<Inode>();
  inode->content = std::move(content);
  inode->durable = inode->content;
  names_[path] = inode;
  durable_names_[path] = inode;
}

void MemoryFiles::erase(const std::string& path) {
  const std::lock_guard lock(mutex_);
  names_.erase(path);
  durable_names_.erase(path);
}

std::vector<std::string> MemoryFiles::names(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> found;
  for (const auto& [path, inode] : names_)
    if (path.starts_with(directory + "/")) found.push_back(path.substr(directory.size() + 1));
  return found;
}

Status MemoryFiles::begin_call() {
  ++calls_;
  if (calls_ >= power_lost_at_) return Error("the power is gone");
  if (calls_ == fail_at_) return Error(fail_message_);
  return Ok{};
}

Status MemoryFiles::write(Inode& inode, std::span<const std::string_view> parts,
                          std::uint64_t offset, Durability durability) {
  const std::lock_guard lock(mutex_);
  const Status status = begin_call();
  std::string whole;
  for (const std::string_view part : parts) whole += part;
  if (!status.ok() && calls_ != power_lost_at_)
    whole.resize(calls_ > power_lost_at_ ? 0 : whole.size() / 2);
  put(inode.content, whole, offset);
  if (!status.ok()) return status;
  if (durability == Durability::kNow) {
    if (inode.durable.size() < inode.content.size()) inode.durable.resize(inode.content.size());
    put(inode.durable, whole, offset);
  }
  return Ok{};
}

Status MemoryFiles::sync(Inode& inode) {
  const std::lock_guard lock(mutex_);
  TG_TRY(begin_call());
  inode.durable = inode.content;
  return Ok{};
}

Status MemoryFiles::make_directory(const std::string&) {
  return Ok{};
}

Result<std::unique_ptr<DirectoryLock>> MemoryFiles::lock(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  if (!locks_.insert(directory).second) return Error(directory + " is locked");
  return std::unique_ptr<DirectoryLock>(std::make_unique<Lock>(*this, directory));
}

Result<std::vector<std::string>> MemoryFiles::list(const std::string& directory) {
  return names(directory);
}

Result<std::unique_ptr<WritableFile>> MemoryFiles::create(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TG_TRY(begin_call());
  const auto [entry, made] = names_.emplace(path, std::make_shared<Inode>());
  if (!made) return Error(path + " exists");
  return std::unique_ptr<WritableFile>(std::make_unique<Writable>(*this, entry->second));
}

Result<std::unique_ptr<WritableFile>> MemoryFiles::open_to_write(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto entry = names_.find(path);
  if (entry == names_.end()) return Error(path + " does not exist");
  return std::unique_ptr<WritableFile>(std::make_unique<Writable>(*this, entry->second));
}

Result<std::unique_ptr<ReadableFile>> MemoryFiles::open_to_read(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto entry = names_.find(path);
  if (entry == names_.end()) return std::unique_ptr<ReadableFile>();
  return std::unique_ptr<ReadableFile>(std::make_unique<Readable>(*this, entry->second));
}

Status MemoryFiles::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  TG_TRY(begin_call());
  const auto entry = names_.find(from);
  if (entry == names_.end()) return Error(from + " does not exist");
  names_[to] = entry->second;
  names_.erase(entry);
  return Ok{};
}

Status MemoryFiles::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TG_TRY(begin_call());
  if (names_.erase(path) == 0) return Error(path + " does not exist");
  return Ok{};
}

Status MemoryFiles::sync_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TG_TRY(begin_call());
  std::erase_if(durable_names_,
                [&](const auto& entry) { return entry.first.starts_with(path + "/"); });
  for (const auto& [name, inode] : names_)
    if (name.starts_with(path + "/")) durable_names_[name] = inode;
  return Ok{};
}

}  // namespace tracegate::journal
