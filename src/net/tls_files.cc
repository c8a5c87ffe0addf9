#include "src/net/tls_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "src/base/secret.h"

namespace tracegate::net {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

Error system_error_of(const std::string& path) {
  return Error(fmt::format("{}: {}", path, std::generic_category().message(errno)));
}

// The content as a Secret, since it may be a key; of the very file that was judged by fstat.
Result<Secret> read_whole(const OpenFile& file, const std::string& path) {
  std::string buffer(kLargestFile, '\0');
  std::size_t size = 0;
  ssize_t n = 0;
  do {
    n = ::read(file.fd(), buffer.data() + size, buffer.size() - size);
    if (n > 0) size += static_cast<std::size_t>(n);
  } while ((n > 0 && size < buffer.size()) || (n < 0 && errno == EINTR));
  if (n < 0) return system_error_of(path);
  Secret content(buffer.substr(0, size));
  wipe_memory(buffer.data(), size);
  if (size == buffer.size()) return Error(fmt::format("{}: larger than 1 MiB", path));
  return content;
}

BioPtr memory_bio(const Secret& content) {
  return BioPtr(
      BIO_new_mem_buf(content.reveal().data(), static_cast<int>(content.reveal().size())));
}

Status check_key_permissions(const OpenFile& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) return system_error_of(path);
  if (!S_ISREG(status.st_mode)) return Error(fmt::format("{}: not a regular file", path));
  const bool ours = status.st_uid == ::geteuid();
  if (!ours && status.st_uid != 0)
    return Error({}, fmt::format("{}: private key file belongs to another user", path),
                 "It must belong to the user that runs the gateway, or to root.");
  const mode_t forbidden = ours && status.st_uid != 0
                               ? static_cast<mode_t>(S_IRWXG | S_IRWXO)
                               : static_cast<mode_t>(S_IWGRP | S_IXGRP | S_IRWXO);
  if ((status.st_mode & forbidden) != 0)
    return Error({}, fmt::format("{}: private key file has group or world access", path),
                 "Set its mode to 0600, or to 0640 if it belongs to root.");
  return Ok{};
}

// An encrypted key has nobody to ask for its passphrase; without this OpenSSL asks the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::string openssl_reason() {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  if (first == 0) return "unknown reason";
  if (ERR_SYSTEM_ERROR(first)) return std::generic_category().message(ERR_GET_REASON(first));
  const char* reason = ERR_reason_error_string(first);
  return reason != nullptr ? reason : fmt::format("OpenSSL error {:#x}", first);
}

Result<std::vector<CertificatePtr>> read_certificates(const std::string& file) {
  const OpenFile open_file(file);
  if (open_file.fd() < 0) return system_error_of(file);
  const Result<Secret> content = read_whole(open_file, file);
  if (!content.ok()) return Error(content.error());

  ERR_clear_error();
  const BioPtr bio = memory_bio(*content);
  std::vector<CertificatePtr> certificates;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr))
    certificates.emplace_back(next);
  const unsigned long end = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(end) == ERR_LIB_PEM && ERR_GET_REASON(end) == PEM_R_NO_START_LINE;
  if (certificates.empty() && at_end) {
    ERR_clear_error();
    return Error(fmt::format("{}: contains no PEM certificate", file));
  }
  if (!at_end) return Error(fmt::format("{}: not a valid certificate: {}", file, openssl_reason()));
  ERR_clear_error();
  return certificates;
}

Result<KeyPtr> read_private_key(const std::string& file) {
  const OpenFile open_file(file);
  if (open_file.fd() < 0) return system_error_of(file);
  TG_TRY(check_key_permissions(open_file, file));
  const Result<Secret> content = read_whole(open_file, file);
  if (!content.ok()) return Error(content.error());

  ERR_clear_error();
  const BioPtr bio = memory_bio(*content);
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key)
    return Error({}, fmt::format("{}: not a usable private key: {}", file, openssl_reason()),
                 "It must be PEM and not encrypted.");
  return key;
}

Bytes to_der(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  std::uint8_t* out = der.data();
  i2d_X509(certificate, &out);
  return der;
}

}  // namespace tracegate::net
