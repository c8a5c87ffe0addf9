#include "src/policy/startup_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/log.h"
#include "src/config/diagnostics.h"

namespace tracegate::policy {
namespace {

// isspace() of the C locale.
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

std::vector<std::string> split_options(std::string_view options) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (true) {
    while (at < options.size() && is_space(options[at])) ++at;
    if (at == options.size()) return words;
    std::string word;
    bool escaped = false;
    for (; at < options.size() && (escaped || !is_space(options[at])); ++at) {
      if (!escaped && options[at] == '\\') {
        escaped = true;
      } else {
        word += options[at];
        escaped = false;
      }
    }
    words.push_back(std::move(word));
  }
}

Result<std::vector<Parameter>> parse_options(std::string_view options) {
  std::vector<Parameter> settings;
  const std::vector<std::string> words = split_options(options);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view assignment = words[i];
    std::string_view form = "-c ";
    if (assignment.starts_with("--")) {
      form = "--";
      assignment.remove_prefix(2);
    } else if (assignment == "-c" && i + 1 < words.size()) {
      assignment = words[++i];
    } else if (assignment.starts_with("-c")) {
      assignment.remove_prefix(2);
    } else {
      return Error("42601",
                   "invalid command-line argument in start-up parameter \"options\": " +
                       config::in_quotes(words[i]),
                   "write settings as -c name=value");
    }
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return Error("42601",
                   fmt::format("{}{} requires a value", form, log::printable(assignment, 80)),
                   "write settings as -c name=value");
    std::string name(assignment.substr(0, equals));
    std::replace(name.begin(), name.end(), '-', '_');
    settings.push_back({std::move(name), std::string(assignment.substr(equals + 1))});
  }
  return settings;
}

}  // namespace tracegate::policy
