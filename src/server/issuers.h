// The identity providers of the policy in force: keeps their keys fresh and hands them to the
// workers, as key sets that verify tokens.
//
// Threading: thread-safe; the callbacks run on the keeper's thread or inside use().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "src/http/client.h"
#include "src/identity/jwk_set.h"
#include "src/policy/policy.h"
#include "src/server/issuer_keeper.h"

namespace tracegate::server {

using JwkSetRef = std::shared_ptr<const identity::JwkSet>;  // shared by the workers; null: no keys

class Issuers {
 public:
  // Called with each change, and with null when there are no keys any more.
  using OnKeys = std::function<void(const std::string& issuer, JwkSetRef keys)>;
  // Gets the keys to try once more, or null if that would not help.
  using OnAsked = std::function<void(JwkSetRef keys)>;

  explicit Issuers(OnKeys on_keys);

  // Those of this policy from now on. An error names an issuer that cannot work; then all stays as
  // it was.
  [[nodiscard]] Status use(const policy::Snapshot& policy);
  // A token of the issuer names a key that its keys do not have, or it has no keys at all.
  // `on_asked` is called exactly once, perhaps within this call, but if the object goes before.
  void ask_for(std::string_view issuer, std::string_view key_id, OnAsked on_asked);
  // Waits until each issuer has been asked once, at most `limit`.
  void wait_first_rounds(Milliseconds limit) { keeper_.wait_first_rounds(limit); }

 private:
  http::HttpClient client_;
  IssuerKeeper keeper_;
};

}  // namespace tracegate::server
