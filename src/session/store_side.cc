// The store's answers: attributed to the statement they belong to, relayed or replaced.
#include <algorithm>

#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "src/session/session.h"

namespace tracegate::session {
namespace {

using policy::StatementPlan;
using proto::FrameHeader;
using sql::NameAction;

// How the store refuses the statement that went in a refused one's place (client_side.cc).
constexpr std::string_view kUndefinedTable = "42P01";

bool is_row(proto::BackendType type) {
  return type == proto::BackendType::kDataRow || type == proto::BackendType::kCopyData;
}

}  // namespace

std::size_t Session::on_store(ByteView in, Instant now) {
  std::size_t at = 0;
  std::size_t run_start = 0;
  store_blocked_ = false;
  generated_.clear();
  const auto send_run = [&](std::size_t resume_at) {
    if (at > run_start) effects_.send_client(in.subspan(run_start, at - run_start));
    run_start = resume_at;
  };
  const std::size_t settled_before = pending_.size();
  while (at < in.size() && !closed_) {
    if (store_stream_left_ > 0) {
      const auto part = static_cast<std::size_t>(
          std::min<std::uint64_t>(store_stream_left_, in.size() - at));
      store_stream_left_ -= part;
      count_rows(0, part);
      at += part;
      continue;
    }
    if (!pending_.empty() && pending_.front().intent > effects_.durable()) {
      store_blocked_ = true;
      break;
    }
    const ByteView rest = in.subspan(at);
    FrameHeader header;
    proto::DecodeError error;
    const proto::PeekStatus status = store_framer_.peek(rest, header, error);
    if (status == proto::PeekStatus::kNeedMore) break;
    if (status == proto::PeekStatus::kError) {
      send_run(at);
      store_violation(error.message);
      break;
    }
    if (is_row(header.backend())) {
      if (pending_.empty() || pending_.front().denial) {
        send_run(at);
        store_violation("rows that nobody asked for");
        break;
      }
      std::uint64_t rows = 0;
      std::size_t size = proto::Framer::skip_rows(rest, rows, header.backend());
      if (size == 0) {  // the first of them is not all there
        size = rest.size();
        rows = 1;
        store_stream_left_ = header.total() - size;
      }
      count_rows(rows, size);
      at += size;
      continue;
    }
    const std::size_t size = header.total();
    const ByteView body = proto::body_of(rest, header);
    const Give decision = give(header, body, now);
    if (decision == Give::kStop) {
      send_run(at);
      break;
    }
    if (decision == Give::kReplace) {
      send_run(at + size);
      effects_.send_client(as_bytes(generated_.back()));
    }
    at += size;
  }
  send_run(at);
  if (pending_.size() < settled_before) {
    unsettled_ = false;
    if (pending_.size() < options_.max_pipeline / 2) flush_injected_ = false;
  }
  return closed_ ? in.size() : at;
}

void Session::count_rows(std::uint64_t rows, std::size_t bytes) {
  if (pending_.empty()) return;
  pending_.front().running.rows += rows;
  pending_.front().running.bytes += bytes;
}

Session::Give Session::give(const FrameHeader& header, ByteView body, Instant now) {
  const proto::BackendType type = header.backend();
  if (type == proto::BackendType::kErrorResponse) return give_error(body, now);
  if (type == proto::BackendType::kNoticeResponse ||
      type == proto::BackendType::kNotificationResponse ||
      type == proto::BackendType::kParameterStatus)
    return Give::kRelay;  // these may come at any time, also between statements
  if (pending_.empty()) return store_violation("an answer that nobody asked for");
  Pending& front = pending_.front();
  const Answering kind = front.kind;
  const bool runs = kind == Answering::kQuery || kind == Answering::kExecute;
  if (front.denial && header.backend() != proto::BackendType::kReadyForQuery)
    return store_violation("an answer to a refused statement that is not an error");
  count_rows(0, header.total());
  switch (type) {
    case proto::BackendType::kParseComplete:
      if (kind != Answering::kParse) break;
      statements_.set(front.name, front.plan, true);
      pending_.pop();
      return Give::kRelay;
    case proto::BackendType::kBindComplete:
      if (kind != Answering::kBind) break;
      portals_.set(front.name, front.plan, false);
      pending_.pop();
      return Give::kRelay;
    case proto::BackendType::kCloseComplete:
      if (kind != Answering::kClose) break;
      (front.space == NameSpace::kStatements ? statements_ : portals_).erase(front.name);
      pending_.pop();
      return Give::kRelay;
    case proto::BackendType::kParameterDescription:
      if (kind != Answering::kDescribe) break;
      return Give::kRelay;
    case proto::BackendType::kRowDescription:
      if (kind == Answering::kDescribe) pending_.pop();
      else if (kind != Answering::kQuery) break;
      return Give::kRelay;
    case proto::BackendType::kNoData:
      if (kind != Answering::kDescribe) break;
      pending_.pop();
      return Give::kRelay;
    case proto::BackendType::kCommandComplete: {
      proto::CommandComplete complete;
      if (!runs) break;
      if (auto error = proto::decode(body, complete)) return store_violation(error.message);
      return give_statement_end(complete.tag, journal::Ending::kCompleted, now);
    }
    case proto::BackendType::kEmptyQueryResponse:
      if (!runs) break;
      if (kind == Answering::kExecute) pending_.pop();
      return Give::kRelay;
    case proto::BackendType::kPortalSuspended:
      if (kind != Answering::kExecute) break;
      return give_statement_end({}, journal::Ending::kSuspended, now);
    case proto::BackendType::kCopyInResponse:
      if (!runs || !front.plan->may_copy_in) break;
      copy_in_ = CopyIn::kActive;
      return Give::kRelay;
    case proto::BackendType::kCopyOutResponse:
    case proto::BackendType::kCopyDone:
      if (!runs) break;
      return Give::kRelay;
    case proto::BackendType::kFunctionCallResponse:
      if (kind != Answering::kFunctionCall) break;
      log_.record_outcome(front.running, journal::Ending::kCompleted, {}, {}, now);
      return Give::kRelay;
    case proto::BackendType::kReadyForQuery:
      return give_ready(body, now);
    case proto::BackendType::kAuthentication:
    case proto::BackendType::kBackendKeyData:
    case proto::BackendType::kCopyBothResponse:
    case proto::BackendType::kNegotiateProtocolVersion:
    case proto::BackendType::kCopyData:      // rows are dealt with before
    case proto::BackendType::kDataRow:
    case proto::BackendType::kErrorResponse:  // these four above
    case proto::BackendType::kNoticeResponse:
    case proto::BackendType::kNotificationResponse:
    case proto::BackendType::kParameterStatus:
      break;
  }
  return store_violation("an answer of the wrong kind");
}

Session::Give Session::give_statement_end(std::string_view tag, journal::Ending ending, Instant now) {
  Pending& front = pending_.front();
  const std::size_t index = front.running.done;
  log_.record_outcome(front.running, ending, {}, tag, now);
  if (ending == journal::Ending::kCompleted && front.plan && index < front.plan->statements.size())
    apply_names(front.plan->statements[index]);
  if (front.kind == Answering::kExecute) {
    if (copy_in_ != CopyIn::kNone) copy_in_ = CopyIn::kNone;
    pending_.pop();
  }
  return Give::kRelay;
}

void Session::apply_names(const StatementPlan& statement) {
  switch (statement.name_action) {
    case NameAction::kPrepare:
      statements_.set(statement.name, statement.inner, true);
      return;
    case NameAction::kDeallocate:
      statements_.erase(statement.name);
      return;
    case NameAction::kDeallocateAll:
      statements_.erase_named();
      return;
    case NameAction::kDeclare:
      portals_.set(statement.name, statement.inner, statement.with_hold);
      return;
    case NameAction::kClose:
      portals_.erase(statement.name);
      return;
    case NameAction::kCloseAll:
      portals_.erase_named();
      return;
    case NameAction::kDiscardAll:
      statements_.erase_named();
      portals_.erase_named();
      return;
    case NameAction::kExecute:
    case NameAction::kFetch:
    case NameAction::kNone:
      return;
  }
}

Session::Give Session::give_error(ByteView body, Instant now) {
  if (auto failure = proto::decode(body, error_)) return store_violation(failure.message);
  const std::string_view sqlstate = error_.sqlstate();
  const std::string_view severity = error_.find(proto::error_field::kSeverityNonlocalized);
  const bool fatal = severity == "FATAL" || severity == "PANIC";
  if (pending_.empty() || fatal) {  // the store ends the connection; its end of file follows
    if (!fatal) return store_violation("an error that answers nothing");
    store_said_fatal_ = true;
    if (!pending_.empty())
      log_.record_outcome(pending_.front().running, journal::Ending::kFailed, sqlstate, {}, now);
    return Give::kRelay;
  }
  Pending& front = pending_.front();
  const std::shared_ptr<const policy::Denial> denial = front.denial;
  log_.record_outcome(front.running, journal::Ending::kFailed, sqlstate, {}, now);
  switch (front.kind) {
    case Answering::kQuery:
      log_.record_rest(front.running, journal::Ending::kSkipped, now);
      copy_in_ = CopyIn::kNone;
      break;
    case Answering::kFunctionCall:
    case Answering::kSync:  // its commit failed; ReadyForQuery follows
      break;
    case Answering::kParse:
      if (front.name.empty()) statements_.erase({});  // dropped before its successor was looked at
      skip_failed_segment(now);
      break;
    case Answering::kExecute:
      copy_in_ = CopyIn::kNone;
      skip_failed_segment(now);
      break;
    case Answering::kBind:
    case Answering::kDescribe:
    case Answering::kClose:
      skip_failed_segment(now);
      break;
  }
  // In an aborted transaction the store's own refusal stands; so does a cancel or the like.
  if (!denial || sqlstate != kUndefinedTable) return Give::kRelay;
  proto::encode_error({.severity = proto::Severity::kError,
                       .sqlstate = denial->sqlstate,
                       .message = denial->message,
                       .hint = denial->hint,
                       .position = denial->position},
                      generate());
  return Give::kReplace;
}

// The store ignores everything up to the next Sync, wherever that is.
void Session::skip_failed_segment(Instant now) {
  skipping_ = true;
  while (!pending_.empty()) {
    Pending& front = pending_.front();
    if (front.kind == Answering::kSync) {
      skipping_ = false;
      return;
    }
    log_.record_rest(front.running, journal::Ending::kSkipped, now);
    pending_.pop();
  }
  if (copy_in_ == CopyIn::kAwaitingStore) copy_in_ = CopyIn::kNone;
}

Session::Give Session::give_ready(ByteView body, Instant now) {
  proto::ReadyForQuery ready;
  if (auto error = proto::decode(body, ready)) return store_violation(error.message);
  Pending& front = pending_.front();
  if (!front.ends_segment()) return store_violation("ready before it has answered");
  log_.record_rest(front.running, journal::Ending::kCompleted, now);
  if (front.kind == Answering::kQuery) copy_in_ = CopyIn::kNone;
  pending_.pop();
  transaction_status_ = ready.status;
  if (ready.status == proto::TransactionStatus::kIdle) portals_.end_transaction();
  return Give::kRelay;
}

Session::Give Session::store_violation(std::string_view what) {
  send_fatal("08P01", "the store broke the protocol", "See the gateway's log.");
  closed_ = true;
  effects_.close({.reason = what, .alarm = true});
  return Give::kStop;
}

void Session::send_fatal(std::string_view sqlstate, std::string_view message, std::string_view hint) {
  if (store_stream_left_ > 0) return;  // it would stand in the middle of a row
  proto::encode_error({.severity = proto::Severity::kFatal,
                       .sqlstate = sqlstate,
                       .message = message,
                       .hint = hint},
                      generate());
  effects_.send_client(as_bytes(generated_.back()));
}

void Session::end(Instant now) {
  closed_ = true;
  while (!pending_.empty()) {
    log_.record_rest(pending_.front().running, journal::Ending::kAborted, now);
    pending_.pop();
  }
}

}  // namespace tracegate::session
