#include "tests/session/pg_model.h"

#include <algorithm>
#include <utility>

#include "tests/session/messages.h"

namespace tracegate::session::testing {
namespace {

constexpr std::size_t kNameLength = 63;  // NAMEDATALEN - 1
constexpr int kMaxDepth = 50;            // of EXECUTE within EXECUTE, as max_stack_depth

std::string stored(std::string_view name) {
  return std::string(name.substr(0, kNameLength));
}

bool is_query(const TinyStatement& statement) {
  switch (statement.verb) {
    case Verb::kSelect:
    case Verb::kFail:
    case Verb::kExecute:
    case Verb::kFetch:
      return true;
    case Verb::kInsert:
      return statement.returning;
    case Verb::kBegin:
    case Verb::kCommit:
    case Verb::kRollback:
    case Verb::kPrepare:
    case Verb::kCreateAs:
    case Verb::kDeallocate:
    case Verb::kDeallocateAll:
    case Verb::kDiscardAll:
    case Verb::kDeclare:
    case Verb::kClose:
    case Verb::kCloseAll:
    case Verb::kCopyIn:
    case Verb::kCopyOut:
    case Verb::kSet:
    case Verb::kNotice:
    case Verb::kSyntaxError:
      return false;
  }
  return false;
}

constexpr const char* kAborted =
    "current transaction is aborted, commands ignored until end of transaction block";

}  // namespace

// Of EXECUTE, what it executes decides: a COPY that was prepared by Parse returns none.
bool PgModel::returns_rows(const TinyStatement& statement) const {
  const TinyStatement* inner = &statement;
  for (int depth = 0; inner->verb == Verb::kExecute && depth < kMaxDepth; ++depth) {
    const auto found = statements_.find(stored(inner->name));
    if (found == statements_.end()) break;
    inner = &found->second.statement;
  }
  return is_query(*inner);
}

void PgModel::receive(std::string_view bytes) {
  inbox_ += bytes;
  const proto::Framer framer(proto::Direction::kFromClient, {.hold_bind = proto::kMaxBody});
  std::size_t at = 0;
  while (!ended_) {
    const ByteView rest = as_bytes(inbox_).subspan(at);
    proto::FrameHeader header;
    proto::DecodeError error;
    const auto status = framer.peek(rest, header, error);
    if (status == proto::PeekStatus::kError) {
      send(answer::fatal("08P01", "invalid frontend message type"));
      flush();
      ended_ = true;
      break;
    }
    if (status != proto::PeekStatus::kWhole) break;
    process(header, proto::body_of(rest, header));
    at += header.total();
  }
  inbox_.erase(0, at);
}

void PgModel::process(const proto::FrameHeader& header, ByteView body) {
  using T = proto::FrontendType;
  const T type = header.frontend();
  if (copy_) return process_copy(header, body);
  if (type == T::kSync) ignore_till_sync_ = false;
  if (type == T::kTerminate) {
    ended_ = true;
    return;
  }
  if (ignore_till_sync_) return;
  Outcome outcome;
  switch (type) {
    case T::kQuery: {
      proto::Query query;
      if (proto::decode(body, query)) break;
      return exec_query(query.text);
    }
    case T::kParse: {
      proto::Parse parse;
      if (!proto::decode(body, parse)) outcome = exec_parse(parse);
      break;
    }
    case T::kBind: {
      proto::Bind bind;
      if (proto::decode(body, bind))
        outcome = Failure{"08P01", "invalid message format", {}};
      else
        outcome = exec_bind(bind);
      break;
    }
    case T::kDescribe: {
      proto::Describe describe;
      if (!proto::decode(body, describe)) outcome = exec_describe(describe);
      break;
    }
    case T::kExecute: {
      proto::Execute execute;
      if (!proto::decode(body, execute)) outcome = exec_execute(execute);
      break;
    }
    case T::kClose: {
      proto::Close close;
      if (proto::decode(body, close)) break;
      if (close.target == proto::Target::kStatement)
        statements_.erase(stored(close.name));
      else
        portals_.erase(stored(close.name));
      send(answer::close_complete());
      break;
    }
    case T::kFlush:
      flush();
      break;
    case T::kSync:
      finish_command();
      ready();
      break;
    case T::kFunctionCall:
      begin_command();
      if (hooks_.refuse_call) statements_.erase("");  // as the Query in its place does
      if (transaction_ == Transaction::kFailed) {
        fail({"25P02", kAborted, {}}, false);
      } else if (const policy::Denial* denial = hooks_.refuse_call) {
        fail({denial->sqlstate, denial->message, denial->hint}, false);
      } else {
        send(answer::function_result("7"));
        finish_command();
      }
      ready();
      break;
    case T::kTerminate:
    case T::kCopyData:
    case T::kCopyDone:
    case T::kCopyFail:
      break;  // PostgreSQL ignores what a failed COPY left over
    case T::kPassword:
      send(answer::fatal("08P01", "invalid frontend message type 112"));
      flush();
      ended_ = true;
      break;
  }
  if (outcome) fail(*outcome, true);
}

PgModel::Outcome PgModel::refuse(std::string_view text) {
  if (text == kRefused)
    return Failure{"42P01", "missing FROM-clause entry for table \"tracegate_denied\"", {}};
  if (hooks_.on_text) hooks_.on_text(text);
  if (!hooks_.refuse) return {};
  if (const policy::Denial* denial = hooks_.refuse(text))
    return Failure{denial->sqlstate, denial->message, denial->hint, denial->position};
  return {};
}

PgModel::Outcome PgModel::exec_parse(const proto::Parse& parse) {
  begin_command();
  if (parse.statement.empty()) statements_.erase("");
  const auto statements = parse_tiny(parse.query);
  const bool exits = statements.size() == 1 && statements[0].ends_transaction();
  const Outcome refused = refuse(parse.query);
  if (transaction_ == Transaction::kFailed && (refused || (!statements.empty() && !exits)))
    return Failure{"25P02", kAborted, {}};
  if (refused) return refused;
  for (const TinyStatement& statement : statements)
    if (statement.verb == Verb::kSyntaxError) return Failure{"42601", "syntax error", {}};
  if (statements.size() > 1)
    return Failure{"42601", "cannot insert multiple commands into a prepared statement", {}};
  if (!parse.statement.empty() && statements_.contains(stored(parse.statement)))
    return Failure{
        "42P05", "prepared statement \"" + std::string(parse.statement) + "\" already exists", {}};
  Prepared& made = statements_[stored(parse.statement)];
  made.empty = statements.empty();
  if (!made.empty) made.statement = statements[0];
  send(answer::parse_complete());
  return {};
}

PgModel::Outcome PgModel::exec_bind(const proto::Bind& bind) {
  begin_command();
  const auto found = statements_.find(stored(bind.statement));
  if (found == statements_.end())
    return Failure{"26000",
                   bind.statement.empty() ? "unnamed prepared statement does not exist"
                                          : "prepared statement \"" + std::string(bind.statement) +
                                                "\" does not exist",
                   {}};
  const Prepared& prepared = found->second;
  if (!prepared.empty && refuses(prepared.statement)) return Failure{"25P02", kAborted, {}};
  const std::string name = stored(bind.portal);
  if (!name.empty() && portals_.contains(name))
    return Failure{"42P03", "cursor \"" + name + "\" already exists", {}};
  portals_.erase(name);
  for (const proto::Value& value : bind.parameters)
    if (value && as_text(*value) == "bad") return Failure{"22P02", "invalid input syntax", {}};
  if (bind.result_formats.size() > 1 && returns_rows(prepared.statement))
    return Failure{"08P01",
                   "bind message has " + std::to_string(bind.result_formats.size()) +
                       " result formats but query has 1 columns",
                   {}};
  Portal& portal = portals_[name];
  if (!bind.result_formats.empty()) portal.format = bind.result_formats[0];
  portal.empty = prepared.empty;
  portal.statement = prepared.statement;
  send(answer::bind_complete());
  return {};
}

PgModel::Outcome PgModel::exec_describe(const proto::Describe& describe) {
  begin_command();
  const std::string name = stored(describe.name);
  const TinyStatement* statement = nullptr;
  proto::FormatCode format = proto::kTextFormat;
  if (describe.target == proto::Target::kStatement) {
    const auto found = statements_.find(name);
    if (found == statements_.end())
      return Failure{"26000", "prepared statement \"" + name + "\" does not exist", {}};
    statement = &found->second.statement;
  } else {
    const auto found = portals_.find(name);
    if (found == portals_.end())
      return Failure{"34000", "portal \"" + name + "\" does not exist", {}};
    statement = &found->second.statement;
    format = found->second.format;
  }
  if (transaction_ == Transaction::kFailed && returns_rows(*statement))
    return Failure{"25P02", kAborted, {}};
  if (describe.target == proto::Target::kStatement) send(answer::parameters());
  send(returns_rows(*statement) ? answer::columns(format) : answer::no_data());
  return {};
}

PgModel::Outcome PgModel::exec_execute(const proto::Execute& execute) {
  begin_command();
  const std::string name = stored(execute.portal);
  const auto found = portals_.find(name);
  if (found == portals_.end())
    return Failure{"34000", "portal \"" + std::string(execute.portal) + "\" does not exist", {}};
  if (found->second.empty) {
    send(answer::empty_query());
    return {};
  }
  const TinyStatement statement = found->second.statement;
  if (refuses(statement)) return Failure{"25P02", kAborted, {}};
  const bool gives_rows = returns_rows(statement);  // it may remove the name
  if (found->second.failed || (found->second.ran && !gives_rows))
    return Failure{"55000", "portal \"" + name + "\" cannot be run", {}};
  Portal portal = found->second;  // what it runs may end it
  if (!portal.ran) {
    portal.ran = true;
    if (hooks_.on_run) hooks_.on_run(statement);
    if (Outcome failure = run(statement, portal)) {
      for (const std::string& row : portal.rows) send(row);
      return failure;
    }
    if (copy_) {
      copy_->extended = true;
      portals_.erase(name);
      return {};
    }
  } else if (hooks_.on_run) {
    hooks_.on_run(statement);
  }
  const std::size_t left = portal.rows.size() - portal.position;
  const std::size_t limit =
      execute.max_rows > 0 ? static_cast<std::size_t>(execute.max_rows) : left + 1;
  const std::size_t count = gives_rows ? std::min(left, limit) : 0;
  for (std::size_t i = 0; i < count; ++i) send(portal.rows[portal.position + i]);
  portal.position += count;
  done(statement);
  if (gives_rows && count == limit)
    send(answer::suspended());
  else if (gives_rows)
    send(answer::complete(portal.tag + " " + std::to_string(count)));
  else
    send(answer::complete(portal.tag));
  if (const auto still = portals_.find(name); still != portals_.end()) still->second = portal;
  if (statement.ends_transaction()) end_transaction();
  return {};
}

void PgModel::exec_query(std::string_view text) {
  begin_command();
  statements_.erase("");
  const auto statements = parse_tiny(text);
  if (const Outcome refused = refuse(text)) {
    fail(transaction_ == Transaction::kFailed ? Failure{"25P02", kAborted, {}} : *refused, false);
    return ready();
  }
  for (const TinyStatement& statement : statements) {
    if (statement.verb != Verb::kSyntaxError) continue;
    fail({"42601", "syntax error", {}}, false);
    return ready();
  }
  if (statements.empty()) {
    send(answer::empty_query());
    finish_command();
    return ready();
  }
  query_.assign(statements.begin(), statements.end());
  many_ = statements.size() > 1;
  continue_query();
}

void PgModel::continue_query() {
  while (!query_.empty()) {
    const TinyStatement statement = query_.front();
    query_.pop_front();
    begin_command();
    if (refuses(statement)) {
      fail({"25P02", kAborted, {}}, false);
      return ready();
    }
    portals_.erase("");
    Portal portal;
    if (hooks_.on_run) hooks_.on_run(statement);
    const bool gives_rows = returns_rows(statement);  // it may remove the name
    if (gives_rows && finds_its_name(statement)) send(answer::columns());
    Outcome failure = run(statement, portal);
    for (const std::string& row : portal.rows) send(row);
    if (failure) {
      fail(*failure, false);
      return ready();
    }
    if (copy_) return;  // CopyDone goes on from here
    done(statement);
    send(answer::complete(gives_rows ? portal.tag + " " + std::to_string(portal.rows.size())
                                     : portal.tag));
    if (statement.ends_transaction()) end_transaction();
  }
  finish_command();
  ready();
}

void PgModel::process_copy(const proto::FrameHeader& header, ByteView body) {
  using T = proto::FrontendType;
  const T type = header.frontend();
  const bool extended = copy_->extended;
  if (type == T::kSync || type == T::kFlush) return;
  Outcome failure;
  if (type == T::kCopyData) {
    ++copy_->rows;
    if (as_text(body).find("bad") == std::string_view::npos) return;
    failure = Failure{"22P02", "invalid input syntax", {}};
  } else if (type == T::kCopyFail) {
    failure = Failure{"57014", "COPY from stdin failed", {}};
  } else if (type != T::kCopyDone) {
    send(answer::fatal("08P01", "unexpected message type during COPY from stdin"));
    flush();
    ended_ = true;
    return;
  }
  const Copy copy = *copy_;
  copy_.reset();
  if (failure) {
    fail(*failure, extended);
    if (!extended) ready();
    return;
  }
  done(copy.statement);
  send(answer::complete("COPY " + std::to_string(copy.rows)));
  if (!extended) continue_query();
}

PgModel::Outcome PgModel::run(const TinyStatement& statement, Portal& portal) {
  const auto make_rows = [&](std::size_t count) {
    for (std::size_t i = 1; i <= count; ++i) {
      std::string value = statement.text + " #" + std::to_string(i);
      if (statement.row_size > 0) value.resize(statement.row_size, '.');
      portal.rows.push_back(answer::row(value));
    }
  };
  switch (statement.verb) {
    case Verb::kSelect:
      portal.tag = "SELECT";
      make_rows(statement.rows);
      return {};
    case Verb::kInsert:
      portal.tag = "INSERT 0";
      if (statement.returning)
        make_rows(statement.rows);
      else
        portal.tag += " " + std::to_string(statement.rows);
      return {};
    case Verb::kFail:
      make_rows(statement.rows);
      return Failure{"22012", "division by zero", {}};
    case Verb::kBegin:
    case Verb::kCommit:
    case Verb::kRollback:
      run_transaction(statement, portal);
      return {};
    case Verb::kPrepare:
    case Verb::kDeallocate:
    case Verb::kDeallocateAll:
    case Verb::kDiscardAll:
    case Verb::kDeclare:
    case Verb::kClose:
    case Verb::kCloseAll:
      return run_name(statement, portal);
    case Verb::kExecute: {
      const std::string name = stored(statement.name);
      const auto found = statements_.find(name);
      if (found == statements_.end())
        return Failure{"26000", "prepared statement \"" + name + "\" does not exist", {}};
      if (executing_ == kMaxDepth) return Failure{"54001", "stack depth limit exceeded", {}};
      const TinyStatement inner = found->second.statement;
      if (hooks_.on_use) hooks_.on_use(inner);
      ++executing_;
      Outcome outcome = run(inner, portal);
      --executing_;
      return outcome;
    }
    case Verb::kCreateAs:
      portal.tag = "SELECT 1";
      return {};
    case Verb::kFetch:
      return run_fetch(statement, portal);
    case Verb::kCopyIn:
      if (statement.missing) return Failure{"42P01", "relation \"missing\" does not exist", {}};
      send(answer::copy_in());
      flush();
      copy_ = Copy{.statement = statement};
      return {};
    case Verb::kCopyOut:
      send(answer::copy_out());
      for (std::size_t i = 1; i <= statement.rows; ++i)
        send(answer::copy_data("line " + std::to_string(i) + "\n"));
      send(answer::copy_done());
      portal.tag = "COPY " + std::to_string(statement.rows);
      return {};
    case Verb::kSet:
      portal.tag = "SET";
      send(answer::parameter_status(statement.name, statement.value));
      return {};
    case Verb::kNotice:
      portal.tag = "DO";
      send(answer::notice("hello"));
      return {};
    case Verb::kSyntaxError:
      break;
  }
  return Failure{"42601", "syntax error", {}};
}

PgModel::Outcome PgModel::run_fetch(const TinyStatement& statement, Portal& into) {
  const std::string name = stored(statement.name);
  const auto found = portals_.find(name);
  if (found == portals_.end() || found->second.failed)
    return Failure{"34000", "cursor \"" + name + "\" does not exist", {}};
  Portal& cursor = found->second;
  if (!returns_rows(cursor.statement)) return Failure{"XX000", "unsupported portal strategy", {}};
  into.tag = "FETCH";
  if (cursor.active) return Failure{"55000", "portal \"" + name + "\" cannot be run", {}};
  if (hooks_.on_use) hooks_.on_use(cursor.statement);
  if (!cursor.ran) {
    cursor.ran = cursor.active = true;
    Outcome failure = run(cursor.statement, cursor);
    cursor.active = false;
    if (failure) return failure;
  }
  const std::size_t count = std::min(statement.rows, cursor.rows.size() - cursor.position);
  for (std::size_t i = 0; i < count; ++i) into.rows.push_back(cursor.rows[cursor.position++]);
  return {};
}

PgModel::Outcome PgModel::run_name(const TinyStatement& statement, Portal& portal) {
  const auto drop_named = [](auto& names) {
    std::erase_if(names, [](const auto& entry) { return !entry.first.empty(); });
  };
  const auto is = [&](Verb verb, const char* tag) {
    if (statement.verb != verb) return false;
    portal.tag = tag;
    return true;
  };
  const std::string name = stored(statement.name);
  if (is(Verb::kPrepare, "PREPARE")) {
    if (statements_.contains(name))
      return Failure{"42P05", "prepared statement \"" + name + "\" already exists", {}};
    statements_[name] = {.empty = false, .statement = parse_tiny(statement.inner)[0]};
  } else if (is(Verb::kDeallocate, "DEALLOCATE")) {
    if (statements_.erase(name) == 0)
      return Failure{"26000", "prepared statement \"" + name + "\" does not exist", {}};
  } else if (is(Verb::kDeallocateAll, "DEALLOCATE ALL")) {
    drop_named(statements_);
  } else if (is(Verb::kDiscardAll, "DISCARD ALL")) {
    if (transaction_ == Transaction::kBlock || many_)
      return Failure{"25001", "DISCARD ALL cannot run inside a transaction block", {}};
    drop_named(statements_);
    portals_.clear();
  } else if (is(Verb::kDeclare, "DECLARE CURSOR")) {
    if (transaction_ != Transaction::kBlock && !many_ && !statement.hold)
      return Failure{"25P01", "DECLARE CURSOR can only be used in transaction blocks", {}};
    if (portals_.contains(name))
      return Failure{"42P03", "cursor \"" + name + "\" already exists", {}};
    Portal& cursor = portals_[name];
    cursor.statement = parse_tiny(statement.inner)[0];
    cursor.hold = statement.hold;
  } else if (is(Verb::kClose, "CLOSE CURSOR")) {
    if (portals_.erase(name) == 0)
      return Failure{"34000", "cursor \"" + name + "\" does not exist", {}};
  } else if (is(Verb::kCloseAll, "CLOSE CURSOR ALL")) {
    portals_.clear();
  }
  return {};
}

void PgModel::run_transaction(const TinyStatement& statement, Portal& portal) {
  if (statement.verb == Verb::kBegin) {
    if (transaction_ == Transaction::kBlock)
      send(answer::notice("there is already a transaction in progress"));
    transaction_ = Transaction::kBlock;
    portal.tag = "BEGIN";
    return;
  }
  if (transaction_ == Transaction::kImplicit)
    send(answer::notice("there is no transaction in progress"));
  const bool commits = statement.verb == Verb::kCommit && transaction_ != Transaction::kFailed;
  portal.tag = commits ? "COMMIT" : "ROLLBACK";
  if (!commits)
    std::erase_if(portals_, [](const auto& entry) { return entry.second.of_this_transaction; });
}

// UtilityTupleDescriptor: a FETCH or EXECUTE of a name that is not there has no columns.
bool PgModel::finds_its_name(const TinyStatement& statement) const {
  const std::string name = stored(statement.name);
  if (statement.verb == Verb::kFetch) return portals_.contains(name);
  return statement.verb != Verb::kExecute || statements_.contains(name);
}

void PgModel::begin_command() {
  if (transaction_ == Transaction::kIdle) transaction_ = Transaction::kImplicit;
}

void PgModel::finish_command() {
  if (transaction_ == Transaction::kImplicit) end_transaction();
}

// Portals WITH HOLD stay, made ready to outlive what they read; an abort has removed those that
// this transaction made.
void PgModel::end_transaction() {
  std::erase_if(portals_, [](const auto& entry) { return !entry.second.hold; });
  for (auto& [name, portal] : portals_) {
    portal.of_this_transaction = false;
    if (portal.ran) continue;
    portal.ran = true;
    if (run(portal.statement, portal)) portal.failed = true;
  }
  transaction_ = Transaction::kIdle;
}

void PgModel::fail(const Failure& failure, bool extended) {
  std::string out;
  proto::encode_error({.severity = proto::Severity::kError,
                       .sqlstate = failure.sqlstate,
                       .message = failure.message,
                       .hint = failure.hint,
                       .position = failure.position},
                      out);
  send(out);
  flush();
  query_.clear();
  if (transaction_ == Transaction::kBlock || transaction_ == Transaction::kFailed) {
    transaction_ = Transaction::kFailed;
    for (auto& [name, portal] : portals_)
      if (portal.of_this_transaction) portal.failed = true;
  } else {
    std::erase_if(portals_, [](const auto& entry) { return entry.second.of_this_transaction; });
    transaction_ = Transaction::kIdle;
  }
  ignore_till_sync_ = extended;
}

void PgModel::ready() {
  many_ = false;
  const bool failed = transaction_ == Transaction::kFailed;
  const bool block = transaction_ == Transaction::kBlock;
  send(answer::ready(failed ? 'E' : block ? 'T' : 'I'));
  flush();
}

}  // namespace tracegate::session::testing
