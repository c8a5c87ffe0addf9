#include "src/relay/settings.h"

#include <algorithm>

#include "src/crypto/certificate.h"

namespace tracegate::relay {
namespace {

net::TlsVerify verify_of(policy::StoreTls tls) {
  switch (tls) {
    case policy::StoreTls::kOff:
    case policy::StoreTls::kRequire:
      return net::TlsVerify::kRequire;
    case policy::StoreTls::kVerifyCa:
      return net::TlsVerify::kVerifyCa;
    case policy::StoreTls::kVerifyFull:
      return net::TlsVerify::kVerifyFull;
  }
  return net::TlsVerify::kVerifyFull;
}

Result<Settings::ListenerTls> load_listener(const policy::Listener& listener) {
  Settings::ListenerTls tls;
  if (listener.tls == policy::ListenerTls::kOff) return tls;
  auto context =
      net::TlsServerContext::load(listener.certificate_file.string(), listener.key_file.string());
  if (!context.ok()) return std::move(context).error();
  tls.context = *context;
  // A certificate without a binding of its own (Ed25519) is served without SCRAM-SHA-256-PLUS.
  if (auto end_point = crypto::tls_server_end_point(tls.context->server_certificate_der());
      end_point.ok())
    tls.end_point = *std::move(end_point);
  return tls;
}

}  // namespace

UserTable::UserTable(const policy::Snapshot& policy) {
  for (const policy::LocalUser& user : policy.users) {
    auto verifier = identity::ScramVerifier::parse(user.verifier.reveal());
    TG_CHECK(verifier.ok(), "a verifier that the policy has checked");
    forms_.push_back(verifier->form());
    users_.emplace(user.name, identity::LocalUser{user.role, *std::move(verifier)});
  }
  std::sort(forms_.begin(), forms_.end());
}

const identity::LocalUser* UserTable::find(std::string_view user) const {
  const auto found = users_.find(user);
  return found == users_.end() ? nullptr : &found->second;
}

Result<SettingsRef> Settings::load(policy::SnapshotRef policy) {
  auto settings = std::make_shared<Settings>(policy);
  for (const policy::Listener& listener : policy->listeners) {
    auto tls = load_listener(listener);
    if (!tls.ok()) return std::move(tls).error();
    settings->listeners.push_back(*std::move(tls));
  }
  for (const policy::Upstream& upstream : policy->upstreams) {
    if (upstream.tls == policy::StoreTls::kOff) {
      settings->upstreams.push_back(nullptr);
      continue;
    }
    auto context = net::TlsClientContext::load({.verify = verify_of(upstream.tls),
                                                .ca_file = upstream.ca_file.string(),
                                                .certificate_file = {},
                                                .key_file = {},
                                                .alpn = net::OfferAlpn::kPostgresql});
    if (!context.ok()) return std::move(context).error();
    settings->upstreams.push_back(*context);
  }
  return SettingsRef(std::move(settings));
}

}  // namespace tracegate::relay
