#include "src/server/issuer_keeper.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>

#include "src/base/log.h"
#include "src/crypto/random.h"
#include "src/http/freshness.h"

namespace tracegate::server {
namespace {

using identity::IssuerKeys;
using identity::KeySetRef;

Microseconds monotonic() {
  return now().monotonic;
}

// At least 0 and below 1.
double chance() {
  const auto bytes = crypto::random_bytes<4>();
  std::uint32_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number / 4294967296.0;
}

// Whether a status asks for the patience that Retry-After may name (RFC 9110 section 10.2.3).
bool asks_for_patience(int status) {
  return status == 429 || status == 503;
}

}  // namespace

class IssuerKeeper::Issuer {
 public:
  Issuer(IssuerSource from, IssuerKeys keys) : source(std::move(from)), machine(std::move(keys)) {}

  const IssuerSource source;
  IssuerKeys machine;
  std::uint64_t fetch = 0;  // the one under way
  std::unique_ptr<http::Call> call;
  std::vector<OnAsked> waiting;
  KeySetRef published;
  bool tried = false;    // a round has ended
  bool failing = false;  // the last one failed

  // Those who wait learn what is in force.
  void answer(const KeySetRef& keys) {
    for (const OnAsked& on_asked : std::exchange(waiting, {})) on_asked(keys);
  }
};

IssuerKeeper::IssuerKeeper(http::HttpClient& client, identity::DocumentParsers parsers,
                           OnKeys on_keys)
    : client_(client), parsers_(std::move(parsers)), on_keys_(std::move(on_keys)) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the threads that expect them
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

IssuerKeeper::~IssuerKeeper() {
  {
    const std::lock_guard lock(inbox_.mutex);
    inbox_.stopping = true;
  }
  inbox_.filled.notify_one();
  thread_.join();
  issuers_.clear();  // ends the calls, whose callbacks use the inbox
}

Status IssuerKeeper::use(const std::vector<IssuerSource>& issuers) {
  std::map<std::string, std::unique_ptr<Issuer>, std::less<>> wanted;
  for (const IssuerSource& source : issuers) {
    Result<IssuerKeys> machine = IssuerKeys::make(source.keys, parsers_);
    if (!machine) return std::move(machine).error().with_context("issuer " + source.name);
    auto made = std::make_unique<Issuer>(source, std::move(machine).value());
    const bool is_new = wanted.emplace(source.name, std::move(made)).second;
    if (!is_new) return Error("issuer " + source.name + ": there are two of this name");
  }
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, issuer] : issuers_) {
      const auto found = wanted.find(name);
      if (found != wanted.end() && found->second->source == issuer->source) {
        found->second = std::move(issuer);
        continue;
      }
      if (issuer->published) on_keys_(name, nullptr);
      issuer->answer(nullptr);
    }
    issuers_ = std::move(wanted);
  }
  tried_.notify_all();
  poke();
  return Ok{};
}

IssuerKeeper::Asked IssuerKeeper::ask_for(std::string_view issuer, std::string_view key_id,
                                          OnAsked on_asked) {
  const std::lock_guard lock(mutex_);
  const auto found = issuers_.find(issuer);
  if (found == issuers_.end()) return Asked::kUnknown;
  Issuer& asked = *found->second;
  const Microseconds sleeps_until = asked.machine.wake_at();
  const IssuerKeys::Asked answer = asked.machine.ask(key_id, monotonic());
  if (asked.machine.wake_at() < sleeps_until) poke();
  switch (answer) {
    case IssuerKeys::Asked::kKnown:
      return Asked::kKnown;
    case IssuerKeys::Asked::kUnknown:
      return Asked::kUnknown;
    case IssuerKeys::Asked::kWait:
      break;
  }
  if (asked.waiting.size() >= kMaxWaiting) return Asked::kBusy;
  asked.waiting.push_back(std::move(on_asked));
  return Asked::kWait;
}

KeySetRef IssuerKeeper::find(std::string_view issuer) const {
  const std::lock_guard lock(mutex_);
  const auto found = issuers_.find(issuer);
  return found == issuers_.end() ? nullptr : found->second->machine.keys(monotonic());
}

std::vector<IssuerKeeper::Health> IssuerKeeper::health() const {
  const std::lock_guard lock(mutex_);
  std::vector<Health> all;
  for (const auto& [name, issuer] : issuers_)
    all.push_back({name, issuer->machine.health(monotonic())});
  return all;
}

void IssuerKeeper::wait_first_rounds(Milliseconds limit) {
  std::unique_lock lock(mutex_);
  tried_.wait_for(lock, limit, [this] {
    return std::all_of(issuers_.begin(), issuers_.end(),
                       [](const auto& entry) { return entry.second->tried; });
  });
}

void IssuerKeeper::poke() {
  {
    const std::lock_guard lock(inbox_.mutex);
    inbox_.poked = true;
  }
  inbox_.filled.notify_one();
}

void IssuerKeeper::run() {
  std::vector<Arrival> arrivals;
  Microseconds next = Microseconds::max();
  while (sleep(next, arrivals)) {
    const std::lock_guard lock(mutex_);
    next = work(arrivals);
  }
}

bool IssuerKeeper::sleep(Microseconds at, std::vector<Arrival>& arrivals) {
  // Longer than any interval; a time point of Microseconds::max() would overflow.
  constexpr Microseconds kLongest = std::chrono::hours(1);
  std::unique_lock lock(inbox_.mutex);
  const auto filled = [this] {
    return inbox_.stopping || inbox_.poked || !inbox_.arrivals.empty();
  };
  const Microseconds start = monotonic();
  if (at > start) inbox_.filled.wait_for(lock, std::min(at - start, kLongest), filled);
  inbox_.poked = false;
  arrivals = std::exchange(inbox_.arrivals, {});
  return !inbox_.stopping;
}

Microseconds IssuerKeeper::work(std::vector<Arrival>& arrivals) {
  Microseconds next = Microseconds::max();
  for (auto& [name, issuer] : issuers_) {
    for (const Arrival& arrival : arrivals)
      if (arrival.fetch == issuer->fetch) take(*issuer, arrival.response);
    fetch_due(*issuer);
    publish(*issuer);
    next = std::min(next, issuer->machine.wake_at());
  }
  return next;
}

void IssuerKeeper::fetch_due(Issuer& issuer) {
  const std::optional<std::string> url = issuer.machine.due(monotonic());
  if (!url) return;
  http::Request request;
  request.url = *url;
  request.ca_file = issuer.source.ca_file;
  request.plain_http = http::PlainHttp::kLoopback;  // the machine has judged the URL
  request.total_timeout = kTotalTimeout;
  request.connect_timeout = kConnectTimeout;
  request.max_body = kMaxDocument;
  request.headers.push_back({"Accept", Secret("application/json")});
  const std::uint64_t fetch = ++fetches_;
  issuer.fetch = fetch;
  auto call = client_.get(std::move(request), [this, fetch](Result<http::Response> response) {
    {
      const std::lock_guard lock(inbox_.mutex);
      inbox_.arrivals.push_back({fetch, std::move(response)});
    }
    inbox_.filled.notify_one();
  });
  if (!call) return take(issuer, std::move(call).error());
  issuer.call = std::move(call).value();
}

void IssuerKeeper::take(Issuer& issuer, const Result<http::Response>& response) {
  issuer.call.reset();
  issuer.fetch = 0;
  IssuerKeys& machine = issuer.machine;
  const Microseconds at = monotonic();
  IssuerKeys::Outcome outcome{};
  if (!response) {
    outcome = machine.on_failure({response.error().message}, at, chance());
  } else if (response->status != 200) {
    IssuerKeys::Failure failure;
    failure.reason = "answered with status " + std::to_string(response->status);
    if (asks_for_patience(response->status)) failure.retry_after = retry_after(response->headers);
    outcome = machine.on_failure(failure, at, chance());
  } else {
    outcome = machine.on_document({response->body, fresh_for(response->headers)}, at, chance());
  }
  if (outcome != IssuerKeys::Outcome::kGoesOn) end_round(issuer, outcome);
}

// The keys first, so that who waited finds them in use.
void IssuerKeeper::end_round(Issuer& issuer, IssuerKeys::Outcome outcome) {
  const bool failed = outcome == IssuerKeys::Outcome::kFailed;
  publish(issuer);
  issuer.answer(issuer.published);
  issuer.tried = true;
  tried_.notify_all();
  if (failed && !issuer.failing)
    log::warn("issuer {}: its keys could not be fetched: {}", issuer.source.name,
              issuer.machine.health(monotonic()).last_error);
  if (!failed && issuer.failing)
    log::info("issuer {}: its keys can be fetched again", issuer.source.name);
  issuer.failing = failed;
}

void IssuerKeeper::publish(Issuer& issuer) {
  const KeySetRef keys = issuer.machine.keys(monotonic());
  if (keys == issuer.published) return;
  issuer.published = keys;
  if (keys) {
    log::info("issuer {}: keys in force: {}", issuer.source.name, keys->size());
  } else {
    log::error("issuer {}: its keys are stale, none are in force", issuer.source.name);
  }
  on_keys_(issuer.source.name, keys);
}

}  // namespace tracegate::server
