#include "src/policy/policy.h"

#include <algorithm>

namespace tracegate::policy {

std::string_view to_string(ListenerTls tls) {
  switch (tls) {
    case ListenerTls::kRequire:
      return "require";
    case ListenerTls::kAllow:
      return "allow";
    case ListenerTls::kOff:
      return "off";
  }
  return "";
}

std::string_view to_string(StoreTls tls) {
  switch (tls) {
    case StoreTls::kOff:
      return "off";
    case StoreTls::kRequire:
      return "require";
    case StoreTls::kVerifyCa:
      return "verify-ca";
    case StoreTls::kVerifyFull:
      return "verify-full";
  }
  return "";
}

bool Rule::permits(sql::Operation operation) const {
  return std::find(operations.begin(), operations.end(), operation) != operations.end();
}

bool Rule::covers(std::string_view schema, std::string_view table) const {
  return std::any_of(tables.begin(), tables.end(),
                     [&](const TableName& each) { return each.covers(schema, table); });
}

bool Role::may_use(const Upstream& upstream) const {
  return std::find(upstreams.begin(), upstreams.end(), upstream.name) != upstreams.end();
}

bool Role::may_be_had_by(const identity::Subject& subject) const {
  const auto is_among = [&](const std::vector<Principal>& permitted, const std::string& value) {
    return std::binary_search(permitted.begin(), permitted.end(), Principal{subject.issuer, value});
  };
  return is_among(subjects, subject.subject) ||
         std::any_of(subject.groups.begin(), subject.groups.end(),
                     [&](const std::string& group) { return is_among(groups, group); });
}

const Scope* Role::find_scope(std::string_view schema, std::string_view table) const {
  const auto at = std::find_if(scopes.begin(), scopes.end(), [&](const Scope& scope) {
    return scope.table.covers(schema, table);
  });
  return at != scopes.end() ? &*at : nullptr;
}

const TableMasking* Role::find_masking(std::string_view upstream, std::string_view schema,
                                       std::string_view table) const {
  for (const TableMasking& each : masking)
    if (each.upstream == upstream && each.table.covers(schema, table)) return &each;
  return nullptr;
}

const ColumnMasking* TableMasking::find(std::string_view column) const {
  const auto found = std::lower_bound(
      columns.begin(), columns.end(), column,
      [](const ColumnMasking& each, std::string_view name) { return each.column < name; });
  return found != columns.end() && found->column == column ? &*found : nullptr;
}

bool Role::writes_blindly(std::string_view schema, std::string_view table) const {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const Rule& rule) { return rule.blind && rule.covers(schema, table); });
}

bool Role::is_blind() const {
  return std::any_of(rules.begin(), rules.end(), [](const Rule& rule) { return rule.blind; });
}

namespace {

// All three lists come from TOML tables, whose keys are in order.
template <typename T>
const T* find_by_name(const std::vector<T>& list, std::string_view name) {
  const auto at =
      std::lower_bound(list.begin(), list.end(), name,
                       [](const T& each, std::string_view wanted) { return each.name < wanted; });
  return at != list.end() && at->name == name ? &*at : nullptr;
}

}  // namespace

const Upstream* Snapshot::find_upstream(std::string_view name) const {
  return find_by_name(upstreams, name);
}
const Role* Snapshot::find_role(std::string_view name) const {
  return find_by_name(roles, name);
}
const LocalUser* Snapshot::find_user(std::string_view name) const {
  return find_by_name(users, name);
}

const Issuer* Snapshot::find_issuer(std::string_view name) const {
  const auto at = std::find_if(issuers.begin(), issuers.end(),
                               [&](const Issuer& each) { return each.rules.name == name; });
  return at != issuers.end() ? &*at : nullptr;
}

const Issuer* Snapshot::find_issuer_of_url(std::string_view url) const {
  const auto at = std::find_if(issuers.begin(), issuers.end(),
                               [&](const Issuer& each) { return each.rules.url == url; });
  return at != issuers.end() ? &*at : nullptr;
}

}  // namespace tracegate::policy
