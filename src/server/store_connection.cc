#include "src/server/store_connection.h"

namespace tracegate::server {
namespace {

store::Tls tls_of(policy::StoreTls tls) {
  switch (tls) {
    case policy::StoreTls::kOff:
      return store::Tls::kOff;
    case policy::StoreTls::kRequire:
      return store::Tls::kRequire;
    case policy::StoreTls::kVerifyCa:
      return store::Tls::kVerifyCa;
    case policy::StoreTls::kVerifyFull:
      return store::Tls::kVerifyFull;
  }
  return store::Tls::kVerifyFull;
}

}  // namespace

store::ConnectionConfig connection_to(const policy::Upstream& upstream,
                                      const config::Endpoint& host) {
  return {.host = host.host,
          .port = host.port,
          .database = upstream.database,
          .user = upstream.catalog_user,
          .password = upstream.catalog_password.clone(),
          .tls = tls_of(upstream.tls),
          .ca_file = upstream.ca_file.string(),
          .connect_timeout = upstream.connect_timeout};
}

store::ConnectionConfig connection_to(const policy::AuditStore& audit) {
  return {.host = audit.address.host,
          .port = audit.address.port,
          .database = audit.database,
          .user = audit.user,
          .password = audit.password.clone(),
          .tls = tls_of(audit.tls),
          .ca_file = audit.ca_file.string(),
          .connect_timeout = Milliseconds{5000}};
}

}  // namespace tracegate::server
