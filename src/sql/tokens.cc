#include "src/sql/tokens.h"

#include <algorithm>

namespace tracegate::sql {

TokenList::TokenList(const ParseTree& tree) {
  int depth = 0;
  for_each_token(tree, [&](const Token& token) {
    if (token.is_comment()) return;
    if (token.code == ')' || token.code == ']') --depth;
    entries_.push_back({token, depth});
    if (token.code == '(' || token.code == '[') ++depth;
  });
}

std::size_t TokenList::at(std::size_t offset) const {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), offset,
                       [](const Entry& entry, std::size_t at) { return entry.token.begin < at; });
  if (found == entries_.end() || found->token.begin != offset) return entries_.size();
  return static_cast<std::size_t>(found - entries_.begin());
}

}  // namespace tracegate::sql
