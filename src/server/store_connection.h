// From the policy's words to libpq's: how the catalog loader and the shipper reach their databases.
#pragma once

#include "src/config/formats.h"
#include "src/policy/policy.h"
#include "src/store/connection_config.h"

namespace tracegate::server {

// The gateway's own connection to one host of an upstream, as its catalog_user.
[[nodiscard]] store::ConnectionConfig connection_to(const policy::Upstream& upstream,
                                                    const config::Endpoint& host);
[[nodiscard]] store::ConnectionConfig connection_to(const policy::AuditStore& audit);

}  // namespace tracegate::server
