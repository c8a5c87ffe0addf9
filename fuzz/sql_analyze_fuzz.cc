// Any text is answered: judged, refused or not parsed; nothing of it borrows, overflows or hangs.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/base/utf8.h"
#include "src/sql/analysis.h"

namespace {

using namespace tracegate;

const catalog::Catalog& store() {
  static const auto catalog = [] {
    std::vector<catalog::Relation> relations;
    relations.push_back({1,
                         "public",
                         "traces",
                         catalog::RelationKind::kTable,
                         {{"id", 1, 25}, {"ns", 2, 25}, {"prompt", 3, 25}, {"secret", 4, 25}}});
    relations.push_back({2,
                         "public",
                         "events",
                         catalog::RelationKind::kTable,
                         {{"trace_id", 1, 25}, {"kind", 2, 25}, {"payload", 3, 25}}});
    relations.push_back({3,
                         "public",
                         "feedback",
                         catalog::RelationKind::kTable,
                         {{"trace_id", 1, 25}, {"score", 2, 25}, {"comment", 3, 25}}});
    return catalog::Catalog::build(1, std::move(relations));
  }();
  return *catalog;
}

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const sql::Statement& statement, std::string_view text) {
  require(statement.offset <= text.size() && statement.length <= text.size() - statement.offset);
  if (statement.statement_class == sql::StatementClass::kUnknown)
    require(statement.refusal.has_value());
  for (const sql::Need& need : statement.needs) {
    require(sql::is_on_relation(need.operation));
    require(store().find(need.schema, need.relation) != nullptr);
    require(!need.columns.all || need.columns.names.empty());
    for (std::size_t i = 1; i < need.columns.names.size(); ++i)
      require(need.columns.names[i - 1] < need.columns.names[i]);
    // Who may write needs a statement that is known to write.
    const bool reads =
        need.operation == sql::Operation::kSelect || need.operation == sql::Operation::kCopyOut;
    require(reads || statement.writes);
  }
  for (const std::string& function : statement.functions)
    require(sql::is_pure_function(function) || statement.writes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find('\0') != std::string_view::npos || !is_valid_utf8(text)) return 0;
  static const std::vector<std::string> path = {"public"};
  const sql::Analysis analysis = sql::analyze(text, store(), path);
  require(!analysis.syntax_error || analysis.statements.empty());
  for (const sql::Statement& statement : analysis.statements) check(statement, text);
  const std::string shown = sql::replace_constants(text);
  require(analysis.syntax_error.has_value() ? shown.empty() : true);
  return 0;
}
