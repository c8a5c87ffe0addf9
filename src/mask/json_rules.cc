#include "src/mask/json_rules.h"

#include <algorithm>
#include <utility>

#include "src/mask/redact.h"

namespace tracegate::mask {

// Subset construction: a state is the set of all rules whose steps led there so far.
class JsonRulesBuilder {
 public:
  JsonRulesBuilder(const std::vector<JsonRule>& rules, JsonRules& result)
      : rules_(rules), result_(result) {}

  Status build() {
    std::vector<std::size_t> all(rules_.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    state_of({0, std::move(all)});
    // Each new state is put behind those that are there.
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      if (sets_.size() > kMaxStates)
        return Error("the paths of json are too many, or too entangled");
      lead_on(i);
    }
    return Ok();
  }

 private:
  static constexpr std::size_t kMaxStates = 4096;
  using Kind = JsonStep::Kind;

  struct Set {
    std::size_t steps_done = 0;
    std::vector<std::size_t> rules;  // in order
    auto operator<=>(const Set&) const = default;
  };

  JsonRules::State state_of(Set set) {
    if (set.rules.empty()) return JsonRules::kNowhere;
    const auto [found, is_new] = known_.emplace(set, sets_.size());
    if (is_new) {
      sets_.push_back(std::move(set));
      result_.nodes_.emplace_back();
    }
    return static_cast<JsonRules::State>(found->second);
  }

  void lead_on(std::size_t index) {
    const Set set = sets_[index];
    const auto ends = [&](std::size_t rule) { return rules_[rule].steps.size() == set.steps_done; };
    const auto first = std::find_if(set.rules.begin(), set.rules.end(), ends);
    if (first != set.rules.end()) {
      result_.nodes_[index].leaf = result_.leaves_[*first].get();
      return;
    }
    JsonRules::Node node;
    const auto step_of = [&](std::size_t rule) -> const JsonStep& {
      return rules_[rule].steps[set.steps_done];
    };
    const auto after = [&](auto fits) {
      Set next{set.steps_done + 1, {}};
      std::copy_if(set.rules.begin(), set.rules.end(), std::back_inserter(next.rules),
                   [&](std::size_t rule) { return fits(step_of(rule)); });
      return state_of(std::move(next));
    };
    for (const std::size_t rule : set.rules) {
      const JsonStep& named = step_of(rule);
      if (named.kind != Kind::kKey || node.keys.contains(named.key)) continue;
      node.keys[named.key] = after([&](const JsonStep& step) {
        return step.kind == Kind::kAnyKey || (step.kind == Kind::kKey && step.key == named.key);
      });
    }
    node.other_key = after([](const JsonStep& step) { return step.kind == Kind::kAnyKey; });
    node.element = after([](const JsonStep& step) { return step.kind == Kind::kAnyElement; });
    result_.nodes_[index] = std::move(node);
  }

  const std::vector<JsonRule>& rules_;
  JsonRules& result_;
  std::vector<Set> sets_;
  std::map<Set, std::size_t> known_;
};

namespace {

Result<JsonLeaf> make_leaf(const Spec& spec, const HashKeyRef& key, const DetectorsRef& detectors) {
  JsonLeaf leaf;
  if (spec.method == Method::kRedact) {
    Result<std::string> constant = redacted_json(spec);
    if (!constant.ok()) return std::move(constant).error();
    leaf.constant = *std::move(constant);
    return leaf;
  }
  Result<TextMethodRef> method = make_text_method(spec, key, detectors);
  if (!method.ok()) return std::move(method).error();
  leaf.method = *std::move(method);
  return leaf;
}

}  // namespace

Result<JsonRules> JsonRules::make(const std::vector<JsonRule>& rules, const HashKeyRef& key,
                                  const DetectorsRef& detectors) {
  if (rules.empty()) return Error("json needs at least one path");
  JsonRules result;
  for (const JsonRule& rule : rules) {
    if (rule.steps.empty() || rule.steps.size() > kMaxSteps)
      return Error("a path of json must have 1 to 32 steps");
    Result<JsonLeaf> leaf = make_leaf(rule.leaf, key, detectors);
    if (!leaf.ok()) return std::move(leaf).error();
    result.leaves_.push_back(std::make_unique<const JsonLeaf>(*std::move(leaf)));
  }
  TG_TRY(JsonRulesBuilder(rules, result).build());
  return result;
}

JsonRules::State JsonRules::at_key(State object, std::string_view key) const {
  const Node& node = nodes_[object];
  const auto named = node.keys.find(key);
  return named != node.keys.end() ? named->second : node.other_key;
}

bool JsonRules::detects() const {
  return std::any_of(leaves_.begin(), leaves_.end(),
                     [](const auto& leaf) { return leaf->method && leaf->method->detects(); });
}

}  // namespace tracegate::mask
