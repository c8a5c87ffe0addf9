#include "src/mask/detect_custom.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>

namespace tracegate::mask::detect {
namespace {

constexpr std::size_t kLongestPattern = 1000;  // bytes
// Of one pattern, in instructions of its automaton. Without loops no match is longer than that.
constexpr int kLargestProgram = 4000;
constexpr std::int64_t kEngineMemory = 8 << 20;

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_longest_match(true);
  options.set_max_mem(kEngineMemory);
  return options;
}

struct Syntax {
  bool unbounded = false;  // it has a repetition without an upper bound: *, + or {n,}
  bool anchored = false;   // or says something of the begin or the end of the text: ^, $, \A, \z
};

// The end of the bracket expression that begins at `at`, which is valid: its last character.
std::size_t bracket_end(std::string_view pattern, std::size_t at) {
  if (pattern.substr(at + 1).starts_with("^")) ++at;
  if (pattern.substr(at + 1).starts_with("]")) ++at;
  for (++at; at < pattern.size() && pattern[at] != ']'; ++at) {
    const std::size_t name_end = pattern.find(":]", at);
    if (pattern[at] == '\\') {
      ++at;
    } else if (pattern.substr(at).starts_with("[:") && name_end != std::string_view::npos) {
      at = name_end + 1;
    }
  }
  return at;
}

bool is_open_repetition(std::string_view pattern, std::size_t brace) {
  const std::size_t comma = pattern.find_first_not_of("0123456789", brace + 1);
  return comma != brace + 1 && comma != std::string_view::npos &&
         pattern.substr(comma).starts_with(",}");
}

// Of a pattern that RE2 takes.
Syntax syntax_of(std::string_view pattern) {
  Syntax syntax;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '\\') {
      ++at;
      const char escaped = at < pattern.size() ? pattern[at] : '\0';
      syntax.anchored |= escaped == 'A' || escaped == 'z';
      if (escaped == 'Q') at = std::min(pattern.find("\\E", at), pattern.size() - 1);
    } else if (c == '[') {
      at = bracket_end(pattern, at);
    } else {
      syntax.unbounded |= c == '*' || c == '+' || (c == '{' && is_open_repetition(pattern, at));
      syntax.anchored |= c == '^' || c == '$';
    }
  }
  return syntax;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

bool matches(const RE2& pattern, std::string_view text, std::size_t from, re2::StringPiece& match) {
  return pattern.Match(piece(text), from, text.size(), RE2::UNANCHORED, &match, 1);
}

// Whether it matches where there is nothing: x{0,3}, \b.
bool matches_nothing(const RE2& pattern) {
  constexpr std::array<std::string_view, 3> kTexts = {"", "a", " a1\n-"};
  for (const std::string_view text : kTexts) {
    re2::StringPiece match;
    for (std::size_t from = 0; from <= text.size() && matches(pattern, text, from, match); ++from)
      if (match.empty()) return true;
  }
  return false;
}

Result<std::unique_ptr<RE2>> compile(const CustomDetector& detector) {
  const std::string subject = "detector \"" + detector.name + "\": the pattern ";
  if (detector.pattern.size() > kLongestPattern)
    return Error(subject + "is longer than " + std::to_string(kLongestPattern) + " bytes");
  auto pattern = std::make_unique<RE2>(piece(detector.pattern), options());
  if (!pattern->ok()) return Error(subject + "is not valid: " + pattern->error());
  if (syntax_of(detector.pattern).unbounded)
    return Error(subject + "has *, + or {n,}: say how often at most, as in {1,64}");
  if (detector.pattern.find("\\C") != std::string::npos)
    return Error(subject + "has \\C, which matches parts of characters");
  if (pattern->ProgramSize() > kLargestProgram) return Error(subject + "is too large");
  if (matches_nothing(*pattern)) return Error(subject + "matches the empty text");
  return pattern;
}

}  // namespace

struct CustomPatterns::Engine {
  Engine() : which(options(), RE2::UNANCHORED) {}
  RE2::Set which;
  std::vector<std::unique_ptr<RE2>> patterns;
  bool anchored = false;  // one of them is

  // Which of them may be in the text. If the automaton of all gets too large for its memory: any.
  [[nodiscard]] bool candidates(std::string_view text, std::vector<int>& found) const {
    RE2::Set::ErrorInfo error{};
    if (which.Match(piece(text), &found, &error)) return true;
    if (error.kind == RE2::Set::kNoError) return false;
    found.resize(patterns.size());
    for (std::size_t i = 0; i < found.size(); ++i) found[i] = static_cast<int>(i);
    return true;
  }
};

CustomPatterns::CustomPatterns(std::unique_ptr<Engine> engine, std::uint32_t first_mark)
    : engine_(std::move(engine)), first_mark_(first_mark) {}
CustomPatterns::~CustomPatterns() = default;

Result<std::unique_ptr<CustomPatterns>> CustomPatterns::make(std::span<const CustomDetector> custom,
                                                             std::uint32_t first_mark) {
  auto engine = std::make_unique<Engine>();
  for (const CustomDetector& detector : custom) {
    auto pattern = compile(detector);
    if (!pattern.ok()) return std::move(pattern).error();
    std::string error;
    if (engine->which.Add(piece(detector.pattern), &error) < 0)
      return Error("detector \"" + detector.name + "\": the pattern is not valid: " + error);
    engine->patterns.push_back(std::move(*pattern));
    engine->anchored |= syntax_of(detector.pattern).anchored;
  }
  if (!engine->which.Compile()) return Error("the patterns of detectors are too large together");
  return std::unique_ptr<CustomPatterns>(new CustomPatterns(std::move(engine), first_mark));
}

void CustomPatterns::find(std::string_view text, std::vector<Span>& found) const {
  thread_local std::vector<int> candidates;
  if (!engine_->candidates(text, candidates)) return;
  for (const int index : candidates) {
    const auto at = static_cast<std::size_t>(index);
    re2::StringPiece match;
    for (std::size_t from = 0; matches(*engine_->patterns[at], text, from, match);) {
      const auto begin = static_cast<std::size_t>(match.data() - text.data());
      const std::size_t end = begin + match.size();
      if (!match.empty())
        found.push_back({begin, end, first_mark_ + static_cast<std::uint32_t>(at)});
      from = std::max(end, from + 1);
      if (from > text.size()) break;
    }
  }
}

bool CustomPatterns::may_be_in_parts(std::string_view text) const {
  return engine_->anchored || any_in(text);
}

bool CustomPatterns::any_in(std::string_view text) const {
  thread_local std::vector<int> found;
  return engine_->candidates(text, found);
}

}  // namespace tracegate::mask::detect
