// The JWK Set of an issuer that may send anything.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/readable.h"
#include "src/base/result.h"
#include "src/identity/jwk_set.h"

using namespace tracegate;            // NOLINT
using namespace tracegate::identity;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto set = JwkSet::parse({reinterpret_cast<const char*>(data), size});
  if (!set.ok()) {
    check_readable(set.error().message);
    return 0;
  }
  TG_CHECK(!set->keys().empty(), "a set without a key");
  TG_CHECK(set->keys().size() + set->skipped().size() <= kMaxJwks, "more keys than the limit");
  for (const SkippedJwk& skipped : set->skipped()) check_readable(to_string(skipped));
  for (const Jwk& jwk : set->keys()) {
    for (int i = 0; i <= static_cast<int>(crypto::SignatureAlgorithm::kEdDsa); ++i) {
      const auto algorithm = static_cast<crypto::SignatureAlgorithm>(i);
      const auto choice = set->choose(jwk.key_id, algorithm);
      TG_CHECK((choice.key != nullptr) == (choice.outcome == JwkSet::Choice::Outcome::kFound),
               "a choice without a key");
      TG_CHECK(choice.key == nullptr || choice.key->fits(algorithm), "a key that does not fit");
      TG_CHECK(!jwk.key.verify(algorithm, {data, size}, {data, size < 64 ? size : 64}),
               "a signature that nobody made");
    }
  }
  return 0;
}
