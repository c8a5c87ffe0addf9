// How load() is divided: each reader takes its tables from the root, reports what is wrong to the
// Diagnostics and returns what it understood. Private to src/policy.
#pragma once

#include <filesystem>
#include <map>
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
std::vector<Listener> read_listeners(config::Table& root, const std::filesystem::path& folder,
                                     const std::vector<Issuer>& issuers);
std::vector<Upstream> read_upstreams(config::Table& root, const std::filesystem::path& folder);

// [issuer.NAME] (load_issuers.cc).
std::vector<Issuer> read_issuers(config::Table& root, const std::filesystem::path& folder);
// `groups` and `subjects` of a role.
std::vector<Principal> read_principals(config::Table& role_table, std::string_view key,
                                       const std::vector<Issuer>& issuers);
// [issuer.NAME.claims]: where the claims stand that scopes of the roles name.
void read_issuer_claims(config::Table& root, const std::vector<Role>& roles,
                        std::vector<Issuer>& issuers);

// What the masks of roles are made of (load_masking.cc).
class MaskReader {
 public:
  // Reads [masking], [detector.NAME] and [class.NAME].
  MaskReader(config::Table& root, const std::filesystem::path& folder);

  // [classify.UPSTREAM."schema.table"]
  std::vector<ClassifiedTable> read_classified(config::Table& root,
                                               const std::vector<Upstream>& upstreams);
  // [role.NAME.mask] and [role.NAME.mask_columns."schema.table"]: all that the role sees masked, of
  // the tables that its rules let it read. After its rules were read.
  void read_role(config::Table& role_table, const std::vector<ClassifiedTable>& classified,
                 Role& role);

  [[nodiscard]] const std::vector<ColumnClass>& classes() const { return classes_; }
  [[nodiscard]] const mask::HashKeyRef& hash_key() const { return hash_key_; }

 private:
  void read_detectors(config::Table& root);
  // "none" or a table in `key`.
  MaskChoice read_choice(config::Table& table, std::string_view key, std::string_view domain);
  mask::Spec read_spec(config::Table& table, std::string_view domain);
  mask::JsonRule read_path(config::Table& table, std::string_view domain);
  std::optional<std::size_t> find_class(config::Table& table, std::string_view key,
                                        std::string_view name) const;
  ClassifiedTable read_table(config::Table::Named& named, const Upstream& upstream);
  TableMasking mask_table(const ClassifiedTable& classified,
                          const std::map<std::size_t, MaskChoice>& by_class) const;
  void read_column_masks(config::Table::Named& named,
                         const std::vector<ClassifiedTable>& classified, Role& role);
  void read_method_keys(config::Table& table, mask::Spec& spec, std::string_view domain);
  void read_paths(config::Table& table, mask::Spec& spec, std::string_view domain);
  void read_detector_names(config::Table& table, mask::Spec& spec);
  // For errors of the store: what the policy defines and all that is built in but high_entropy,
  // which would find names of constraints.
  mask::DetectorsRef report_detectors(config::Table& table);
  mask::DetectorsRef compile(config::Table& table, const mask::Spec& spec);
  mask::HashKeyRef hash_key_;
  std::vector<mask::CustomDetector> custom_;
  std::vector<ColumnClass> classes_;
  std::map<std::vector<std::string>, mask::DetectorsRef> compiled_;  // by their names
};

// The tables of roles.toml (load_roles.cc).
std::vector<Role> read_roles(config::Table& root, const std::filesystem::path& folder,
                             const std::vector<Upstream>& upstreams,
                             const std::vector<Issuer>& issuers, MaskReader& masks,
                             const std::vector<ClassifiedTable>& classified);
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
