// The tables of docs/statements.md, made from the corpus: what a gateway refuses stands there
// because an example of it is refused.
#pragma once

#include <map>
#include <string>

namespace tracegate::statements {

// Why the gateway refuses an example for a role, by the example's place; in its own words.
using Reasons = std::map<std::string, std::string>;

// Both tables, with headings. Terminates if the examples of one heading do not agree on whether a
// role may do it: such a heading says nothing.
[[nodiscard]] std::string tables_of_corpus(const Reasons& restricted, const Reasons& scoped);

// What stands between the marks in docs/statements.md.
[[nodiscard]] std::string tables_of_document();

}  // namespace tracegate::statements
