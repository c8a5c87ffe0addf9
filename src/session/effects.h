// What a session asks of its surroundings. The session is a pure state machine: it owns no socket,
// no clock and no thread; the relay (or a test harness) implements these.
// Threading: everything of one session happens on one loop.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/ids.h"
#include "src/journal/record.h"
#include "src/policy/plan.h"

namespace tracegate::session {

// Why a session ends on the session's own decision.
struct CloseRequest {
  std::string_view reason;  // for the record and the log
  bool alarm = false;       // something that must not happen: a store that breaks the protocol, ...
};

class Effects {
 public:
  virtual ~Effects() = default;

  // Bytes for the store, in order. They, and all that follow, may leave only when the record of
  // `gate` is durable; Ticket{0} waits for nothing. `bytes` are borrowed until the current event
  // (on_client, on_store) returns.
  virtual void send_store(ByteView bytes, Ticket gate) = 0;
  // Bytes for the client, in order; borrowed likewise. The session has checked that the records
  // they answer are durable.
  virtual void send_client(ByteView bytes) = 0;

  virtual Ticket record(const journal::Intent& intent) = 0;
  virtual void record(const journal::Outcome& outcome) = 0;
  // Every record up to this ticket is durable.
  [[nodiscard]] virtual Ticket durable() const = 0;

  // End the session: what was sent so far is flushed, then both connections close. The session
  // emits nothing more afterwards.
  virtual void close(const CloseRequest& request) = 0;
};

// Judges texts for this session's role. Plans are shared with every session of the same worker.
class Judge {
 public:
  virtual ~Judge() = default;
  enum class Origin { kSimple, kParse };
  // `parameter_types` as Parse declares them.
  [[nodiscard]] virtual policy::PlanRef plan(std::string_view text, Origin origin,
                                             policy::ParameterTypes parameter_types) = 0;
  // The policy in force; a plan of another version is judged again before it runs.
  [[nodiscard]] virtual PolicyVersion version() const = 0;
  // The store's catalog as it is known now; a plan of another version is judged again likewise, as
  // what "*" stands for may have changed.
  [[nodiscard]] virtual std::uint64_t catalog_version() const = 0;
  // Administrators: names and messages that the session does not know go to the store all the same.
  [[nodiscard]] virtual bool unrestricted() const = 0;
  // Whether the relation exists for a restricted role: some rule is about it. Exact names.
  [[nodiscard]] virtual bool shows(std::string_view schema, std::string_view relation) const = 0;
};

}  // namespace tracegate::session
