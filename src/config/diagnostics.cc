#include "src/config/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "src/base/log.h"

namespace tracegate::config {

std::string Place::to_string() const {
  if (line == 0) return file;
  return fmt::format("{}:{}:{}", file, line, column);
}

std::string Place::line_reference() const {
  return fmt::format("{}:{}", file, line);
}

std::string Diagnostic::to_string() const {
  std::string text = place.to_string();
  if (!text.empty()) text += ": ";
  text += severity == Severity::kError ? "error: " : "warning: ";
  text += message;
  if (!suggestion.empty()) text.append("; ").append(suggestion);
  return text;
}

void Diagnostics::error(Place place, std::string message, std::string suggestion) {
  list_.push_back({std::move(place), Severity::kError, std::move(message), std::move(suggestion)});
}

void Diagnostics::warning(Place place, std::string message, std::string suggestion) {
  list_.push_back(
      {std::move(place), Severity::kWarning, std::move(message), std::move(suggestion)});
}

bool Diagnostics::has_errors() const {
  return std::any_of(list_.begin(), list_.end(),
                     [](const Diagnostic& each) { return each.severity == Severity::kError; });
}

void Diagnostics::sort() {
  std::stable_sort(list_.begin(), list_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.place, a.message) < std::tie(b.place, b.message);
  });
}

namespace {

constexpr std::size_t kLongestWord = 64;  // names in PostgreSQL have at most 63 bytes

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Edit distance with swapped neighbours as one edit (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kLongestWord) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string suggest(std::string_view word, std::span<const std::string_view> candidates) {
  if (const std::string_view near = nearest(word, candidates); !near.empty())
    return fmt::format("did you mean \"{}\"?", near);
  constexpr std::size_t kMostToList = 20;
  if (candidates.empty() || candidates.size() > kMostToList) return {};
  std::string text = "known: ";
  for (std::size_t i = 0; i < candidates.size(); ++i)
    text += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", candidates[i]);
  return text;
}

std::string in_quotes(std::string_view text) {
  return '"' + log::printable(text, 80) + '"';
}

}  // namespace tracegate::config
