// Turns SQL text into facts about it. Never executes it, never guesses: what it does not understand
// it reports as refused, and policy denies what is refused.
//
// The text is parsed by PostgreSQL's own parser (libpg_query 15) and its tree is walked in place as
// PostgreSQL's own nodes. Every node kind is either handled or makes the statement refused: a
// construct that nobody listed is never let through.
//
// Columns are over-approximated: an unqualified column counts as read from every relation visible
// where it stands that has a column of that name, a whole row (t, t.*, *) as every column, and a
// name that cannot be placed as every column of everything visible. So a fact may name a column too
// many, never one too few. docs/sql.md says for each kind of statement what comes out.
//
// Thread-safe. The result does not borrow from `sql_text`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/copy_format.h"
#include "src/base/result.h"
#include "src/catalog/catalog.h"

namespace tracegate::sql {

// Whether the parser in this program builds the parse trees that it was compiled for. To be called
// once at start, before anything is served; analyze() terminates the program if it is not so.
[[nodiscard]] Status check_parser();

// What kind of statement it is, in the words under which it is recorded and reported.
enum class StatementClass : std::uint8_t {
  kSelect,
  kInsert,
  kUpdate,
  kDelete,
  kMerge,
  kTruncate,
  kCopyIn,
  kCopyOut,
  kExplain,
  kPrepare,
  kExecute,
  kDeallocate,
  kDeclareCursor,
  kFetch,
  kCloseCursor,
  kTransaction,  // BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, two-phase commit
  kSet,
  kShow,
  kDiscard,  // SET, RESET, SET TRANSACTION are kSet
  kListen,
  kNotify,
  kUnlisten,
  kLock,
  kCall,
  kDo,
  kMaintenance,  // VACUUM, ANALYZE, CLUSTER, REINDEX, CHECKPOINT, REFRESH
  kDdl,          // everything that defines, alters, grants or drops
  kUnknown,      // a node kind that nobody listed; always refused
};
[[nodiscard]] std::string_view to_string(
    StatementClass statement_class);  // "select", "copy_in", ...

// What a role may be permitted to do; the names in policy files.
enum class Operation : std::uint8_t {
  kSelect,
  kInsert,
  kUpdate,
  kDelete,
  kTruncate,
  kCopyIn,
  kCopyOut,
  kLock,  // on relations
  kDdl,
  kCall,
  kDo,
  kExplain,
  kListen,
  kNotify,
  kMaintenance,
  kTwoPhase,  // of the statement
};
[[nodiscard]] std::string_view to_string(Operation operation);
[[nodiscard]] std::optional<Operation> operation_from_string(std::string_view name);
// Whether the operation is permitted on tables (kSelect ... kLock) rather than as such.
[[nodiscard]] bool is_on_relation(Operation operation);

// A set of columns of one relation.
struct ColumnUse {
  bool all = false;  // the whole row, or the row itself (DELETE, TRUNCATE)
  std::vector<std::string>
      names;  // sorted, unique; empty with all=false: the relation only, as in count(*)
};

// One permission that a statement needs.
struct Need {
  Operation operation = Operation::kSelect;
  std::string schema;  // resolved; never empty
  std::string relation;
  ColumnUse columns;
  // For kSelect: what of `columns` is read of the target of a write, as in UPDATE t ... RETURNING
  // t.c. The rest is read through FROM, where rewrite() puts a view in the relation's place.
  ColumnUse of_target;
  std::int32_t location = -1;  // byte offset of the reference in the text; -1 if it has none
  // For kSelect: nothing but an ON CONFLICT DO NOTHING reads it, by not counting rows that exist.
  bool of_conflicts = false;
};

// What a statement does to the names of prepared statements and cursors (portals) of its session.
enum class NameAction : std::uint8_t {
  kNone,
  kPrepare,
  kExecute,
  kDeallocate,
  kDeallocateAll,
  kDeclare,
  kFetch,
  kClose,
  kCloseAll,
  kDiscardAll,
  kUnknown,  // DO: its code may make, remove and replace any
};

struct SettingChange {
  std::string name;                 // lower case: "search_path"; "" for RESET ALL
  std::vector<std::string> values;  // as written, constants only; empty for DEFAULT and RESET
  bool reset = false;               // RESET or TO DEFAULT
};

// Why a statement is refused whatever the policy of a restricted role says.
struct Refusal {
  std::string sqlstate;   // "42501", or PostgreSQL's own code where it has one ("42P01")
  std::string construct;  // one sentence: "function pg_read_file is not on the list of ..." is
                          // policy's; here: "COPY to or from a file or program is not supported"
  std::int32_t location = -1;
  std::string hint = {};  // what to do instead; empty: nothing to say beyond who refused it
};

// Something that is not PostgreSQL's own and that a statement may run or make values of, beside or
// instead of what PostgreSQL has under the same name.
struct UserDefined {
  enum class Kind : std::uint8_t { kFunction, kOperator, kType, kCast };
  Kind kind = Kind::kFunction;
  std::string name;        // as in Statement::functions, with its schema; of a cast: its function
  std::string short_name;  // without; empty if a name without schema cannot mean it
  std::string signature;   // "public.length(integer)", "cast from integer to text"
  std::string extension;   // that it belongs to; empty: none
  bool security_definer = false;
  bool is_volatile = false;
  // The entry of Statement::functions that means this, or another of the same entry, and nothing of
  // PostgreSQL's own; empty if there is none.
  std::string explains;
};

struct Statement {
  StatementClass statement_class = StatementClass::kUnknown;
  std::uint32_t offset = 0;  // of the statement in the text, in bytes
  std::uint32_t length = 0;
  std::vector<Operation> operations;  // those that are not on a relation (kDdl, kExplain, ...)
  std::vector<Need> needs;            // one for each (operation, relation), columns merged
  // Functions called, as written and folded: "lower", "pg_catalog.lower", "public.f"; and whatever
  // runs a function without looking like a call, under its name: types that are cast to and
  // operators that PostgreSQL does not bring along ("regclass", "mood", "<=>", "public.+"), f of
  // (x).f. A part with a dot in it stands in double quotes. Sorted, unique.
  std::vector<std::string> functions;
  // What a name above, a built-in name or symbol that is not listed above, or a cast may mean in
  // this database (meanings.h). Each once.
  std::vector<UserDefined> user_defined;
  std::vector<SettingChange> settings;
  std::vector<std::string> shown_settings;  // SHOW x; "all" for SHOW ALL
  // SELECT FOR UPDATE / FOR SHARE, nextval and the like are writes; so is everything not known to
  // be a pure read or a change of session state. A SELECT that calls a function for which
  // is_pure_function() is false, or may run something volatile of `user_defined`, counts as a
  // write. EXPLAIN, PREPARE and DECLARE write if the
  // statement inside does.
  bool writes = true;
  bool copies_in = false;   // COPY FROM STDIN: the client will send CopyData
  bool copies_out = false;  // COPY TO STDOUT
  // Of COPY TO STDOUT, in what format; nothing if an option is not understood.
  std::optional<proto::CopyFormat> copy_format;
  // It contains literals, or the text comments: values that must not be copied into records of
  // writes.
  bool has_constants = false;
  NameAction name_action = NameAction::kNone;
  std::string name;        // of the prepared statement or cursor in name_action
  bool with_hold = false;  // DECLARE ... WITH HOLD
  // The statement inside PREPARE, EXPLAIN [ANALYZE] and DECLARE CURSOR. Its needs, operations,
  // functions and refusal are also merged into this one; so a caller judges only the outer one.
  std::shared_ptr<const Statement> inner;
  // When set, needs and functions may be incomplete; class, copies_in, copies_out, name_action and
  // name are right all the same, and `writes` is at least true where anything was left unseen.
  std::optional<Refusal> refusal;
};

struct SyntaxError {
  // PostgreSQL's own words: syntax error at or near "selec". Quotes the text, values too.
  std::string message;
  std::int32_t character = 0;  // position in characters from 1, as the error field P; 0 if none
};

struct Analysis {
  std::vector<Statement> statements;  // empty for an empty text or one that holds only comments
  std::optional<SyntaxError> syntax_error;  // then `statements` is empty
};

// `sql_text` must be valid UTF-8 without NUL (callers check; a NUL cannot be in a protocol string).
// Relations are looked up in `catalog`; one that it does not know makes the statement refused with
// 42P01 (for names of CTEs in scope this does not apply). Never fails otherwise.
[[nodiscard]] Analysis analyze(std::string_view sql_text, const catalog::Catalog& catalog,
                               std::span<const std::string> search_path);

// `sql_text` with every constant replaced by $n, as pg_stat_statements shows it. For a text that
// does not parse: the empty string (nothing of it may be shown).
[[nodiscard]] std::string replace_constants(std::string_view sql_text);

// Whether `name` ("lower", "pg_catalog.lower") is a built-in function known to be free of side
// effects and to read neither relations nor files nor other sessions nor settings.
[[nodiscard]] bool is_pure_function(std::string_view name);

}  // namespace tracegate::sql
