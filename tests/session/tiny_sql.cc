#include "tests/session/tiny_sql.h"

#include <charconv>
#include <utility>

namespace tracegate::session::testing {
namespace {

// The words of a statement, taken from the front.
class Words {
 public:
  explicit Words(std::string_view text) : left_(text) {}
  std::string_view next() {
    const std::size_t space = left_.find(' ');
    const std::string_view word = left_.substr(0, space);
    left_ = space == std::string_view::npos ? std::string_view{} : left_.substr(space + 1);
    return word;
  }
  bool accept(std::string_view words) {
    const bool here = left_ == words || (left_.starts_with(words) && left_[words.size()] == ' ');
    if (here) left_.remove_prefix(left_ == words ? words.size() : words.size() + 1);
    return here;
  }
  bool number(std::size_t& out) {
    const std::string_view word = next();
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
    return error == std::errc{} && end == word.data() + word.size();
  }
  std::string rest() { return std::string(std::exchange(left_, {})); }
  [[nodiscard]] bool end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

bool parse_words(Words in, TinyStatement& out) {
  const auto is = [&](Verb verb) {
    out.verb = verb;
    return true;
  };
  const auto named = [&](Verb verb) {
    out.name = in.next();
    return is(verb) && !out.name.empty() && in.end();
  };
  if (in.accept("SELECT"))
    return is(Verb::kSelect) && in.number(out.rows) &&
           (in.end() || (in.accept("OF") && in.number(out.row_size) && in.accept("BYTES")));
  if (in.accept("INSERT")) {
    if (!in.number(out.rows)) return false;
    out.returning = in.accept("RETURNING");
    return is(Verb::kInsert) && in.end();
  }
  if (in.accept("FAIL")) return is(Verb::kFail) && (!in.accept("AFTER") || in.number(out.rows));
  if (in.accept("BEGIN")) return is(Verb::kBegin) && in.end();
  if (in.accept("COMMIT")) return is(Verb::kCommit) && in.end();
  if (in.accept("ROLLBACK")) return is(Verb::kRollback) && in.end();
  if (in.accept("PREPARE")) {
    out.name = in.next();
    if (out.name.empty() || !in.accept("AS")) return false;
    out.inner = in.rest();
    return is(Verb::kPrepare);
  }
  if (in.accept("EXECUTE")) return named(Verb::kExecute);
  if (in.accept("CREATE AS EXECUTE")) return named(Verb::kCreateAs);
  if (in.accept("DEALLOCATE ALL")) return is(Verb::kDeallocateAll) && in.end();
  if (in.accept("DEALLOCATE")) return named(Verb::kDeallocate);
  if (in.accept("DISCARD ALL")) return is(Verb::kDiscardAll) && in.end();
  if (in.accept("DECLARE")) {
    out.name = in.next();
    out.hold = in.accept("HOLD");
    if (out.name.empty() || !in.accept("FOR")) return false;
    out.inner = in.rest();
    return is(Verb::kDeclare);
  }
  if (in.accept("FETCH")) return in.number(out.rows) && named(Verb::kFetch);
  if (in.accept("CLOSE ALL")) return is(Verb::kCloseAll) && in.end();
  if (in.accept("CLOSE")) return named(Verb::kClose);
  if (in.accept("COPY FROM STDIN")) return is(Verb::kCopyIn) && in.end();
  if (in.accept("COPY MISSING FROM STDIN")) {
    out.missing = true;
    return is(Verb::kCopyIn) && in.end();
  }
  if (in.accept("COPY"))
    return is(Verb::kCopyOut) && in.number(out.rows) && in.accept("TO STDOUT") && in.end();
  if (in.accept("SET")) {
    out.name = in.next();
    out.value = in.rest();
    return is(Verb::kSet) && !out.value.empty();
  }
  return in.accept("NOTICE") && is(Verb::kNotice) && in.end();
}

}  // namespace

std::vector<TinyStatement> parse_tiny(std::string_view text) {
  std::vector<TinyStatement> statements;
  while (!text.empty()) {
    const std::size_t end = text.find("; ");
    TinyStatement statement;
    const std::string_view one = text.substr(0, end);
    if (!parse_words(Words(one), statement)) statement = {};
    // What PREPARE and DECLARE take is known to the grammar.
    if (statement.verb == Verb::kPrepare || statement.verb == Verb::kDeclare) {
      const auto inner = parse_tiny(statement.inner);
      const bool good = inner.size() == 1 &&
                        (inner[0].verb == Verb::kSelect || inner[0].verb == Verb::kFail ||
                         (inner[0].verb == Verb::kInsert && statement.verb == Verb::kPrepare));
      if (!good) statement = {};
    }
    statement.text = one;
    statements.push_back(std::move(statement));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 2);
  }
  return statements;
}

}  // namespace tracegate::session::testing
