// Against a real HTTPS server, which a test changes and stops as a provider would.
#include "src/server/issuer_keeper.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/http/server.h"

namespace tracegate::server {
namespace {

using http::kPatience;
using identity::DiscoveryDocument;
using identity::DocumentParsers;
using identity::IssuerPace;
using identity::KeySet;
using identity::KeySetRef;
using Asked = IssuerKeeper::Asked;

// As in tests/identity/issuer_keys_test.cc, but with one key in a set: its text is the key's id.
class OneKey : public KeySet {
 public:
  explicit OneKey(std::string_view id) : id_(id) {}
  [[nodiscard]] bool holds(std::string_view key_id) const override { return key_id == id_; }
  [[nodiscard]] std::size_t size() const override { return id_.empty() ? 0 : 1; }

 private:
  std::string id_;
};

DocumentParsers parsers() {
  return {[](std::string_view text) -> Result<DiscoveryDocument> {
            const std::size_t blank = text.find(' ');
            if (blank == std::string_view::npos) return Error("malformed");
            return DiscoveryDocument{std::string(text.substr(0, blank)),
                                     std::string(text.substr(blank + 1))};
          },
          [](std::string_view text) -> Result<KeySetRef> {
            if (text == "bad") return Error("malformed");
            return KeySetRef(std::make_shared<OneKey>(text));
          }};
}

// An identity provider with one key at a time.
class Provider {
 public:
  explicit Provider(const net::Identity& identity)
      : server_([this](http::Exchange& exchange) { answer(exchange); }, identity) {}

  void use_key(std::string key) { set(key_, std::move(key)); }
  void use_header(std::string header) { set(header_, std::move(header)); }
  void use_status(int status) { set(status_, status); }

  [[nodiscard]] std::string issuer() const { return server_.url("/realm"); }
  [[nodiscard]] http::TestServer& server() { return server_; }
  [[nodiscard]] std::size_t key_requests() const { return server_.requests("/keys"); }

 private:
  template <typename T>
  void set(T& member, T value) {
    const std::lock_guard lock(mutex_);
    member = std::move(value);
  }
  void answer(http::Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    const bool discovery = exchange.path() == "/realm/.well-known/openid-configuration";
    exchange.answer(status_, discovery ? issuer() + " " + server_.url("/keys") : key_, {header_});
  }

  std::mutex mutex_;
  std::string key_ = "first";
  std::string header_ = "X-Nothing: 1";
  int status_ = 200;
  http::TestServer server_;  // last: its threads use the above
};

// What a worker would see.
class Seen {
 public:
  IssuerKeeper::OnKeys on_keys() {
    return [this](const std::string& issuer, KeySetRef keys) {
      const std::lock_guard lock(mutex_);
      keys_[issuer] = std::move(keys);
      ++changes_;
      changed_.notify_all();
    };
  }
  IssuerKeeper::OnAsked on_asked() {
    return [this](KeySetRef keys) {
      const std::lock_guard lock(mutex_);
      answers_.push_back(std::move(keys));
      changed_.notify_all();
    };
  }
  [[nodiscard]] bool wait_for_key(const std::string& issuer, const std::string& key) {
    return wait([&] { return keys_[issuer] && keys_[issuer]->holds(key); });
  }
  [[nodiscard]] bool wait_for_no_keys(const std::string& issuer) {
    return wait([&] { return keys_.contains(issuer) && !keys_[issuer]; });
  }
  [[nodiscard]] std::vector<KeySetRef> wait_for_answers(std::size_t count) {
    EXPECT_TRUE(wait([&] { return answers_.size() >= count; }));
    const std::lock_guard lock(mutex_);
    return answers_;
  }
  [[nodiscard]] int changes() const {
    const std::lock_guard lock(mutex_);
    return changes_;
  }

 private:
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, condition);
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, KeySetRef> keys_;
  std::vector<KeySetRef> answers_;
  int changes_ = 0;
};

// A thousand times as fast as in earnest, where a test does not say otherwise.
constexpr IssuerPace kQuick = {.min_refresh = Milliseconds{60},
                               .ask_interval = Milliseconds{30},
                               .first_retry = Milliseconds{5},
                               .longest_retry = Milliseconds{300}};
constexpr Microseconds kNever = std::chrono::hours(1);
constexpr auto kPatienceMs = std::chrono::duration_cast<Milliseconds>(kPatience);

void say_nothing(http::Exchange& exchange) {
  exchange.wait_until_closed();
}

class IssuerKeeperTest : public testing::Test {
 protected:
  // Refreshed on request only, unless a test says otherwise.
  IssuerSource source(const Provider& provider, Microseconds refresh = kNever) {
    IssuerSource made;
    made.name = "okta";
    made.keys.issuer = provider.issuer();
    made.keys.refresh = refresh;
    made.keys.max_stale = std::max(refresh, kNever);
    made.keys.pace = kQuick;
    made.ca_file = pki_.ca_file();
    return made;
  }
  void use(const std::vector<IssuerSource>& sources) {
    const Status used = keeper_.use(sources);
    ASSERT_TRUE(used.ok()) << used.error().message;
  }
  Asked ask(std::string_view key_id) { return keeper_.ask_for("okta", key_id, seen_.on_asked()); }
  identity::IssuerKeys::Health health() { return keeper_.health().at(0).keys; }

  net::Pki pki_;
  const net::Identity identity_ = pki_.issue("provider", "IP:127.0.0.1");
  Provider provider_{identity_};
  Seen seen_;
  http::HttpClient client_;
  IssuerKeeper keeper_{client_, parsers(), seen_.on_keys()};
};

TEST_F(IssuerKeeperTest, FetchesTheKeysAtTheStart) {
  use({source(provider_)});
  keeper_.wait_first_rounds(kPatienceMs);
  const KeySetRef keys = keeper_.find("okta");
  ASSERT_NE(keys, nullptr);
  EXPECT_TRUE(keys->holds("first"));
  EXPECT_TRUE(seen_.wait_for_key("okta", "first"));
  EXPECT_EQ(ask("first"), Asked::kKnown);
  EXPECT_EQ(health().keys, 1U);
  EXPECT_EQ(health().jwks_url, provider_.server().url("/keys"));
  EXPECT_EQ(keeper_.find("other"), nullptr);
}

TEST_F(IssuerKeeperTest, ARotatedKeyIsFetchedWhenATokenNamesIt) {
  use({source(provider_)});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  provider_.use_key("second");
  ASSERT_EQ(ask("second"), Asked::kWait);
  const auto answers = seen_.wait_for_answers(1);
  ASSERT_NE(answers.at(0), nullptr);
  EXPECT_TRUE(answers.at(0)->holds("second"));
  EXPECT_TRUE(seen_.wait_for_key("okta", "second")) << "keys are handed out before the answer";
  EXPECT_EQ(seen_.changes(), 2);
}

TEST_F(IssuerKeeperTest, ARotatedKeyIsFetchedInTime) {
  use({source(provider_, Milliseconds{60})});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  provider_.use_key("second");
  EXPECT_TRUE(seen_.wait_for_key("okta", "second"));
}

TEST_F(IssuerKeeperTest, CacheControlMakesItSooner) {
  provider_.use_header("Cache-Control: no-store");
  use({source(provider_)});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  provider_.use_key("second");
  EXPECT_TRUE(seen_.wait_for_key("okta", "second"));
}

TEST_F(IssuerKeeperTest, UnchangedKeysAreHandedOutOnce) {
  use({source(provider_, Milliseconds{60})});
  ASSERT_TRUE(provider_.server().wait_for_requests(7));
  EXPECT_EQ(seen_.changes(), 1);
}

TEST_F(IssuerKeeperTest, WhoNamesAKeyThatDoesNotExistLearnsIt) {
  use({source(provider_)});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  ASSERT_EQ(ask("none"), Asked::kWait);
  const auto answers = seen_.wait_for_answers(1);
  ASSERT_NE(answers.at(0), nullptr);
  EXPECT_FALSE(answers.at(0)->holds("none"));
}

TEST_F(IssuerKeeperTest, AFloodOfUnknownKeysMakesABoundedNumberOfRequests) {
  IssuerSource slow = source(provider_);
  slow.keys.pace.ask_interval = kNever;
  use({slow});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  std::vector<std::thread> threads;
  std::atomic<std::size_t> waiting = 0;
  std::atomic<std::size_t> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2500; ++i) {
        const Asked asked = ask("made up " + std::to_string(t) + "." + std::to_string(i));
        if (asked == Asked::kWait) ++waiting;
        if (asked == Asked::kKnown) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_GE(waiting, 1U);
  EXPECT_EQ(seen_.wait_for_answers(waiting).size(), waiting);
  EXPECT_EQ(provider_.key_requests(), 2U) << "the first, and one for the flood";
}

TEST_F(IssuerKeeperTest, OnlySoManyWait) {
  std::optional<http::TestServer> stuck(std::in_place, say_nothing, identity_);
  IssuerSource made = source(provider_);
  made.keys.jwks_url = stuck->url("/keys");
  use({made});
  ASSERT_TRUE(stuck->wait_for_requests(1));
  for (std::size_t i = 0; i < IssuerKeeper::kMaxWaiting; ++i) ASSERT_EQ(ask("x"), Asked::kWait);
  EXPECT_EQ(ask("x"), Asked::kBusy);
  stuck.reset();
  for (const KeySetRef& keys : seen_.wait_for_answers(IssuerKeeper::kMaxWaiting))
    EXPECT_EQ(keys, nullptr);
}

TEST_F(IssuerKeeperTest, KeysStayInForceWhileTheProviderIsDownAndItRecovers) {
  use({source(provider_, Milliseconds{60})});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  provider_.use_status(500);
  const std::size_t before = provider_.server().requests();
  ASSERT_TRUE(provider_.server().wait_for_requests(before + 4));
  EXPECT_TRUE(keeper_.find("okta")->holds("first"));
  EXPECT_GE(health().failures, 1U);
  EXPECT_EQ(health().last_error, "discovery: answered with status 500");
  EXPECT_EQ(seen_.changes(), 1);
  provider_.use_key("second");
  provider_.use_status(200);
  EXPECT_TRUE(seen_.wait_for_key("okta", "second"));
  EXPECT_EQ(health().failures, 0U);
}

TEST_F(IssuerKeeperTest, StaleKeysAreTakenBackAndComeAgain) {
  IssuerSource made = source(provider_, Milliseconds{60});
  made.keys.max_stale = Milliseconds{200};
  use({made});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  provider_.use_status(503);
  ASSERT_TRUE(seen_.wait_for_no_keys("okta"));
  EXPECT_EQ(keeper_.find("okta"), nullptr);
  EXPECT_NE(ask("first"), Asked::kKnown);
  provider_.use_status(200);
  EXPECT_TRUE(seen_.wait_for_key("okta", "first"));
}

TEST_F(IssuerKeeperTest, AProviderThatComesUpLaterIsFound) {
  provider_.use_status(503);
  use({source(provider_)});
  keeper_.wait_first_rounds(kPatienceMs);
  EXPECT_EQ(keeper_.find("okta"), nullptr);
  EXPECT_EQ(health().last_error, "discovery: answered with status 503");
  provider_.use_status(200);
  EXPECT_TRUE(seen_.wait_for_key("okta", "first"));
}

TEST_F(IssuerKeeperTest, RetryAfterIsKept) {
  provider_.use_status(429);
  provider_.use_header("Retry-After: 100000");
  IssuerSource made = source(provider_);
  made.keys.pace.longest_retry = kNever;
  use({made});
  keeper_.wait_first_rounds(kPatienceMs);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask("x"), Asked::kUnknown);
  EXPECT_EQ(provider_.server().requests(), 1U);
}

TEST_F(IssuerKeeperTest, AProviderWhoseCertificateIsNotTrustedIsNotBelieved) {
  const net::Pki other("other authority");
  IssuerSource made = source(provider_);
  made.ca_file = other.ca_file();
  use({made});
  keeper_.wait_first_rounds(kPatienceMs);
  EXPECT_EQ(keeper_.find("okta"), nullptr);
  EXPECT_NE(health().last_error.find("certificate"), std::string::npos) << health().last_error;
  EXPECT_EQ(provider_.server().requests(), 0U);
}

TEST_F(IssuerKeeperTest, AnotherIssuersDocumentIsNotBelieved) {
  IssuerSource made = source(provider_);
  made.keys.issuer += "/";  // the same documents, but not the same issuer
  use({made});
  keeper_.wait_first_rounds(kPatienceMs);
  EXPECT_EQ(keeper_.find("okta"), nullptr);
  EXPECT_EQ(health().last_error, "discovery: it is of another issuer: " + provider_.issuer());
  EXPECT_EQ(provider_.key_requests(), 0U);
}

TEST_F(IssuerKeeperTest, ADocumentThatIsTooLargeIsNotRead) {
  provider_.use_key(std::string(IssuerKeeper::kMaxDocument.value + 1, 'x'));
  use({source(provider_)});
  keeper_.wait_first_rounds(kPatienceMs);
  EXPECT_NE(health().last_error.find("larger than 262144 bytes"), std::string::npos)
      << health().last_error;
}

TEST_F(IssuerKeeperTest, SeveralIssuersDoNotDisturbEachOther) {
  http::TestServer stuck(say_nothing, identity_);
  IssuerSource hanging = source(provider_);
  hanging.name = "hanging";
  hanging.keys.jwks_url = stuck.url("/keys");
  use({hanging, source(provider_)});
  EXPECT_TRUE(seen_.wait_for_key("okta", "first"));
  EXPECT_EQ(keeper_.find("hanging"), nullptr);
}

TEST_F(IssuerKeeperTest, AnUnchangedIssuerKeepsItsKeysOverUse) {
  use({source(provider_)});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  const KeySetRef before = keeper_.find("okta");
  use({source(provider_)});
  EXPECT_EQ(keeper_.find("okta"), before);
  EXPECT_EQ(provider_.key_requests(), 1U);
  EXPECT_EQ(seen_.changes(), 1);
}

TEST_F(IssuerKeeperTest, AnIssuerThatChangesOrGoesLosesItsKeysAtOnce) {
  use({source(provider_)});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  Provider other(identity_);
  other.use_status(503);
  use({source(other)});
  EXPECT_TRUE(seen_.wait_for_no_keys("okta"));
  EXPECT_EQ(seen_.changes(), 2);
  EXPECT_EQ(keeper_.find("okta"), nullptr);
  other.use_status(200);
  EXPECT_TRUE(seen_.wait_for_key("okta", "first"));
  use({});
  EXPECT_TRUE(seen_.wait_for_no_keys("okta"));
  EXPECT_EQ(ask("first"), Asked::kUnknown);
  EXPECT_TRUE(keeper_.health().empty());
}

TEST_F(IssuerKeeperTest, WhoWaitsForAnIssuerThatGoesLearnsThatItHasNoKeys) {
  http::TestServer stuck(say_nothing, identity_);
  IssuerSource hanging = source(provider_);
  hanging.keys.jwks_url = stuck.url("/keys");
  use({hanging});
  ASSERT_EQ(ask("x"), Asked::kWait);
  use({});
  EXPECT_EQ(seen_.wait_for_answers(1).at(0), nullptr);
}

TEST_F(IssuerKeeperTest, SettingsThatCannotWorkLeaveEverythingAsItWas) {
  use({source(provider_)});
  ASSERT_TRUE(seen_.wait_for_key("okta", "first"));
  IssuerSource bad = source(provider_);
  bad.name = "bad";
  bad.keys.issuer = "http://login.test";
  const Status used = keeper_.use({bad});
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().message,
            "issuer bad: issuer: http://login.test is not https, and not of this machine");
  const Status twice = keeper_.use({source(provider_), source(provider_)});
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().message, "issuer okta: there are two of this name");
  EXPECT_NE(keeper_.find("okta"), nullptr);
  EXPECT_EQ(seen_.changes(), 1);
}

TEST_F(IssuerKeeperTest, ItMayEndInTheMiddleOfAFetch) {
  http::TestServer stuck(say_nothing, identity_);
  IssuerSource hanging = source(provider_);
  hanging.keys.jwks_url = stuck.url("/keys");
  {
    IssuerKeeper keeper(client_, parsers(), [](const std::string&, const KeySetRef&) {});
    ASSERT_TRUE(keeper.use({hanging}).ok());
    ASSERT_TRUE(stuck.wait_for_requests(1));
    EXPECT_EQ(keeper.ask_for("okta", "x", seen_.on_asked()), Asked::kWait);
  }
}

}  // namespace
}  // namespace tracegate::server
