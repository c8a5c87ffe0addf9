// One client's session, from ReadyForQuery to its end, as a pure state machine: bytes of the client
// and of the store go in, bytes for either and records come out through Effects.
//
// What it does: every text and every name that the client uses is judged before it goes to the
// store; each statement's intent is recorded first (a write leaves only when its intent is durable,
// an answer passes only when the intent it answers is durable); each answer is attributed to its
// statement; untouched runs of messages pass as one slice of the bytes as they came.
//
// A statement is on record from its Execute on, with which its Bind leaves: the store plans at
// Bind, and planning can evaluate functions. A Bind that no Execute follows is a record of its own
// (which ends as suspended), as is a Parse that fails.
//
// A refused message is replaced by one that the store itself refuses (a SELECT that cannot
// resolve), so that skipping to Sync, the transaction status and the order of answers are the
// store's own; the store's error is then replaced by the gateway's. From a refusal to the next Sync
// nothing is judged, recorded or sent: the store would skip it.
//
// A text that policy has rewritten goes to the store as rewritten. Positions in the store's errors
// are then led back to the client's text, and the error with which a rewritten text fails for a row
// out of scope is replaced by the gateway's. The tag of a blind INSERT says how many rows it
// offered; the record, how many the store inserted. A statement that was prepared under another
// policy, by which its text would be another today, is refused from then on.
//
// Rows of masked columns are masked on their way (masking.cc), and only as they were judged: for a
// role with masks the store's RowDescription must have the columns that the plan says, or the
// session ends with an alarm. Which masks hold is known from the plan of the statement that
// answers, and for EXECUTE and FETCH from that of what they name; formats from the portal's Bind,
// or from the RowDescription that answers a Query. A row that is masked is held until it is whole.
// Runs of rows without masks pass as they come, as ever.
//
// What it refuses to do: guess. A message, an answer or an order of answers that the protocol does
// not have ends the session.
//
// What it leaves to the store: the values of a Bind above FrameLimits::hold_bind. Its names are
// judged from its head and the rest passes as it comes; the store refuses a malformed one by
// itself. (If rows of its statement are masked it is refused: their formats stand at its end.)
//
// Memory is bounded: names by SessionOptions, answers under way likewise (a client that sends more
// waits), a masked row by FrameLimits::hold_row, and nothing else grows with what a peer sends.
//
// Source: PostgreSQL 15 documentation, chapters 55.2 (message flow) and 55.7 (formats), and
// src/backend/tcop/postgres.c for what a failed pipeline skips.
// Threading: confined to one loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "proto_pg/framer.h"
#include "proto_pg/frontend.h"
#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/mask/copy_masker.h"
#include "src/session/discretion.h"
#include "src/session/effects.h"
#include "src/session/generated.h"
#include "src/session/names.h"
#include "src/session/pending.h"
#include "src/session/statement_log.h"

namespace tracegate::session {

// A setting that the meaning of the judged texts rests on ("standard_conforming_strings" is "on").
// The session ends with an alarm if the store reports another value. Watch only what the store
// reports (GUC_REPORT), with the value as it reports it.
struct PinnedSetting {
  std::string name;
  std::string value;
};

struct SessionOptions {
  SessionId id = {};
  proto::FrameLimits limits = {};
  // Answers under way before the session stops taking messages, and the text they may hold.
  std::size_t max_pipeline = 4096;
  ByteCount max_pipeline_text = 32_MiB;
  // Named prepared statements, and as many named portals; and the text that each may hold.
  std::size_t max_names = 10000;
  ByteCount max_names_text = 64_MiB;
  std::vector<PinnedSetting> pinned_settings = {};
};

class Session {
 public:
  // `judge` and `effects` outlive the session. The store is connected and idle: its first
  // ReadyForQuery has been relayed.
  Session(const SessionOptions& options, Judge& judge, Effects& effects);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Bytes from the client / the store. Returns how many were consumed, from the front; the caller
  // keeps the rest and offers it again, more bytes appended, after any progress. Less than all is
  // consumed when a message is incomplete that must be seen whole, or while blocked.
  [[nodiscard]] std::size_t on_client(ByteView in, Instant now);
  [[nodiscard]] std::size_t on_store(ByteView in, Instant now);

  // The client's next message must wait for the store (a full pipeline, COPY about to start, a name
  // that is not settled): reading from the client may pause.
  [[nodiscard]] bool client_blocked() const;
  // The store's next answer must wait until Effects::durable() has moved.
  [[nodiscard]] bool store_blocked() const { return store_blocked_; }

  // The session is over, for whatever reason: what was under way is recorded as aborted.
  void end(Instant now);

  // A message that ends the session, for the owner's reasons (timeouts, shutdown, a lost store):
  // sent to the client if the stream stands between two messages.
  void send_fatal(std::string_view sqlstate, std::string_view message, std::string_view hint);

  // As send_fatal(), but if the store is in the middle of a message, its rest goes first; nothing
  // of the client's is read any more. Then Effects::close() is called. `sqlstate` and `hint` are
  // literals.
  void leave(std::string_view sqlstate, std::string message, std::string_view hint);

  [[nodiscard]] bool idle() const { return pending_.empty() && !skipping_; }
  // A statement under way may change the store: it must not be given up because nobody listens.
  [[nodiscard]] bool writes_under_way() const { return pending_.writes_under_way(); }
  [[nodiscard]] bool terminating() const { return terminating_; }  // the client said Terminate
  // The store has announced its end with a FATAL error, which was relayed.
  [[nodiscard]] bool store_said_fatal() const { return store_said_fatal_; }
  // The bytes forwarded so far end with a whole message, so that one of the owner's may follow.
  [[nodiscard]] bool between_client_messages() const {
    return client_stream_left_ == 0 || client_stream_dropped_;
  }
  [[nodiscard]] proto::TransactionStatus transaction_status() const { return transaction_status_; }
  [[nodiscard]] std::uint64_t statements() const { return log_.statements(); }

 private:
  using DenialRef = std::shared_ptr<const policy::Denial>;

  // What becomes of one client message.
  enum class Take {
    kForward,  // as it is
    kDrop,     // the store would ignore it
    kReplace,  // what was generated last goes in its place
    kRewrite,  // likewise, behind the gate that the message has set
    kWait,     // cannot be decided before more has come: of the message, or of the store's answers
    kStop,     // the session ends; fault_ says why
  };
  // So much of an error or notice that is too long to be held is looked at and passed on.
  static constexpr std::size_t kLongReportHead = 8 << 10;

  // What becomes of one message of the store.
  enum class Give { kRelay, kReplace, kStop };

  // A COPY FROM STDIN is the youngest of what is pending, for the client waits until it has ended.
  enum class CopyIn { kNone, kAwaitingStore, kActive };

  // What the client is told when the session ends for somebody's fault, and what is recorded.
  struct Fault {
    std::string_view sqlstate;
    std::string message;
    std::string_view hint;
    std::string reason;
    bool alarm = false;
  };

  // client_side.cc
  Take take(const proto::FrameHeader& header, ByteView frame, Instant now);
  Take take_in_copy(const proto::FrameHeader& header);
  Take take_query(ByteView body, Instant now);
  Take take_function_call(Instant now);
  Take take_terminate();
  void start_running(Pending& pending, journal::Via via, bool writes, Instant now);
  [[nodiscard]] bool pipeline_full() const;
  [[nodiscard]] bool needs_flush() const;
  void flush_store();
  Take client_fault(std::string_view sqlstate, std::string_view what);
  void end_at_fault();

  // extended_query.cc
  Take take_parse(ByteView body, Instant now);
  Take take_bind(const proto::FrameHeader& header, ByteView body, Instant now);
  Take take_describe(ByteView body, Instant now);
  Take take_execute(ByteView body, Instant now);
  // What comes behind a Bind of `portal`, as far as it has arrived.
  enum class Following {
    kNotYetKnown,
    kExecute,  // of that portal, with nothing but Describe before it
    kOther,
  };
  [[nodiscard]] Following following_bind(std::string_view portal) const;
  Take take_close(ByteView body);

  // judging.cc
  Take wait_for_name();
  Take deny(Pending pending, DenialRef denial, journal::Via via, Instant now);
  // Whether the names that a plan's statements use (EXECUTE, FETCH) may be used, and what follows.
  struct NameCheck {
    bool unsettled = false;
    DenialRef denial = {};
    bool writes = false;
    std::vector<StatementRef> used = {};  // as in Pending
  };
  NameCheck check_names(const policy::Plan& plan);
  // `before`: what statements of the same text, run before, do to names.
  NameCheck check_uses(const policy::Plan& plan, NameChanges& before, int depth);
  // Likewise of one EXECUTE or FETCH.
  struct NameUse {
    bool unsettled = false;
    DenialRef denial = {};
    bool writes = false;
    StatementRef rows = {};  // which it returns; null if that is not known, or if it returns none
  };
  NameUse check_use(const policy::StatementPlan& statement, NameChanges& before, int depth);
  void follow_use(const policy::StatementPlan& statement, const Resolution& used,
                  NameChanges& before, int depth, NameUse& use);
  // Whether the rows that a portal returns by EXECUTE or FETCH are masked as they were when it was
  // bound.
  static bool is_as_bound(const BoundPortalRef& bound, const StatementRef& rows);
  // What the name stands for, judged under the policy in force.
  Resolution look_up(NameSpace space, std::string_view name);
  [[nodiscard]] NameTable& table(NameSpace space) {
    return space == NameSpace::kStatements ? statements_ : portals_;
  }
  // Whether `count` more names, for `plan` each, are within the limits.
  [[nodiscard]] bool has_room(NameSpace space, std::size_t count, std::uint64_t bytes);

  // store_side.cc
  Give give(const proto::FrameHeader& header, ByteView body, Instant now);
  Give give_answer(proto::BackendType type, ByteView body, Instant now);
  Give give_rows(const proto::FrameHeader& header, ByteView rest, std::size_t& size);
  Give give_ready(ByteView body, Instant now);
  Give give_statement_end(std::string_view tag, journal::Ending ending, Instant now);
  Give give_offered_rows(const policy::StatementPlan& statement, std::string_view tag);
  Give give_parameter_status(ByteView body);
  Give store_fault(std::string_view what);
  void apply_names(const policy::StatementPlan& statement);
  [[nodiscard]] bool rows_are_due() const;
  void count_rows(std::uint64_t rows, std::size_t bytes);

  // errors.cc
  Give give_error(ByteView body, Instant now);
  // Of one that is too long to be held; `head` has at least kLongReportHead bytes of it, or all.
  Give give_long_error(ByteView head, Instant now);
  Give take_error(Instant now);  // that stands in error_
  Give give_denial(const policy::Denial& denial);
  Give give_discreet_error(const policy::Plan* plan);
  Give give_notice(ByteView body);
  Give give_long_notice(ByteView head);
  Give give_marked_notice(Give unmarked);  // that stands in error_
  // What is taken out of errors and notices that come now.
  [[nodiscard]] ReportMasks report_masks() const;
  // `culprit`: what failed in a Parse or Bind, with which error; null for anything else.
  void skip_failed_segment(const policy::Plan* culprit, std::string_view sqlstate, Instant now);
  // An error is about to answer a Parse or Bind: puts it on record if nothing of the statement is.
  void record_failed_preparation(Instant now);

  // masking.cc
  // What is known of the rows that are passing, of one statement at a time.
  struct Passage {
    StatementNo statement{};                      // whose rows
    bool described = false;                       // by a RowDescription
    std::vector<proto::FormatCode> formats = {};  // which it named
    std::unique_ptr<mask::CopyMasker> copy = {};  // since its CopyOutResponse
  };
  Passage& passage();  // of the statement that answers now
  // What a Bind must keep for its rows to be masked; `bind` is null if it is too long to be held.
  // Both return false if the message must wait for a name, and may set `denial`.
  bool bind_masks(Pending& pending, const proto::Bind* bind, DenialRef& denial);
  bool describe_masks(Pending& pending, const proto::Describe& describe, const Resolution& found,
                      DenialRef& denial);
  // The statement that says how the rows that come now are masked; null if they are not.
  [[nodiscard]] const policy::StatementPlan* masked_statement() const;
  // Rows answer a Query of a role with masks, and nothing has said of which columns.
  [[nodiscard]] bool lacks_description(proto::BackendType type);
  Give give_row_description(ByteView body);
  Give give_copy_out(ByteView body);
  // `frames` is whole rows.
  Give give_masked_rows(const policy::StatementPlan& statement, proto::BackendType type,
                        ByteView frames, std::uint64_t rows);
  Give long_row_fault();
  Give mask_fault(std::string reason);

  Judge& judge_;
  Effects& effects_;
  const SessionOptions options_;
  const proto::Framer client_framer_;
  const proto::Framer store_framer_;
  StatementLog log_;
  PendingQueue pending_;
  NameTable statements_;
  NameTable portals_;

  // A frame too large to hold is passed (or dropped) as it comes: how much of it is still to come.
  std::uint64_t client_stream_left_ = 0;
  bool client_stream_dropped_ = false;
  std::uint64_t store_stream_left_ = 0;
  bool store_stream_dropped_ = false;

  Ticket gate_{};    // of the run of client bytes that is being gathered
  ByteView behind_;  // what has arrived behind the client's message at hand
  Generated generated_;
  std::string& generate() { return generated_.add(); }
  proto::Bind bind_;  // keep their capacity, so that decoding does not allocate
  proto::ErrorResponse error_;
  proto::RowDescription row_description_;
  Passage passage_;
  ReportMasks report_masks_;  // of the statement that ran last
  Fault fault_;
  bool leaving_ = false;  // with fault_, as soon as no message to the client is cut
  CopyIn copy_in_ = CopyIn::kNone;
  bool skipping_ = false;      // the store skips until Sync, and so do we
  bool unsettled_ = false;     // the next client message waits for a name
  bool inject_flush_ = false;  // add a Flush behind the frame at hand
  bool store_blocked_ = false;
  bool terminating_ = false;
  bool store_said_fatal_ = false;  // and says nothing any more
  bool closed_ = false;
  proto::TransactionStatus transaction_status_ = proto::TransactionStatus::kIdle;
};

}  // namespace tracegate::session
