#include "src/server/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/crypto/random.h"

namespace tracegate::server {
namespace {

constexpr std::size_t kSize = 32;

struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Error system_error(const std::filesystem::path& file, std::string_view what) {
  return Error(file.string() + ": " + std::string(what) + ": " + std::strerror(errno));
}

Status make_secret(const std::filesystem::path& file) {
  const Descriptor made{::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)};
  if (made.fd < 0) return system_error(file, "cannot be made");
  auto bytes = crypto::random_bytes<kSize>();
  const ssize_t written = ::write(made.fd, bytes.data(), kSize);
  wipe_memory(bytes.data(), bytes.size());
  if (written != static_cast<ssize_t>(kSize) || ::fsync(made.fd) != 0)
    return system_error(file, "cannot be written");
  return Ok{};
}

}  // namespace

Result<Secret> load_or_make_secret(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) TG_TRY(make_secret(file));
  const Descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (opened.fd < 0) return system_error(file, "cannot be opened");
  struct stat status {};
  if (::fstat(opened.fd, &status) != 0) return system_error(file, "cannot be read");
  if ((status.st_mode & 077) != 0)
    return Error(file.string() + ": is open to group or others; it must have mode 0600");
  std::string bytes(kSize + 1, '\0');
  const ssize_t size = ::read(opened.fd, bytes.data(), bytes.size());
  if (size < 0) return system_error(file, "cannot be read");
  if (size != static_cast<ssize_t>(kSize))
    return Error(file.string() +
                 ": does not hold a secret of 32 bytes; remove it to get a new one");
  bytes.resize(kSize);
  return Secret(std::move(bytes));
}

}  // namespace tracegate::server
