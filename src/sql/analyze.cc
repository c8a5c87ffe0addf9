#include "src/base/result.h"
#include "src/sql/parse_tree.h"
#include "src/sql/parser_check.h"
#include "src/sql/statements.h"
#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

// One per thread, for its vectors: a statement then costs few allocations.
Walker& thread_walker() {
  thread_local Walker walker;
  return walker;
}

// A comment can hold anything, a value too.
bool has_comment(std::string_view text) {
  for (std::size_t at = 0; (at = text.find_first_of("-/", at)) != std::string_view::npos; ++at) {
    const std::string_view pair = text.substr(at, 2);
    if (pair == "--" || pair == "/*") return true;
  }
  return false;
}

}  // namespace

Analysis analyze(std::string_view sql_text, const catalog::Catalog& catalog,
                 std::span<const std::string> search_path) {
  require_trusted_parser();
  Analysis analysis;
  const ParseTree tree(sql_text);
  analysis.syntax_error = tree.error();
  StatementReader reader(thread_walker(), catalog, search_path);
  const bool comment = has_comment(sql_text);  // which may stand between statements, too
  analysis.statements.reserve(Nodes(tree.statements()).size());
  for (const Node* item : Nodes(tree.statements())) {
    const RawStmt& raw = as<RawStmt>(item);
    Statement& statement = analysis.statements.emplace_back(reader.read(raw.stmt));
    const Extent extent = extent_of(raw, sql_text);
    statement.offset = extent.offset;
    statement.length = extent.length;
    statement.has_constants = statement.has_constants || comment;
  }
  return analysis;
}

}  // namespace tracegate::sql
