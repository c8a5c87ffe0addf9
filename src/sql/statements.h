// Which kind of statement a tree is, and the facts that follow from the kind. The statements inside
// others (EXPLAIN, PREPARE, DECLARE) are read first, on their own.
// Threading: one thread.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "src/catalog/catalog.h"
#include "src/sql/analysis.h"
#include "src/sql/parse_tree.h"
#include "src/sql/walker.h"

namespace tracegate::sql {

// Settings are found whatever the case of their name: "Search_Path" is search_path.
[[nodiscard]] std::string fold_setting_name(std::string_view name);

// By the options of COPY TO; nothing if one of them is not understood, or the encoding is not UTF8.
[[nodiscard]] std::optional<proto::CopyFormat> copy_format_of(const List* options);

class StatementReader {
 public:
  StatementReader(Walker& walker, const catalog::Catalog& catalog,
                  std::span<const std::string> search_path)
      : walker_(walker), catalog_(catalog), search_path_(search_path) {}

  // All facts except offset and length. `tree` is the stmt of a RawStmt, or null.
  [[nodiscard]] Statement read(const Node* tree);

 private:
  void classify(const Node* tree, Statement& out);
  bool classify_query(const Node* tree, Statement& out);
  bool classify_session(const Node* tree, Statement& out);
  bool classify_utility(const Node* tree, Statement& out);
  void transaction(const TransactionStmt& statement, Statement& out);
  void copy(const CopyStmt& statement, Statement& out);
  void copy_out_columns(const CopyStmt& statement, const catalog::Relation& relation);
  void set(const VariableSetStmt& statement, Statement& out);
  void set_several(const VariableSetStmt& statement, Statement& out);
  void on_whole_relations(Operation operation, const List* relations);
  // Reads `tree` as the statement inside `out` and takes its facts over.
  void enclose(const Node* tree, Statement& out);

  Walker& walker_;
  const catalog::Catalog& catalog_;
  std::span<const std::string> search_path_;
};

}  // namespace tracegate::sql
