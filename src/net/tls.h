// TLS settings, loaded once and shared by any number of streams. A reload loads a new context and
// gives it to new streams; streams that exist keep theirs.
//
// TLS 1.2 and later; forward secret AEAD ciphers only; no renegotiation, no compression, no session
// tickets and no session cache, so every connection authenticates afresh. ALPN as PostgreSQL 17
// uses it (its documentation, "Frontend/Backend Protocol", "SSL Session Encryption"; the name is
// "postgresql"): a client that offers ALPN without that name is refused with
// no_application_protocol (RFC 7301); one that offers none is served.
//
// Threading: contexts are immutable and may be shared by threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace tracegate::net {

inline constexpr std::string_view kAlpnPostgresql = "postgresql";

// What a finished handshake agreed on.
struct TlsInfo {
  std::string version;         // "TLSv1.3"
  std::string cipher;          // "TLS_AES_256_GCM_SHA384"
  std::string alpn;            // "postgresql", or empty: none was agreed
  Bytes peer_certificate_der;  // empty: the peer showed none; for tls-server-end-point (RFC 5929)
  bool was_direct = false;     // server side: the client began with TLS, without an SSLRequest
};

// The libssl side of either context, known to src/net only.
class TlsContextCore;

class TlsServerContext {
 public:
  // `certificate_file`: PEM, our certificate first, then its chain. `key_file`: PEM, not encrypted;
  // as in PostgreSQL it must belong to our user and be closed to group and others (0600), or belong
  // to root and be closed to others (0640). Errors name the file and the reason, also for a key
  // that does not fit the certificate.
  [[nodiscard]] static Result<std::shared_ptr<const TlsServerContext>> load(
      const std::string& certificate_file, const std::string& key_file);

  explicit TlsServerContext(std::unique_ptr<const TlsContextCore> core);
  ~TlsServerContext();

  // Our certificate as the client sees it, for SCRAM channel binding.
  [[nodiscard]] const Bytes& server_certificate_der() const { return certificate_der_; }
  [[nodiscard]] const TlsContextCore& core() const { return *core_; }

 private:
  std::unique_ptr<const TlsContextCore> core_;
  Bytes certificate_der_;
};

// As libpq's sslmode of the same name.
enum class TlsVerify {
  kRequire,     // encrypted; the certificate's chain is checked only if a ca_file is given
  kVerifyCa,    // chain up to a certificate in ca_file
  kVerifyFull,  // and it is for the host name or IP address that we connect to
};

enum class OfferAlpn { kNone, kPostgresql };

struct TlsClientSettings {
  TlsVerify verify = TlsVerify::kVerifyFull;
  std::string ca_file = {};           // PEM; empty: the system's trust store (kVerifyFull only)
  std::string certificate_file = {};  // PEM; who we are towards the server; both or none
  std::string key_file = {};          // as for TlsServerContext
  OfferAlpn alpn = OfferAlpn::kPostgresql;
};

class TlsClientContext {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const TlsClientContext>> load(
      const TlsClientSettings& settings);

  explicit TlsClientContext(std::unique_ptr<const TlsContextCore> core);
  ~TlsClientContext();

  [[nodiscard]] const TlsContextCore& core() const { return *core_; }

 private:
  std::unique_ptr<const TlsContextCore> core_;
};

}  // namespace tracegate::net
