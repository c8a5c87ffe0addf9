// How load() is divided: each reader takes its tables from the root, reports what is wrong to the
// Diagnostics and returns what it understood. Private to src/policy.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "src/config/table.h"
#include "src/policy/policy.h"

namespace tracegate::policy {

// All of it (load.cc). Not a policy to use if anything was reported as an error.
std::shared_ptr<Snapshot> read_policy(config::Table& root, const std::filesystem::path& folder);

// The tables of gateway.toml (load_gateway.cc).
GatewaySettings read_gateway(config::Table& root);
Limits read_limits(config::Table& root);
JournalSettings read_journal(config::Table& root, const std::filesystem::path& folder);
std::optional<AuditStore> read_audit(config::Table& root, const std::filesystem::path& folder);
std::vector<Listener> read_listeners(config::Table& root, const std::filesystem::path& folder);
std::vector<Upstream> read_upstreams(config::Table& root, const std::filesystem::path& folder);

// The tables of roles.toml (load_roles.cc).
std::vector<Role> read_roles(config::Table& root, const std::filesystem::path& folder,
                             const std::vector<Upstream>& upstreams);
// [role.NAME.scope."schema.table"], and whether the role's rules make sense beside them; after its
// rules were read (load_scopes.cc).
void read_scopes(config::Table& role_table, Role& role);
// The tables of users (load_users.cc).
std::vector<LocalUser> read_users(config::Table& root, const std::filesystem::path& folder,
                                  const std::vector<Role>& roles);

// Shared by both (load.cc).
// The path in `key`, seen from `folder`; empty if it is not written. Reported unless it can be
// read.
std::filesystem::path read_path(config::Table& table, std::string_view key,
                                const std::filesystem::path& folder);
// As read_path; others must not be able to read the file (a warning).
std::filesystem::path read_private_path(config::Table& table, std::string_view key,
                                        const std::filesystem::path& folder);
// What the file in `key` holds; empty if the key is not written.
Secret read_secret(config::Table& table, std::string_view key, const std::filesystem::path& folder);
// Reports a table name that cannot be the name of a role, a user or a database.
void check_name(const config::Table::Named& named);

}  // namespace tracegate::policy
