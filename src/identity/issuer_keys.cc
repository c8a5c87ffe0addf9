#include "src/identity/issuer_keys.h"

#include <algorithm>

#include "src/base/http_url.h"
#include "src/base/log.h"

namespace tracegate::identity {
namespace {

constexpr std::size_t kMaxErrorText = 300;
constexpr unsigned kMostDoublings = 20;

bool is_plain(const HttpUrl& url) {
  return url.scheme == HttpUrl::Scheme::kHttp;
}

// Whether keys may be fetched from there at all.
Status check_reach(const HttpUrl& url) {
  if (is_plain(url) && !url.is_loopback())
    return Error(url.origin() + " is not https, and not of this machine");
  return Ok{};
}

// OpenID Connect Discovery 1.0, section 4.1.
Result<std::string> discovery_url_of(const std::string& issuer) {
  const Result<HttpUrl> url = HttpUrl::parse(issuer);
  if (!url) return url.error();
  TG_TRY(check_reach(*url));
  if (url->query) return Error("the URL of an issuer has no query");
  const std::string_view base(issuer);
  return std::string(base.substr(0, base.size() - (base.ends_with('/') ? 1 : 0))) +
         "/.well-known/openid-configuration";
}

Microseconds share_of(Microseconds whole, double share) {
  return Microseconds(static_cast<std::int64_t>(static_cast<double>(whole.count()) * share));
}

}  // namespace

Result<IssuerKeys> IssuerKeys::make(IssuerSettings settings, DocumentParsers parsers) {
  if (settings.refresh < settings.pace.min_refresh)
    return Error("keys would be refreshed more often than is permitted");
  if (settings.max_stale < settings.refresh)
    return Error("keys would become stale before they are refreshed");
  if (settings.jwks_url.empty()) {
    Result<std::string> discovery_url = discovery_url_of(settings.issuer);
    if (!discovery_url) return std::move(discovery_url).error().with_context("issuer");
    return IssuerKeys(std::move(settings), std::move(parsers), std::move(discovery_url).value());
  }
  const Result<HttpUrl> url = HttpUrl::parse(settings.jwks_url);
  if (!url) return Error(url.error()).with_context("jwks_url");
  if (Status reach = check_reach(*url); !reach)
    return std::move(reach).error().with_context("jwks_url");
  return IssuerKeys(std::move(settings), std::move(parsers), "");
}

IssuerKeys::IssuerKeys(IssuerSettings settings, DocumentParsers parsers, std::string discovery_url)
    : settings_(std::move(settings)),
      parsers_(std::move(parsers)),
      discovery_url_(std::move(discovery_url)),
      jwks_url_(settings_.jwks_url),
      next_round_(Microseconds::min()),
      next_asked_(Microseconds::min()),
      quiet_until_(Microseconds::min()) {}

std::optional<std::string> IssuerKeys::due(Microseconds now) {
  if (keys_ && !keys(now)) keys_ = nullptr;
  if (stage_ == Stage::kKeysDue) {
    stage_ = Stage::kFetchingKeys;
    return jwks_url_;
  }
  if (stage_ != Stage::kIdle) return std::nullopt;
  const bool by_time = now >= next_round_;
  const bool by_token = asked_ && now >= may_ask_at();
  if (!by_time && !by_token) return std::nullopt;
  if (by_token) next_asked_ = now + settings_.pace.ask_interval;
  asked_ = false;
  if (discovery_url_.empty()) {
    stage_ = Stage::kFetchingKeys;
    return jwks_url_;
  }
  stage_ = Stage::kFetchingDiscovery;
  return discovery_url_;
}

Microseconds IssuerKeys::wake_at() const {
  if (stage_ == Stage::kKeysDue) return Microseconds::min();
  Microseconds at = keys_ ? *last_success_ + settings_.max_stale : Microseconds::max();
  if (stage_ != Stage::kIdle) return at;
  if (asked_) at = std::min(at, may_ask_at());
  return std::min(at, next_round_);
}

Microseconds IssuerKeys::may_ask_at() const {
  return std::max(next_asked_, quiet_until_);
}

IssuerKeys::Outcome IssuerKeys::on_document(const Document& document, Microseconds now,
                                            double chance) {
  if (stage_ == Stage::kFetchingDiscovery) {
    if (Status used = use_discovery(document.text); !used)
      return fail({std::move(used).error().message}, now, chance);
    stage_ = Stage::kKeysDue;
    return Outcome::kGoesOn;
  }
  TG_CHECK(stage_ == Stage::kFetchingKeys, "a document that nobody asked for");
  if (Status used = use_keys(document.text); !used)
    return fail({std::move(used).error().message}, now, chance);
  return succeed(document, now, chance);
}

IssuerKeys::Outcome IssuerKeys::on_failure(const Failure& failure, Microseconds now,
                                           double chance) {
  TG_CHECK(stage_ == Stage::kFetchingDiscovery || stage_ == Stage::kFetchingKeys,
           "a failure of nothing");
  return fail(failure, now, chance);
}

Status IssuerKeys::use_discovery(std::string_view text) {
  Result<DiscoveryDocument> document = parsers_.discovery(text);
  if (!document) return std::move(document).error();
  if (document->issuer != settings_.issuer)
    return Error("it is of another issuer: " + document->issuer);
  const Result<HttpUrl> url = HttpUrl::parse(document->jwks_uri);
  if (!url) return Error(url.error()).with_context("jwks_uri");
  TG_TRY(check_reach(*url));
  const Result<HttpUrl> issuer = HttpUrl::parse(settings_.issuer);
  if (is_plain(*url) && !is_plain(*issuer)) return Error("jwks_uri is not https");
  jwks_url_ = std::move(document->jwks_uri);
  return Ok{};
}

Status IssuerKeys::use_keys(std::string_view text) {
  const crypto::Sha256Digest digest = crypto::sha256(as_bytes(text));
  if (keys_ && digest == digest_) return Ok{};
  Result<KeySetRef> parsed = parsers_.keys(text);
  if (!parsed) return std::move(parsed).error();
  if ((*parsed)->size() == 0) return Error("it holds no key that can be used");
  keys_ = std::move(parsed).value();
  digest_ = digest;
  return Ok{};
}

IssuerKeys::Outcome IssuerKeys::succeed(const Document& document, Microseconds now, double chance) {
  stage_ = Stage::kIdle;
  failures_ = 0;
  last_error_.clear();
  last_success_ = now;
  quiet_until_ = Microseconds::min();
  const Microseconds interval = std::clamp(document.fresh_for.value_or(settings_.refresh),
                                           settings_.pace.min_refresh, settings_.refresh);
  next_round_ = now + interval - share_of(interval / 10, chance);
  for (const std::string& key_id : asked_for_)
    if (!keys_->holds(key_id)) remember_missing(key_id, now);
  asked_for_.clear();
  return Outcome::kSucceeded;
}

IssuerKeys::Outcome IssuerKeys::fail(const Failure& failure, Microseconds now, double chance) {
  const char* const what = stage_ == Stage::kFetchingDiscovery ? "discovery: " : "key set: ";
  last_error_ = what + log::printable(failure.reason, kMaxErrorText);
  stage_ = Stage::kIdle;
  ++failures_;
  const Microseconds longest = std::min(settings_.pace.longest_retry, settings_.refresh);
  const auto doublings = std::min(failures_ - 1, kMostDoublings);
  const Microseconds pause =
      std::min(settings_.pace.first_retry * (std::int64_t{1} << doublings), longest);
  next_round_ = now + pause - share_of(pause / 2, chance);
  if (failure.retry_after) {
    quiet_until_ = now + std::clamp(*failure.retry_after, Microseconds{0}, longest);
    next_round_ = std::max(next_round_, quiet_until_);
  }
  asked_for_.clear();
  return Outcome::kFailed;
}

IssuerKeys::Asked IssuerKeys::ask(std::string_view key_id, Microseconds now) {
  const KeySetRef in_force = keys(now);
  if (in_force && in_force->holds(key_id)) return Asked::kKnown;
  if (key_id.size() > kMaxKeyId) return Asked::kUnknown;
  if (stage_ == Stage::kIdle) {
    const auto missing = missing_.find(key_id);
    if (missing != missing_.end() && now < missing->second) return Asked::kUnknown;
    asked_ = true;  // also if not now: it may be there when a round is permitted again
    if (now < may_ask_at() && now < next_round_) return Asked::kUnknown;
  }
  if (asked_for_.size() < kMaxRemembered) asked_for_.emplace(key_id);
  return Asked::kWait;
}

void IssuerKeys::remember_missing(const std::string& key_id, Microseconds now) {
  if (missing_.size() >= kMaxRemembered)
    std::erase_if(missing_, [&](const auto& entry) { return entry.second <= now; });
  if (missing_.size() >= kMaxRemembered && !missing_.contains(key_id)) return;
  missing_[key_id] = now + settings_.pace.ask_interval;
}

KeySetRef IssuerKeys::keys(Microseconds now) const {
  if (!keys_ || now >= *last_success_ + settings_.max_stale) return nullptr;
  return keys_;
}

IssuerKeys::Health IssuerKeys::health(Microseconds now) const {
  const KeySetRef in_force = keys(now);
  return {in_force ? in_force->size() : 0, last_success_, failures_, last_error_, jwks_url_};
}

}  // namespace tracegate::identity
