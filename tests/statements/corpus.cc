#include "tests/statements/corpus.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string_view>

namespace tracegate::statements {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRoleNames[] = {kRestricted, kReader, kWriter};

[[noreturn]] void give_up(const std::string& place, std::string_view what) {
  std::cerr << place << ": " << what << '\n';
  std::abort();
}

bool is_outcome(std::string_view text) {
  const auto with_state = [&](std::string_view word) {
    return text.starts_with(word) && text.size() == word.size() + 5;
  };
  return text == "yes" || text == "out of scope" || with_state("fails ") ||
         with_state("differs ") || with_state("refused ");
}

std::map<std::string, std::string> read_expected(std::string_view line, const std::string& place) {
  std::map<std::string, std::string> expected;
  for (line.remove_prefix(3); !line.empty();) {
    const std::size_t end = line.find("; ");
    std::string_view item = line.substr(0, end);
    line = end == std::string_view::npos ? std::string_view() : line.substr(end + 2);
    std::string_view only;
    for (const std::string_view role : kRoleNames)
      if (item.starts_with(role)) {
        only = role;
        item.remove_prefix(role.size() + 1);
      }
    if (!is_outcome(item)) give_up(place, "no such outcome");
    for (const std::string_view role : kRoleNames)
      if (only.empty() || only == role) expected[std::string(role)] = item;
  }
  if (expected.size() != std::size(kRoleNames)) give_up(place, "outcomes of some role only");
  return expected;
}

void read_file(const fs::path& path, std::vector<Example>& examples) {
  std::ifstream file(path);
  Example next;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    const std::string place = path.filename().string() + ":" + std::to_string(++number);
    if (line.starts_with("# ")) {
      if (!next.text.empty()) give_up(place, "the example before it has no outcome");
      const std::size_t colon = line.find(": ");
      next.command = line.substr(2, colon == std::string::npos ? colon : colon - 2);
      next.clause = colon == std::string::npos ? std::string() : line.substr(colon + 2);
    } else if (line.starts_with("=> ")) {
      if (next.text.empty() || next.command.empty()) give_up(place, "an outcome of nothing");
      next.expected = read_expected(line, place);
      next.text.pop_back();
      examples.push_back(next);
      next.text.clear();
      next.copy_data.clear();
    } else if (line.starts_with("<- ")) {
      next.copy_data += line.substr(3) + "\n";
    } else if (!line.empty() || !next.text.empty()) {
      if (next.text.empty()) next.place = place;
      next.text += line + "\n";
    }
  }
  if (!next.text.empty()) give_up(path.filename().string(), "ends within an example");
}

}  // namespace

const std::vector<Example>& corpus() {
  static const std::vector<Example> examples = [] {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(CORPUS))
      if (entry.path().extension() == ".txt") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Example> all;
    for (const fs::path& file : files) read_file(file, all);
    return all;
  }();
  return examples;
}

}  // namespace tracegate::statements
