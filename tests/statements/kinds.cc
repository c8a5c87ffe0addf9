// Kinds of statements: of a text by the parser's own account of its tree (JSON), of all texts by
// the node tags of PostgreSQL's header.
#include <pg_query.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <sstream>
#include <string_view>

#include "tests/statements/corpus.h"

namespace tracegate::statements {
namespace {

// Nodes that are named like statements and are none that a text can be.
constexpr std::array<std::string_view, 6> kNotOfTexts = {
    "RawStmt",              // around each statement
    "SetOperationStmt",     // made by the analysis behind the parser
    "PlannedStmt",          // made by the planner
    "ReturnStmt",           // in the body of CREATE FUNCTION
    "PLAssignStmt",         // in PL/pgSQL
    "ReplicaIdentityStmt",  // in ALTER TABLE
};

}  // namespace

std::vector<std::string> kinds_of(const std::string& text) {
  const PgQueryParseResult result = pg_query_parse(text.c_str());
  const std::string json = result.error == nullptr ? result.parse_tree : "";
  pg_query_free_parse_result(result);
  // Only a RawStmt has a member "stmt"; quotes within strings are escaped.
  constexpr std::string_view kMember = "\"stmt\":{\"";
  std::vector<std::string> kinds;
  for (std::size_t at = json.find(kMember); at != std::string::npos; at = json.find(kMember, at)) {
    at += kMember.size();
    kinds.push_back(json.substr(at, json.find('"', at) - at));
  }
  return kinds;
}

std::vector<std::string> all_kinds() {
  std::ostringstream header;
  header << std::ifstream(NODE_TAGS).rdbuf();
  const std::string tags = header.str();
  const std::regex tag(R"(\bT_(\w+Stmt)\b)");
  std::vector<std::string> kinds;
  for (std::sregex_iterator found(tags.begin(), tags.end(), tag), end; found != end; ++found)
    if (std::find(kNotOfTexts.begin(), kNotOfTexts.end(), (*found)[1].str()) == kNotOfTexts.end())
      kinds.push_back((*found)[1]);
  return kinds;
}

}  // namespace tracegate::statements
