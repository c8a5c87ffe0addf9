// The table of docs/identity_tokens.md, "Reasons", has every reason, in the order of the checks.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "src/identity/token_fault.h"

namespace tracegate::identity {
namespace {

std::vector<std::string> documented_reasons() {
  std::ifstream file(DOCUMENT);
  std::vector<std::string> reasons;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "<!-- /reasons -->") break;
    if (inside && line.starts_with("| ") && !line.starts_with("| reason |"))
      reasons.push_back(line.substr(2, line.find(" |", 2) - 2));
    inside = inside || line == "<!-- reasons -->";
  }
  return reasons;
}

TEST(TokenReasons, AreThoseOfTheTable) {
  std::vector<std::string> reasons;
  for (int i = 0; !to_string(static_cast<TokenFault>(i)).empty(); ++i)
    reasons.emplace_back(to_string(static_cast<TokenFault>(i)));
  EXPECT_EQ(reasons, documented_reasons());
  EXPECT_EQ(std::set<std::string>(reasons.begin(), reasons.end()).size(), reasons.size());
}

}  // namespace
}  // namespace tracegate::identity
