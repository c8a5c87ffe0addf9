#include "tests/statements/statements_document.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>
#include <vector>

#include "tests/statements/corpus.h"

namespace tracegate::statements {
namespace {

constexpr const char* kBegin = "<!-- statements -->\n";
constexpr const char* kEnd = "<!-- /statements -->\n";

struct Row {
  std::string name;
  std::string restricted;  // "yes", "42501"
  std::string scoped;
  std::string reason;
};

std::string verdict(const std::string& expected) {
  for (const std::string_view word : {"refused ", "differs "})
    if (expected.starts_with(word)) return expected.substr(word.size());
  return expected == "out of scope" ? "42501" : "yes";
}

// Why the store fails where it would not without views.
std::string why_different(const std::string& sqlstate) {
  if (sqlstate == "42703") return "a view does not have it: the store says that it does not exist";
  if (sqlstate == "42712") return "views go by the table's name alone: give one of them an alias";
  return "not explained";
}

Row row_of(const Example& example, const Reasons& restricted, const Reasons& scoped) {
  Row row{example.heading(), verdict(example.expected.at(kRestricted)),
          verdict(example.expected.at(kWriter)), ""};
  if (row.restricted != "yes")
    row.reason = restricted.at(example.place);
  else if (example.expected.at(kWriter).starts_with("differs "))
    row.reason = why_different(row.scoped);
  else if (example.expected.at(kWriter) == "out of scope")
    row.reason = "row is out of scope: the store finds that as it writes, and nothing is written";
  else if (row.scoped != "yes")
    row.reason = scoped.at(example.place);
  return row;
}

bool same_verdict(const Row& a, const Row& b) {
  return a.restricted == b.restricted && a.scoped == b.scoped;
}

void append_table(const std::string& title, const std::vector<Row>& rows, std::string& text) {
  text += "| " + title + " | restricted | scoped | why not |\n|---|---|---|---|\n";
  for (const Row& row : rows)
    text +=
        "| " + row.name + " | " + row.restricted + " | " + row.scoped + " | " + row.reason + " |\n";
}

}  // namespace

std::string tables_of_corpus(const Reasons& restricted, const Reasons& scoped) {
  std::vector<Row> commands;
  std::vector<Row> clauses;
  std::map<std::string, Row> known;
  for (const Example& example : corpus()) {
    const Row row = row_of(example, restricted, scoped);
    const auto [place, is_new] = known.emplace(row.name, row);
    if (!is_new) {
      if (same_verdict(place->second, row)) continue;
      std::cerr << example.place << ": another verdict than of \"" << row.name << "\" before\n";
      std::abort();
    }
    if (!example.clause.empty()) {
      clauses.push_back(row);
      continue;
    }
    bool joined = false;
    for (Row& command : commands)
      if (same_verdict(command, row) && command.reason == row.reason) {
        command.name += ", " + row.name;
        joined = true;
        break;
      }
    if (!joined) commands.push_back(row);
  }
  std::string text;
  append_table("statement", commands, text);
  text += "\n";
  append_table("clause or form", clauses, text);
  return text;
}

std::string tables_of_document() {
  std::ostringstream document;
  document << std::ifstream(DOCUMENT).rdbuf();
  const std::string text = document.str();
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos) return "";
  const std::size_t first = begin + std::string(kBegin).size();
  return text.substr(first, end - first);
}

}  // namespace tracegate::statements
