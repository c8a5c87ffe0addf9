#include "src/server/issuers.h"

#include "src/base/log.h"
#include "src/identity/json.h"

namespace tracegate::server {
namespace {

using identity::DiscoveryDocument;
using identity::JwkSet;
using identity::KeySetRef;

class VerifyingKeys final : public identity::KeySet {
 public:
  explicit VerifyingKeys(JwkSet set) : set_(std::make_shared<const JwkSet>(std::move(set))) {}
  [[nodiscard]] bool holds(std::string_view key_id) const override {
    for (const identity::Jwk& key : set_->keys())
      if (key.key_id == key_id) return true;
    return false;
  }
  [[nodiscard]] std::size_t size() const override { return set_->keys().size(); }
  [[nodiscard]] const JwkSetRef& set() const { return set_; }

 private:
  JwkSetRef set_;
};

// What the parser below made.
JwkSetRef verifying(const KeySetRef& keys) {
  const auto made = std::dynamic_pointer_cast<const VerifyingKeys>(keys);
  return made ? made->set() : nullptr;
}

Result<KeySetRef> parse_keys(std::string_view text) {
  Result<JwkSet> set = JwkSet::parse(text);
  if (!set.ok()) return std::move(set).error();
  for (const identity::SkippedJwk& skipped : set->skipped())
    log::warn("key set of an issuer: {} is not used", to_string(skipped));
  return KeySetRef(std::make_shared<VerifyingKeys>(*std::move(set)));
}

// OpenID Connect Discovery 1.0 section 3: both are required texts.
Result<DiscoveryDocument> parse_discovery(std::string_view text) {
  const auto parsed = identity::Json::parse_object(text);
  if (const auto* fault = std::get_if<identity::JsonFault>(&parsed))
    return Error("the discovery document is " + std::string(to_string(*fault)));
  const identity::Json& document = std::get<identity::Json>(parsed);
  DiscoveryDocument found;
  for (const auto& [name, member] : {std::pair{"issuer", &DiscoveryDocument::issuer},
                                     std::pair{"jwks_uri", &DiscoveryDocument::jwks_uri}}) {
    const identity::Json* value = document.find(name);
    if (value == nullptr || value->text() == nullptr)
      return Error(std::string("the discovery document has no text \"") + name + "\"");
    found.*member = *value->text();
  }
  return found;
}

std::vector<IssuerSource> sources_of(const policy::Snapshot& policy) {
  std::vector<IssuerSource> sources;
  for (const policy::Issuer& issuer : policy.issuers)
    sources.push_back({.name = issuer.rules.name,
                       .keys = {.issuer = issuer.rules.url,
                                .jwks_url = issuer.jwks_url,
                                .refresh = issuer.refresh,
                                .max_stale = issuer.max_stale},
                       .ca_file = issuer.ca_file.string()});
  return sources;
}

}  // namespace

Issuers::Issuers(OnKeys on_keys)
    : keeper_(client_, {parse_discovery, parse_keys},
              [on_keys = std::move(on_keys)](const std::string& issuer, const KeySetRef& keys) {
                on_keys(issuer, verifying(keys));
              }) {}

Status Issuers::use(const policy::Snapshot& policy) {
  return keeper_.use(sources_of(policy));
}

void Issuers::ask_for(std::string_view issuer, std::string_view key_id, OnAsked on_asked) {
  switch (keeper_.ask_for(issuer, key_id,
                          [on_asked](const KeySetRef& keys) { on_asked(verifying(keys)); })) {
    case IssuerKeeper::Asked::kKnown:
      return on_asked(verifying(keeper_.find(issuer)));
    case IssuerKeeper::Asked::kUnknown:
    case IssuerKeeper::Asked::kBusy:
      return on_asked(nullptr);
    case IssuerKeeper::Asked::kWait:
      return;
  }
}

}  // namespace tracegate::server
