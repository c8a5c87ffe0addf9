#include "tests/session/harness.h"

#include <algorithm>

#include "tests/session/readable.h"

namespace tracegate::session::testing {
namespace {

std::string ending_name(journal::Ending ending) {
  switch (ending) {
    case journal::Ending::kCompleted:
      return "completed";
    case journal::Ending::kFailed:
      return "failed";
    case journal::Ending::kDenied:
      return "denied";
    case journal::Ending::kSkipped:
      return "skipped";
    case journal::Ending::kSuspended:
      return "suspended";
    case journal::Ending::kAborted:
      return "aborted";
  }
  return "?";
}

void add_line(std::string& lines, const std::string& line) {
  if (!lines.empty()) lines += "\n";
  lines += line;
}

}  // namespace

SessionHarness::SessionHarness(Delivery delivery, SessionOptions options)
    : delivery_(std::move(delivery)), random_(delivery_.seed.value_or(1)) {
  with_options(std::move(options));
}

SessionHarness::~SessionHarness() {
  end();
  for (const IntentSeen& intent : all_intents_)
    EXPECT_EQ(intent.ended, intent.allowed)
        << "statement " << intent.statement.value << " [" << intent.text << "] has no outcome";
}

void SessionHarness::with_options(SessionOptions options) {
  session_ = std::make_unique<Session>(options, judge, *this);
}

void SessionHarness::with_model(PgModel::Hooks hooks) {
  if (!hooks.on_run)
    hooks.on_run = [this](const TinyStatement& statement) { check_run(statement); };
  model_.emplace(std::move(hooks));
}

void SessionHarness::say(std::string_view bytes) {
  client_.bytes += bytes;
  run();
}

void SessionHarness::answer(std::string_view bytes) {
  store_.bytes += bytes;
  run();
}

void SessionHarness::pass_time(Microseconds time) {
  now_.wall += time;
  now_.monotonic += time;
}

void SessionHarness::durable_up_to(std::uint64_t ticket) {
  durable_ = Ticket{ticket};
  run();
}

void SessionHarness::durable_all() {
  records_held_ = false;
  durable_ = last_ticket_;
  run();
}

void SessionHarness::run() {
  for (bool progress = true; progress;) {
    progress = false;
    if (delivery_.seed && random_() % 2 == 0) {
      progress |= move_store();
      progress |= move_client();
    } else {
      progress |= move_client();
      progress |= move_store();
    }
    progress |= release();
    progress |= talk_to_model();
  }
}

std::size_t SessionHarness::piece_of(std::size_t piece) {
  if (delivery_.seed) return 1 + random_() % 40;
  return piece == 0 ? std::string::npos : piece;
}

// A blocked session is not read for, as in the relay.
bool SessionHarness::move_client() {
  if (session_->client_blocked()) return false;
  return offer(client_, delivery_.client_piece, &Session::on_client);
}

bool SessionHarness::move_store() {
  return offer(store_, delivery_.store_piece, &Session::on_store);
}

// One more piece arrives, and the session is offered all that is there.
bool SessionHarness::offer(Inbox& inbox, std::size_t piece,
                           std::size_t (Session::*event)(ByteView, Instant)) {
  const std::size_t left = inbox.bytes.size() - inbox.visible;
  const std::size_t arriving = std::min(left, piece_of(piece));
  if (inbox.visible + arriving == 0) return false;
  inbox.visible += arriving;
  const std::string offered =
      inbox.bytes.substr(0, inbox.visible);  // of its own: views must not outlive it
  const std::size_t consumed = (session_.get()->*event)(as_bytes(offered), now_);
  after_event();
  EXPECT_LE(consumed, offered.size());
  inbox.bytes.erase(0, consumed);
  inbox.visible -= consumed;
  return arriving > 0 || consumed > 0;
}

void SessionHarness::after_event() {
  for (const Lent& lent : lent_) {
    if (lent.to_store)
      for_store_.push_back({std::string(as_text(lent.bytes)), lent.gate});
    else
      to_client_ += as_text(lent.bytes);
  }
  lent_.clear();
}

bool SessionHarness::release() {
  bool released = false;
  while (!for_store_.empty() && for_store_.front().gate <= durable_) {
    const std::string& bytes = for_store_.front().bytes;
    store_bytes_total_ += bytes.size();
    to_store_ += bytes;
    if (model_) model_->receive(bytes);
    for_store_.pop_front();
    released = true;
  }
  return released;
}

bool SessionHarness::talk_to_model() {
  if (!model_) return false;
  const std::string output = model_->take_output();
  store_.bytes += output;
  return !output.empty();
}

// The store is about to run it: as a write, only when that is on record for good.
void SessionHarness::check_run(const TinyStatement& statement) {
  if (statement.verb != Verb::kInsert && statement.verb != Verb::kCopyIn) return;
  const std::size_t run = ++writes_run_[statement.text];
  const auto durable =
      std::count_if(all_intents_.begin(), all_intents_.end(), [&](const IntentSeen& intent) {
        return intent.text.find(statement.text) != std::string::npos && intent.allowed &&
               intent.writes && intent.ticket <= durable_;
      });
  EXPECT_GE(static_cast<std::size_t>(durable), run)
      << statement.text << " runs before it is on record";
}

std::string SessionHarness::to_store() {
  return readable_client_stream(std::exchange(to_store_, {}));
}

std::string SessionHarness::to_client() {
  return readable_store_stream(client_bytes());
}

std::string SessionHarness::gated() const {
  std::string bytes;
  for (const Gated& part : for_store_) bytes += part.bytes;
  return readable_client_stream(bytes);
}

std::string SessionHarness::intents() {
  return std::exchange(intents_, {});
}
std::string SessionHarness::outcomes() {
  return std::exchange(outcomes_, {});
}

void SessionHarness::end() {
  session_->end(now_);
  after_event();
}

void SessionHarness::send_fatal(std::string_view sqlstate, std::string_view message) {
  session_->send_fatal(sqlstate, message, {});
  after_event();
}

void SessionHarness::send_store(ByteView bytes, Ticket gate) {
  EXPECT_FALSE(has_closed_) << "bytes for the store after close()";
  EXPECT_FALSE(bytes.empty());
  lent_.push_back({bytes, true, gate});
}

void SessionHarness::send_client(ByteView bytes) {
  EXPECT_FALSE(has_closed_) << "bytes for the client after close()";
  EXPECT_FALSE(bytes.empty());
  lent_.push_back({bytes, false, Ticket{}});
}

Ticket SessionHarness::record(const journal::Intent& intent) {
  EXPECT_EQ(intent.statement.value, all_intents_.size() + 1)
      << "statements are numbered without gaps";
  last_ticket_ = Ticket{last_ticket_.value + 1};
  if (!records_held_) durable_ = last_ticket_;
  if (intent.text_present) texts_.try_emplace(intent.text_hash, intent.text);
  const std::string_view text = texts_[intent.text_hash];  // a map's entries stay where they are
  const bool allowed = intent.verdict == journal::Verdict::kAllow;
  all_intents_.push_back({.statement = intent.statement,
                          .ticket = last_ticket_,
                          .allowed = allowed,
                          .writes = intent.writes,
                          .text = text,
                          .index = intent.index,
                          .via = intent.via});
  std::string line = std::to_string(intent.statement.value) + (allowed ? " allow " : " deny ") +
                     (allowed && intent.writes ? "write " : "") + std::string(intent.class_name);
  if (!allowed) line += " " + std::string(intent.sqlstate);
  if (intent.index > 0) line += " index=" + std::to_string(intent.index);
  if (!text.empty()) line += " [" + std::string(text.substr(0, 100)) + "]";
  add_line(intents_, line);
  return last_ticket_;
}

void SessionHarness::record(const journal::Outcome& outcome) {
  last_ticket_ = Ticket{last_ticket_.value + 1};
  if (!records_held_) durable_ = last_ticket_;
  const std::uint64_t number = outcome.statement.value;
  if (number == 0 || number > all_intents_.size()) {
    ADD_FAILURE() << "an outcome of statement " << number << ", which has no intent";
    return;
  }
  IntentSeen& intent = all_intents_[number - 1];
  EXPECT_TRUE(intent.allowed) << number;
  EXPECT_FALSE(intent.ended) << "statement " << number << " has two outcomes";
  const bool seen_by_client = outcome.ending == journal::Ending::kCompleted ||
                              outcome.ending == journal::Ending::kSuspended ||
                              outcome.ending == journal::Ending::kFailed;
  EXPECT_TRUE(!seen_by_client || intent.ticket <= durable_)
      << "answered before it is on record: " << number;
  intent.ended = true;
  intent.ending = outcome.ending;
  std::string line = std::to_string(number) + " " + ending_name(outcome.ending);
  for (std::string_view part : {outcome.sqlstate, outcome.command_tag})
    if (!part.empty()) line += " " + std::string(part);
  if (outcome.rows > 0) line += " rows=" + std::to_string(outcome.rows);
  if (outcome.masked_cells > 0) line += " masked=" + std::to_string(outcome.masked_cells);
  if (outcome.detected_cells > 0) line += " detected=" + std::to_string(outcome.detected_cells);
  add_line(outcomes_, line);
  all_outcomes_.push_back(
      {outcome, std::string(outcome.sqlstate), std::string(outcome.command_tag)});
}

void SessionHarness::close(const CloseRequest& request) {
  EXPECT_FALSE(has_closed_) << "closed twice";
  has_closed_ = true;
  closed_ = (request.alarm ? "alarm: " : "") + std::string(request.reason);
}

void for_each_delivery(const std::function<void(SessionHarness&)>& body) {
  std::vector<Delivery> deliveries = {
      {.name = "whole"},
      {.name = "client byte by byte", .client_piece = 1},
      {.name = "store byte by byte", .store_piece = 1},
      {.name = "both byte by byte", .client_piece = 1, .store_piece = 1},
      {.name = "in twos", .client_piece = 2, .store_piece = 2},
      {.name = "in sevens", .client_piece = 7, .store_piece = 7},
  };
  for (std::uint32_t seed = 1; seed <= 20; ++seed)
    deliveries.push_back({.name = "random " + std::to_string(seed), .seed = seed});
  for (const Delivery& delivery : deliveries) {
    SCOPED_TRACE(delivery.name);
    SessionHarness harness(delivery);
    body(harness);
    if (::testing::Test::HasFailure()) return;  // one delivery is enough to read
  }
}

}  // namespace tracegate::session::testing
