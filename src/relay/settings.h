// What a worker needs of the policy in force, ready to use: the snapshot itself and the TLS
// contexts made from it. Immutable; a reload makes a new one and hands it to every worker.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/identity/local_user.h"
#include "src/net/tls.h"
#include "src/policy/policy.h"

namespace tracegate::relay {

// The local users of a policy, with their verifiers ready.
class UserTable final : public identity::LocalUsers {
 public:
  explicit UserTable(const policy::Snapshot& policy);
  [[nodiscard]] const identity::LocalUser* find(std::string_view user) const override;
  [[nodiscard]] std::span<const identity::ScramForm> forms() const override { return forms_; }

 private:
  std::map<std::string, identity::LocalUser, std::less<>> users_;
  std::vector<identity::ScramForm> forms_;
};

struct Settings {
  explicit Settings(policy::SnapshotRef snapshot) : policy(std::move(snapshot)), users(*policy) {}

  policy::SnapshotRef policy;
  UserTable users;
  struct ListenerTls {
    std::shared_ptr<const net::TlsServerContext> context;  // null with tls = "off"
    Bytes end_point;  // tls-server-end-point of the certificate; empty if it has none
  };
  std::vector<ListenerTls> listeners;  // as policy->listeners
  std::vector<std::shared_ptr<const net::TlsClientContext>>
      upstreams;  // as policy->upstreams; null: off

  // Loads certificates and keys. An error names the file and the reason.
  [[nodiscard]] static Result<std::shared_ptr<const Settings>> load(policy::SnapshotRef policy);
};
using SettingsRef =
    std::shared_ptr<const Settings>;  // shared by workers and by sessions across reloads

}  // namespace tracegate::relay
