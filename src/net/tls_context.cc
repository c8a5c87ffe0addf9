#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "src/net/tls.h"
#include "src/net/tls_channel.h"
#include "src/net/tls_files.h"

namespace tracegate::net {
namespace {

// For TLS 1.2; the suites of 1.3 are all of this kind.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// As on the wire (RFC 7301 section 3.1): a length, then the name.
constexpr std::array<unsigned char, 11> kAlpnWire = {10,  'p', 'o', 's', 't', 'g',
                                                     'r', 'e', 's', 'q', 'l'};
static_assert(kAlpnWire.size() == 1 + kAlpnPostgresql.size());

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size,
                const unsigned char* offered, unsigned int offered_size, void*) {
  while (offered_size > 0) {
    const unsigned int size = *offered;
    if (size >= offered_size) break;
    if (as_text({offered + 1, size}) == kAlpnPostgresql) {
      *out = offered + 1;
      *out_size = static_cast<unsigned char>(size);
      return SSL_TLSEXT_ERR_OK;
    }
    offered += 1 + size;
    offered_size -= 1 + size;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;  // no_application_protocol
}

Result<SslCtxPtr> new_context(const SSL_METHOD* method) {
  ERR_clear_error();
  SslCtxPtr context(SSL_CTX_new(method));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), kCiphers) != 1)
    return Error("cannot set up TLS: " + openssl_reason());
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // An idle connection gives its 34 KB of record buffers back.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

Status use_identity(SSL_CTX* context, const std::string& certificate_file,
                    const std::string& key_file) {
  Result<std::vector<CertificatePtr>> certificates = read_certificates(certificate_file);
  if (!certificates.ok()) return std::move(certificates).error();
  const Result<KeyPtr> key = read_private_key(key_file);
  if (!key.ok()) return Error(key.error());

  ERR_clear_error();
  std::vector<CertificatePtr>& chain = *certificates;
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1)
    return Error(fmt::format("{}: {}", certificate_file, openssl_reason()));
  if (X509_check_private_key(chain.front().get(), key->get()) != 1)
    return Error(fmt::format("{}: does not belong to the certificate in {}: {}", key_file,
                             certificate_file, openssl_reason()));
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1)
    return Error(fmt::format("{}: {}", key_file, openssl_reason()));
  for (std::size_t i = 1; i < chain.size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1)
      return Error(fmt::format("{}: {}", certificate_file, openssl_reason()));
  return Ok{};
}

Status use_authorities(SSL_CTX* context, const std::string& ca_file) {
  Result<std::vector<CertificatePtr>> authorities = read_certificates(ca_file);
  if (!authorities.ok()) return std::move(authorities).error();
  ERR_clear_error();
  for (const CertificatePtr& authority : *authorities)
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1)
      return Error(fmt::format("{}: {}", ca_file, openssl_reason()));
  return Ok{};
}

Status use_trust(SSL_CTX* context, const TlsClientSettings& settings) {
  if (settings.ca_file.empty() && settings.verify == TlsVerify::kRequire) return Ok{};
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (!settings.ca_file.empty()) return use_authorities(context, settings.ca_file);
  // Any public authority would do, for any host: that verifies nothing.
  if (settings.verify == TlsVerify::kVerifyCa)
    return Error({}, "TLS mode verify-ca needs a ca_file",
                 "Set ca_file, or use verify-full to trust the system's authorities.");
  if (SSL_CTX_set_default_verify_paths(context) != 1)
    return Error("cannot load the system's trust store: " + openssl_reason());
  return Ok{};
}

}  // namespace

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::load(
    const std::string& certificate_file, const std::string& key_file) {
  Result<SslCtxPtr> context = new_context(TLS_server_method());
  if (!context.ok()) return std::move(context).error();
  TG_TRY(use_identity(context->get(), certificate_file, key_file));
  SSL_CTX_set_alpn_select_cb(context->get(), select_alpn, nullptr);
  return std::shared_ptr<const TlsServerContext>(std::make_shared<TlsServerContext>(
      std::make_unique<const TlsContextCore>(std::move(*context))));
}

TlsServerContext::TlsServerContext(std::unique_ptr<const TlsContextCore> core)
    : core_(std::move(core)), certificate_der_(to_der(SSL_CTX_get0_certificate(core_->get()))) {}
TlsServerContext::~TlsServerContext() = default;

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::load(
    const TlsClientSettings& settings) {
  Result<SslCtxPtr> context = new_context(TLS_client_method());
  if (!context.ok()) return std::move(context).error();
  TG_TRY(use_trust(context->get(), settings));
  if (settings.certificate_file.empty() != settings.key_file.empty())
    return Error("certificate_file and key_file are only of use together");
  if (!settings.certificate_file.empty())
    TG_TRY(use_identity(context->get(), settings.certificate_file, settings.key_file));
  if (settings.alpn == OfferAlpn::kPostgresql &&
      SSL_CTX_set_alpn_protos(context->get(), kAlpnWire.data(), kAlpnWire.size()) != 0)
    return Error("cannot set up TLS: " + openssl_reason());
  auto core = std::make_unique<TlsContextCore>(std::move(*context));
  core->verify = settings.verify;
  return std::shared_ptr<const TlsClientContext>(
      std::make_shared<TlsClientContext>(std::move(core)));
}

TlsClientContext::TlsClientContext(std::unique_ptr<const TlsContextCore> core)
    : core_(std::move(core)) {}
TlsClientContext::~TlsClientContext() = default;

}  // namespace tracegate::net
