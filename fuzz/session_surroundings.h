// Everything around a session under fuzzing: its client, its store (tests/session/pg_model.h, or
// whatever bytes the input has), the gate before the store, and a journal that is durable when the
// input says so. The tests have another one (tests/session/harness.h), which reports to GoogleTest
// and is read by people; this one checks more, and ends the process.
//
// What it checks, whatever either side sends:
//   - no more is consumed than was offered; what is lent to Effects is valid until the event is
//     over (each event's bytes are an allocation of their own, for AddressSanitizer to see); gates
//     are tickets that were given; nothing is emitted after close(), close() comes once and says
//     why, nothing is recorded after end();
//   - both streams are sequences of frames, between_client_messages() is the truth about the
//     store's, and send_fatal() speaks exactly when the client's stands between two;
//   - no text reaches the store, not even the gate, that the policy in force refuses;
//   - statements are numbered without gaps; what is allowed is allowed by the policy in force; an
//     outcome follows its intent, once, and is no answer before that intent is durable; after end()
//     every allowed intent has its outcome;
//   - idle() and writes_under_way() agree with what is on record;
//   - where rows are masked, no value of a masked column reaches the client.
// And with the model as store:
//   - a write runs only with a durable intent;
//   - what completes is, statement by statement, what was judged and recorded, down to what EXECUTE
//     and FETCH find under a name;
//   - the session never blames this store, whatever the client does;
//   - with everything durable and delivered, the client is not kept waiting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/framer.h"
#include "src/session/session.h"
#include "tests/session/fake_judge.h"
#include "tests/session/pg_model.h"

namespace tracegate::session::testing {

// Takes a stream apart again. What is not a sequence of frames ends the process.
class FrameCheck {
 public:
  explicit FrameCheck(proto::Direction direction) : framer_(direction, {}) {}
  // Calls `whole` with type and body of each frame that ends in `bytes`.
  template <typename Whole>
  void take(std::string_view bytes, const Whole& whole);
  [[nodiscard]] bool between_frames() const { return frame_.empty(); }

 private:
  proto::Framer framer_;
  std::string frame_;  // what has come of it
  proto::FrameHeader header_;
};

// Statements whose rows are masked, with the model as store: each row has its statement's text.
[[nodiscard]] const std::vector<std::string>& masked_texts();
// Stands for what must not be seen, with the input as store.
inline constexpr std::string_view kCanary = "canary";

// The policies that can come into force: texts that are refused, by how they begin.
[[nodiscard]] const std::vector<std::vector<std::string>>& policies();

class Surroundings : public Effects {
 public:
  enum class Store { kModel, kInput };
  Surroundings(const SessionOptions& options, Store store, bool unrestricted);
  ~Surroundings() override;
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  // Bytes set out for the session.
  void from_client(std::string_view bytes) { client_.bytes += bytes; }
  // (Of a model that has said goodbye nothing comes any more.)
  void from_store(std::string_view bytes) {
    if (!model_ || !model_->ended()) store_.bytes += bytes;
  }
  // At most so many of them arrive; the session is offered what is there.
  void client_arrives(std::size_t piece) { offer(client_, piece, &Session::on_client); }
  void store_arrives(std::size_t piece) { offer(store_, piece, &Session::on_store); }
  // All of them, piece by piece, until nothing moves.
  void run(std::size_t piece);

  void hold_records(bool held) { records_held_ = held; }
  void make_durable(std::uint64_t records);
  void pass_time(Microseconds time);
  void set_policy(std::size_t index);  // of policies()
  void change_catalog() { judge_.change_catalog(); }
  // From now on, under every policy: of the model, the rows of masked_texts() and of COPY are
  // masked; of the input, all rows.
  void mask_rows();
  void send_fatal();
  void end();

  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] bool has_model() const { return model_.has_value(); }

  // With everything durable and delivered. `finished`: the client sent whole, well-formed messages,
  // that end outside of a COPY and with a Sync; it must have its answer.
  void check_at_rest(bool finished) const;

 private:
  struct Inbox {
    std::string bytes;
    std::size_t visible = 0;  // have arrived
  };
  struct Lent {
    ByteView bytes;
    bool to_store = false;
    Ticket gate;
  };
  struct Gated {
    std::string bytes;
    Ticket gate;
  };
  struct Recorded {
    journal::Via via{};
    Ticket ticket;
    bool allowed = false;
    bool writes = false;
    bool has_outcome = false;
    std::size_t policy = 0;  // that was in force
    std::string statement;   // empty if the session could not know it
  };
  // A statement that the model ran.
  struct Ran {
    std::string statement;
    Ticket durable;                   // when it began
    std::vector<TinyStatement> uses;  // found under names
  };

  void send_store(ByteView bytes, Ticket gate) override;
  void send_client(ByteView bytes) override;
  Ticket record(const journal::Intent& intent) override;
  void record(const journal::Outcome& outcome) override;
  [[nodiscard]] Ticket durable() const override { return durable_; }
  void close(const CloseRequest& request) override;

  bool offer(Inbox& inbox, std::size_t piece, std::size_t (Session::*event)(ByteView, Instant));
  void after_event();
  void release();
  Ticket next_ticket();
  void set_masks();
  void check_for_client(char type, std::string_view body) const;
  void check_text_for_store(char type, std::string_view body);
  void check_run(const TinyStatement& statement);
  void check_completed(const Recorded& intent);

  FakeJudge judge_;
  std::size_t policy_ = 0;
  const bool unrestricted_;
  std::optional<PgModel> model_;
  Session session_;
  Instant now_{.wall = Microseconds{1'000'000}, .monotonic = Microseconds{5}};

  Inbox client_;
  Inbox store_;
  std::vector<Lent> lent_;  // during the current event
  std::deque<Gated> gated_;
  FrameCheck to_client_{proto::Direction::kFromServer};
  FrameCheck to_store_{proto::Direction::kFromClient};
  char last_to_client_ = 0;  // type of the last whole frame

  Ticket last_ticket_{};
  Ticket durable_{};
  bool records_held_ = false;
  std::map<policy::TextHash, std::string> texts_;
  std::vector<Recorded> intents_;
  std::size_t open_ = 0;  // allowed, without an outcome
  std::size_t open_writes_ = 0;
  std::map<std::string, std::size_t> writes_run_;
  std::vector<TinyStatement> uses_;  // of what runs
  Ticket durable_at_run_{};
  std::deque<Ran> ran_;  // and not yet seen to have completed
  bool masks_rows_ = false;
  bool has_closed_ = false;
  bool of_client_ = false;  // the present event is one of the client
  bool has_ended_ = false;
};

}  // namespace tracegate::session::testing
