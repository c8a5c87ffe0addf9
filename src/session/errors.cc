// Errors and notices of the store: which statement failed, what is skipped behind it, and what of
// them the client is told.
#include <algorithm>

#include "proto_pg/error.h"
#include "src/base/utf8.h"
#include "src/session/discretion.h"
#include "src/session/refusals.h"
#include "src/session/session.h"

namespace tracegate::session {
namespace {

using journal::Ending;
using proto::FrameHeader;
using sql::NameAction;

// How the store refuses the statement that went in a refused one's place (judging.cc), and how it
// refuses every statement in an aborted transaction.
constexpr std::string_view kUndefinedTable = "42P01";
constexpr std::string_view kInFailedTransaction = "25P02";
// As which a rewritten statement fails for a value out of scope (sql::kOutOfScopeMark).
constexpr std::string_view kInvalidText = "22P02";

// Without a character at the end that was cut.
std::string_view whole_characters(std::string_view text) {
  for (std::size_t cut = 0; cut < 4 && cut < text.size(); ++cut)
    if (is_valid_utf8(text.substr(0, text.size() - cut))) return text.substr(0, text.size() - cut);
  return text;
}

// Of a report that is too long to be held: the front, and the message says that it was cut. The
// fields borrow from `cut`.
proto::DecodeError decode_cut(ByteView head, std::size_t size, proto::ErrorResponse& report,
                              std::string& cut) {
  if (auto failure = proto::decode_head(head.first(std::min(head.size(), size)), report))
    return failure;
  for (auto& field : report.fields) {
    if (field.code != proto::error_field::kMessage) continue;
    cut = std::string(whole_characters(field.text)) + " ...";
    field.text = cut;
  }
  return {};
}

}  // namespace

Session::Give Session::give_error(ByteView body, Instant now) {
  if (auto failure = proto::decode(body, error_)) return store_fault(failure.message);
  count_rows(0, FrameHeader::kSize + body.size());
  return take_error(now);
}

// Of an error that is longer than what is held (it quotes a huge value) the client gets the front.
Session::Give Session::give_long_error(ByteView head, Instant now) {
  if (store_said_fatal_) return store_fault("a message behind its last");
  std::string cut;
  if (auto failure = decode_cut(head, kLongReportHead, error_, cut))
    return store_fault(failure.message);
  count_rows(0, FrameHeader::kSize + head.size());
  const Give decision = take_error(now);
  if (decision != Give::kRelay) return decision;
  proto::encode(error_, generate());
  return Give::kReplace;
}

Session::Give Session::take_error(Instant now) {
  const std::string_view sqlstate = error_.sqlstate();
  const std::string_view severity = error_.find(proto::error_field::kSeverityNonlocalized);
  if (severity == "FATAL" || severity == "PANIC") {  // its end of file follows
    store_said_fatal_ = true;
    if (!pending_.empty())
      log_.record_outcome(pending_.front().running, Ending::kFailed, sqlstate, {}, now);
    return Give::kRelay;
  }
  if (pending_.empty()) return store_fault("an error that answers nothing");
  Pending& front = pending_.front();
  if (front.answered) return store_fault("an error behind the last answer");
  const DenialRef denial = front.denial;
  const policy::PlanRef plan = front.plan;
  // In an aborted transaction the store's own refusal stands; so does a cancel or the like.
  const bool ours = denial && (sqlstate == kUndefinedTable ||
                               (sqlstate == kInFailedTransaction && front.unknown_name));
  const bool out_of_scope = plan && !plan->store_text.empty() && sqlstate == kInvalidText &&
                            error_.find(proto::error_field::kMessage).find(sql::kOutOfScopeMark) !=
                                std::string_view::npos;
  // Names that code has changed before it failed stay changed.
  const std::size_t failed = front.running.done;
  if (front.runs_statements() && !denial && failed < front.plan->statements.size() &&
      front.plan->statements[failed].name_action == NameAction::kUnknown)
    apply_names(front.plan->statements[failed]);
  log_.record_outcome(front.running, Ending::kFailed,
                      out_of_scope ? std::string_view(row_out_of_scope().sqlstate) : sqlstate, {},
                      now);
  if (front.ends_segment()) {  // ReadyForQuery follows; for a kSync, the commit has failed
    front.answered = true;
    log_.record_rest(front.running, Ending::kSkipped, now);
    if (front.kind == Answering::kQuery && pending_.size() == 1) copy_in_ = CopyIn::kNone;
  } else {
    // The old unnamed statement is dropped before its successor is looked at.
    if (front.kind == Answering::kParse && front.name.empty()) statements_.erase({});
    const bool prepares = front.kind == Answering::kParse || front.kind == Answering::kBind;
    const policy::PlanRef culprit = prepares && front.running.recorded == 0 ? front.plan : nullptr;
    skip_failed_segment(culprit.get(), sqlstate, now);
  }
  if (ours) return give_denial(*denial);
  if (out_of_scope) return give_denial(row_out_of_scope());
  return give_discreet_error(plan.get());
}

Session::Give Session::give_denial(const policy::Denial& denial) {
  proto::encode_error({.severity = proto::Severity::kError,
                       .sqlstate = denial.sqlstate,
                       .message = denial.message,
                       .hint = denial.hint,
                       .position = denial.position},
                      generate());
  return Give::kReplace;
}

Session::Give Session::give_discreet_error(const policy::Plan* plan) {
  if (judge_.unrestricted()) return Give::kRelay;
  const ReportMasks masks = plan ? report_masks_of(*plan) : report_masks_;
  KeptTexts kept;
  const Report kind = report_of(error_);
  const bool is_discreet = make_discreet(error_, plan, judge_, kept);
  const bool is_masked = mask_report(error_, kind, masks, kept);
  if (!is_discreet && !is_masked) return Give::kRelay;
  proto::encode(error_, generate());
  return Give::kReplace;
}

ReportMasks Session::report_masks() const {
  if (judge_.unrestricted()) return {};
  if (pending_.empty() || !pending_.front().plan) return report_masks_;
  return report_masks_of(*pending_.front().plan);
}

Session::Give Session::give_notice(ByteView body) {
  if (report_masks().empty()) return Give::kRelay;
  if (auto failure = proto::decode(body, error_)) return store_fault(failure.message);
  return give_marked_notice(Give::kRelay);
}

Session::Give Session::give_long_notice(ByteView head) {
  if (store_said_fatal_) return store_fault("a message behind its last");
  std::string cut;
  if (auto failure = decode_cut(head, kLongReportHead, error_, cut))
    return store_fault(failure.message);
  return give_marked_notice(Give::kReplace);
}

Session::Give Session::give_marked_notice(Give unmarked) {
  KeptTexts kept;
  if (!mask_report(error_, Report::kNotice, report_masks(), kept) && unmarked == Give::kRelay)
    return Give::kRelay;
  proto::NoticeResponse notice;
  notice.fields = error_.fields;
  proto::encode(notice, generate());
  return Give::kReplace;
}

// Nobody saw the statement run, but what the error says of it is an answer, too. If its Execute is
// under way, that is its record.
void Session::record_failed_preparation(Instant now) {
  if (pending_.empty() || store_said_fatal_) return;
  Pending& front = pending_.front();
  const bool prepares = front.kind == Answering::kParse || front.kind == Answering::kBind;
  if (!prepares || front.denial || front.running.recorded > 0 || pending_.executes(*front.plan))
    return;
  front.intent =
      log_.record_intents(*front.plan, journal::Via::kExtended, false, now, front.running);
}

// The store ignores everything up to the next Sync, which may be under way or yet to come.
void Session::skip_failed_segment(const policy::Plan* culprit, std::string_view sqlstate,
                                  Instant now) {
  while (!pending_.empty()) {
    Pending& front = pending_.front();
    if (front.kind == Answering::kSync) return;
    if (culprit != nullptr && front.kind == Answering::kExecute && !front.denial &&
        front.plan->text_hash == culprit->text_hash) {
      log_.record_outcome(front.running, Ending::kFailed, sqlstate, {}, now);
      culprit = nullptr;
    }
    log_.record_rest(front.running, Ending::kSkipped, now);
    pending_.pop();
  }
  skipping_ = true;
  copy_in_ = CopyIn::kNone;
}

}  // namespace tracegate::session
