// What the journal records, as plain structs, and their encoding. One struct is one record; the
// encoding is fixed little-endian fields and length-prefixed strings behind a one-byte kind,
// written by encode() and read by decode(), which refuses whatever encode() would not have written
// (docs/journal.md has the table).
//
// A string longer than its limit (64 KiB - 1 for names and reasons, 64 MiB for texts) is cut at a
// UTF-8 boundary and ends in "…"; a text that was cut no longer matches its text_hash.
//
// Values of ingest statements are never in a record: texts of statements that write come with their
// constants replaced (policy::Plan::recorded_text).
// Threading: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/base/result.h"

namespace tracegate::journal {

// The gateway came up (first record of every run).
struct GatewayStarted {
  Microseconds at{};  // wall time, in every record
  std::string version;
  std::string host;
};

// A policy came into force.
struct PolicyLoaded {
  Microseconds at{};
  PolicyVersion policy_version;
  std::string digest;  // hex SHA-256 over the files in order of their names
};

// A login succeeded and the store is connected.
struct SessionOpened {
  Microseconds at{};
  SessionId session;
  std::string subject;  // who: "local:alice"
  std::string role;
  std::string upstream;        // name in the policy
  std::string store;           // host:port that took the connection
  std::string client;          // address:port
  std::string application;     // application_name at start-up, may be empty
  std::string authentication;  // "scram-sha-256", "scram-sha-256-plus"
  bool tls = false;
  PolicyVersion policy_version;
};

// A login failed, at whatever stage.
struct LoginRefused {
  Microseconds at{};
  SessionId session;
  std::string user;      // as claimed; printable(), cut
  std::string database;  // as claimed
  std::string client;
  std::string sqlstate;
  std::string reason;  // precise, unlike what the client was told
};

enum class Verdict : std::uint8_t { kAllow = 1, kDeny = 2 };
enum class Via : std::uint8_t {
  kSimple = 1,
  kExtended = 2,
  kFunctionCall = 3,
  kStartup = 4,
  kBind = 5
};
[[nodiscard]] std::string_view to_string(Verdict verdict);  // "allow", "deny"
[[nodiscard]] std::string_view to_string(
    Via via);  // "simple", "extended", "function_call", "startup"

// Somebody asks for a statement: durable before it takes effect and before its answer is seen.
struct Intent {
  Microseconds at{};
  SessionId session;
  StatementNo statement;
  Verdict verdict = Verdict::kDeny;
  Via via = Via::kSimple;
  bool writes = true;
  bool text_present = false;  // `text` belongs to text_hash; else an earlier record had it, and
                              // encode() leaves `text` out
  std::uint8_t statement_class = 0;  // sql::StatementClass, as number; class_name travels with it
  std::uint16_t index = 0;           // of the statement within its message, from 0
  PolicyVersion policy_version;
  std::array<std::uint8_t, 32> text_hash{};  // SHA-256 of the recorded text
  std::string_view
      class_name;             // "select"; borrowed by encode(), owned by the buffer after decode()
  std::string_view rule;      // borrowed likewise, as are the following
  std::string_view reason;    // of a denial; empty otherwise
  std::string_view sqlstate;  // of a denial; empty otherwise
  std::string_view text;
};

enum class Ending : std::uint8_t {
  kCompleted = 1,  // CommandComplete
  kFailed = 2,     // the store's ErrorResponse
  kDenied = 3,     // by the gateway
  kSkipped = 4,    // an earlier message of the pipeline failed
  kSuspended = 5,  // portal suspended: rows so far
  kAborted = 6,    // the session or the store went away in the middle
};
[[nodiscard]] std::string_view to_string(Ending ending);  // "completed", "failed", ...

// How it ended.
struct Outcome {
  Microseconds at{};
  SessionId session;
  StatementNo statement;
  Ending ending = Ending::kCompleted;
  std::uint64_t rows =
      0;  // DataRows or CopyData messages relayed, or rows by the command tag for writes
  std::uint64_t bytes = 0;       // of messages relayed to the client for it
  std::uint64_t bytes_in = 0;    // of CopyData relayed to the store for it
  Microseconds duration{};       // from the intent to the end
  std::string_view sqlstate;     // of an error; empty otherwise
  std::string_view command_tag;  // "INSERT 0 1"; empty if none
  // Cells of the result that the client got otherwise than the store sent them, and those of them
  // in which a detector found something.
  std::uint64_t masked_cells = 0;
  std::uint64_t detected_cells = 0;
};

// The session ended.
struct SessionClosed {
  Microseconds at{};
  SessionId session;
  std::string reason;  // "terminated by client", "idle timeout", ...
  std::uint64_t statements = 0;
  std::uint64_t bytes_to_client = 0;
  std::uint64_t bytes_to_store = 0;
};

using Record = std::variant<GatewayStarted, PolicyLoaded, SessionOpened, LoginRefused, Intent,
                            Outcome, SessionClosed>;

inline constexpr std::size_t kMaxName = 65'535;
inline constexpr std::size_t kMaxText = std::size_t{64} << 20;

// Appends the encoding of a record to `out`.
void encode(const GatewayStarted& record, std::string& out);
void encode(const PolicyLoaded& record, std::string& out);
void encode(const SessionOpened& record, std::string& out);
void encode(const LoginRefused& record, std::string& out);
void encode(const Intent& record, std::string& out);
void encode(const Outcome& record, std::string& out);
void encode(const SessionClosed& record, std::string& out);

// One whole record. Views in the result borrow from `bytes`.
[[nodiscard]] Result<Record> decode(std::string_view bytes);

}  // namespace tracegate::journal
