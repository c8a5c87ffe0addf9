// replace_constants(): what of a text may be shown or recorded although its values must not be.
//
// Works on the tokens of PostgreSQL's own lexer, not on the tree: every token that is a literal is
// replaced, wherever the grammar allows one, so that no kind of statement can be forgotten.
// Comments are left out. Identifiers stay: names of tables, columns, roles and channels are what a
// record is for.
#include "src/sql/parse_tree.h"
#include "src/sql/parser_check.h"
#include "src/sql/tokens.h"

namespace tracegate::sql {
namespace {

int highest_parameter(const ParseTree& tree, std::string_view text) {
  int highest = 0;
  if (text.find('$') == std::string_view::npos) return highest;
  for_each_token(tree, [&](const Token& token) { highest = std::max(highest, token.parameter); });
  return highest;
}

// SET x TO word: the word is a value without quotes.
bool assigns_words(const Node* statement) {
  switch (static_cast<int>(statement->type)) {
    case T_VariableSetStmt:
      return as<VariableSetStmt>(statement).kind == VAR_SET_VALUE;
    case T_AlterRoleSetStmt:
    case T_AlterDatabaseSetStmt:
    case T_AlterSystemStmt:
      return true;
    default:
      return false;
  }
}

// Whether NULL, TRUE and FALSE are values there rather than part of a definition.
bool has_value_keywords(const Node* statement) {
  switch (static_cast<int>(statement->type)) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_PrepareStmt:
    case T_ExecuteStmt:
    case T_ExplainStmt:
    case T_DeclareCursorStmt:
    case T_CallStmt:
      return true;
    case T_CopyStmt:
      return as<CopyStmt>(statement).query != nullptr;  // else NULL is an option
    default:
      return false;
  }
}

class Replacer {
 public:
  Replacer(const ParseTree& tree, std::string_view sql_text)
      : tree_(tree),
        text_(sql_text),
        statements_(tree.statements()),
        next_number_(highest_parameter(tree, sql_text) + 1) {
    out_.reserve(sql_text.size());
  }

  std::string run() {
    for_each_token(tree_, [this](const Token& token) { take(token); });
    return std::move(out_);
  }

 private:
  void take(const Token& token) {
    if (token.is_comment()) {
      comment_before_ = true;
      return;
    }
    enter_statement_at(token.begin);
    append_gap(token);
    if (token.is_literal() || is_value_word(token)) {
      out_.push_back('$');
      out_.append(std::to_string(next_number_++));
      replaced_ = true;
    } else {
      out_.append(text_.substr(token.begin, token.end - token.begin));
      replaced_ = false;
    }
    if (token.code == '=' || token.keyword == "to" || token.keyword == "zone") assigned_ = true;
    if (token.code == ';') assigned_ = false;
    before_previous_ = previous_;
    previous_ = token.keyword;
    end_ = token.end;
    comment_before_ = false;
  }

  // Advances to the statement that a token at `position` belongs to.
  void enter_statement_at(std::size_t position) {
    while (statement_ + 1 < statements_.size() &&
           position >=
               static_cast<std::size_t>(as<RawStmt>(statements_[statement_ + 1]).stmt_location))
      ++statement_;
  }

  // What stood between the last token and this one: white space as it was, one space for comments,
  // and one where a value stood directly in front of a word.
  void append_gap(const Token& token) {
    if (out_.empty()) return;
    if (comment_before_) {
      out_.push_back(' ');
    } else if (end_ < token.begin) {
      out_.append(text_.substr(end_, token.begin - end_));
    } else if (replaced_ && (token.is_word() || token.is_literal() || token.code == kParameter)) {
      out_.push_back(' ');
    }
  }

  [[nodiscard]] bool is_value_word(const Token& token) const {
    if (statements_.size() == 0 || !token.is_word()) return false;
    const Node* statement = as<RawStmt>(statements_[statement_]).stmt;
    if (assigned_ && assigns_words(statement)) return true;
    if (!has_value_keywords(statement)) return false;
    const bool tested = previous_ == "is" || (previous_ == "not" && before_previous_ == "is");
    if (token.keyword == "null") return !tested && previous_ != "not";
    return (token.keyword == "true" || token.keyword == "false") && !tested;
  }

  const ParseTree& tree_;
  std::string_view text_;
  Nodes statements_;
  int next_number_;
  std::string out_;
  std::size_t statement_ = 0;
  std::size_t end_ = 0;  // of the last token that was taken
  bool comment_before_ = false;
  bool replaced_ = false;
  bool assigned_ = false;
  std::string_view previous_;  // the last two keywords, if the last two tokens were any
  std::string_view before_previous_;
};

}  // namespace

std::string replace_constants(std::string_view sql_text) {
  require_trusted_parser();
  const ParseTree tree(sql_text);
  if (tree.error()) return {};
  return Replacer(tree, sql_text).run();
}

}  // namespace tracegate::sql
