// The policy of one gateway: everything that a folder of TOML files says, checked and immutable.
// docs/policy.md is the reference of the files; policies/example/ shows one.
//
// A Snapshot is swapped whole: a reload that finds any error leaves the old one in force. Nothing
// in it changes after load(); everything borrowed from it lives as long as the Snapshot does.
// Threading: a Snapshot is immutable and may be read from any thread; load() performs file I/O.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/base/log.h"
#include "src/base/secret.h"
#include "src/catalog/catalog.h"
#include "src/config/diagnostics.h"
#include "src/config/formats.h"
#include "src/identity/token_rules.h"
#include "src/mask/hash_key.h"
#include "src/policy/instants.h"
#include "src/policy/masking.h"
#include "src/sql/analysis.h"

namespace tracegate::policy {

enum class ListenerTls : std::uint8_t { kRequire, kAllow, kOff };
// How clients of a listener prove who they are: a local user's password, or a token of an issuer as
// password or by SASL OAUTHBEARER.
enum class ListenerLogin : std::uint8_t { kScram, kToken, kOAuthBearer };
// The words of libpq's sslmode; "prefer" and "allow" do not exist here.
enum class StoreTls : std::uint8_t { kOff, kRequire, kVerifyCa, kVerifyFull };
enum class StoreAuthentication : std::uint8_t { kScram, kTrust };

[[nodiscard]] std::string_view to_string(ListenerTls tls);
[[nodiscard]] std::string_view to_string(StoreTls tls);  // "verify-full"

// [gateway]
struct GatewaySettings {
  std::uint32_t workers = 0;  // event loops; 0: one for each core
  log::Level log_level = log::Level::kInfo;
};

// [limits]
struct Limits {
  Milliseconds login_timeout{10'000};     // from accept to ready
  Milliseconds idle_timeout{28'800'000};  // 0: never
  std::uint32_t max_sessions = 10'000;
  ByteCount max_statement{16ULL << 20};  // a Query or Parse message
  std::uint32_t max_pipeline = 4096;     // messages under way for one session
  std::uint32_t max_prepared = 10'000;   // prepared statements and portals of one session
  ByteCount plan_cache{64ULL << 20};     // for each worker
};

// [journal]
struct JournalSettings {
  std::filesystem::path directory;
  ByteCount segment_size{64ULL << 20};
  ByteCount max_size{16ULL << 30};
};

// [audit]: the PostgreSQL that holds the session tables.
struct AuditStore {
  config::Endpoint address;
  std::string database;
  std::string user;
  Secret password;  // empty: none is sent
  StoreTls tls = StoreTls::kVerifyFull;
  std::filesystem::path ca_file;  // set for kVerifyCa and kVerifyFull
};

// [[listener]]
struct Listener {
  config::Endpoint address;  // port 0 takes a free one
  ListenerTls tls = ListenerTls::kRequire;
  std::filesystem::path certificate_file;  // both set unless tls is kOff
  std::filesystem::path key_file;
  ListenerLogin login = ListenerLogin::kScram;
  bool tokens_in_clear = false;  // on loopback only
  // With kOAuthBearer: whom clients are told to ask for a token, and for what.
  std::string advertised_issuer;  // one of Snapshot::issuers; empty: they are told nothing
  std::string advertised_scope;
};

// [issuer.NAME]: an identity provider whose tokens prove who somebody is.
struct Issuer {
  // `rules.claims` has every claim that a scope of a role names.
  identity::IssuerRules rules;
  std::string jwks_url;           // empty: by discovery
  std::filesystem::path ca_file;  // empty: the system's
  Milliseconds refresh{600'000};
  Milliseconds max_stale{3'600'000};
  config::Place place;

  // Where its discovery document is (OpenID Connect Discovery 1.0 section 4).
  [[nodiscard]] std::string discovery_url() const;
};

// "NAME:value": a group or a subject of the issuer NAME.
struct Principal {
  std::string issuer;
  std::string value;
  auto operator<=>(const Principal&) const = default;
};

// [upstream.NAME]: a store. NAME is the database name that clients use.
struct Upstream {
  std::uint32_t index = 0;  // in Snapshot::upstreams
  std::string name;
  std::vector<config::Endpoint> hosts;  // tried in this order; at least one
  std::string database;
  StoreTls tls = StoreTls::kVerifyFull;
  std::filesystem::path ca_file;
  StoreAuthentication authentication = StoreAuthentication::kScram;
  std::vector<std::string> search_path;  // pinned for every restricted session; may be empty
  std::string catalog_user;
  Secret catalog_password;  // empty with kTrust
  Milliseconds connect_timeout{5'000};
  Milliseconds catalog_refresh{30'000};
};

// A table as a rule names it, folded as SQL folds it.
struct TableName {
  std::string schema;
  std::string name;  // empty: every table of the schema ("schema.*")
  config::Place place;

  [[nodiscard]] bool covers(std::string_view other_schema, std::string_view other_name) const {
    return schema == other_schema && (name.empty() || name == other_name);
  }
};

// [class.NAME]: what a column holds, and what restricted roles see of it unless they say otherwise.
struct ColumnClass {
  std::string name;
  std::string description;
  MaskChoice mask;
};

// [classify.UPSTREAM."schema.table"]: of each column its class.
struct ClassifiedTable {
  std::string upstream;
  TableName table;
  struct Column {
    config::Located<std::string> name;
    std::size_t column_class = 0;  // in Snapshot::classes
  };
  std::vector<Column> columns;
};

// What a role sees of the columns of a table that it reads.
struct TableMasking {
  std::string upstream;
  TableName table;
  std::vector<ColumnMasking> columns;  // in order of name
  // The table is classified: a column that is not among `columns` is not there for the role.
  bool withholds_others = false;

  [[nodiscard]] const ColumnMasking* find(std::string_view column) const;
};

// [[role.NAME.allow]]
struct Rule {
  std::vector<sql::Operation> operations;  // all on relations, or none of them
  std::vector<TableName> tables;           // empty for operations that are not on relations
  std::vector<config::Located<std::string>> columns;  // empty: every column
  // Of `insert` and `copy_in` only, on tables that are named: what is written tells nothing of the
  // rows that are there.
  bool blind = false;
  config::Place place;
  std::string source;  // "roles.toml:24", as Denial::rule and StatementPlan::rule say it

  [[nodiscard]] bool permits(sql::Operation operation) const;
  [[nodiscard]] bool covers(std::string_view schema, std::string_view table) const;
};

// What a session's credential says about its subject: the values of what a scope names as `claim`.
using Claims = std::map<std::string, std::vector<std::string>, std::less<>>;

// Rows whose `column` is one of `values`, or of the values of the session's claim.
struct NamespaceScope {
  config::Located<std::string> column;
  std::vector<std::string> values;
  std::string claim;  // empty: `values` count. A session without the claim sees no row.
};

// Rows whose `column`, a timestamp or date, lies in a window. All that are set narrow it.
struct TimeScope {
  config::Located<std::string> column;
  std::optional<Microseconds> last;  // sliding: from this long before the statement
  TimeWindow fixed;
  std::string claim;  // whose one value is a window, as parse_window() reads it
};

// Rows whose `column` is the `key` of a row of `table` that is in the role's scope of that table.
struct ThroughScope {
  config::Located<std::string> column;
  TableName table;  // has a scope; following `through` from table to table comes to an end
  config::Located<std::string> key;
};

// [role.NAME.scope."schema.table"]: which rows of the table exist for the role: those that fulfil
// each part. At least one part is set.
struct Scope {
  TableName table;
  std::optional<NamespaceScope> in_namespace;
  std::optional<TimeScope> in_time;
  std::optional<ThroughScope> through;
  config::Place place;
  std::string source;  // "roles.toml:31"
};

// [role.NAME]
struct Role {
  std::uint32_t index = 0;  // in Snapshot::roles
  std::string name;
  std::string description;
  std::vector<std::string> upstreams;  // at least one
  // Who may have it by a token: anyone of these groups, and these subjects. Sorted.
  std::vector<Principal> groups;
  std::vector<Principal> subjects;
  std::string store_user;
  Secret store_password;  // empty only if every upstream of the role uses kTrust
  bool unrestricted = false;
  std::vector<std::string> functions;   // as statements call them: "similarity", "public.f"; sorted
  std::vector<std::string> settings;    // lower case, sorted; beyond those every session may set
  std::vector<std::string> extensions;  // whose functions, operators and types it may use; sorted
  std::vector<Rule> rules;
  std::vector<Scope> scopes;          // each of another table
  std::vector<TableMasking> masking;  // likewise; for each upstream
  // With masks: what errors of the store are searched for.
  mask::DetectorsRef report_detectors;
  config::Place place;
  std::string source;  // of `unrestricted = true`; of the role's header otherwise

  [[nodiscard]] bool may_use(const Upstream& upstream) const;
  [[nodiscard]] bool may_be_had_by(const identity::Subject& subject) const;
  // It sees its tables in part: what it may not see does not exist for it (docs/scoped_reads.md).
  [[nodiscard]] bool is_scoped() const { return !scopes.empty() || !masking.empty(); }
  // Null if the table has none.
  [[nodiscard]] const Scope* find_scope(std::string_view schema, std::string_view table) const;
  // Likewise.
  [[nodiscard]] const TableMasking* find_masking(std::string_view upstream, std::string_view schema,
                                                 std::string_view table) const;
  // Whether any rule says that the table is written blindly: then all of its writes are.
  [[nodiscard]] bool writes_blindly(std::string_view schema, std::string_view table) const;
  [[nodiscard]] bool is_blind() const;  // to any table
};

// [user.NAME]: a local user.
struct LocalUser {
  std::string name;  // the start-up user
  std::string role;
  Secret verifier;  // "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>", checked
  Claims claims;    // [user.NAME.claims]: what a token would say
};

struct Snapshot {
  PolicyVersion version;
  GatewaySettings gateway;
  Limits limits;
  JournalSettings journal;
  std::optional<AuditStore> audit;
  std::vector<Listener> listeners;
  std::vector<Upstream> upstreams;          // in order of name
  std::vector<Issuer> issuers;              // in order of name; each of another url
  std::vector<ColumnClass> classes;         // in order of name
  std::vector<ClassifiedTable> classified;  // each table of an upstream once
  mask::HashKeyRef hash_key;                // null: no mask needs one
  std::vector<Role> roles;                  // in order of name
  std::vector<LocalUser> users;             // in order of name

  // Exact names; null if unknown. Borrowed from *this.
  [[nodiscard]] const Upstream* find_upstream(std::string_view name) const;
  [[nodiscard]] const Role* find_role(std::string_view name) const;
  [[nodiscard]] const LocalUser* find_user(std::string_view name) const;
  [[nodiscard]] const Issuer* find_issuer(std::string_view name) const;
  // By what its tokens have as `iss`, byte for byte.
  [[nodiscard]] const Issuer* find_issuer_of_url(std::string_view url) const;
};
using SnapshotRef =
    std::shared_ptr<const Snapshot>;  // shared by workers and sessions across reloads

// What load() found. `snapshot` is null if any diagnostic is an error.
struct LoadedPolicy {
  SnapshotRef snapshot;
  std::vector<config::Diagnostic> diagnostics;  // by file, line, column; warnings as well

  [[nodiscard]] bool ok() const { return snapshot != nullptr; }
};

// Reads every *.toml of `folder` and the secret files they name. Relative paths are relative to the
// folder. Never throws; whatever is wrong is a diagnostic.
[[nodiscard]] LoadedPolicy load(const std::filesystem::path& folder, PolicyVersion version);

// Whether the tables and columns that rules and scopes of `upstream`'s roles name exist in
// `catalog` (errors with the nearest name as suggestion), whether the columns of scopes have types
// that they can be compared by, whether a table shows more than a scope of another permits, and
// whether blind writes can be blind. Empty: all is well.
[[nodiscard]] std::vector<config::Diagnostic> check_tables(const Snapshot& snapshot,
                                                           const Upstream& upstream,
                                                           const catalog::Catalog& catalog);

}  // namespace tracegate::policy
