// The keys that verify the tokens of one issuer.
// Threading: immutable, shared by threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace tracegate::identity {

class KeySet {
 public:
  virtual ~KeySet() = default;
  // Whether a key of this id ("kid") is in it.
  [[nodiscard]] virtual bool holds(std::string_view key_id) const = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;
};

// Shared by the workers; null: there are no keys, every token of the issuer is refused.
using KeySetRef = std::shared_ptr<const KeySet>;

}  // namespace tracegate::identity
