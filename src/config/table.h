// Strict reading of one table: every key must be asked for. Whatever is written and not asked for
// is an error in finish(), with the nearest known key as suggestion; so a misspelt key never
// silently means its default.
//
//   Table limits(value, "limits", diagnostics);
//   out.max_sessions = limits.integer("max_sessions", {.min = 1, .max = 1'000'000}, 10'000);
//   out.idle_timeout = limits.duration("idle_timeout", {.min = 0s, .max = 720h}, 8h);
//   limits.finish();
//
// A value that is missing gives the fallback; a value that is wrong gives the fallback, too, and an
// error in the Diagnostics. So a reader reads on to the end and every fault is reported at once;
// the caller asks Diagnostics::has_errors() before it uses what was read.
//
// Borrows the Value and the Diagnostics; both must outlive it. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/config/diagnostics.h"
#include "src/config/document.h"
#include "src/config/formats.h"

namespace tracegate::config {

// Both ends are allowed.
template <typename T>
struct Range {
  T min;
  T max;
};

template <typename E>
struct Choice {
  std::string_view name;
  E value;
};

class Table {
 public:
  // `path` is how messages name the table: "role.reader".
  Table(const Value& value, std::string path, Diagnostics& diagnostics);

  [[nodiscard]] const Place& place() const { return value_->place; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Whether the key is written; counts as asking for it.
  [[nodiscard]] bool has(std::string_view key);
  // Whether the key is written as a string; counts as asking for it.
  [[nodiscard]] bool is_text(std::string_view key);
  // Of the value of `key`, or of the table when the key is not there.
  [[nodiscard]] Place place_of(std::string_view key) const;

  // A string that is not empty.
  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback = {});
  [[nodiscard]] std::string required_text(std::string_view key);
  [[nodiscard]] bool boolean(std::string_view key, bool fallback);
  [[nodiscard]] std::int64_t integer(std::string_view key, Range<std::int64_t> range,
                                     std::int64_t fallback);
  [[nodiscard]] Milliseconds duration(std::string_view key, Range<Milliseconds> range,
                                      Milliseconds fallback);
  [[nodiscard]] ByteCount size(std::string_view key, Range<ByteCount> range, ByteCount fallback);
  // "host:port". Nothing if missing or wrong, either of which is reported.
  [[nodiscard]] std::optional<Endpoint> required_endpoint(std::string_view key);

  // A list of strings that are neither empty nor repeated.
  [[nodiscard]] std::vector<Located<std::string>> texts(std::string_view key);
  // As texts(); each is "host:port".
  [[nodiscard]] std::vector<Located<Endpoint>> endpoints(std::string_view key);

  template <typename E>
  [[nodiscard]] E choice(std::string_view key, std::span<const Choice<E>> choices, E fallback) {
    std::vector<std::string_view> names;
    for (const Choice<E>& each : choices) names.push_back(each.name);
    const std::optional<std::size_t> index = choice_index(key, names);
    return index ? choices[*index].value : fallback;
  }

  // Every key that is written, in order: for tables whose keys are names that the writer chooses.
  [[nodiscard]] std::vector<std::string_view> keys() const;

  // [key]. Nothing if it is not written.
  [[nodiscard]] std::optional<Table> table(std::string_view key);
  // [[key]], in order; empty if none is written.
  [[nodiscard]] std::vector<Table> tables(std::string_view key);
  // [key.NAME] for every NAME, in order of name.
  struct Named;
  [[nodiscard]] std::vector<Named> named_tables(std::string_view key);

  // For what a reader finds wrong beyond the form of a value.
  void error(Place place, std::string message, std::string suggestion = {});
  void warning(Place place, std::string message, std::string suggestion = {});
  // Reports `key` as required unless it is written.
  void require(std::string_view key);
  // Reports `key` if it is written as a list without elements.
  void refuse_empty_list(std::string_view key);

  // Reports every key that was never asked for.
  void finish();

 private:
  const Value* ask(std::string_view key);
  const Value* ask(std::string_view key, Kind kind);
  std::optional<std::size_t> choice_index(std::string_view key,
                                          const std::vector<std::string_view>& names);
  void wrong_kind(std::string_view key, const Value& found, std::string_view expected);
  void out_of_range(std::string_view key, const Value& found, std::string_view min,
                    std::string_view max);
  void malformed(std::string_view key, const Value& found, const Error& why);
  std::string in_here() const;  // " in [limits]"

  const Value* value_;
  std::string path_;
  Diagnostics* diagnostics_;
  std::vector<std::string> asked_;
};

struct Table::Named {
  std::string name;
  Table table;
};

}  // namespace tracegate::config
