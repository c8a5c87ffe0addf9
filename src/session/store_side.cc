// The store's answers: attributed to the statement they belong to, relayed or replaced.
#include <algorithm>

#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "src/session/refusals.h"
#include "src/session/session.h"

namespace tracegate::session {
namespace {

using journal::Ending;
using proto::BackendType;
using proto::FrameHeader;
using sql::NameAction;

// Code in the store (a function that runs DEALLOCATE and PREPARE) can put another statement under a
// name than the one that was judged. What was judged as a read must not end as a write.
bool is_tag_of(std::string_view tag, sql::StatementClass statement_class) {
  const std::string_view word = tag.substr(0, tag.find(' '));
  switch (static_cast<int>(statement_class)) {
    case static_cast<int>(sql::StatementClass::kSelect):
      return word == "SELECT";
    case static_cast<int>(sql::StatementClass::kInsert):
      return word == "INSERT";
    case static_cast<int>(sql::StatementClass::kUpdate):
      return word == "UPDATE";
    case static_cast<int>(sql::StatementClass::kDelete):
      return word == "DELETE";
    default:
      return true;
  }
}

bool is_row(BackendType type) {
  return type == BackendType::kDataRow || type == BackendType::kCopyData;
}

}  // namespace

std::size_t Session::on_store(ByteView in, Instant now) {
  std::size_t at = 0;
  std::size_t run_start = 0;
  store_blocked_ = false;
  generated_.begin_event();
  const auto send_run = [&](std::size_t resume_at) {
    if (at > run_start) effects_.send_client(in.subspan(run_start, at - run_start));
    run_start = resume_at;
  };
  const std::size_t pending_before = pending_.size();
  while (at < in.size() && !closed_) {
    if (store_stream_left_ > 0) {
      const auto part =
          static_cast<std::size_t>(std::min<std::uint64_t>(store_stream_left_, in.size() - at));
      store_stream_left_ -= part;
      count_rows(0, part);
      if (store_stream_dropped_) send_run(at + part);
      at += part;
      if (leaving_ && store_stream_left_ == 0) {
        send_run(at);
        end_at_fault();
      }
      continue;
    }
    const ByteView rest = in.subspan(at);
    FrameHeader header;
    proto::DecodeError error;
    const proto::PeekStatus status = store_framer_.peek(rest, header, error);
    const bool is_error = header.backend() == BackendType::kErrorResponse;
    const bool is_readable =
        status == proto::PeekStatus::kWhole || status == proto::PeekStatus::kPartialStreamable;
    // Notices pass as they come unless something of them must be hidden.
    const bool is_looked_at =
        is_error || (header.backend() == BackendType::kNoticeResponse && !report_masks().empty());
    const bool is_long_report =
        is_looked_at && is_readable && header.body_length > options_.limits.hold_report;
    if (is_long_report && rest.size() < std::min(kLongReportHead, header.total())) break;
    if (is_error && is_readable) record_failed_preparation(now);
    if (!pending_.empty() && pending_.front().intent > effects_.durable()) {
      store_blocked_ = true;
      break;
    }
    if (status == proto::PeekStatus::kNeedMore) break;
    // What is changed must be whole.
    if (status == proto::PeekStatus::kPartialStreamable && is_row(header.backend()) &&
        header.body_length <= options_.limits.hold_row && masked_statement() != nullptr)
      break;
    std::size_t size = std::min(header.total(), rest.size());
    Give decision = Give::kRelay;
    if (status == proto::PeekStatus::kError) {
      decision = store_fault(error.message);
    } else if (is_row(header.backend())) {
      decision = give_rows(header, rest, size);
    } else if (is_long_report) {
      const ByteView head = rest.subspan(FrameHeader::kSize, size - FrameHeader::kSize);
      decision = is_error ? give_long_error(head, now) : give_long_notice(head);
      store_stream_left_ = header.total() - size;
    } else {
      decision = give(header, rest.subspan(FrameHeader::kSize, size - FrameHeader::kSize), now);
      store_stream_left_ = header.total() - size;
    }
    store_stream_dropped_ = is_long_report;
    if (decision == Give::kStop) {
      store_stream_left_ = 0;  // of what is not relayed
      send_run(at);
      end_at_fault();
      break;
    }
    if (decision == Give::kReplace) {
      send_run(at + size);
      effects_.send_client(as_bytes(generated_.last()));
    }
    at += size;
  }
  send_run(at);
  if (pending_.size() < pending_before) unsettled_ = false;
  // What was flushed has been answered, and the texts behind it still fill the pipeline.
  if (!closed_ && needs_flush()) flush_store();
  return closed_ ? in.size() : at;
}

// A run of whole rows, or the beginning of one that passes as it comes. `size` becomes the run's.
Session::Give Session::give_rows(const FrameHeader& header, ByteView rest, std::size_t& size) {
  if (!rows_are_due()) return store_fault("rows that nobody asked for");
  if (lacks_description(header.backend())) return mask_fault("a result has no RowDescription");
  const policy::StatementPlan* masked = masked_statement();
  if (masked != nullptr && header.body_length > options_.limits.hold_row) return long_row_fault();
  if (rest.size() < header.total()) {
    count_rows(1, size);
    store_stream_left_ = header.total() - size;
    return Give::kRelay;
  }
  std::uint64_t rows = 0;
  size = proto::Framer::skip_rows(rest, rows, header.backend());
  if (masked == nullptr) {
    count_rows(rows, size);
    return Give::kRelay;
  }
  if (size > options_.limits.hold_row) {  // one of them may be too long
    size = header.total();
    rows = 1;
  }
  return give_masked_rows(*masked, header.backend(), rest.first(size), rows);
}

bool Session::rows_are_due() const {
  if (pending_.empty() || store_said_fatal_) return false;
  const Pending& front = pending_.front();
  return front.runs_statements() && !front.denial && !front.answered;
}

void Session::count_rows(std::uint64_t rows, std::size_t bytes) {
  if (pending_.empty()) return;
  pending_.front().running.rows += rows;
  pending_.front().running.bytes += bytes;
}

// `body` is whole but for a FunctionCallResponse, which may be streamed.
Session::Give Session::give(const FrameHeader& header, ByteView body, Instant now) {
  if (store_said_fatal_) return store_fault("a message behind its last");
  const BackendType type = header.backend();
  // These may come at any time, also between statements.
  if (type == BackendType::kNoticeResponse) return give_notice(body);
  if (type == BackendType::kNotificationResponse) return Give::kRelay;
  if (type == BackendType::kParameterStatus) return give_parameter_status(body);  // likewise
  if (type == BackendType::kErrorResponse) return give_error(body, now);
  if (pending_.empty()) return store_fault("an answer that nobody asked for");
  if (type == BackendType::kReadyForQuery) return give_ready(body, now);
  const Pending& front = pending_.front();
  if (front.denial) return store_fault("an answer to a refused statement that is not an error");
  if (front.answered) return store_fault("an answer behind the last");
  count_rows(0, FrameHeader::kSize + body.size());
  return give_answer(type, body, now);
}

Session::Give Session::give_answer(BackendType type, ByteView body, Instant now) {
  Pending& front = pending_.front();
  const Answering kind = front.kind;
  const bool runs = front.runs_statements();
  switch (type) {
    case BackendType::kParseComplete:
      if (kind != Answering::kParse) break;
      statements_.set(front.name, {front.plan, {}}, true);
      pending_.pop();
      return Give::kRelay;
    case BackendType::kBindComplete:
      if (kind != Answering::kBind) break;
      log_.record_rest(front.running, Ending::kSuspended, now);
      portals_.set(front.name, {front.plan, front.bound}, false);
      pending_.pop();
      return Give::kRelay;
    case BackendType::kCloseComplete:
      if (kind != Answering::kClose) break;
      table(front.space).erase(front.name);
      pending_.pop();
      return Give::kRelay;
    case BackendType::kParameterDescription:
      if (kind != Answering::kDescribe) break;
      return Give::kRelay;
    case BackendType::kRowDescription:
      if (kind != Answering::kDescribe && kind != Answering::kQuery) break;
      return give_row_description(body);
    case BackendType::kNoData:
      if (kind != Answering::kDescribe) break;
      pending_.pop();
      return Give::kRelay;
    case BackendType::kCommandComplete: {
      if (!runs) break;
      proto::CommandComplete complete;
      if (auto error = proto::decode(body, complete)) return store_fault(error.message);
      return give_statement_end(complete.tag, Ending::kCompleted, now);
    }
    case BackendType::kEmptyQueryResponse:
      if (!runs || front.running.recorded > front.running.done) break;
      front.answered = true;
      if (kind == Answering::kExecute) pending_.pop();
      return Give::kRelay;
    case BackendType::kPortalSuspended:
      if (kind != Answering::kExecute) break;
      return give_statement_end({}, Ending::kSuspended, now);
    case BackendType::kCopyInResponse:
      // While one is awaited it is the youngest of what is pending; so only the last may answer.
      if (copy_in_ != CopyIn::kAwaitingStore || pending_.size() != 1) break;
      copy_in_ = CopyIn::kActive;
      if (kind == Answering::kExecute) pending_.forget_flush();
      return Give::kRelay;
    case BackendType::kCopyOutResponse:
      if (!runs) break;
      return give_copy_out(body);
    case BackendType::kCopyDone:
      if (!runs) break;
      return Give::kRelay;
    case BackendType::kFunctionCallResponse:
      if (kind != Answering::kFunctionCall) break;
      log_.record_outcome(front.running, Ending::kCompleted, {}, {}, now);
      front.answered = true;
      return Give::kRelay;
    case BackendType::kAuthentication:
    case BackendType::kBackendKeyData:
    case BackendType::kCopyBothResponse:
    case BackendType::kNegotiateProtocolVersion:
    case BackendType::kCopyData:  // these and all that follow were dealt with before
    case BackendType::kDataRow:
    case BackendType::kErrorResponse:
    case BackendType::kNoticeResponse:
    case BackendType::kNotificationResponse:
    case BackendType::kParameterStatus:
    case BackendType::kReadyForQuery:
      break;
  }
  return store_fault("an answer of the wrong kind");
}

Session::Give Session::give_statement_end(std::string_view tag, Ending ending, Instant now) {
  Pending& front = pending_.front();
  const std::size_t index = front.running.done;
  const bool judged = index < front.running.recorded;
  // What runs must be what was judged. (An administrator's text need not have been understood.)
  if (!judged && !judge_.unrestricted()) return store_fault("more answers than statements");
  if (copy_in_ == CopyIn::kActive) return store_fault("an end of COPY before the client's");
  if (judged && ending == Ending::kCompleted &&
      !is_tag_of(tag, front.plan->statements[index].statement_class))
    return store_fault("the end of another statement than the one that was judged");
  log_.record_outcome(front.running, ending, {}, tag, now);
  Give given = Give::kRelay;
  if (judged && ending == Ending::kCompleted) {
    const policy::StatementPlan& statement = front.plan->statements[index];
    given = give_offered_rows(statement, tag);
    apply_names(statement);
    pending_.confirm_names(statement);
    // ROLLBACK may be one to a savepoint, so that the portals' end is left to ReadyForQuery.
    if (statement.statement_class == sql::StatementClass::kTransaction && tag == "COMMIT")
      portals_.end_transaction();
  }
  if (front.kind == Answering::kQuery) {
    portals_.erase({});  // in which it ran
    return given;
  }
  if (pending_.size() == 1) copy_in_ = CopyIn::kNone;
  // PostgreSQL does not prepare a text of several statements; should a store do so, the rest of it
  // has not run.
  log_.record_rest(front.running, Ending::kSkipped, now);
  pending_.pop();
  return given;
}

// The record has the store's own number.
Session::Give Session::give_offered_rows(const policy::StatementPlan& statement,
                                         std::string_view tag) {
  if (!statement.offered_rows) return Give::kRelay;
  const std::string told = "INSERT 0 " + std::to_string(*statement.offered_rows);
  if (tag == told) return Give::kRelay;
  proto::encode(proto::CommandComplete{.tag = told}, generate());
  return Give::kReplace;
}

void Session::apply_names(const policy::StatementPlan& statement) {
  switch (statement.name_action) {
    case NameAction::kPrepare:
      statements_.set(statement.name, {statement.inner, {}}, true);
      return;
    case NameAction::kDeallocate:
      statements_.erase(statement.name);
      return;
    case NameAction::kDeallocateAll:
      statements_.erase_named();
      return;
    case NameAction::kDeclare:
      portals_.set(statement.name, {statement.inner, {}}, statement.with_hold);
      return;
    case NameAction::kClose:
      portals_.erase(statement.name);
      return;
    case NameAction::kCloseAll:
      portals_.erase_all();
      return;
    case NameAction::kDiscardAll:
    case NameAction::kUnknown:  // what there is now is not known, so that no name is
      statements_.erase_named();
      portals_.erase_all();
      return;
    case NameAction::kExecute:
    case NameAction::kFetch:
    case NameAction::kNone:
      return;
  }
}

Session::Give Session::give_ready(ByteView body, Instant now) {
  proto::ReadyForQuery ready;
  if (auto error = proto::decode(body, ready)) return store_fault(error.message);
  const Pending& front = pending_.front();
  const bool complete = front.running.recorded > 0 && front.running.done == front.running.recorded;
  const bool answered = front.kind == Answering::kSync || front.answered ||
                        (front.kind == Answering::kQuery && (complete || judge_.unrestricted()));
  if (!front.ends_segment() || !answered) return store_fault("ready before it has answered");
  log_.record_rest(pending_.front().running, Ending::kCompleted, now);  // of a text not understood
  if (front.kind == Answering::kQuery) {
    if (pending_.size() == 1) copy_in_ = CopyIn::kNone;
    statements_.erase({});  // a Query drops the unnamed statement before anything else
  }
  pending_.pop();
  transaction_status_ = ready.status;
  if (ready.status == proto::TransactionStatus::kIdle) portals_.end_transaction();
  return Give::kRelay;
}

Session::Give Session::give_parameter_status(ByteView body) {
  if (options_.pinned_settings.empty()) return Give::kRelay;
  proto::ParameterStatus status;
  if (auto error = proto::decode(body, status)) return store_fault(error.message);
  for (const PinnedSetting& pinned : options_.pinned_settings) {
    if (pinned.name != status.name || pinned.value == status.value) continue;
    fault_ = {.sqlstate = "42501",
              .message = "permission denied to change the setting \"" + pinned.name + "\"",
              .hint = "What the gateway judges rests on this setting.",
              .reason = "a pinned setting was changed",
              .alarm = true};
    return Give::kStop;
  }
  return Give::kRelay;
}

Session::Give Session::store_fault(std::string_view what) {
  fault_ = {.sqlstate = "08P01",
            .message = "the store broke the protocol",
            .hint = "See the gateway's log.",
            .reason = std::string(what),
            .alarm = true};
  return Give::kStop;
}

void Session::send_fatal(std::string_view sqlstate, std::string_view message,
                         std::string_view hint) {
  if (store_stream_left_ > 0 && !store_stream_dropped_) return;  // in the middle of a message
  proto::encode_error(
      {.severity = proto::Severity::kFatal, .sqlstate = sqlstate, .message = message, .hint = hint},
      generate());
  effects_.send_client(as_bytes(generated_.last()));
}

void Session::leave(std::string_view sqlstate, std::string message, std::string_view hint) {
  if (closed_ || leaving_) return;
  fault_ = {.sqlstate = sqlstate, .message = message, .hint = hint, .reason = message};
  leaving_ = true;
  if (store_stream_left_ == 0 || store_stream_dropped_) end_at_fault();
}

void Session::end(Instant now) {
  closed_ = true;
  while (!pending_.empty()) {
    log_.record_rest(pending_.front().running, Ending::kAborted, now);
    pending_.pop();
  }
}

}  // namespace tracegate::session
