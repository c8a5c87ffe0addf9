// The paths of a json mask as an automaton: from the state of an object or array and a key or
// element to the state of the value there. Rows and the store's expression walk the same one.
//
// A value falls under the first rule whose path leads exactly to it, and then nothing in it is
// looked at: of "a" and "a.b", in either order, the first to be met from the outside is "a".
// Threading: immutable.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/mask/text_method.h"

namespace tracegate::mask {

// What becomes of a value that falls under a rule. With a method, a string is what the method makes
// of it, null stays, and all else is kReplaced.
struct JsonLeaf {
  std::string constant;  // JSON text that replaces whatever it is; empty: there is a method
  TextMethodRef method;
};
inline constexpr std::string_view kReplacedJson = "\"[redacted]\"";

class JsonRules {
 public:
  // An index into the states. kNowhere: no rule has to do with the value or what is in it.
  using State = std::uint32_t;
  static constexpr State kNowhere = UINT32_MAX;
  static constexpr State kRoot = 0;
  // Of a rule. What is deeper is nowhere.
  static constexpr std::size_t kMaxSteps = 32;

  // Keys and elements lead on, or a leaf ends the way.
  struct Node {
    const JsonLeaf* leaf = nullptr;
    std::map<std::string, State, std::less<>> keys;  // those that are named
    State other_key = kNowhere;
    State element = kNowhere;
    [[nodiscard]] bool leads_through_objects() const {
      return !keys.empty() || other_key != kNowhere;
    }
  };

  [[nodiscard]] static Result<JsonRules> make(const std::vector<JsonRule>& rules,
                                              const HashKeyRef& key, const DetectorsRef& detectors);

  [[nodiscard]] const Node& node(State state) const { return nodes_[state]; }
  [[nodiscard]] State at_key(State object, std::string_view key) const;
  [[nodiscard]] bool detects() const;

 private:
  friend class JsonRulesBuilder;
  std::vector<std::unique_ptr<const JsonLeaf>> leaves_;  // of each rule; nodes borrow them
  std::vector<Node> nodes_;
};

}  // namespace tracegate::mask
