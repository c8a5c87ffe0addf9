// Everything around a session, for tests: a clock that stands still, a judge that is told what to
// refuse, a journal that is durable when a test says so, and a store: either the test itself
// answers
// (`answer`), or a model of PostgreSQL does (`with_model`).
//
//   SessionHarness h;
//   h.say(say::query("SELECT 1"));
//   EXPECT_EQ(h.to_store(), "Query(SELECT 1)");
//   h.answer(answer::complete("SELECT 1") + answer::ready('I'));
//   EXPECT_EQ(h.to_client(), "Complete(SELECT 1) Ready(I)");
//
// How bytes are cut on their way is a `Delivery`; a test written with CONVERSATION runs under many
// of them and must see the same each time.
//
// The harness checks by itself, in every test, what must hold always: views lent to Effects stay
// valid until the event is over; nothing is emitted after close(); no more is consumed than was
// offered; a write that the model runs has a durable intent; an outcome follows its intent, once,
// and not before that intent is durable.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/session/session.h"
#include "tests/session/fake_judge.h"
#include "tests/session/messages.h"
#include "tests/session/pg_model.h"

namespace tracegate::session::testing {

// In which pieces bytes arrive. 0: all that is there.
struct Delivery {
  std::string name = "whole";
  std::size_t client_piece = 0;
  std::size_t store_piece = 0;
  std::optional<std::uint32_t> seed = std::nullopt;  // pieces and turns at random
};

class SessionHarness : public Effects {
 public:
  explicit SessionHarness(Delivery delivery = {}, SessionOptions options = {});
  ~SessionHarness() override;
  SessionHarness(const SessionHarness&) = delete;
  SessionHarness& operator=(const SessionHarness&) = delete;

  FakeJudge judge;

  // Starts over with other options; to be called before anything else.
  void with_options(SessionOptions options);
  // Lets the model answer. It sees what has left for the store.
  void with_model(PgModel::Hooks hooks = {});

  // Bytes of the client, of the store (without a model).
  void say(std::string_view bytes);
  void answer(std::string_view bytes);
  // Queues bytes of the client without moving anything; run() or say() does.
  void queue(std::string_view bytes) { client_.bytes += bytes; }
  void run();
  void pass_time(Microseconds time);

  // Records become durable at once (the start) or when a test says so, by number from 1.
  void hold_records() { records_held_ = true; }
  void durable_up_to(std::uint64_t ticket);
  void durable_all();

  // What left for the store, what reached the client since the last call: readable, and as bytes.
  [[nodiscard]] std::string to_store();
  [[nodiscard]] std::string to_client();
  [[nodiscard]] std::string client_bytes() { return std::exchange(to_client_, {}); }
  void forget() { to_client_.clear(), to_store_.clear(), intents_.clear(), outcomes_.clear(); }
  // What waits for a gate.
  [[nodiscard]] std::string gated() const;
  [[nodiscard]] std::size_t store_bytes_total() const { return store_bytes_total_; }

  // Records since the last call, one line each:
  //   "1 allow select [SELECT 1]", "2 allow write insert [INSERT 1]", "3 deny select 42501 [SELECT
  //   9]" "1 completed SELECT 1 rows=1 masked=2 detected=1", "2 failed 22012", "3 skipped"
  [[nodiscard]] std::string intents();
  [[nodiscard]] std::string outcomes();
  struct OutcomeSeen {
    journal::Outcome outcome;  // its views are void
    std::string sqlstate;
    std::string tag;
  };
  [[nodiscard]] const std::vector<OutcomeSeen>& all_outcomes() const { return all_outcomes_; }
  struct IntentSeen {
    StatementNo statement;
    Ticket ticket;
    bool allowed = false;
    bool writes = false;
    std::string_view text;  // borrowed from the harness
    std::size_t index = 0;  // of the statement in the text
    bool ended = false;
    journal::Ending ending{};
    journal::Via via{};
  };
  [[nodiscard]] const std::vector<IntentSeen>& all_intents() const { return all_intents_; }

  // Why the session closed; empty if it did not. An alarm stands as "alarm: ...".
  [[nodiscard]] const std::string& closed() const { return closed_; }
  // Bytes that the session left.
  [[nodiscard]] std::size_t unread_of_client() const { return client_.bytes.size(); }
  [[nodiscard]] std::size_t unread_of_store() const { return store_.bytes.size(); }

  Session& session() { return *session_; }
  void end();
  void send_fatal(std::string_view sqlstate, std::string_view message);

 private:
  // Bytes on their way to the session: `visible` of them have arrived.
  struct Inbox {
    std::string bytes;
    std::size_t visible = 0;
  };
  struct Gated {
    std::string bytes;
    Ticket gate;
  };

  void send_store(ByteView bytes, Ticket gate) override;
  void send_client(ByteView bytes) override;
  Ticket record(const journal::Intent& intent) override;
  void record(const journal::Outcome& outcome) override;
  [[nodiscard]] Ticket durable() const override { return durable_; }
  void close(const CloseRequest& request) override;

  void after_event();
  bool move_client();
  bool move_store();
  bool offer(Inbox& inbox, std::size_t piece, std::size_t (Session::*event)(ByteView, Instant));
  bool release();
  bool talk_to_model();
  void check_run(const TinyStatement& statement);
  [[nodiscard]] std::size_t piece_of(std::size_t piece);

  Delivery delivery_;
  std::mt19937 random_;
  std::unique_ptr<Session> session_;
  std::optional<PgModel> model_;
  Instant now_{.wall = Microseconds{1'000'000}, .monotonic = Microseconds{5}};

  Inbox client_;
  Inbox store_;
  std::deque<Gated> for_store_;
  std::string to_store_;
  std::string to_client_;
  std::size_t store_bytes_total_ = 0;

  // Lent by the session during the current event.
  struct Lent {
    ByteView bytes;
    bool to_store = false;
    Ticket gate;
  };
  std::vector<Lent> lent_;

  Ticket last_ticket_{};
  Ticket durable_{};
  bool records_held_ = false;
  std::map<policy::TextHash, std::string> texts_;
  std::string intents_;
  std::string outcomes_;
  std::vector<IntentSeen> all_intents_;
  std::vector<OutcomeSeen> all_outcomes_;
  std::map<std::string, std::size_t> writes_run_;
  std::string closed_;
  bool has_closed_ = false;
};

// Runs `body` under every delivery of interest: whole, byte by byte on either side or both, in twos
// and sevens, and at random.
void for_each_delivery(const std::function<void(SessionHarness&)>& body);

// A test whose harness is `h` and that must hold however bytes are cut.
#define CONVERSATION(suite, name)                \
  static void suite##_##name(SessionHarness& h); \
  TEST(suite, name) {                            \
    for_each_delivery(&suite##_##name);          \
  }                                              \
  static void suite##_##name([[maybe_unused]] SessionHarness& h)

}  // namespace tracegate::session::testing
