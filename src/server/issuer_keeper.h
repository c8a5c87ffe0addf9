// Keeps the keys of each issuer fresh: fetches what identity::IssuerKeys says is due, and hands
// each change of the keys in force to a callback. A thread of its own parses and calls back;
// requests run on the HttpClient's.
//
// An issuer that use() takes away or changes loses its keys in that call; a changed one starts
// anew. One whose settings are the same keeps its keys and its rhythm.
//
// Threading: thread-safe. The callbacks run on the keeper's thread or inside use(), with the
// keeper's lock held: they post on what they get, and call nothing of the keeper.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "src/http/client.h"
#include "src/identity/issuer_keys.h"

namespace tracegate::server {

struct IssuerSource {
  std::string name = {};  // the policy's
  identity::IssuerSettings keys = {};
  std::string ca_file = {};  // see http::Request
  bool operator==(const IssuerSource&) const = default;
};

class IssuerKeeper {
 public:
  // Null keys: none are in force (any more).
  using OnKeys = std::function<void(const std::string& issuer, identity::KeySetRef keys)>;
  // Gets the keys that are in force after the round. OnKeys has been called with them before.
  using OnAsked = std::function<void(identity::KeySetRef keys)>;

  // `client` outlives the keeper.
  IssuerKeeper(http::HttpClient& client, identity::DocumentParsers parsers, OnKeys on_keys);
  // Those who wait are not called any more.
  ~IssuerKeeper();
  IssuerKeeper(const IssuerKeeper&) = delete;
  IssuerKeeper& operator=(const IssuerKeeper&) = delete;

  // These issuers from now on, by distinct names. An error names the issuer whose settings cannot
  // work, and leaves everything as it was.
  [[nodiscard]] Status use(const std::vector<IssuerSource>& issuers);

  enum class Asked {
    kKnown,    // find() has it
    kUnknown,  // no such key, or no such issuer
    kWait,     // a round is under way or about to begin: `on_asked` follows, once
    kBusy,     // a round would tell, but kMaxWaiting wait for it already
  };
  // For a token that names a key which the caller's keys do not have. When it has to wait depends
  // on identity::IssuerKeys, and for how long on the time limits below: at most two documents.
  // `on_asked` is dropped unless the answer is kWait.
  [[nodiscard]] Asked ask_for(std::string_view issuer, std::string_view key_id, OnAsked on_asked);
  static constexpr std::size_t kMaxWaiting = 1024;  // for each issuer

  // The keys in force; null if there are none.
  [[nodiscard]] identity::KeySetRef find(std::string_view issuer) const;

  struct Health {
    std::string issuer;
    identity::IssuerKeys::Health keys;
  };
  [[nodiscard]] std::vector<Health> health() const;  // by name

  // Waits until each issuer has been tried once, at most `limit`.
  void wait_first_rounds(Milliseconds limit);

  // Of each document.
  static constexpr Milliseconds kTotalTimeout{10'000};
  static constexpr Milliseconds kConnectTimeout{5'000};
  static constexpr ByteCount kMaxDocument = 256_KiB;

 private:
  class Issuer;
  // What the HTTP client brought for a fetch.
  struct Arrival {
    std::uint64_t fetch;
    Result<http::Response> response;
  };
  // Filled by the HTTP client's thread. Apart from mutex_, so that a Call may be destroyed, which
  // waits for its callback, while mutex_ is held.
  struct Inbox {
    std::mutex mutex;
    std::condition_variable filled;
    std::vector<Arrival> arrivals;
    bool poked = false;  // something has changed that decides what is due
    bool stopping = false;
  };

  void run();
  // Sleeps until `at` or until there is something in the inbox. False: the end.
  [[nodiscard]] bool sleep(Microseconds at, std::vector<Arrival>& arrivals);
  void poke();
  // Does what is due; returns when something will be again. mutex_ is held in these.
  Microseconds work(std::vector<Arrival>& arrivals);
  void fetch_due(Issuer& issuer);
  void take(Issuer& issuer, const Result<http::Response>& response);
  void end_round(Issuer& issuer, identity::IssuerKeys::Outcome outcome);
  void publish(Issuer& issuer);

  http::HttpClient& client_;
  const identity::DocumentParsers parsers_;
  const OnKeys on_keys_;
  Inbox inbox_;
  mutable std::mutex mutex_;  // guards the rest; never taken while inbox_.mutex is held
  std::condition_variable tried_;
  std::map<std::string, std::unique_ptr<Issuer>, std::less<>> issuers_;
  std::uint64_t fetches_ = 0;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace tracegate::server
