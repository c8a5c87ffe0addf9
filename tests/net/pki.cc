#include "tests/net/pki.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

namespace tracegate::net {
namespace {

constexpr long kDay = 24L * 60 * 60;

KeyPtr new_key() {
  return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
}

// Runs `print` on a memory BIO and returns what it wrote.
template <typename Print>
std::string printed(Print print) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  print(bio.get());
  std::string text(BIO_ctrl_pending(bio.get()), '\0');
  BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
  return text;
}

std::string to_pem(X509* certificate) {
  return printed([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}
std::string to_pem(EVP_PKEY* key) {
  return printed(
      [&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void add_extension(X509* certificate, X509* issuer, const std::string& name,
                   const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_nconf(nullptr, &context, name.c_str(), value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Pki::Pki(const std::string& authority) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tracegate-pki-XXXXXX").string();
  directory_ = ::mkdtemp(pattern.data());
  ca_key_ = new_key();
  ca_ = sign(ca_key_.get(), authority, "basicConstraints", "critical,CA:TRUE", Validity::kNow);
  ca_file_ = write("ca.crt", to_pem(ca_.get()));
}

Pki::~Pki() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

CertificatePtr Pki::sign(EVP_PKEY* key, const std::string& name, const std::string& extension,
                         const std::string& value, Validity validity) {
  CertificatePtr certificate(X509_new());
  X509* raw = certificate.get();
  X509_set_version(raw, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), serial_++);
  X509_gmtime_adj(X509_getm_notBefore(raw), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(raw), validity == Validity::kNow ? kDay : -kDay);
  X509_set_pubkey(raw, key);
  X509_NAME* subject = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* issuer = ca_ ? ca_.get() : raw;
  X509_set_issuer_name(raw, X509_get_subject_name(issuer));
  add_extension(raw, issuer, extension, value);
  X509_sign(raw, ca_key_.get(), EVP_sha256());
  return certificate;
}

Identity Pki::issue(const std::string& name, const std::string& alternative_names,
                    Validity validity) {
  const KeyPtr key = new_key();
  const CertificatePtr certificate =
      sign(key.get(), name, "subjectAltName", alternative_names, validity);
  return {write(name + ".crt", to_pem(certificate.get()) + to_pem(ca_.get())),
          write(name + ".key", to_pem(key.get()))};
}

std::string Pki::write(const std::string& name, const std::string& content) const {
  const std::string file = path(name);
  std::ofstream(file) << content;
  ::chmod(file.c_str(), 0600);
  return file;
}

std::string Pki::read(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string Pki::encrypted_key(const Identity& identity) const {
  Result<KeyPtr> key = read_private_key(identity.key_file);
  const unsigned char passphrase[] = "secret";
  return write("encrypted.key", printed([&](BIO* bio) {
                 PEM_write_bio_PrivateKey(bio, key->get(), EVP_aes_256_cbc(), passphrase, 6,
                                          nullptr, nullptr);
               }));
}

}  // namespace tracegate::net
