#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "src/journal/files.h"

namespace tracegate::journal {
namespace {

Error failed(std::string_view what, const std::string& path, int error) {
  return Error(std::string(what) + " " + path + ": " + std::generic_category().message(error));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Status write(std::span<const std::string_view> parts, std::uint64_t offset,
               Durability durability) override {
    std::array<iovec, 256> vector;
    while (!parts.empty()) {
      const std::size_t count = std::min(parts.size(), vector.size());
      for (std::size_t i = 0; i < count; ++i)
        vector[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
      TG_TRY(write_all({vector.data(), count}, offset, durability));
      parts = parts.subspan(count);
    }
    return Ok{};
  }

  Status sync() override {
    if (::fdatasync(fd_.get()) != 0) return failed("fdatasync of", path_, errno);
    return Ok{};
  }

 private:
  // RWF_DSYNC is write and fdatasync of what was written in one call: one place that can fail, and
  // slightly less CPU for a commit than the two calls.
  Status write_all(std::span<iovec> vector, std::uint64_t& offset, Durability durability) {
    const int flags = durability == Durability::kNow ? RWF_DSYNC : 0;
    while (!vector.empty()) {
      const ssize_t written = ::pwritev2(fd_.get(), vector.data(), static_cast<int>(vector.size()),
                                         static_cast<off_t>(offset), flags);
      if (written < 0) {
        if (errno == EINTR) continue;
        return failed("write to", path_, errno);
      }
      offset += static_cast<std::uint64_t>(written);
      vector = skip(vector, static_cast<std::size_t>(written));
    }
    return Ok{};
  }

  static std::span<iovec> skip(std::span<iovec> vector, std::size_t written) {
    while (!vector.empty() && written >= vector.front().iov_len) {
      written -= vector.front().iov_len;
      vector = vector.subspan(1);
    }
    if (written > 0) {
      vector.front().iov_base = static_cast<char*>(vector.front().iov_base) + written;
      vector.front().iov_len -= written;
    }
    return vector;
  }

  Descriptor fd_;
  std::string path_;
};

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> read(std::span<char> to, std::uint64_t offset) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t got =
          ::pread(fd_.get(), to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read of", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) return failed("stat of", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  Descriptor fd_;
  std::string path_;
};

// flock(2): belongs to the open file description, so the kernel lets go of it however the process
// ends, and a second one in the same process is refused too.
class PosixDirectoryLock final : public DirectoryLock {
 public:
  explicit PosixDirectoryLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;
};

class PosixFileSystem final : public FileSystem {
 public:
  Status make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
      return failed("making directory", path, errno);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return failed("stat of", path, errno);
    if (!S_ISDIR(status.st_mode)) return Error(path + " is not a directory");
    // What PostgreSQL demands of its data directory: u=rwx, at most g=rx.
    if ((status.st_mode & 0027) != 0) {
      return Error("",
                   "directory " + path + " is open to others: it holds the record of all sessions",
                   "chmod 0700 " + path);
    }
    return Ok{};
  }

  Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override {
    const std::string path = directory + "/lock";
    Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (fd.get() < 0) return failed("opening", path, errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return failed("locking", path, errno);
      return Error("", "journal " + directory + " is in use by another gateway",
                   "give each gateway a journal directory of its own");
    }
    return std::unique_ptr<DirectoryLock>(std::make_unique<PosixDirectoryLock>(std::move(fd)));
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    DIR* const handle = ::opendir(directory.c_str());
    if (handle == nullptr) return failed("listing", directory, errno);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(handle)) names.emplace_back(entry->d_name);
    const int error = errno;
    ::closedir(handle);
    if (error != 0) return failed("listing", directory, error);
    return names;
  }

  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    return writable(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC);
  }
  Result<std::unique_ptr<WritableFile>> open_to_write(const std::string& path) override {
    return writable(path, O_RDWR | O_CLOEXEC);
  }

  Result<std::unique_ptr<ReadableFile>> open_to_read(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) {
      if (errno == ENOENT) return std::unique_ptr<ReadableFile>();
      return failed("opening", path, errno);
    }
    return std::unique_ptr<ReadableFile>(std::make_unique<PosixReadableFile>(std::move(fd), path));
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed("renaming to", to, errno);
    return Ok{};
  }
  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return failed("removing", path, errno);
    return Ok{};
  }

  Status sync_directory(const std::string& path) override {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0) return failed("opening", path, errno);
    if (::fsync(fd.get()) != 0) return failed("fsync of", path, errno);
    return Ok{};
  }

 private:
  static Result<std::unique_ptr<WritableFile>> writable(const std::string& path, int flags) {
    Descriptor fd(::open(path.c_str(), flags, 0600));
    if (fd.get() < 0) return failed("opening", path, errno);
    return std::unique_ptr<WritableFile>(std::make_unique<PosixWritableFile>(std::move(fd), path));
  }
};

}  // namespace

FileSystem& posix_files() {
  static PosixFileSystem* const files = new PosixFileSystem;
  return *files;
}

}  // namespace tracegate::journal
