// Finds personal data and secrets in free text and in JSON, and puts marks in their place:
// "write to alice@example.com" becomes "write to [email]".
//
// Patterns are matched in linear time whatever the text. What a pattern finds is checked further
// where the kind of thing can be checked (Luhn, ISO 7064 MOD 97-10, address syntax, entropy).
// docs/masking_detectors.md lists what each detector finds, and its precision and recall on
// tests/data.
//
// Threading: immutable and shared by all workers; working memory is one for each thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace tracegate::mask {

// Of a policy: what it finds is marked [name].
struct CustomDetector {
  std::string name;  // lower case letters, digits and underscores
  // A regular expression of RE2 whose matches have a longest: {1,64} instead of * and +.
  std::string pattern;
};

// The names of those that are built in: "email", "phone", "payment_card", ...
[[nodiscard]] std::span<const std::string_view> builtin_detectors();

class Detectors {
 public:
  // Those of builtin_detectors() that `names` lists, and all of `custom`. Fails for a name that is
  // not known, a pattern that does not compile, that matches the empty text or a mark, or is too
  // costly.
  [[nodiscard]] static Result<std::shared_ptr<const Detectors>> make(
      std::span<const std::string> names, std::span<const CustomDetector> custom);
  Detectors(const Detectors&) = delete;
  Detectors& operator=(const Detectors&) = delete;
  ~Detectors();

  // Whether anything was found; then `text` with marks was appended to `out`. `text` is UTF-8; what
  // is not valid is searched all the same.
  [[nodiscard]] bool mark(std::string_view text, std::string& out) const;

  enum class Json { kClean, kMarked, kInvalid };
  // Likewise in the strings, keys and numbers of a JSON text, which stays one: a number in which
  // something is found becomes a string. Everything else stays byte for byte. kInvalid: it is no
  // JSON text (RFC 8259) or nests too deep; nothing was appended.
  [[nodiscard]] Json mark_json(std::string_view json, std::string& out) const;

 private:
  struct Engine;
  explicit Detectors(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};
using DetectorsRef = std::shared_ptr<const Detectors>;

}  // namespace tracegate::mask
