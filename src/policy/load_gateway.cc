// [gateway], [limits], [journal], [audit], [[listener]], [upstream.NAME]. docs/policy.md is the
// reference; a key added here is added there.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "src/policy/load_parts.h"
#include "src/policy/names.h"

namespace tracegate::policy {
namespace {

namespace fs = std::filesystem;
using config::Choice;
using config::Table;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

constexpr Choice<log::Level> kLogLevels[] = {{"debug", log::Level::kDebug},
                                             {"info", log::Level::kInfo},
                                             {"warn", log::Level::kWarn},
                                             {"error", log::Level::kError}};
constexpr Choice<ListenerTls> kListenerTls[] = {
    {"require", ListenerTls::kRequire}, {"allow", ListenerTls::kAllow}, {"off", ListenerTls::kOff}};
constexpr Choice<ListenerLogin> kListenerLogin[] = {{"scram", ListenerLogin::kScram},
                                                    {"token", ListenerLogin::kToken},
                                                    {"oauthbearer", ListenerLogin::kOAuthBearer}};
constexpr Choice<StoreTls> kStoreTls[] = {{"off", StoreTls::kOff},
                                          {"require", StoreTls::kRequire},
                                          {"verify-ca", StoreTls::kVerifyCa},
                                          {"verify-full", StoreTls::kVerifyFull}};
constexpr Choice<StoreAuthentication> kAuthentication[] = {{"scram", StoreAuthentication::kScram},
                                                           {"trust", StoreAuthentication::kTrust}};

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

std::uint32_t count(Table& table, std::string_view key, config::Range<std::int64_t> range,
                    std::uint32_t fallback) {
  return static_cast<std::uint32_t>(table.integer(key, range, fallback));
}

// `tls` and `ca_file` of a store at `hosts`.
void read_store_tls(Table& table, const fs::path& folder,
                    const std::vector<config::Endpoint>& hosts, StoreTls& tls, fs::path& ca_file) {
  tls = table.choice<StoreTls>("tls", kStoreTls, StoreTls::kVerifyFull);
  ca_file = read_path(table, "ca_file", folder);
  const bool verifies = tls == StoreTls::kVerifyCa || tls == StoreTls::kVerifyFull;
  if (verifies && !table.has("ca_file"))
    table.error(table.place_of("tls"),
                fmt::format("tls = \"{}\" needs \"ca_file\"", to_string(tls)),
                "name the file with the certificate authority of the store");
  if (!verifies && table.has("ca_file"))
    table.warning(table.place_of("ca_file"),
                  fmt::format("\"ca_file\" is not used with tls = \"{}\"", to_string(tls)),
                  "write tls = \"verify-full\"");
  const bool distant = std::any_of(
      hosts.begin(), hosts.end(), [](const config::Endpoint& each) { return !each.is_loopback(); });
  if (tls == StoreTls::kOff && distant)
    table.warning(table.place_of("tls"), "statements and rows cross the network in clear",
                  "write tls = \"verify-full\"");
  if (tls == StoreTls::kRequire && distant)
    table.warning(table.place_of("tls"), "tls = \"require\" does not check who the store is",
                  "write tls = \"verify-full\"");
}

}  // namespace

GatewaySettings read_gateway(Table& root) {
  GatewaySettings settings;
  if (std::optional<Table> table = root.table("gateway")) {
    settings.workers = count(*table, "workers", {0, 1024}, settings.workers);
    settings.log_level = table->choice<log::Level>("log_level", kLogLevels, settings.log_level);
    table->finish();
  }
  return settings;
}

Limits read_limits(Table& root) {
  Limits limits;
  if (std::optional<Table> table = root.table("limits")) {
    limits.login_timeout = table->duration("login_timeout", {100ms, 10min}, limits.login_timeout);
    limits.idle_timeout = table->duration("idle_timeout", {0ms, 720h}, limits.idle_timeout);
    limits.max_sessions = count(*table, "max_sessions", {1, 1'000'000}, limits.max_sessions);
    // PostgreSQL itself reads no message over 1 GiB - 1.
    limits.max_statement = table->size("max_statement", {1_KiB, {kGiB - 1}}, limits.max_statement);
    limits.max_pipeline = count(*table, "max_pipeline", {1, 1'000'000}, limits.max_pipeline);
    limits.max_prepared = count(*table, "max_prepared", {1, 1'000'000}, limits.max_prepared);
    limits.plan_cache = table->size("plan_cache", {{0}, {64 * kGiB}}, limits.plan_cache);
    table->finish();
  }
  return limits;
}

JournalSettings read_journal(Table& root, const fs::path& folder) {
  JournalSettings journal;
  root.require("journal");
  if (std::optional<Table> table = root.table("journal")) {
    const std::string directory = table->required_text("directory");
    if (!directory.empty()) journal.directory = (folder / directory).lexically_normal();
    journal.segment_size = table->size("segment_size", {1_MiB, {4 * kGiB}}, journal.segment_size);
    journal.max_size = table->size("max_size", {2_MiB, {1024 * 1024 * kGiB}}, journal.max_size);
    if (journal.max_size.value < 2 * journal.segment_size.value)
      table->error(
          table->place_of("max_size"),
          fmt::format("\"max_size\" in [journal] is {}, which is less than two segments of {}",
                      config::to_string(journal.max_size),
                      config::to_string(journal.segment_size)));
    table->finish();
  }
  return journal;
}

std::optional<AuditStore> read_audit(Table& root, const fs::path& folder) {
  std::optional<Table> table = root.table("audit");
  if (!table) return std::nullopt;
  AuditStore audit;
  audit.address.host = table->required_text("host");
  audit.address.port = static_cast<std::uint16_t>(table->integer("port", {1, 65535}, 5432));
  audit.database = table->required_text("database");
  audit.user = table->required_text("user");
  audit.password = read_secret(*table, "password_file", folder);
  read_store_tls(*table, folder, {audit.address}, audit.tls, audit.ca_file);
  table->finish();
  return audit;
}

namespace {

void read_advertised(Table& table, const std::vector<Issuer>& issuers, Listener& listener) {
  listener.advertised_issuer = table.text("advertised_issuer");
  listener.advertised_scope = table.text("advertised_scope");
  std::vector<std::string_view> known;
  for (const Issuer& issuer : issuers) known.push_back(issuer.rules.name);
  const std::string& issuer = listener.advertised_issuer;
  if (!issuer.empty() && std::find(known.begin(), known.end(), issuer) == known.end())
    table.error(table.place_of("advertised_issuer"),
                fmt::format("unknown issuer {}", config::in_quotes(issuer)),
                config::suggest(issuer, known));
  for (const std::string_view key : {"advertised_issuer", "advertised_scope"})
    if (table.has(key) && listener.login != ListenerLogin::kOAuthBearer)
      table.error(table.place_of(key),
                  fmt::format("\"{}\" is for login = \"oauthbearer\" only", key));
}

void read_login(Table& table, const std::vector<Issuer>& issuers, Listener& listener) {
  listener.login = table.choice<ListenerLogin>("login", kListenerLogin, ListenerLogin::kScram);
  listener.tokens_in_clear = table.boolean("tokens_in_clear", false);
  read_advertised(table, issuers, listener);
  if (listener.login == ListenerLogin::kScram) {
    if (!issuers.empty())
      table.warning(table.place_of("login"),
                    "clients of this listener log in with passwords of local users",
                    "for development only: write login = \"token\"");
  } else if (issuers.empty()) {
    table.error(table.place_of("login"), "there is no issuer whose tokens could be accepted",
                "add [issuer.NAME]");
  }
  if (listener.tokens_in_clear && !listener.address.host.empty() && !listener.address.is_loopback())
    table.error(table.place_of("tokens_in_clear"), "tokens would cross the network in clear",
                "remove it: loopback only");
}

}  // namespace

std::vector<Listener> read_listeners(Table& root, const fs::path& folder,
                                     const std::vector<Issuer>& issuers) {
  std::vector<Listener> listeners;
  root.require("listener");
  for (Table& table : root.tables("listener")) {
    Listener listener;
    if (std::optional<config::Endpoint> address = table.required_endpoint("address"))
      listener.address = *std::move(address);
    listener.tls = table.choice<ListenerTls>("tls", kListenerTls, ListenerTls::kRequire);
    listener.certificate_file = read_path(table, "certificate_file", folder);
    listener.key_file = read_private_path(table, "key_file", folder);
    for (const std::string_view key : {"certificate_file", "key_file"}) {
      if (listener.tls != ListenerTls::kOff && !table.has(key))
        table.error(table.place_of("tls"),
                    fmt::format("tls = \"{}\" needs \"{}\"", to_string(listener.tls), key));
      if (listener.tls == ListenerTls::kOff && table.has(key))
        table.warning(table.place_of(key),
                      fmt::format("\"{}\" is not used with tls = \"off\"", key));
    }
    if (listener.tls != ListenerTls::kRequire && !listener.address.host.empty() &&
        !listener.address.is_loopback())
      table.warning(table.place_of("tls"), "clients may connect from other machines in clear",
                    "write tls = \"require\"");
    read_login(table, issuers, listener);
    const bool taken = listener.address.port != 0 &&
                       std::any_of(listeners.begin(), listeners.end(), [&](const Listener& other) {
                         return other.address == listener.address;
                       });
    if (taken)
      table.error(table.place_of("address"),
                  fmt::format("two listeners have the address {}", listener.address.to_string()));
    table.finish();
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

namespace {

void read_hosts(Table& table, Upstream& upstream) {
  table.require("hosts");
  table.refuse_empty_list("hosts");
  for (config::Located<config::Endpoint>& host : table.endpoints("hosts")) {
    if (host.value.port == 0) table.error(host.place, "port 0 cannot be connected to");
    upstream.hosts.push_back(std::move(host.value));
  }
}

void read_search_path(Table& table, Upstream& upstream) {
  if (!table.has("search_path")) upstream.search_path = {"public"};
  for (const config::Located<std::string>& each : table.texts("search_path")) {
    const Result<std::string> name = parse_identifier(each.value);
    if (!name)
      table.error(each.place, name.error().message, name.error().hint);
    else if (*name == "$user" || name->starts_with("pg_temp"))
      table.error(each.place, fmt::format("{} means another schema in each session", *name),
                  "name the schemas themselves");
    else
      upstream.search_path.push_back(*name);
  }
}

void read_authentication(Table& table, const fs::path& folder, Upstream& upstream) {
  upstream.authentication = table.choice<StoreAuthentication>("authentication", kAuthentication,
                                                              StoreAuthentication::kScram);
  upstream.catalog_user = table.required_text("catalog_user");
  upstream.catalog_password = read_secret(table, "catalog_password_file", folder);
  if (upstream.authentication == StoreAuthentication::kScram) {
    table.require("catalog_password_file");
    return;
  }
  if (table.has("catalog_password_file"))
    table.warning(table.place_of("catalog_password_file"),
                  "\"catalog_password_file\" is not used with authentication = \"trust\"");
  for (const config::Endpoint& host : upstream.hosts)
    if (!host.is_loopback())
      table.error(table.place_of("authentication"),
                  fmt::format("authentication = \"trust\" to {}, which is another machine",
                              host.to_string()),
                  "write authentication = \"scram\"");
}

}  // namespace

std::vector<Upstream> read_upstreams(Table& root, const fs::path& folder) {
  std::vector<Upstream> upstreams;
  root.require("upstream");
  for (Table::Named& named : root.named_tables("upstream")) {
    check_name(named);
    Table& table = named.table;
    Upstream upstream;
    upstream.index = static_cast<std::uint32_t>(upstreams.size());
    upstream.name = named.name;
    read_hosts(table, upstream);
    upstream.database = table.text("database", named.name);
    read_store_tls(table, folder, upstream.hosts, upstream.tls, upstream.ca_file);
    read_search_path(table, upstream);
    read_authentication(table, folder, upstream);
    upstream.connect_timeout =
        table.duration("connect_timeout", {100ms, 10min}, upstream.connect_timeout);
    upstream.catalog_refresh =
        table.duration("catalog_refresh", {1s, 24h}, upstream.catalog_refresh);
    table.finish();
    upstreams.push_back(std::move(upstream));
  }
  return upstreams;
}

}  // namespace tracegate::policy
