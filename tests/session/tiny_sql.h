// The language that the session tests speak: so small that a judge and a store for it fit a page
// each, with a statement for every shape of answer that PostgreSQL gives. Words are upper case and
// separated by one space, statements of one text by "; ".
//
//   SELECT n [OF b BYTES]         n rows, each of b bytes if given
//   INSERT n [RETURNING]          writes; n rows with RETURNING
//   FAIL                          fails when it runs; FAIL AFTER n: behind n rows
//   BEGIN, COMMIT, ROLLBACK
//   PREPARE s AS statement, EXECUTE s, DEALLOCATE s, DEALLOCATE ALL, DISCARD ALL
//   DECLARE c FOR statement, DECLARE c HOLD FOR statement, FETCH n c, CLOSE c, CLOSE ALL
//   CREATE AS EXECUTE s           writes, whatever s is
//   COPY FROM STDIN, COPY MISSING FROM STDIN (fails at its start), COPY n TO STDOUT
//   SET x value                   the store reports it with ParameterStatus
//   NOTICE                        the store sends a NoticeResponse
//
// Anything else is a syntax error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <vector>

namespace tracegate::session::testing {

enum class Verb {
  kSelect,
  kInsert,
  kFail,
  kBegin,
  kCommit,
  kRollback,
  kPrepare,
  kExecute,
  kDeallocate,
  kCreateAs,
  kDeallocateAll,
  kDiscardAll,
  kDeclare,
  kFetch,
  kClose,
  kCloseAll,
  kCopyIn,
  kCopyOut,
  kSet,
  kNotice,
  kSyntaxError,
};

struct TinyStatement {
  Verb verb = Verb::kSyntaxError;
  std::string text;
  std::string name;   // of a prepared statement, cursor or setting
  std::string value;  // of a setting
  std::string inner;  // text inside PREPARE and DECLARE
  std::size_t rows = 0;
  std::size_t row_size = 0;  // 0: as long as it takes
  bool returning = false;
  bool hold = false;
  bool missing = false;

  [[nodiscard]] bool ends_transaction() const {
    return verb == Verb::kCommit || verb == Verb::kRollback;
  }
};

// Empty for an empty text.
[[nodiscard]] std::vector<TinyStatement> parse_tiny(std::string_view text);

// The text that the session sends in place of a refused one.
inline constexpr std::string_view kRefused = "SELECT tracegate_denied.by_policy";

}  // namespace tracegate::session::testing
