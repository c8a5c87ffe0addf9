// What is wrong with a folder of configuration files, said so that a person can go and repair it:
// where it stands, what was found, what to write instead. All findings of a folder are collected
// and shown together; nothing stops at the first one.
//
// Threading: plain values; a Diagnostics has one owner.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tracegate::config {

// A place in a file, counted from 1; column in characters. line 0: the file as a whole; an empty
// file name: the folder as a whole.
struct Place {
  std::string file;  // name within the folder: "roles.toml"
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  auto operator<=>(const Place&) const = default;
  // "roles.toml:24:3"
  [[nodiscard]] std::string to_string() const;
  // "roles.toml:24", how a record names the rule that decided.
  [[nodiscard]] std::string line_reference() const;
};

// A value together with where it was written.
template <typename T>
struct Located {
  T value{};
  Place place;
};

enum class Severity : std::uint8_t { kWarning, kError };

struct Diagnostic {
  Place place;
  Severity severity = Severity::kError;
  std::string message;     // one sentence with the offending text in it
  std::string suggestion;  // what to write instead; may be empty

  // "roles.toml:24:3: error: unknown key "colums" in [role.x]; did you mean "columns"?"
  [[nodiscard]] std::string to_string() const;
};

class Diagnostics {
 public:
  void error(Place place, std::string message, std::string suggestion = {});
  void warning(Place place, std::string message, std::string suggestion = {});

  [[nodiscard]] bool has_errors() const;
  // In the order of reporting; by file, line and column after sort().
  [[nodiscard]] const std::vector<Diagnostic>& list() const { return list_; }
  void sort();
  [[nodiscard]] std::vector<Diagnostic> take() && { return std::move(list_); }

 private:
  std::vector<Diagnostic> list_;
};

// The candidate that `word` is most likely a misspelling of (edit distance, letter case ignored, at
// most a third of its length); empty if none is near. Borrows from `candidates`.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> candidates);

// `did you mean "..."?` for the nearest candidate; without a near one, the whole list if it is
// short: `known: "a", "b"`; else empty.
[[nodiscard]] std::string suggest(std::string_view word,
                                  std::span<const std::string_view> candidates);

// Offending text for a message: in double quotes, control characters escaped, cut if long.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace tracegate::config
