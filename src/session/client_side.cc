// The client's messages: judged, recorded, forwarded or replaced.
#include <algorithm>

#include "proto_pg/error.h"
#include "proto_pg/frontend.h"
#include "src/session/session.h"

namespace tracegate::session {
namespace {

using policy::Denial;
using policy::Plan;
using policy::PlanRef;
using proto::FrameHeader;

constexpr std::string_view kFlushMessage{"H\0\0\0\4", 5};

// A statement that the store refuses in any state: nothing in it resolves, so it can do nothing. In
// an aborted transaction the store refuses it with 25P02, as it would have refused the original.
constexpr std::string_view kRefusedText = "SELECT tracegate_denied.by_policy";
// Where the refused message is not a Parse of the unnamed statement: a name of no client.
constexpr std::string_view kRefusedName = "tracegate denied";

Denial unknown_name(std::string_view sqlstate, std::string_view kind, std::string_view name) {
  Denial denial;
  denial.sqlstate = sqlstate;
  denial.message = name.empty() ? std::string("unnamed ") + std::string(kind) + " does not exist"
                                : std::string(kind) + " \"" + std::string(name) + "\" does not exist";
  denial.rule = "session";
  denial.reason = denial.message;
  return denial;
}

Denial too_many_names() {
  Denial denial;
  denial.sqlstate = "53400";
  denial.message = "too many prepared statements or portals in this session";
  denial.hint = "Close those that are no longer needed, or ask the operator of the gateway to raise max_prepared.";
  denial.rule = "limits";
  denial.reason = denial.message;
  return denial;
}

// What runs when the session does not know what runs: an unrestricted role's portal that SQL or a
// function made, or a FunctionCall.
PlanRef opaque_plan(PolicyVersion version, sql::StatementClass statement_class) {
  auto plan = std::make_shared<Plan>();
  plan->policy_version = version;
  plan->writes = true;
  policy::StatementPlan statement;
  statement.statement_class = statement_class;
  statement.rule = "unrestricted";
  plan->statements.push_back(std::move(statement));
  return plan;
}

}  // namespace

// Whether the names that a plan's statements use (EXECUTE, FETCH) may be used, and what follows.
struct Session::NameCheck {
  bool unsettled = false;
  std::shared_ptr<const Denial> denial;
  bool writes = false;
};

bool Session::client_blocked() const {
  return closed_ || terminating_ || unsettled_ || copy_in_ == CopyIn::kAwaitingStore ||
         pending_.size() >= options_.max_pipeline;
}

std::size_t Session::on_client(ByteView in, Instant now) {
  std::size_t at = 0;         // everything before is dealt with
  std::size_t run_start = 0;  // from here to `at`: to be forwarded as it came
  unsettled_ = false;
  generated_.clear();
  const auto send_run = [&](std::size_t resume_at) {
    if (at > run_start) effects_.send_store(in.subspan(run_start, at - run_start), gate_);
    run_start = resume_at;
    gate_ = Ticket{};
  };
  while (at < in.size() && !closed_) {
    if (client_stream_left_ > 0) {
      const auto part = static_cast<std::size_t>(
          std::min<std::uint64_t>(client_stream_left_, in.size() - at));
      client_stream_left_ -= part;
      if (client_stream_dropped_) send_run(at + part);
      at += part;
      continue;
    }
    if (pending_.size() >= options_.max_pipeline && !flush_injected_) {
      flush_injected_ = true;  // without it the store might keep its answers, and us waiting
      send_run(at);
      effects_.send_store(as_bytes(kFlushMessage), Ticket{});
    }
    if (client_blocked()) break;

    FrameHeader header;
    proto::DecodeError error;
    const ByteView rest = in.subspan(at);
    const proto::PeekStatus status = client_framer_.peek(rest, header, error);
    if (status == proto::PeekStatus::kNeedMore) break;
    if (status == proto::PeekStatus::kError) {
      send_run(at);
      protocol_violation(error.message);
      break;
    }
    const bool whole = status == proto::PeekStatus::kWhole;
    const std::size_t size = whole ? header.total() : rest.size();
    const Take decision = take(header, rest.first(size), whole, now);
    if (decision == Take::kWait || decision == Take::kStop) break;
    client_stream_left_ = header.total() - size;
    client_stream_dropped_ = decision != Take::kForward;
    if (decision != Take::kForward) send_run(at + size);
    at += size;
    if (decision == Take::kReplace) effects_.send_store(as_bytes(generated_.back()), Ticket{});
    if (inject_flush_) {
      inject_flush_ = false;
      send_run(at);
      effects_.send_store(as_bytes(kFlushMessage), Ticket{});
    }
  }
  send_run(at);
  return closed_ ? in.size() : at;
}

Session::Take Session::take(const FrameHeader& header, ByteView frame, bool whole, Instant now) {
  if (copy_in_ == CopyIn::kActive) return take_in_copy(header);
  if (skipping_ && header.frontend() != proto::FrontendType::kSync &&
      header.frontend() != proto::FrontendType::kTerminate)
    return Take::kDrop;
  const ByteView body = frame.subspan(FrameHeader::kSize);
  switch (header.frontend()) {
    case proto::FrontendType::kQuery: return take_query(body, now);
    case proto::FrontendType::kParse: return take_parse(body, now);
    case proto::FrontendType::kBind: return take_bind(header, body, whole, now);
    case proto::FrontendType::kDescribe: return take_describe(body, now);
    case proto::FrontendType::kExecute: return take_execute(body, now);
    case proto::FrontendType::kClose: return take_close(body);
    case proto::FrontendType::kFlush: return Take::kForward;
    case proto::FrontendType::kSync:
      skipping_ = false;
      pending_.push({.kind = Answering::kSync});
      return Take::kForward;
    case proto::FrontendType::kFunctionCall: return take_function_call(now);
    case proto::FrontendType::kTerminate: return take_terminate();
    case proto::FrontendType::kCopyData:
    case proto::FrontendType::kCopyDone:
    case proto::FrontendType::kCopyFail:
      return Take::kDrop;  // of a COPY that has failed: PostgreSQL ignores them, too
    case proto::FrontendType::kPassword:
      break;
  }
  return protocol_violation("a message that has no place here");
}

Session::Take Session::take_in_copy(const FrameHeader& header) {
  switch (header.frontend()) {
    case proto::FrontendType::kCopyData:
      pending_.front().running.bytes_in += header.body_length;
      return Take::kForward;
    case proto::FrontendType::kCopyDone:
    case proto::FrontendType::kCopyFail:
      // A simple query may hold another COPY; an Execute is only one.
      copy_in_ = pending_.front().kind == Answering::kQuery ? CopyIn::kAwaitingStore : CopyIn::kNone;
      return Take::kForward;
    case proto::FrontendType::kSync:
    case proto::FrontendType::kFlush:
      return Take::kDrop;  // PostgreSQL ignores them during COPY; here that costs no guess
    case proto::FrontendType::kTerminate:
      return take_terminate();
    case proto::FrontendType::kBind:
    case proto::FrontendType::kClose:
    case proto::FrontendType::kDescribe:
    case proto::FrontendType::kExecute:
    case proto::FrontendType::kFunctionCall:
    case proto::FrontendType::kParse:
    case proto::FrontendType::kPassword:
    case proto::FrontendType::kQuery:
      break;
  }
  return protocol_violation("a message that has no place in COPY FROM STDIN");
}

Session::Take Session::take_query(ByteView body, Instant now) {
  proto::Query query;
  if (auto error = proto::decode(body, query)) return protocol_violation(error.message);
  Pending pending{.kind = Answering::kQuery, .plan = judge_.plan(query.text, Judge::Origin::kSimple)};
  const PlanRef plan = pending.plan;
  std::shared_ptr<const Denial> denial;
  if (plan->denial) {
    denial = {plan, &*plan->denial};
    return deny(std::move(pending), std::move(denial), plan, journal::Via::kSimple, now);
  }
  const NameCheck names = check_names(*plan);
  if (names.unsettled) {
    unsettled_ = true;
    return Take::kWait;
  }
  if (names.denial) return deny(std::move(pending), names.denial, plan, journal::Via::kSimple, now);
  start_running(pending, journal::Via::kSimple, names.writes, now);
  if (plan->may_copy_in) copy_in_ = CopyIn::kAwaitingStore;
  pending_.push(std::move(pending));
  return Take::kForward;
}

Session::Take Session::take_parse(ByteView body, Instant now) {
  proto::Parse parse;
  if (auto error = proto::decode(body, parse)) return protocol_violation(error.message);
  Pending pending{.kind = Answering::kParse,
                  .name = std::string(parse.statement),
                  .plan = judge_.plan(parse.query, Judge::Origin::kParse)};
  const PlanRef plan = pending.plan;
  std::shared_ptr<const Denial> denial;
  if (plan->denial) denial = {plan, &*plan->denial};
  if (!denial && statements_.size() >= options_.max_names && !parse.statement.empty())
    denial = std::make_shared<Denial>(too_many_names());
  if (denial) return deny(std::move(pending), std::move(denial), plan, journal::Via::kExtended, now);
  pending_.push(std::move(pending));
  return Take::kForward;
}

Session::Take Session::take_bind(const FrameHeader& header, ByteView body, bool whole,
                                 Instant now) {
  proto::BindHead bind;
  if (whole) {
    if (auto error = proto::decode(body, bind_)) return protocol_violation(error.message);
    bind = {.portal = bind_.portal, .statement = bind_.statement};
  } else {
    proto::DecodeError error;
    switch (proto::decode_head(body, header.body_length, bind, error)) {
      case proto::HeadStatus::kComplete: break;
      case proto::HeadStatus::kNeedMore: return Take::kWait;
      case proto::HeadStatus::kError: return protocol_violation(error.message);
    }
  }
  Resolution statement = pending_.resolve(NameSpace::kStatements, bind.statement, statements_);
  Pending pending{.kind = Answering::kBind, .name = std::string(bind.portal)};
  std::shared_ptr<const Denial> denial;
  switch (statement.state) {
    case Resolution::State::kUnsettled:
      unsettled_ = true;
      return Take::kWait;
    case Resolution::State::kUnknown:
      pending.plan = opaque_plan(judge_.version(), sql::StatementClass::kUnknown);
      if (!judge_.unrestricted())
        denial = std::make_shared<Denial>(
            unknown_name("26000", "prepared statement", bind.statement));
      break;
    case Resolution::State::kKnown:
      pending.plan = current(statement.plan);
      if (pending.plan->denial) denial = {pending.plan, &*pending.plan->denial};
      break;
  }
  if (!denial && !bind.portal.empty() && portals_.size() >= options_.max_names)
    denial = std::make_shared<Denial>(too_many_names());
  const PlanRef plan = pending.plan;
  if (denial) return deny(std::move(pending), std::move(denial), plan, journal::Via::kExtended, now);
  pending_.push(std::move(pending));
  return Take::kForward;
}

Session::Take Session::take_describe(ByteView body, Instant now) {
  proto::Describe describe;
  if (auto error = proto::decode(body, describe)) return protocol_violation(error.message);
  const NameSpace space = describe.target == proto::Target::kStatement ? NameSpace::kStatements
                                                                        : NameSpace::kPortals;
  Resolution found = pending_.resolve(space, describe.name,
                                      space == NameSpace::kStatements ? statements_ : portals_);
  if (found.state == Resolution::State::kUnsettled) {
    unsettled_ = true;
    return Take::kWait;
  }
  Pending pending{.kind = Answering::kDescribe};
  if (found.state == Resolution::State::kKnown) {
    const PlanRef plan = current(found.plan);
    if (plan->denial)
      return deny(std::move(pending), {plan, &*plan->denial}, plan, journal::Via::kExtended, now);
  }
  pending_.push(std::move(pending));
  return Take::kForward;
}

Session::Take Session::take_execute(ByteView body, Instant now) {
  proto::Execute execute;
  if (auto error = proto::decode(body, execute)) return protocol_violation(error.message);
  Resolution portal = pending_.resolve(NameSpace::kPortals, execute.portal, portals_);
  Pending pending{.kind = Answering::kExecute};
  if (portal.state == Resolution::State::kUnsettled) {
    unsettled_ = true;
    return Take::kWait;
  }
  if (portal.state == Resolution::State::kUnknown) {
    pending.plan = opaque_plan(judge_.version(), sql::StatementClass::kUnknown);
    if (!judge_.unrestricted()) {
      const PlanRef plan = pending.plan;
      return deny(std::move(pending),
                  std::make_shared<Denial>(unknown_name("34000", "portal", execute.portal)), plan,
                  journal::Via::kExtended, now);
    }
  } else {
    pending.plan = current(portal.plan);
  }
  const PlanRef& plan = pending.plan;
  std::shared_ptr<const Denial> denial;
  NameCheck names;
  if (plan->denial) {
    denial = {plan, &*plan->denial};
  } else {
    names = check_names(*plan);
    denial = names.denial;
  }
  if (names.unsettled) {
    unsettled_ = true;
    return Take::kWait;
  }
  if (denial) {
    const PlanRef kept = plan;
    return deny(std::move(pending), std::move(denial), kept, journal::Via::kExtended, now);
  }
  start_running(pending, journal::Via::kExtended, names.writes, now);
  if (plan->may_copy_in) {
    copy_in_ = CopyIn::kAwaitingStore;
    inject_flush_ = true;
  }
  pending_.push(std::move(pending));
  return Take::kForward;
}

Session::Take Session::take_close(ByteView body) {
  proto::Close close;
  if (auto error = proto::decode(body, close)) return protocol_violation(error.message);
  pending_.push({.kind = Answering::kClose,
                 .space = close.target == proto::Target::kStatement ? NameSpace::kStatements
                                                                    : NameSpace::kPortals,
                 .name = std::string(close.name)});
  return Take::kForward;
}

Session::Take Session::take_function_call(Instant now) {
  Pending pending{.kind = Answering::kFunctionCall};
  pending.plan = opaque_plan(judge_.version(), sql::StatementClass::kCall);
  const PlanRef plan = pending.plan;
  if (!judge_.unrestricted()) {
    auto denial = std::make_shared<Denial>();
    denial->message = "permission denied for function calls that are not SQL";
    denial->hint = "The fast-path FunctionCall message is refused for restricted roles; call the function in a SELECT.";
    denial->rule = "default";
    return deny(std::move(pending), std::move(denial), plan, journal::Via::kFunctionCall, now);
  }
  start_running(pending, journal::Via::kFunctionCall, true, now);
  pending_.push(std::move(pending));
  return Take::kForward;
}

Session::Take Session::take_terminate() {
  terminating_ = true;  // the store answers what is under way and then closes
  return Take::kForward;
}

// Nothing of the message reaches the store; a statement that fails goes in its place, so that the
// store skips and aborts as it would after a refusal of its own.
Session::Take Session::deny(Pending pending, std::shared_ptr<const Denial> denial,
                            const PlanRef& plan, journal::Via via, Instant now) {
  pending.intent = log_.record_denial(*plan, *denial, via, now);
  pending.denial = std::move(denial);
  std::string& replacement = generate();
  if (pending.ends_segment()) {
    proto::encode(proto::Query{.text = kRefusedText}, replacement);
  } else {
    const bool unnamed_parse = pending.kind == Answering::kParse && pending.name.empty();
    proto::Parse parse;
    parse.statement = unnamed_parse ? std::string_view{} : kRefusedName;
    parse.query = kRefusedText;
    proto::encode(parse, replacement);
  }
  pending_.push(std::move(pending));
  return Take::kReplace;
}

PlanRef Session::current(const PlanRef& plan) {
  if (plan->policy_version == judge_.version() || plan->text.empty()) return plan;
  return judge_.plan(plan->text, Judge::Origin::kParse);
}

Session::NameCheck Session::check_names(const Plan& plan) {
  NameCheck check;
  for (std::size_t i = 0; i < plan.statements.size(); ++i) {
    const policy::StatementPlan& statement = plan.statements[i];
    const bool execute = statement.name_action == sql::NameAction::kExecute;
    if (!execute && statement.name_action != sql::NameAction::kFetch) {
      check.writes = check.writes || statement.writes;
      continue;
    }
    const NameSpace space = execute ? NameSpace::kStatements : NameSpace::kPortals;
    Resolution found;
    bool settled_here = false;  // by an earlier statement of the same text
    for (std::size_t j = i; j-- > 0 && !settled_here;) {
      if (auto effect = effect_of(plan.statements[j], space, statement.name)) {
        found = *std::move(effect);
        settled_here = true;
      }
    }
    if (!settled_here)
      found = pending_.resolve(space, statement.name, execute ? statements_ : portals_);
    switch (found.state) {
      case Resolution::State::kUnsettled:
        check.unsettled = true;
        return check;
      case Resolution::State::kUnknown:
        check.writes = true;
        if (!judge_.unrestricted()) {
          check.denial = std::make_shared<Denial>(
              execute ? unknown_name("26000", "prepared statement", statement.name)
                      : unknown_name("34000", "cursor", statement.name));
          return check;
        }
        break;
      case Resolution::State::kKnown: {
        const PlanRef used = current(found.plan);
        if (used->denial) {
          check.denial = {used, &*used->denial};
          return check;
        }
        check.writes = check.writes || used->writes;
        break;
      }
    }
  }
  return check;
}

void Session::start_running(Pending& pending, journal::Via via, bool writes, Instant now) {
  pending.intent = log_.record_intents(*pending.plan, via, writes, now, pending.running);
  if (writes) gate_ = std::max(gate_, pending.intent);
}

Session::Take Session::protocol_violation(std::string_view what) {
  send_fatal("08P01", std::string("invalid message from the client: ") + std::string(what), {});
  closed_ = true;
  effects_.close({.reason = "protocol violation by the client"});
  return Take::kStop;
}

}  // namespace tracegate::session
