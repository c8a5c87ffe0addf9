#include "src/policy/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tracegate::policy {
namespace {

constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10;

class OpenFile {
 public:
  // O_NONBLOCK: a named pipe must not hang the gateway; it is refused as no regular file.
  explicit OpenFile(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

Error cannot_read(const std::filesystem::path& path, std::string_view why) {
  return Error("cannot read " + path.string() + ": " + std::string(why));
}

Result<FileFacts> look_at(const OpenFile& file, const std::filesystem::path& path) {
  struct stat status {};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &status) != 0)
    return cannot_read(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return cannot_read(path, "it is not a regular file");
  constexpr mode_t kOthers = S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
  return FileFacts{(status.st_mode & kOthers) != 0};
}

}  // namespace

Result<FileFacts> look_at_file(const std::filesystem::path& path) {
  return look_at(OpenFile(path), path);
}

Result<SecretFile> read_secret_file(const std::filesystem::path& path) {
  const OpenFile file(path);
  const Result<FileFacts> facts = look_at(file, path);
  if (!facts) return facts.error();

  std::string text(kMaxSecretBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.descriptor(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path, std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  std::string_view line(text.data(), size);
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);

  SecretFile result;
  const bool one_line = line.find_first_of(std::string_view("\n\r\0", 3)) == std::string_view::npos;
  if (!line.empty() && one_line && size <= kMaxSecretBytes)
    result.value = Secret(std::string(line));
  wipe_memory(text.data(), text.size());
  if (size > kMaxSecretBytes) return cannot_read(path, "it has more than 64 KiB");
  if (line.empty()) return cannot_read(path, "it is empty");
  if (!one_line) return cannot_read(path, "it must hold a single line");
  result.others_may = facts->others_may;
  return result;
}

}  // namespace tracegate::policy
