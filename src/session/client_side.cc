// The client's messages: framed, sent on their way, forwarded or replaced. Simple query and COPY.
#include <algorithm>

#include "proto_pg/error.h"
#include "proto_pg/frontend.h"
#include "src/session/refusals.h"
#include "src/session/session.h"

namespace tracegate::session {
namespace {

using proto::FrameHeader;
using proto::FrontendType;

constexpr std::string_view kFlushMessage{"H\0\0\0\4", 5};

// Intent::index counts to here. A text with more statements is refused.
constexpr std::size_t kMaxStatements = 65535;

}  // namespace

bool Session::pipeline_full() const {
  return pending_.size() >= options_.max_pipeline ||
         pending_.held_bytes() >= options_.max_pipeline_text.value;
}

// Without a Flush the store might keep its answers, and us waiting.
bool Session::needs_flush() const {
  return client_stream_left_ == 0 && copy_in_ != CopyIn::kActive && pipeline_full() &&
         !pending_.answer_is_coming();
}

bool Session::client_blocked() const {
  if (closed_ || terminating_) return true;
  // The rest of a message that was let through, and the data of a COPY: neither adds to what is
  // pending.
  if (client_stream_left_ > 0 || copy_in_ == CopyIn::kActive) return false;
  return unsettled_ || copy_in_ == CopyIn::kAwaitingStore || pipeline_full();
}

void Session::flush_store() {
  effects_.send_store(as_bytes(kFlushMessage), Ticket{});
  pending_.mark_flushed();
}

std::size_t Session::on_client(ByteView in, Instant now) {
  if (leaving_) return in.size();
  std::size_t at = 0;         // everything before is dealt with
  std::size_t run_start = 0;  // from here to `at`: to be forwarded as it came
  unsettled_ = false;
  generated_.begin_event();
  const auto send_run = [&](std::size_t resume_at) {
    if (at > run_start) effects_.send_store(in.subspan(run_start, at - run_start), gate_);
    run_start = resume_at;
    gate_ = Ticket{};
  };
  while (!closed_) {
    if (client_stream_left_ > 0) {
      if (at == in.size()) break;
      const auto part =
          static_cast<std::size_t>(std::min<std::uint64_t>(client_stream_left_, in.size() - at));
      client_stream_left_ -= part;
      if (client_stream_dropped_) send_run(at + part);
      at += part;
      continue;
    }
    if (needs_flush()) {  // at once, for nothing more is read from the client then
      send_run(at);
      flush_store();
    }
    if (at == in.size() || client_blocked()) break;

    FrameHeader header;
    proto::DecodeError error;
    const ByteView rest = in.subspan(at);
    const proto::PeekStatus status = client_framer_.peek(rest, header, error);
    if (status == proto::PeekStatus::kNeedMore) break;
    const bool whole = status == proto::PeekStatus::kWhole;
    const std::size_t size = whole ? header.total() : rest.size();
    const Ticket gate_before = gate_;
    behind_ = whole ? rest.subspan(size) : ByteView{};
    const Take decision = status == proto::PeekStatus::kError
                              ? client_fault(error.sqlstate, error.message)
                              : take(header, rest.first(size), now);
    if (decision == Take::kWait) break;
    if (decision == Take::kStop) {
      send_run(at);
      end_at_fault();
      break;
    }
    client_stream_left_ = header.total() - size;
    client_stream_dropped_ = decision != Take::kForward;
    const Ticket gate = gate_;
    if (decision != Take::kForward) {
      gate_ = gate_before;
      send_run(at + size);
    }
    at += size;
    if (decision == Take::kRewrite) effects_.send_store(as_bytes(generated_.last()), gate);
    if (decision == Take::kReplace) effects_.send_store(as_bytes(generated_.last()), Ticket{});
    if (inject_flush_) {
      inject_flush_ = false;
      send_run(at);
      flush_store();
    }
  }
  send_run(at);
  return closed_ ? in.size() : at;
}

Session::Take Session::take(const FrameHeader& header, ByteView frame, Instant now) {
  if (copy_in_ == CopyIn::kActive) return take_in_copy(header);
  const FrontendType type = header.frontend();
  if (skipping_ && type != FrontendType::kSync && type != FrontendType::kTerminate &&
      type != FrontendType::kPassword)
    return Take::kDrop;
  const ByteView body = frame.subspan(FrameHeader::kSize);
  switch (type) {
    case FrontendType::kQuery:
      return take_query(body, now);
    case FrontendType::kParse:
      return take_parse(body, now);
    case FrontendType::kBind:
      return take_bind(header, body, now);
    case FrontendType::kDescribe:
      return take_describe(body, now);
    case FrontendType::kExecute:
      return take_execute(body, now);
    case FrontendType::kClose:
      return take_close(body);
    case FrontendType::kFlush:
      pending_.mark_flushed();
      return Take::kForward;
    case FrontendType::kSync:
      skipping_ = false;
      pending_.push({.kind = Answering::kSync});
      return Take::kForward;
    case FrontendType::kFunctionCall:
      return take_function_call(now);
    case FrontendType::kTerminate:
      return take_terminate();
    case FrontendType::kCopyData:
    case FrontendType::kCopyDone:
    case FrontendType::kCopyFail:
      return Take::kDrop;  // of a COPY that has failed: PostgreSQL ignores them, too
    case FrontendType::kPassword:
      break;
  }
  return client_fault(proto::DecodeError::kProtocolViolation, "it has no place after the login");
}

Session::Take Session::take_in_copy(const FrameHeader& header) {
  switch (header.frontend()) {
    case FrontendType::kCopyData:
      pending_.front().running.bytes_in += header.body_length;
      return Take::kForward;
    case FrontendType::kCopyDone:
    case FrontendType::kCopyFail:
      // A simple query may hold another COPY; an Execute is only one.
      copy_in_ =
          pending_.front().kind == Answering::kQuery ? CopyIn::kAwaitingStore : CopyIn::kNone;
      return Take::kForward;
    case FrontendType::kSync:
    case FrontendType::kFlush:
      // PostgreSQL ignores them here, and libpq relies on it: it sends the Sync right behind the
      // Execute. If the COPY failed before the store read a forwarded one, the store would answer
      // it.
      return Take::kDrop;
    case FrontendType::kTerminate:
      return take_terminate();
    case FrontendType::kBind:
    case FrontendType::kClose:
    case FrontendType::kDescribe:
    case FrontendType::kExecute:
    case FrontendType::kFunctionCall:
    case FrontendType::kParse:
    case FrontendType::kPassword:
    case FrontendType::kQuery:
      break;
  }
  return client_fault(proto::DecodeError::kProtocolViolation, "it has no place in COPY FROM STDIN");
}

Session::Take Session::take_query(ByteView body, Instant now) {
  proto::Query query;
  if (auto error = proto::decode(body, query)) return client_fault(error.sqlstate, error.message);
  Pending pending{.kind = Answering::kQuery,
                  .plan = judge_.plan(query.text, Judge::Origin::kSimple, {})};
  const policy::Plan& plan = *pending.plan;
  DenialRef denial = denial_of(pending.plan);
  NameCheck names;
  if (!denial && plan.statements.size() > kMaxStatements) denial = too_many_statements();
  if (!denial) {
    names = check_names(plan);
    if (names.unsettled) return wait_for_name();
    denial = std::move(names.denial);
    pending.used = std::move(names.used);
  }
  if (denial) return deny(std::move(pending), std::move(denial), journal::Via::kSimple, now);
  start_running(pending, journal::Via::kSimple, names.writes, now);
  if (plan.may_copy_in) copy_in_ = CopyIn::kAwaitingStore;
  if (!plan.store_text.empty()) proto::encode(proto::Query{.text = plan.store_text}, generate());
  const Take take = plan.store_text.empty() ? Take::kForward : Take::kRewrite;
  pending_.push(std::move(pending));
  return take;
}

Session::Take Session::take_function_call(Instant now) {
  Pending pending{.kind = Answering::kFunctionCall,
                  .plan = opaque_plan(judge_.version(), sql::StatementClass::kCall)};
  if (!judge_.unrestricted())
    return deny(std::move(pending), function_call_refused(), journal::Via::kFunctionCall, now);
  start_running(pending, journal::Via::kFunctionCall, true, now);
  pending_.push(std::move(pending));
  return Take::kForward;
}

Session::Take Session::take_terminate() {
  terminating_ = true;  // the store answers what is under way and then closes
  return Take::kForward;
}

void Session::start_running(Pending& pending, journal::Via via, bool writes, Instant now) {
  pending.intent = log_.record_intents(*pending.plan, via, writes, now, pending.running);
  pending.running.writes = writes;
  report_masks_ = report_masks_of(*pending.plan);
  if (writes) gate_ = std::max(gate_, pending.intent);
}

Session::Take Session::client_fault(std::string_view sqlstate, std::string_view what) {
  fault_ = {.sqlstate = sqlstate,
            .message = std::string("invalid message from the client: ").append(what),
            .hint = {},
            .reason = "protocol violation by the client",
            .alarm = false};
  return Take::kStop;
}

// What stands before the fault must have been sent.
void Session::end_at_fault() {
  send_fatal(fault_.sqlstate, fault_.message, fault_.hint);
  closed_ = true;
  effects_.close({.reason = fault_.reason, .alarm = fault_.alarm});
}

}  // namespace tracegate::session
