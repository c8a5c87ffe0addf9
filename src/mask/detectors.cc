#include "src/mask/detectors.h"

#include <algorithm>
#include <set>
#include <utility>

#include "src/mask/detect_builtin.h"
#include "src/mask/detect_custom.h"
#include "src/mask/detect_in_json.h"
#include "src/mask/detect_marks.h"
#include "src/mask/detect_search.h"

namespace tracegate::mask {
namespace {

using detect::Kind;
using detect::KindSet;
using detect::Span;

// Marks change what stands around the rest: a label comes nearer, a number that went on is one by
// itself. So what was marked is searched again, until nothing is found; more than two rounds are
// hardly ever needed.
constexpr int kMostRounds = 8;

// Of one thread; given back when one large value has made it grow.
struct Memory {
  static constexpr std::size_t kKept = 1 << 20;  // bytes of each part
  detect::JsonMemory json;
  std::vector<Span> found;
  std::string round;
  std::string next_round;

  void give_back() {
    const auto shrink = [](auto& part) {
      part.clear();
      if (part.capacity() * sizeof(part[0]) > kKept) part.shrink_to_fit();
    };
    shrink(json.text);
    shrink(json.pieces);
    shrink(json.found);
    shrink(found);
    shrink(round);
    shrink(next_round);
  }
};
thread_local Memory memory;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

const std::string_view* builtin(std::string_view name) {
  const auto* found = std::find(detect::kKindNames.begin(), detect::kKindNames.end(), name);
  return found == detect::kKindNames.end() ? nullptr : found;
}

Status check_names(std::span<const CustomDetector> custom) {
  std::set<std::string_view> names;
  for (const CustomDetector& detector : custom) {
    if (!is_name(detector.name))
      return Error("\"" + detector.name +
                   "\" is no name of a detector: lower case letters, digits and underscores");
    if (builtin(detector.name) != nullptr)
      return Error("detector \"" + detector.name + "\" is built in");
    if (!names.insert(detector.name).second)
      return Error("there are two detectors \"" + detector.name + "\"");
  }
  return Ok{};
}

}  // namespace

std::span<const std::string_view> builtin_detectors() {
  return detect::kKindNames;
}

struct Detectors::Engine final : detect::TextSearch {
  KindSet wanted;
  std::unique_ptr<detect::CustomPatterns> custom;  // null if there are none
  std::vector<std::string> marks;

  void find_builtin(std::string_view text, std::vector<Span>& found) const override {
    detect::Search search{text, wanted, found};
    detect::find_builtin(search);
  }
  void find_custom(std::string_view text, std::vector<Span>& found) const override {
    if (custom) custom->find(text, found);
  }
  [[nodiscard]] bool has_custom() const override { return custom != nullptr; }
  [[nodiscard]] bool may_find_custom(std::string_view text) const override {
    return custom && custom->may_be_in_parts(text);
  }
  [[nodiscard]] std::string_view mark(std::uint32_t mark) const override { return marks[mark]; }

  bool mark_once(std::string_view text, std::string& out) const {
    std::vector<Span>& found = memory.found;
    found.clear();
    find_builtin(text, found);
    find_custom(text, found);
    if (found.empty()) return false;
    detect::settle(found);
    std::size_t copied = 0;
    for (const Span& span : found) {
      out.append(text.substr(copied, span.begin - copied)).append(marks[span.mark]);
      copied = span.end;
    }
    out.append(text.substr(copied));
    return true;
  }

  // Calls once(text, result) with each result until it returns false, then appends the last.
  template <typename Once>
  static void repeat(Once once, std::string& out) {
    for (int round = 1; round < kMostRounds; ++round) {
      memory.next_round.clear();
      if (!once(memory.round, memory.next_round)) break;
      memory.round.swap(memory.next_round);
    }
    out += memory.round;
  }
};

Detectors::Detectors(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Detectors::~Detectors() = default;

Result<std::shared_ptr<const Detectors>> Detectors::make(std::span<const std::string> names,
                                                         std::span<const CustomDetector> custom) {
  TG_TRY(check_names(custom));
  auto engine = std::make_unique<Engine>();
  for (const std::string_view name : detect::kKindNames)
    engine->marks.push_back("[" + std::string(name) + "]");
  for (const CustomDetector& detector : custom) engine->marks.push_back("[" + detector.name + "]");
  for (const std::string& name : names) {
    const std::string_view* const found = builtin(name);
    if (found == nullptr) return Error("there is no detector \"" + name + "\"");
    engine->wanted.add(static_cast<Kind>(found - detect::kKindNames.begin()));
  }
  if (!custom.empty()) {
    auto patterns = detect::CustomPatterns::make(custom, detect::kKindNames.size());
    if (!patterns.ok()) return std::move(patterns).error();
    engine->custom = std::move(*patterns);
    for (const std::string& mark : engine->marks)
      if (engine->custom->any_in(mark))
        return Error("a pattern of a detector matches " + mark + ", which is what marks look like");
  }
  return std::shared_ptr<const Detectors>(new Detectors(std::move(engine)));
}

bool Detectors::mark(std::string_view text, std::string& out) const {
  const auto once = [this](std::string_view from, std::string& to) {
    return engine_->mark_once(from, to);
  };
  const bool found = once(text, memory.round);
  if (found) Engine::repeat(once, out);
  memory.give_back();
  return found;
}

Detectors::Json Detectors::mark_json(std::string_view json, std::string& out) const {
  using detect::JsonOutcome;
  const auto once = [this](std::string_view from, std::string& to) {
    return detect::mark_json_once(from, *engine_, memory.json, to);
  };
  const JsonOutcome outcome = once(json, memory.round);
  if (outcome == JsonOutcome::kMarked)
    Engine::repeat([&](auto from, auto& to) { return once(from, to) == JsonOutcome::kMarked; },
                   out);
  memory.give_back();
  switch (outcome) {
    case JsonOutcome::kClean:
      return Json::kClean;
    case JsonOutcome::kMarked:
      return Json::kMarked;
    case JsonOutcome::kInvalid:
      break;
  }
  return Json::kInvalid;
}

}  // namespace tracegate::mask
