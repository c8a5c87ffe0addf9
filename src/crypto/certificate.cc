#include "src/crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <climits>

namespace tracegate::crypto {
namespace {

using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

X509Ptr parse(ByteView der) {
  X509Ptr none(nullptr, &X509_free);
  if (der.size() > static_cast<std::size_t>(LONG_MAX)) return none;
  const unsigned char* at = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())), &X509_free);
  ERR_clear_error();  // libcrypto's error queue is per thread; libssl would read ours as its own
  if (certificate == nullptr || at != der.data() + der.size()) return none;
  return certificate;
}

}  // namespace

Result<Bytes> tls_server_end_point(ByteView der) {
  const X509Ptr certificate = parse(der);
  if (certificate == nullptr) return Error("not a certificate in DER");

  // Not the algorithm's own digest name: for RSA-PSS it stands in the parameters.
  int digest_nid = NID_undef;
  const int known =
      X509_get_signature_info(certificate.get(), &digest_nid, nullptr, nullptr, nullptr);
  ERR_clear_error();
  if (known != 1 || digest_nid == NID_undef)
    return Error("the certificate's signature algorithm has no digest to bind the channel with");
  if (digest_nid == NID_md5 || digest_nid == NID_sha1) digest_nid = NID_sha256;

  const EVP_MD* digest = EVP_get_digestbynid(digest_nid);
  if (digest == nullptr) return Error("the digest of the certificate's signature is not supported");
  Bytes hash(EVP_MAX_MD_SIZE);
  unsigned int size = 0;
  const int hashed = EVP_Digest(der.data(), der.size(), hash.data(), &size, digest, nullptr);
  ERR_clear_error();
  if (hashed != 1) return Error("the certificate cannot be hashed");
  hash.resize(size);
  return hash;
}

}  // namespace tracegate::crypto
