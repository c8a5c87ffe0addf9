// What a method does to a text, wherever the text stands: in a column, as an element of an array,
// as a string within JSON.
// Threading: immutable, shared by all workers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/mask/column_mask.h"
#include "src/mask/detectors.h"
#include "src/mask/hash_key.h"
#include "src/mask/spec.h"

namespace tracegate::mask {

class TextMethod {
 public:
  virtual ~TextMethod() = default;
  // Appends what stands in the place of `text`, valid UTF-8 that does not borrow from `out`. False:
  // it stays, and nothing was appended.
  [[nodiscard]] virtual bool apply(std::string_view text, std::string& out) const = 0;
  // The same in SQL, from an expression of type text to one; NULL for NULL. `text` is written
  // several times. Empty: the store cannot do it.
  [[nodiscard]] virtual std::string to_sql(std::string_view text) const = 0;
  [[nodiscard]] virtual bool detects() const { return false; }
};
using TextMethodRef = std::shared_ptr<const TextMethod>;

// Bytes of the HMAC in the pseudonym of a text, written in twice as many digits.
inline constexpr std::uint32_t kHashTextBytes = 16;

// For kPartial, kEmail, kHash, which needs a key, and kDetect, which needs detectors.
[[nodiscard]] Result<TextMethodRef> make_text_method(const Spec& spec, const HashKeyRef& key,
                                                     const DetectorsRef& detectors);
// Why pseudonyms cannot be made so, if they cannot.
[[nodiscard]] Status check_hash(const Spec& spec, const HashKeyRef& key);

// The mask of columns of the text family; of an array, the type is that of its elements.
[[nodiscard]] ColumnMask mask_text(TextMethodRef method, const ColumnType& type);

}  // namespace tracegate::mask
