#include "fuzz/session_surroundings.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "proto_pg/frontend.h"
#include "src/base/result.h"
#include "tests/mask/fake_masks.h"
#include "tests/session/tiny_sql.h"

namespace tracegate::session::testing {
namespace {

const SessionId kSession{.bytes = {1, 2, 3}};

SessionOptions with_id(SessionOptions options) {
  options.id = kSession;
  return options;
}

bool begins_with_any(std::string_view text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return text.starts_with(prefix); });
}

bool writes(Verb verb) {
  switch (verb) {
    case Verb::kInsert:
    case Verb::kCopyIn:
    case Verb::kCreateAs:
    case Verb::kExecute:  // its parameters may call functions
    case Verb::kNotice:   // stands for DO
      return true;
    case Verb::kSelect:
    case Verb::kFail:
    case Verb::kBegin:
    case Verb::kCommit:
    case Verb::kRollback:
    case Verb::kPrepare:
    case Verb::kDeallocate:
    case Verb::kDeallocateAll:
    case Verb::kDiscardAll:
    case Verb::kDeclare:
    case Verb::kFetch:
    case Verb::kClose:
    case Verb::kCloseAll:
    case Verb::kCopyOut:
    case Verb::kSet:
    case Verb::kSyntaxError:
      return false;
  }
  return true;
}

// The model makes as many rows as it is asked for. An input that asks for thousands tells nothing
// that one with 99 does not.
const policy::Denial* refuse_large_numbers(std::string_view text) {
  static const policy::Denial too_large = [] {
    policy::Denial denial;
    denial.sqlstate = "54000";
    denial.message = "too much for a model";
    return denial;
  }();
  std::size_t digits = 0;
  for (const char c : text) {
    digits = std::isdigit(static_cast<unsigned char>(c)) != 0 ? digits + 1 : 0;
    if (digits > 2) return &too_large;
  }
  return nullptr;
}

}  // namespace

const std::vector<std::vector<std::string>>& policies() {
  static const std::vector<std::vector<std::string>> all = {
      {}, {"SELECT 9", "INSERT 9"}, {"INSERT"}, {"SELECT", "COPY", "EXECUTE"}};
  return all;
}

const std::vector<std::string>& masked_texts() {
  static const std::vector<std::string> all = {"SELECT 4", "SELECT 4 OF 70 BYTES",
                                               "INSERT 4 RETURNING"};
  return all;
}

template <typename Whole>
void FrameCheck::take(std::string_view bytes, const Whole& whole) {
  while (!bytes.empty()) {
    const bool in_header = frame_.size() < proto::FrameHeader::kSize;
    const std::size_t wanted =
        (in_header ? proto::FrameHeader::kSize : header_.total()) - frame_.size();
    const std::size_t part = std::min(wanted, bytes.size());
    frame_ += bytes.substr(0, part);
    bytes.remove_prefix(part);
    if (frame_.size() < proto::FrameHeader::kSize) return;
    if (in_header) {
      proto::DecodeError error;
      TG_CHECK(framer_.peek(as_bytes(frame_), header_, error) != proto::PeekStatus::kError,
               "what was sent is not a frame");
    }
    if (frame_.size() < header_.total()) continue;
    whole(header_.type, std::string_view(frame_).substr(proto::FrameHeader::kSize));
    frame_.clear();
  }
}

Surroundings::Surroundings(const SessionOptions& options, Store store, bool unrestricted)
    : unrestricted_(unrestricted), session_(with_id(options), judge_, *this) {
  judge_.set_unrestricted(unrestricted);
  if (store == Store::kInput) return;
  PgModel::Hooks hooks;
  hooks.refuse = refuse_large_numbers;
  hooks.on_run = [this](const TinyStatement& statement) { check_run(statement); };
  hooks.on_use = [this](const TinyStatement& statement) { uses_.push_back(statement); };
  hooks.on_done = [this](const TinyStatement& statement) {
    ran_.push_back({statement.text, durable_at_run_, uses_});
  };
  model_.emplace(std::move(hooks));
}

Surroundings::~Surroundings() {
  end();
}

void Surroundings::run(std::size_t piece) {
  for (bool progress = true; progress;) {
    // A blocked session is not read for, as in the relay.
    progress = !session_.client_blocked() && offer(client_, piece, &Session::on_client);
    progress = offer(store_, piece, &Session::on_store) || progress;
  }
}

bool Surroundings::offer(Inbox& inbox, std::size_t piece,
                         std::size_t (Session::*event)(ByteView, Instant)) {
  const std::size_t arriving = std::min(inbox.bytes.size() - inbox.visible, piece);
  if (inbox.visible + arriving == 0) return false;
  inbox.visible += arriving;
  std::size_t consumed = 0;
  {
    const ByteView visible = as_bytes(inbox.bytes).first(inbox.visible);
    const Bytes offered(visible.begin(), visible.end());
    of_client_ = &inbox == &client_;
    consumed = (session_.*event)(offered, now_);
    TG_CHECK(consumed <= offered.size(), "more consumed than offered");
    TG_CHECK(!has_closed_ || consumed == offered.size(), "a session that is over keeps bytes");
    after_event();
  }
  inbox.bytes.erase(0, consumed);
  inbox.visible -= consumed;
  return arriving > 0 || consumed > 0;
}

// What was lent is still valid.
void Surroundings::after_event() {
  for (const Lent& lent : lent_) {
    const std::string bytes(as_text(lent.bytes));
    if (lent.to_store) {
      to_store_.take(
          bytes, [this](char type, std::string_view body) { check_text_for_store(type, body); });
      gated_.push_back({bytes, lent.gate});
    } else {
      to_client_.take(bytes, [this](char type, std::string_view body) {
        last_to_client_ = type;
        check_for_client(type, body);
      });
    }
  }
  lent_.clear();
  TG_CHECK(session_.between_client_messages() == to_store_.between_frames(),
           "where the store's stream stands is not known");
  TG_CHECK(open_writes_ == 0 || session_.writes_under_way(), "a write under way is forgotten");
  TG_CHECK(open_ == 0 || !session_.idle(), "idle, with statements under way");
  TG_CHECK(session_.statements() == intents_.size(), "statements are miscounted");
  release();
  if (has_closed_ || has_ended_) gated_.clear();  // the connection closes before they may leave
}

void Surroundings::release() {
  for (; !gated_.empty() && gated_.front().gate <= durable_; gated_.pop_front())
    if (model_) model_->receive(gated_.front().bytes);
  if (model_) store_.bytes += model_->take_output();
}

void Surroundings::make_durable(std::uint64_t records) {
  durable_ = Ticket{durable_.value + std::min(records, last_ticket_.value - durable_.value)};
  release();
}

void Surroundings::pass_time(Microseconds time) {
  now_.wall += time;
  now_.monotonic += time;
}

void Surroundings::set_policy(std::size_t index) {
  policy_ = index % policies().size();
  judge_.permit_everything();
  for (const std::string& text : policies()[policy_]) judge_.deny(text);
  if (masks_rows_) set_masks();
  judge_.reload();
}

void Surroundings::mask_rows() {
  masks_rows_ = true;
  set_masks();
}

// Each policy masks in its own way.
void Surroundings::set_masks() {
  auto masks = std::make_shared<mask::RowMasks>(
      *mask::testing::masks_of({mask::testing::constant(std::string(policy_ + 1, 'm'))}));
  masks->outputs[0].origin_hidden = true;  // the model's columns have none
  judge_.set_raw_columns({{16400, std::int16_t{1}}});
  if (!model_) return judge_.mask_everything(masks);
  for (const std::string& text : masked_texts()) judge_.mask(text, masks);
  judge_.mask("COPY 2 TO STDOUT", masks, proto::CopyFormat{});
}

void Surroundings::check_for_client(char type, std::string_view body) const {
  if (!masks_rows_ || (type != 'D' && type != 'd')) return;
  const auto is_seen = [body](std::string_view value) {
    return body.find(value) != std::string_view::npos;
  };
  if (!model_) {
    TG_CHECK(!is_seen(kCanary), "a masked value reaches the client");
    return;
  }
  TG_CHECK(type != 'd' || !is_seen("line"), "a masked line of a COPY reaches the client");
  for (const std::string& text : masked_texts())
    TG_CHECK(!is_seen(text), "a masked value reaches the client");
}

void Surroundings::send_fatal() {
  if (has_closed_ || has_ended_) return;
  const bool between = to_client_.between_frames();
  session_.send_fatal("57P01", "the gateway shuts down", "Reconnect.");
  TG_CHECK(lent_.empty() != between, "a farewell in the middle of a message, or none between two");
  after_event();
  TG_CHECK(to_client_.between_frames() == between, "half a farewell");
}

void Surroundings::end() {
  session_.end(now_);
  has_ended_ = true;
  TG_CHECK(lent_.empty(), "bytes at the end");
  TG_CHECK(open_ == 0 && open_writes_ == 0, "a statement has no outcome");
  after_event();
}

// ---- What the session asks for.

void Surroundings::send_store(ByteView bytes, Ticket gate) {
  TG_CHECK(!has_closed_ && !has_ended_, "bytes for the store after the end");
  TG_CHECK(!bytes.empty() && gate <= last_ticket_, "what is sent cannot be sent");
  lent_.push_back({bytes, true, gate});
}

void Surroundings::send_client(ByteView bytes) {
  TG_CHECK(!has_closed_ && !has_ended_, "bytes for the client after the end");
  TG_CHECK(!bytes.empty(), "nothing is sent");
  lent_.push_back({bytes, false, Ticket{}});
}

void Surroundings::close(const CloseRequest& request) {
  TG_CHECK(!has_closed_ && !has_ended_, "closed twice");
  TG_CHECK(!request.reason.empty(), "closed for no reason");
  TG_CHECK(!model_ || !request.alarm || request.reason == "a pinned setting was changed",
           request.reason);
  has_closed_ = true;
}

Ticket Surroundings::next_ticket() {
  last_ticket_ = Ticket{last_ticket_.value + 1};
  if (!records_held_) durable_ = last_ticket_;
  return last_ticket_;
}

Ticket Surroundings::record(const journal::Intent& intent) {
  TG_CHECK(!has_closed_ && !has_ended_, "a statement after the end");
  TG_CHECK(intent.session == kSession, "an intent of another session");
  TG_CHECK(intent.statement.value == intents_.size() + 1, "statements are numbered with gaps");
  if (intent.text_present) texts_.try_emplace(intent.text_hash, intent.text);
  const std::string& text = texts_[intent.text_hash];
  const auto statements = parse_tiny(text);
  const bool allowed = intent.verdict == journal::Verdict::kAllow;
  if (allowed) {
    // What fails before it runs is recorded then, and was judged when it was sent.
    if (of_client_) {
      TG_CHECK(judge_.denial_of(text) == nullptr, "what the policy in force refuses is allowed");
      TG_CHECK(unrestricted_ || intent.policy_version == judge_.version(), "an earlier policy's");
    }
    TG_CHECK(unrestricted_ || intent.index < statements.size(), "nobody knows what was allowed");
    ++open_;
    if (intent.writes) ++open_writes_;
  } else {
    TG_CHECK(!intent.sqlstate.empty() && !intent.reason.empty(), "a denial says nothing");
  }
  intents_.push_back(
      {.via = intent.via,
       .ticket = next_ticket(),
       .allowed = allowed,
       .writes = intent.writes,
       .policy = policy_,
       .statement = intent.index < statements.size() ? statements[intent.index].text : ""});
  return intents_.back().ticket;
}

void Surroundings::record(const journal::Outcome& outcome) {
  TG_CHECK(!has_ended_, "an outcome after the end");
  TG_CHECK(outcome.session == kSession, "an outcome of another session");
  TG_CHECK(outcome.statement.value >= 1 && outcome.statement.value <= intents_.size(),
           "an outcome without an intent");
  TG_CHECK(outcome.duration >= Microseconds{} && outcome.at == now_.wall, "a wrong time");
  Recorded& intent = intents_[outcome.statement.value - 1];
  TG_CHECK(intent.allowed, "an outcome of what was refused");
  TG_CHECK(!intent.has_outcome, "a second outcome");
  intent.has_outcome = true;
  --open_;
  if (intent.writes) --open_writes_;
  const bool completed = outcome.ending == journal::Ending::kCompleted ||
                         outcome.ending == journal::Ending::kSuspended;
  if (completed || outcome.ending == journal::Ending::kFailed)
    TG_CHECK(intent.ticket <= durable_, "answered before it is on record");
  const bool ran = intent.via != journal::Via::kFunctionCall && intent.via != journal::Via::kBind;
  if (model_ && completed && ran) check_completed(intent);
  next_ticket();
}

// ---- What reaches the store, and what it does.

void Surroundings::check_text_for_store(char type, std::string_view body) {
  TG_CHECK(unrestricted_ || type != 'F', "a function call that nobody judged");
  proto::Query query;
  proto::Parse parse;
  std::string_view text;
  if (type == 'Q') {
    TG_CHECK(!proto::decode(as_bytes(body), query), "a malformed Query");
    text = query.text;
  } else if (type == 'P') {
    TG_CHECK(!proto::decode(as_bytes(body), parse), "a malformed Parse");
    text = parse.query;
  } else {
    return;
  }
  TG_CHECK(text == kRefused || judge_.denial_of(text) == nullptr, "a refused text leaves");
}

// It is about to run: as a write, only when that is on record for good, as often as it runs.
void Surroundings::check_run(const TinyStatement& statement) {
  uses_.clear();
  durable_at_run_ = durable_;
  if (!writes(statement.verb)) return;
  const std::size_t times = ++writes_run_[statement.text];
  const auto durable = std::count_if(intents_.begin(), intents_.end(), [&](const Recorded& intent) {
    const bool may_be = intent.statement.empty() || intent.statement == statement.text;
    return may_be && intent.allowed && intent.writes && intent.ticket <= durable_;
  });
  TG_CHECK(static_cast<std::size_t>(durable) >= times, "a write runs before it is on record");
}

// The store's answers come in order, so it is the oldest of what has run.
void Surroundings::check_completed(const Recorded& intent) {
  TG_CHECK(!ran_.empty(), "completed without having run");
  const Ran ran = std::move(ran_.front());
  ran_.pop_front();
  TG_CHECK(intent.statement.empty() || intent.statement == ran.statement,
           "what ran is not what was recorded");
  TG_CHECK(!intent.writes || intent.ticket <= ran.durable, "it ran before it was on record");
  for (const TinyStatement& used : ran.uses) {
    TG_CHECK(!writes(used.verb) || intent.writes, "a write under a name ran as a read");
    TG_CHECK(unrestricted_ || !begins_with_any(used.text, policies()[intent.policy]),
             "a refused statement ran under a name");
  }
}

void Surroundings::check_at_rest(bool finished) const {
  TG_CHECK(gated_.empty() && !session_.store_blocked(), "waits for a journal that is durable");
  if (has_closed_ || has_ended_ || session_.terminating()) {
    TG_CHECK(!has_closed_ || !to_client_.between_frames() || last_to_client_ == 'E',
             "closed without a word");
    return;
  }
  if (!model_) return;
  TG_CHECK(!session_.client_blocked(), "the client waits for ever");
  TG_CHECK(store_.bytes.empty(), "an answer is kept for ever");
  if (!finished) return;
  TG_CHECK(client_.bytes.empty(), "a message is kept for ever");
  TG_CHECK(session_.idle() && ran_.empty(), "a statement is under way for ever");
  TG_CHECK(last_to_client_ == 'Z', "the last Sync was not answered");
}

}  // namespace tracegate::session::testing
