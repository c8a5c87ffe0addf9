// The corpus of PostgreSQL's syntax, tests/corpus/statements/*.txt: an example of every statement
// of its SQL reference and of every clause of those that are rewritten.
//
//   # SELECT: LATERAL
//   SELECT t.id, s.n FROM traces t, LATERAL (SELECT count(*) AS n FROM steps
//     WHERE trace_id = t.id) s ORDER BY t.id
//   => yes
//
// A heading names the statement, and behind a colon the clause; several examples may follow. The
// line that begins with "=> " ends an example and says what becomes of it for the roles of
// tests/corpus/statements/roles.toml:
//
//   yes             permitted, and answered as by a database that holds nothing but what the role
//                   may see
//   fails 42703     permitted, and that database and the store fail with this SQLSTATE
//   out of scope    permitted, and a value that it writes is not one that the role may write
//   differs 42703   permitted, and the store fails with this SQLSTATE where that database does not:
//                   a difference that docs/statements.md explains
//   refused 42501   the gateway refuses it with this SQLSTATE
//
// "=> refused 42501; restricted yes" says it for all roles first, and then for one. Lines that
// begin with "<- " are the data of a COPY ... FROM STDIN.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tracegate::statements {

inline constexpr const char* kRestricted = "restricted";  // may do everything, without a scope
inline constexpr const char* kReader = "reader";          // reads some columns, in scope
inline constexpr const char* kWriter = "writer";          // reads and writes all columns, in scope

struct Example {
  std::string command;  // "SELECT"
  std::string clause;   // "LATERAL"; empty: the statement as such
  std::string text;
  std::string copy_data;
  std::map<std::string, std::string> expected;  // by role
  std::string place;                            // "select.txt:12"

  [[nodiscard]] std::string heading() const {
    return clause.empty() ? command : command + ": " + clause;
  }
};

// Every example, in order of the files' names. Terminates if a file is not of the form above.
[[nodiscard]] const std::vector<Example>& corpus();

// The kind of each statement of a text, as the parser names its nodes ("SelectStmt"); empty if it
// does not parse.
[[nodiscard]] std::vector<std::string> kinds_of(const std::string& text);

// Every kind of statement that the parser can make of a text, from the headers of PostgreSQL 15.
[[nodiscard]] std::vector<std::string> all_kinds();

}  // namespace tracegate::statements
