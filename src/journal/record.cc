#include "src/journal/record.h"

#include <bit>
#include <cstring>

namespace tracegate::journal {
namespace {

static_assert(std::endian::native == std::endian::little,
              "integers are copied as they stand in memory");

enum class Kind : std::uint8_t {
  kGatewayStarted = 1,
  kPolicyLoaded = 2,
  kSessionOpened = 3,
  kLoginRefused = 4,
  kIntent = 5,
  kOutcome = 6,
  kSessionClosed = 7,
  kMaskedOutcome = 8,  // an Outcome with masked cells; one without them is a kOutcome
};

constexpr std::string_view kEllipsis = "…";

// Writes into room that was made once: an intent has twenty fields, and growing the string for each
// of them would cost more than all the rest of a record.
class Encoder {
 public:
  // `bound` is at least what will be written.
  Encoder(std::string& out, Kind kind, std::size_t bound) : out_(out), begin_(out.size()) {
    out_.resize(begin_ + 1 + bound);
    at_ = out_.data() + begin_;
    *at_++ = static_cast<char>(kind);
  }
  ~Encoder() {
    TG_CHECK(at_ <= out_.data() + out_.size(), "a journal record overran its bound");
    out_.resize(static_cast<std::size_t>(at_ - out_.data()));
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  template <typename Integer>
  void number(Integer value) {
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  void flag(bool value) { number<std::uint8_t>(value ? 1 : 0); }
  void time(Microseconds value) { number<std::int64_t>(value.count()); }
  template <std::size_t kSize>
  void raw(const std::array<std::uint8_t, kSize>& bytes) {
    std::memcpy(at_, bytes.data(), kSize);
    at_ += kSize;
  }
  void name(std::string_view value) { string<std::uint16_t>(value, kMaxName); }
  void text(std::string_view value) { string<std::uint32_t>(value, kMaxText); }

 private:
  template <typename Length>
  void string(std::string_view value, std::size_t limit) {
    const bool cut = value.size() > limit;
    if (cut) value = value.substr(0, boundary_before(value, limit - kEllipsis.size()));
    number(static_cast<Length>(value.size() + (cut ? kEllipsis.size() : 0)));
    bytes(value);
    if (cut) bytes(kEllipsis);
  }
  void bytes(std::string_view value) {
    if (value.empty()) return;  // data() may be null then
    std::memcpy(at_, value.data(), value.size());
    at_ += value.size();
  }
  // The largest position up to `limit` that is not inside a UTF-8 sequence.
  static std::size_t boundary_before(std::string_view value, std::size_t limit) {
    std::size_t at = limit;
    while (at > 0 && limit - at < 3 && (static_cast<unsigned char>(value[at]) & 0xc0) == 0x80) --at;
    return at;
  }

  std::string& out_;
  std::size_t begin_;
  char* at_ = nullptr;
};

// The first failure sticks: everything read behind it is zero or empty.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  template <typename Integer>
  Integer number() {
    Integer value{};
    const std::string_view bytes = take(sizeof value);
    if (!failed_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  bool flag() {
    const auto value = number<std::uint8_t>();
    if (value > 1) failed_ = true;
    return value == 1;
  }
  template <typename Enum>
  Enum enumerator(Enum last) {
    const auto value = number<std::uint8_t>();
    if (value < 1 || value > static_cast<std::uint8_t>(last)) failed_ = true;
    return static_cast<Enum>(value);
  }
  Microseconds time() { return Microseconds(number<std::int64_t>()); }
  template <std::size_t kSize>
  std::array<std::uint8_t, kSize> raw() {
    std::array<std::uint8_t, kSize> value{};
    const std::string_view bytes = take(kSize);
    if (!failed_) std::memcpy(value.data(), bytes.data(), kSize);
    return value;
  }
  std::string_view name() { return take(number<std::uint16_t>()); }
  std::string_view text() {
    const auto size = number<std::uint32_t>();
    if (size > kMaxText) failed_ = true;
    return take(size);
  }
  SessionId session() { return SessionId{raw<16>()}; }

  void refuse() { failed_ = true; }
  [[nodiscard]] bool finished() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool failed_ = false;
};

constexpr std::size_t kName = sizeof(std::uint16_t);  // the length before a name
constexpr std::size_t kText = sizeof(std::uint32_t);

GatewayStarted decode_gateway_started(Decoder& in) {
  GatewayStarted record;
  record.at = in.time();
  record.version = in.name();
  record.host = in.name();
  return record;
}

PolicyLoaded decode_policy_loaded(Decoder& in) {
  PolicyLoaded record;
  record.at = in.time();
  record.policy_version.value = in.number<std::uint64_t>();
  record.digest = in.name();
  return record;
}

SessionOpened decode_session_opened(Decoder& in) {
  SessionOpened record;
  record.at = in.time();
  record.session = in.session();
  record.policy_version.value = in.number<std::uint64_t>();
  record.tls = in.flag();
  record.subject = in.name();
  record.role = in.name();
  record.upstream = in.name();
  record.store = in.name();
  record.client = in.name();
  record.application = in.name();
  record.authentication = in.name();
  return record;
}

LoginRefused decode_login_refused(Decoder& in) {
  LoginRefused record;
  record.at = in.time();
  record.session = in.session();
  record.user = in.name();
  record.database = in.name();
  record.client = in.name();
  record.sqlstate = in.name();
  record.reason = in.name();
  return record;
}

Intent decode_intent(Decoder& in) {
  Intent record;
  record.at = in.time();
  record.session = in.session();
  record.statement.value = in.number<std::uint64_t>();
  record.policy_version.value = in.number<std::uint64_t>();
  record.verdict = in.enumerator(Verdict::kDeny);
  record.via = in.enumerator(Via::kBind);
  record.writes = in.flag();
  record.text_present = in.flag();
  record.statement_class = in.number<std::uint8_t>();
  record.index = in.number<std::uint16_t>();
  record.text_hash = in.raw<32>();
  record.class_name = in.name();
  record.rule = in.name();
  record.reason = in.name();
  record.sqlstate = in.name();
  if (record.text_present) record.text = in.text();
  return record;
}

Outcome decode_outcome(Decoder& in) {
  Outcome record;
  record.at = in.time();
  record.session = in.session();
  record.statement.value = in.number<std::uint64_t>();
  record.ending = in.enumerator(Ending::kAborted);
  record.rows = in.number<std::uint64_t>();
  record.bytes = in.number<std::uint64_t>();
  record.bytes_in = in.number<std::uint64_t>();
  record.duration = in.time();
  record.sqlstate = in.name();
  record.command_tag = in.name();
  return record;
}

Outcome decode_masked_outcome(Decoder& in) {
  const auto masked_cells = in.number<std::uint64_t>();
  const auto detected_cells = in.number<std::uint64_t>();
  if (masked_cells == 0 && detected_cells == 0) in.refuse();
  Outcome record = decode_outcome(in);
  record.masked_cells = masked_cells;
  record.detected_cells = detected_cells;
  return record;
}

SessionClosed decode_session_closed(Decoder& in) {
  SessionClosed record;
  record.at = in.time();
  record.session = in.session();
  record.statements = in.number<std::uint64_t>();
  record.bytes_to_client = in.number<std::uint64_t>();
  record.bytes_to_store = in.number<std::uint64_t>();
  record.reason = in.name();
  return record;
}

Record decode_kind(Kind kind, Decoder& in) {
  switch (kind) {
    case Kind::kGatewayStarted:
      return decode_gateway_started(in);
    case Kind::kPolicyLoaded:
      return decode_policy_loaded(in);
    case Kind::kSessionOpened:
      return decode_session_opened(in);
    case Kind::kLoginRefused:
      return decode_login_refused(in);
    case Kind::kIntent:
      return decode_intent(in);
    case Kind::kOutcome:
      return decode_outcome(in);
    case Kind::kSessionClosed:
      return decode_session_closed(in);
    case Kind::kMaskedOutcome:
      return decode_masked_outcome(in);
  }
  in.refuse();
  return GatewayStarted{};
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllow:
      return "allow";
    case Verdict::kDeny:
      return "deny";
  }
  return "unknown";
}

std::string_view to_string(Via via) {
  switch (via) {
    case Via::kSimple:
      return "simple";
    case Via::kExtended:
      return "extended";
    case Via::kBind:
      return "bind";
    case Via::kFunctionCall:
      return "function_call";
    case Via::kStartup:
      return "startup";
  }
  return "unknown";
}

std::string_view to_string(Ending ending) {
  switch (ending) {
    case Ending::kCompleted:
      return "completed";
    case Ending::kFailed:
      return "failed";
    case Ending::kDenied:
      return "denied";
    case Ending::kSkipped:
      return "skipped";
    case Ending::kSuspended:
      return "suspended";
    case Ending::kAborted:
      return "aborted";
  }
  return "unknown";
}

void encode(const GatewayStarted& record, std::string& out) {
  Encoder to(out, Kind::kGatewayStarted,
             8 + 2 * kName + record.version.size() + record.host.size());
  to.time(record.at);
  to.name(record.version);
  to.name(record.host);
}

void encode(const PolicyLoaded& record, std::string& out) {
  Encoder to(out, Kind::kPolicyLoaded, 8 + 8 + kName + record.digest.size());
  to.time(record.at);
  to.number(record.policy_version.value);
  to.name(record.digest);
}

void encode(const SessionOpened& record, std::string& out) {
  Encoder to(out, Kind::kSessionOpened,
             8 + 16 + 8 + 1 + 7 * kName + record.subject.size() + record.role.size() +
                 record.upstream.size() + record.store.size() + record.client.size() +
                 record.application.size() + record.authentication.size());
  to.time(record.at);
  to.raw(record.session.bytes);
  to.number(record.policy_version.value);
  to.flag(record.tls);
  to.name(record.subject);
  to.name(record.role);
  to.name(record.upstream);
  to.name(record.store);
  to.name(record.client);
  to.name(record.application);
  to.name(record.authentication);
}

void encode(const LoginRefused& record, std::string& out) {
  Encoder to(out, Kind::kLoginRefused,
             8 + 16 + 5 * kName + record.user.size() + record.database.size() +
                 record.client.size() + record.sqlstate.size() + record.reason.size());
  to.time(record.at);
  to.raw(record.session.bytes);
  to.name(record.user);
  to.name(record.database);
  to.name(record.client);
  to.name(record.sqlstate);
  to.name(record.reason);
}

void encode(const Intent& record, std::string& out) {
  Encoder to(out, Kind::kIntent,
             8 + 16 + 8 + 8 + 5 + 2 + 32 + 4 * kName + kText + record.class_name.size() +
                 record.rule.size() + record.reason.size() + record.sqlstate.size() +
                 (record.text_present ? record.text.size() : 0));
  to.time(record.at);
  to.raw(record.session.bytes);
  to.number(record.statement.value);
  to.number(record.policy_version.value);
  to.number(static_cast<std::uint8_t>(record.verdict));
  to.number(static_cast<std::uint8_t>(record.via));
  to.flag(record.writes);
  to.flag(record.text_present);
  to.number(record.statement_class);
  to.number(record.index);
  to.raw(record.text_hash);
  to.name(record.class_name);
  to.name(record.rule);
  to.name(record.reason);
  to.name(record.sqlstate);
  if (record.text_present) to.text(record.text);
}

void encode(const Outcome& record, std::string& out) {
  const bool is_masked = record.masked_cells > 0 || record.detected_cells > 0;
  Encoder to(out, is_masked ? Kind::kMaskedOutcome : Kind::kOutcome,
             2 * 8 + 8 + 16 + 8 + 1 + 4 * 8 + 2 * kName + record.sqlstate.size() +
                 record.command_tag.size());
  if (is_masked) {
    to.number(record.masked_cells);
    to.number(record.detected_cells);
  }
  to.time(record.at);
  to.raw(record.session.bytes);
  to.number(record.statement.value);
  to.number(static_cast<std::uint8_t>(record.ending));
  to.number(record.rows);
  to.number(record.bytes);
  to.number(record.bytes_in);
  to.time(record.duration);
  to.name(record.sqlstate);
  to.name(record.command_tag);
}

void encode(const SessionClosed& record, std::string& out) {
  Encoder to(out, Kind::kSessionClosed, 8 + 16 + 3 * 8 + kName + record.reason.size());
  to.time(record.at);
  to.raw(record.session.bytes);
  to.number(record.statements);
  to.number(record.bytes_to_client);
  to.number(record.bytes_to_store);
  to.name(record.reason);
}

Result<Record> decode(std::string_view bytes) {
  Decoder in(bytes);
  const auto kind = in.number<std::uint8_t>();
  Record record = decode_kind(static_cast<Kind>(kind), in);
  if (!in.finished()) {
    return Error("a journal record of kind " + std::to_string(kind) + " and " +
                 std::to_string(bytes.size()) + " bytes is malformed");
  }
  return record;
}

}  // namespace tracegate::journal
