// A store for tests: tiny SQL behind a small faithful model of PostgreSQL's message loop. It knows
// what matters for a proxy: what is skipped after an error and until when, what an aborted
// transaction refuses, when answers are flushed, when names begin and end, and what COPY ignores.
//
// Source: PostgreSQL 15, src/backend/tcop/postgres.c (PostgresMain, exec_*_message),
// src/backend/tcop/pquery.c, src/backend/utils/mmgr/portalmem.c,
// src/backend/commands/copyfromparse.c.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto_pg/framer.h"
#include "proto_pg/frontend.h"
#include "src/base/bytes.h"
#include "src/policy/plan.h"
#include "tests/session/tiny_sql.h"

namespace tracegate::session::testing {

class PgModel {
 public:
  struct Hooks {
    // Refuses a text as a rule of the store would: the oracle for what a gateway's refusal looks
    // like.
    std::function<const policy::Denial*(std::string_view text)> refuse = {};
    std::function<void(std::string_view text)> on_text =
        {};  // of every Parse and Query that is not skipped
    // A FunctionCall is refused so.
    const policy::Denial* refuse_call = nullptr;
    std::function<void(const TinyStatement& statement)> on_run =
        {};  // before a statement does anything
    std::function<void(const TinyStatement& statement)> on_use =
        {};  // behind on_run: what EXECUTE or FETCH finds under its name
    std::function<void(const TinyStatement& statement)> on_done =
        {};  // with CommandComplete or PortalSuspended
  };

  PgModel() = default;
  explicit PgModel(Hooks hooks) : hooks_(std::move(hooks)) {}

  void receive(std::string_view bytes);
  // What the store has flushed since the last call.
  [[nodiscard]] std::string take_output() { return std::exchange(flushed_, {}); }
  // It said goodbye, or was told to.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::size_t statement_names() const { return statements_.size(); }

 private:
  enum class Transaction { kIdle, kImplicit, kBlock, kFailed };

  struct Prepared {
    bool empty = false;  // an empty text
    TinyStatement statement;
  };
  struct Portal {
    bool empty = false;
    TinyStatement statement;
    std::vector<std::string> rows;  // as DataRow messages
    std::string tag;                // first word of it, for rows
    proto::FormatCode format = 0;   // that its Describe says; the rows are the same
    std::size_t position = 0;
    bool ran = false;
    bool active = false;  // it runs, and fetches from itself
    bool hold = false;
    bool failed = false;
    bool of_this_transaction = true;
  };
  struct Copy {
    TinyStatement statement;
    bool extended = false;
    std::size_t rows = 0;
  };
  struct Failure {
    std::string sqlstate;
    std::string message;
    std::string hint;
    std::int32_t position = 0;
  };
  using Outcome = std::optional<Failure>;  // nothing: well

  void process(const proto::FrameHeader& header, ByteView body);
  Outcome exec_parse(const proto::Parse& parse);
  Outcome exec_bind(const proto::Bind& bind);
  Outcome exec_describe(const proto::Describe& describe);
  Outcome exec_execute(const proto::Execute& execute);
  void exec_query(std::string_view text);
  void continue_query();
  void process_copy(const proto::FrameHeader& header, ByteView body);
  // Runs the statement; rows and tag go to `portal`. Of COPY FROM it is only the beginning.
  Outcome run(const TinyStatement& statement, Portal& portal);
  Outcome run_fetch(const TinyStatement& statement, Portal& into);
  Outcome run_name(const TinyStatement& statement, Portal& portal);
  void run_transaction(const TinyStatement& statement, Portal& portal);
  Outcome refuse(std::string_view text);

  [[nodiscard]] bool returns_rows(const TinyStatement& statement) const;
  [[nodiscard]] bool finds_its_name(const TinyStatement& statement) const;
  void begin_command();
  void finish_command();
  void end_transaction();
  void fail(const Failure& failure, bool extended);
  void ready();
  void send(std::string_view bytes) { unflushed_ += bytes; }
  void flush() { flushed_ += std::exchange(unflushed_, {}); }
  void done(const TinyStatement& statement) {
    if (hooks_.on_done) hooks_.on_done(statement);
  }
  [[nodiscard]] bool refuses(const TinyStatement& statement) const {
    return transaction_ == Transaction::kFailed && !statement.ends_transaction();
  }

  Hooks hooks_;
  std::string inbox_;
  std::string unflushed_;
  std::string flushed_;
  std::map<std::string, Prepared, std::less<>> statements_;  // "" is the unnamed one
  std::map<std::string, Portal, std::less<>> portals_;
  Transaction transaction_ = Transaction::kIdle;
  bool ignore_till_sync_ = false;
  bool many_ = false;                // a Query with several statements: an implicit block
  std::deque<TinyStatement> query_;  // statements of the Query that are still to run
  int executing_ = 0;                // EXECUTE within EXECUTE
  std::optional<Copy> copy_;
  bool ended_ = false;
};

}  // namespace tracegate::session::testing
