// When to fetch the keys of one issuer, and which of them are in force: a state machine. Time comes
// in, documents to fetch come out; it does no I/O, has no clock and no thread of its own.
//
// A round fetches the discovery document (OpenID Connect Discovery 1.0, section 4) and the key set
// (RFC 7517) that it names by jwks_uri; with a configured jwks_url, the key set only. A round is
// made
//   - at the start, and then every `refresh`: sooner if the key set's Cache-Control says so, but
//   not
//     below `min_refresh`; up to a tenth sooner by chance, so that gateways do not ask in step
//   - after a failure, by exponential back-off between `first_retry` and `longest_retry`
//   - at once when a token names a key that is not there, but at most every `ask_interval`,
//   whatever
//     tokens ask for. Such a round begins with the key set, if discovery has succeeded before.
//     A provider that said Retry-After is not asked before (up to `longest_retry`).
// A key id that a round did not bring counts as unknown for `ask_interval`, without a further
// round; up to kMaxRemembered are remembered.
//
// What is fetched replaces the keys in force only as a whole, and only if it is well formed, holds
// a key, and comes from where it should: `issuer` in the discovery document is the configured one
// byte for byte (Discovery section 4.3), jwks_uri is https, or http on the loopback if the issuer
// is that, too. Otherwise the round has failed. While rounds fail the keys stay in force until
// `max_stale` after the last success; then there are none.
//
// Threading: plain values; one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/crypto/digest.h"
#include "src/identity/key_set.h"

namespace tracegate::identity {

struct DiscoveryDocument {
  std::string issuer = {};
  std::string jwks_uri = {};
};

// Pure functions from the documents' texts, which are whatever the peer sent.
struct DocumentParsers {
  std::function<Result<DiscoveryDocument>(std::string_view text)> discovery;
  std::function<Result<KeySetRef>(std::string_view text)> keys;  // never a null KeySetRef
};

// What is not the operator's to set.
struct IssuerPace {
  Microseconds min_refresh = std::chrono::minutes(1);
  Microseconds ask_interval = std::chrono::seconds(30);
  Microseconds first_retry = std::chrono::seconds(5);
  Microseconds longest_retry = std::chrono::minutes(5);
  bool operator==(const IssuerPace&) const = default;
};

struct IssuerSettings {
  // "iss" of its tokens. For discovery a URL without query: https, or http on the loopback.
  std::string issuer = {};
  // Empty: by discovery. https, or http on the loopback. The issuer may then be any text.
  std::string jwks_url = {};
  Microseconds refresh = std::chrono::minutes(10);  // at least pace.min_refresh
  Microseconds max_stale = std::chrono::hours(1);   // at least `refresh`
  IssuerPace pace = {};
  bool operator==(const IssuerSettings&) const = default;
};

class IssuerKeys {
 public:
  static constexpr std::size_t kMaxKeyId = 255;  // bytes; a longer one is never asked for
  static constexpr std::size_t kMaxRemembered = 256;

  // Nothing is in force yet, the first round is due at once.
  [[nodiscard]] static Result<IssuerKeys> make(IssuerSettings settings, DocumentParsers parsers);

  // The URL of the document to fetch now, if one is due: then one of the two below is owed, before
  // the next is due. Also where keys that have become stale are dropped.
  [[nodiscard]] std::optional<std::string> due(Microseconds now);
  // When to call due() again, at the latest. Changes with every call below.
  [[nodiscard]] Microseconds wake_at() const;

  enum class Outcome {
    kGoesOn,     // the round has another document to fetch
    kSucceeded,  // the round has ended, its key set is in force: the same object if it is unchanged
    kFailed,     // the round has ended; health() says why
  };
  struct Document {
    std::string_view text;
    // What its Cache-Control says, if it says anything.
    std::optional<Microseconds> fresh_for = std::nullopt;
  };
  struct Failure {
    std::string reason;
    std::optional<Microseconds> retry_after = std::nullopt;
  };
  // What became of the fetch. `chance` is a random number of at least 0 and below 1.
  Outcome on_document(const Document& document, Microseconds now, double chance);
  Outcome on_failure(const Failure& failure, Microseconds now, double chance);

  enum class Asked {
    kKnown,    // it is among keys()
    kUnknown,  // it is not, and that is all there is to know for now
    kWait,     // it is not; look again when the round that is under way, or due now, has ended
  };
  [[nodiscard]] Asked ask(std::string_view key_id, Microseconds now);

  // Null: none. They are in force at `now` also if due() has not been called since.
  [[nodiscard]] KeySetRef keys(Microseconds now) const;

  struct Health {
    std::size_t keys = 0;  // in force
    std::optional<Microseconds> last_success = std::nullopt;
    unsigned failures = 0;        // rounds since then
    std::string last_error = {};  // of the last of them; one printable line
    std::string jwks_url = {};    // where the keys are; empty: not known yet
  };
  [[nodiscard]] Health health(Microseconds now) const;

 private:
  enum class Stage { kIdle, kFetchingDiscovery, kKeysDue, kFetchingKeys };

  IssuerKeys(IssuerSettings settings, DocumentParsers parsers, std::string discovery_url);

  Status use_discovery(std::string_view text);
  Status use_keys(std::string_view text);
  Outcome succeed(const Document& document, Microseconds now, double chance);
  Outcome fail(const Failure& failure, Microseconds now, double chance);
  [[nodiscard]] Microseconds may_ask_at() const;
  void remember_missing(const std::string& key_id, Microseconds now);

  IssuerSettings settings_;
  DocumentParsers parsers_;
  std::string discovery_url_;  // empty: without discovery
  std::string jwks_url_;       // empty: not known yet

  Stage stage_ = Stage::kIdle;
  bool asked_ = false;  // a token named an unknown key since the last round
  std::set<std::string, std::less<>> asked_for_;  // what those who wait asked for

  Microseconds next_round_{};   // by time
  Microseconds next_asked_{};   // a round that a token asks for, not before
  Microseconds quiet_until_{};  // by the provider's Retry-After
  std::map<std::string, Microseconds, std::less<>> missing_;  // until when

  KeySetRef keys_;
  crypto::Sha256Digest digest_{};  // of the text of keys_
  std::optional<Microseconds> last_success_;
  unsigned failures_ = 0;
  std::string last_error_;
};

}  // namespace tracegate::identity
