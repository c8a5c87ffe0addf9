// Any text that parses is rewritten, left as it is or refused for what it is; what is rewritten
// parses again, keeps the client's words and shows nothing but views. That the proof in rewrite()
// itself fails is a finding, too: it stands behind the rewriting, not in its place.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/base/utf8.h"
#include "src/sql/analysis.h"
#include "src/sql/rewrite.h"

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
                         {{"trace_id", 1, 25}, {"kind", 2, 25}, {"payload", 3, 3802}}});
    relations.push_back({3,
                         "public",
                         "feedback",
                         catalog::RelationKind::kTable,
                         {{"trace_id", 1, 25}, {"score", 2, 23}, {"comment", 3, 25}}});
    return catalog::Catalog::build(1, std::move(relations));
  }();
  return *catalog;
}

class AllViews : public sql::Views {
 public:
  const sql::RelationView* find(const catalog::Relation& relation) const override {
    static const sql::RelationView traces = {
        {{"id", ""}, {"ns", ""}, {"prompt", ""}},
        R"("tracegate"."ns" OPERATOR(pg_catalog.=) 'a''"tracegate"')",
        {{"ns", "$value OPERATOR(pg_catalog.=) 'a''$value'", "pg_catalog.text"}}};
    static const sql::RelationView events = {{{"trace_id", ""}, {"kind", ""}}, "", {}};
    if (relation.name == "traces") return &traces;
    if (relation.name == "events") return &events;
    return nullptr;
  }
  sql::Guard guard_of(sql::ObjectKind kind) const override {
    if (kind == sql::ObjectKind::kNothing) return {{}, {}, "false"};
    return {"pg_catalog.pg_class", "oid", R"("tracegate"."oid" OPERATOR(pg_catalog.=) '1')"};
  }
  bool has_schema(std::string_view name) const override { return name == "public"; }
  bool is_blind(const catalog::Relation& relation) const override {
    return relation.name == "feedback";
  }
};

bool calls_partition_ancestors(std::string_view text) {
  std::string folded(text);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded.find("pg_partition_ancestors") != std::string::npos;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find('\0') != std::string_view::npos || !is_valid_utf8(text)) return 0;
  static const std::vector<std::string> path = {"public"};
  const sql::Analysis analysis = sql::analyze(text, store(), path);
  if (analysis.syntax_error) return 0;
  for (const sql::Statement& statement : analysis.statements)
    if (statement.refusal) return 0;  // policy refuses it before it comes to this
  const sql::Rewriting result = sql::rewrite(text, store(), path, AllViews());
  for (const sql::OfferedRows& each : result.offered)
    require(each.statement < analysis.statements.size() && each.rows > 0);
  if (result.refusal) {
    require(result.text.empty() && result.statement < analysis.statements.size());
    require(result.refusal->construct !=
            "the statement could not be limited to what the role may see");
    return 0;
  }
  if (result.text.empty()) return 0;
  std::size_t in_store = 0;
  std::size_t in_client = 0;
  for (const sql::CopiedPiece& piece : result.pieces) {
    require(piece.begin >= in_store && piece.source >= in_client);
    in_store = std::size_t{piece.begin} + piece.length;
    in_client = std::size_t{piece.source} + piece.length;
    require(in_store <= result.text.size() && in_client <= text.size());
    require(std::string_view(result.text).substr(piece.begin, piece.length) ==
            text.substr(piece.source, piece.length));
  }
  const sql::Analysis again = sql::analyze(result.text, store(), path);
  require(!again.syntax_error && again.statements.size() == analysis.statements.size());
  for (std::size_t i = 0; i < again.statements.size(); ++i) {
    require(again.statements[i].statement_class == analysis.statements[i].statement_class);
    // What the view does not show might be a function to the analysis, which then counts as a
    // write.
    require(again.statements[i].writes || !analysis.statements[i].writes ||
            calls_partition_ancestors(text));  // replaced by unnest
  }
  return 0;
}
