// Users that the gateway itself knows, each with a SCRAM verifier: for development and first steps.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "src/identity/scram_verifier.h"

namespace tracegate::identity {

struct LocalUser {
  std::string role;  // exactly one
  ScramVerifier verifier;
};

// Who the users are; the policy in force knows.
class LocalUsers {
 public:
  virtual ~LocalUsers() = default;
  // Null if there is none of exactly this name. Valid until the policy is replaced: callers copy
  // what they keep.
  [[nodiscard]] virtual const LocalUser* find(std::string_view user) const = 0;
  // Of every user's verifier, sorted; for ScramMock.
  [[nodiscard]] virtual std::span<const ScramForm> forms() const = 0;
};

}  // namespace tracegate::identity
