// What a login needs to know of an X.509 certificate.
#pragma once

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace tracegate::crypto {

// The channel binding data "tls-server-end-point" (RFC 5929 section 4.1) of a certificate in DER:
// its hash by the digest of its own signature, or by SHA-256 where that is MD5 or SHA-1. An error
// where the signature algorithm has no digest of its own (Ed25519, Ed448): the RFC defines no
// binding then, so SCRAM-SHA-256-PLUS cannot be used with such a certificate; likewise for bytes
// that are not exactly one certificate.
[[nodiscard]] Result<Bytes> tls_server_end_point(ByteView der);

}  // namespace tracegate::crypto
