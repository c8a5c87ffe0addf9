// Reads certificates and private keys from PEM files. Private to src/net.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace tracegate::net {

template <auto free_function>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using SslCtxPtr = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

// Takes OpenSSL's errors of this thread and returns the first in words: "no start line".
[[nodiscard]] std::string openssl_reason();

// Our certificate (the first of the file), then the chain above it. Never empty.
[[nodiscard]] Result<std::vector<CertificatePtr>> read_certificates(const std::string& file);

// Refuses a key that others could have read or exchanged; the rule is PostgreSQL's for
// ssl_key_file.
[[nodiscard]] Result<KeyPtr> read_private_key(const std::string& file);

[[nodiscard]] Bytes to_der(X509* certificate);

}  // namespace tracegate::net
