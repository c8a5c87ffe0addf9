// What a worker needs of the policy in force, ready to use: the snapshot itself and the TLS contexts
// made from it. Immutable; a reload makes a new one and hands it to every worker.
#pragma once

#include <memory>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/net/tls.h"
#include "src/policy/policy.h"

namespace tracegate::relay {

struct Settings {
  policy::SnapshotRef policy;
  struct ListenerTls {
    std::shared_ptr<const net::TlsServerContext> context;  // null with tls = "off"
    Bytes end_point;  // tls-server-end-point of the certificate; empty if it has none
  };
  std::vector<ListenerTls> listeners;  // as policy->listeners
  std::vector<std::shared_ptr<const net::TlsClientContext>> upstreams;  // as policy->upstreams; null: off

  // Loads certificates and keys. An error names the file and the reason.
  [[nodiscard]] static Result<std::shared_ptr<const Settings>> load(policy::SnapshotRef policy);
};
using SettingsRef = std::shared_ptr<const Settings>;  // shared by workers and by sessions across reloads

}  // namespace tracegate::relay
