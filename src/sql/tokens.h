// The tokens of a text, from PostgreSQL's own lexer. Only for .cc files of this folder.
// Threading: pure functions, within the thread of the ParseTree.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "src/sql/parse_tree.h"

namespace tracegate::sql {

// The token codes that the core scanner itself returns, in the order that parser/scanner.h demands
// of every parser on top of it; libpg_query adds the two kinds of comments. parser_check.cc probes
// them. Single characters stand for themselves; everything else is a keyword.
enum TokenCode : int {
  kIdentifier = 258,
  kUnicodeIdentifier,
  kFloat,
  kString,
  kUnicodeString,
  kBitString,
  kHexString,
  kOperator,
  kInteger,
  kParameter,
  kLineComment = 275,
  kBlockComment,
};

struct Token {
  int code = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view keyword;  // canonical spelling; empty if it is none
  int parameter = 0;         // n of $n

  [[nodiscard]] bool is_literal() const {
    return (code >= kFloat && code <= kHexString) || code == kInteger;
  }
  [[nodiscard]] bool is_comment() const { return code == kLineComment || code == kBlockComment; }
  [[nodiscard]] bool is_word() const { return code == kIdentifier || !keyword.empty(); }
};

// Calls `visit` with every token of the text of `tree`, comments included. The text has been parsed
// without an error: so the scanner cannot fail here (it would have no handler to jump to).
template <typename Visitor>
void for_each_token(const ParseTree& tree, Visitor visit) {
  core_yy_extra_type extra;
  const core_yyscan_t scanner = scanner_init(tree.text(), &extra, &ScanKeywords, ScanKeywordTokens);
  for (;;) {
    core_YYSTYPE value;
    YYLTYPE location = 0;
    const int code = core_yylex(&value, &location, scanner);
    if (code == 0) break;
    Token token;
    token.code = code;
    token.begin = static_cast<std::size_t>(location);
    // The scanner keeps a NUL behind the token it has just returned.
    token.end = token.begin + std::strlen(extra.scanbuf + location);
    if (code == kParameter) token.parameter = value.ival;
    if (code > kBlockComment) token.keyword = value.keyword;
    visit(token);
  }
  scanner_finish(scanner);
}

// All tokens but comments, with the depth of brackets at which each stands. An opening and its
// closing bracket stand at the depth of what is around them.
class TokenList {
 public:
  explicit TokenList(const ParseTree& tree);

  struct Entry {
    Token token;
    int depth = 0;  // open ( and [ around it
  };
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry& operator[](std::size_t index) const { return entries_[index]; }
  // The token that begins at byte `offset`; size() if none does.
  [[nodiscard]] std::size_t at(std::size_t offset) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace tracegate::sql
