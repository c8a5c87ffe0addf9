#include <fmt/format.h>

#include <algorithm>

#include "src/policy/load_parts.h"
#include "src/policy/names.h"
#include "src/policy/policy.h"
#include "src/policy/secret_file.h"

namespace tracegate::policy {
namespace {

namespace fs = std::filesystem;

fs::path path_in(config::Table& table, std::string_view key, const fs::path& folder) {
  const fs::path written = table.text(key);
  return written.empty() ? fs::path() : (folder / written).lexically_normal();
}

void warn_if_others_may(config::Table& table, std::string_view key, const fs::path& path,
                        bool others_may) {
  if (others_may)
    table.warning(table.place_of(key),
                  fmt::format("{} can be read or written by others than its owner", path.string()),
                  fmt::format("chmod 600 {}", path.string()));
}

}  // namespace

fs::path read_path(config::Table& table, std::string_view key, const fs::path& folder) {
  const fs::path path = path_in(table, key, folder);
  if (path.empty()) return path;
  if (const Result<FileFacts> facts = look_at_file(path); !facts)
    table.error(table.place_of(key), facts.error().message);
  return path;
}

fs::path read_private_path(config::Table& table, std::string_view key, const fs::path& folder) {
  const fs::path path = path_in(table, key, folder);
  if (path.empty()) return path;
  if (const Result<FileFacts> facts = look_at_file(path); !facts)
    table.error(table.place_of(key), facts.error().message);
  else
    warn_if_others_may(table, key, path, facts->others_may);
  return path;
}

Secret read_secret(config::Table& table, std::string_view key, const fs::path& folder) {
  const fs::path path = path_in(table, key, folder);
  if (path.empty()) return {};
  Result<SecretFile> file = read_secret_file(path);
  if (!file) {
    table.error(table.place_of(key), file.error().message);
    return {};
  }
  warn_if_others_may(table, key, path, file->others_may);
  return std::move(file->value);
}

void check_name(const config::Table::Named& named) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  const std::string& name = named.name;
  if (!name.empty() && name.size() <= kMaxNameBytes &&
      std::none_of(name.begin(), name.end(), is_control))
    return;
  config::Table table = named.table;
  table.error(table.place(), fmt::format("{} cannot be a name", config::in_quotes(name)),
              "a name has 1 to 63 bytes and no control characters");
}

std::shared_ptr<Snapshot> read_policy(config::Table& root, const fs::path& folder) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->gateway = read_gateway(root);
  snapshot->limits = read_limits(root);
  snapshot->journal = read_journal(root, folder);
  snapshot->audit = read_audit(root, folder);
  snapshot->issuers = read_issuers(root, folder);
  snapshot->listeners = read_listeners(root, folder, snapshot->issuers);
  snapshot->upstreams = read_upstreams(root, folder);
  MaskReader masks(root, folder);
  snapshot->classes = masks.classes();
  snapshot->classified = masks.read_classified(root, snapshot->upstreams);
  snapshot->hash_key = masks.hash_key();
  snapshot->roles =
      read_roles(root, folder, snapshot->upstreams, snapshot->issuers, masks, snapshot->classified);
  read_issuer_claims(root, snapshot->roles, snapshot->issuers);
  snapshot->users = read_users(root, folder, snapshot->roles);
  root.finish();
  return snapshot;
}

LoadedPolicy load(const fs::path& folder, PolicyVersion version) {
  config::Diagnostics diagnostics;
  const config::Value files = config::read_folder(folder, diagnostics);
  std::shared_ptr<Snapshot> snapshot;
  // When a file could not be read, what stands in it is missing; to say so for every table of it
  // would bury the cause.
  if (!diagnostics.has_errors()) {
    config::Table root(files, "", diagnostics);
    snapshot = read_policy(root, folder);
    snapshot->version = version;
  }
  if (diagnostics.has_errors()) snapshot = nullptr;
  diagnostics.sort();
  return {std::move(snapshot), std::move(diagnostics).take()};
}

}  // namespace tracegate::policy
