// Certificates for tests: made at run time into a directory that goes away with them.
#pragma once

#include <filesystem>
#include <string>

#include "src/net/tls_files.h"

namespace tracegate::net {

struct Identity {
  std::string certificate_file;
  std::string key_file;
};

enum class Validity { kNow, kExpired };

class Pki {
 public:
  explicit Pki(const std::string& authority = "test authority");
  ~Pki();
  Pki(const Pki&) = delete;
  Pki& operator=(const Pki&) = delete;

  // Signed by this authority; `alternative_names` as in openssl.cnf: "DNS:db.test,IP:127.0.0.1".
  Identity issue(const std::string& name, const std::string& alternative_names,
                 Validity validity = Validity::kNow);

  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }
  // With mode 0600.
  std::string write(const std::string& name, const std::string& content) const;
  [[nodiscard]] static std::string read(const std::string& file);
  // The key of `identity` behind a passphrase.
  std::string encrypted_key(const Identity& identity) const;

 private:
  CertificatePtr sign(EVP_PKEY* key, const std::string& name, const std::string& extension,
                      const std::string& value, Validity validity);

  std::filesystem::path directory_;
  KeyPtr ca_key_;
  CertificatePtr ca_;
  std::string ca_file_;
  long serial_ = 1;
};

}  // namespace tracegate::net
