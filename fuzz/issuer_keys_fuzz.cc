// The machine of an issuer's keys under any order of events. Each byte is an event; some are
// followed by an amount of time.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/input.h"
#include "src/identity/issuer_keys.h"

namespace {

using namespace tracegate;            // NOLINT
using namespace tracegate::identity;  // NOLINT
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kIssuer = "https://a.test";

// The text of a key set is its keys' ids, a letter each.
class Letters : public KeySet {
 public:
  explicit Letters(std::string_view ids) : ids_(ids) {}
  [[nodiscard]] bool holds(std::string_view id) const override {
    return ids_.find(id) != std::string::npos;
  }
  [[nodiscard]] std::size_t size() const override { return ids_.size(); }

 private:
  std::string ids_;
};

DocumentParsers parsers() {
  return {[](std::string_view text) -> Result<DiscoveryDocument> {
            if (text == "bad") return Error("malformed");
            return DiscoveryDocument{std::string(kIssuer), std::string(text)};
          },
          [](std::string_view text) -> Result<KeySetRef> {
            if (text == "bad") return Error("malformed");
            return KeySetRef(std::make_shared<Letters>(text));
          }};
}

class Run {
 public:
  Run() : machine_(IssuerKeys::make(settings(), parsers()).value()) {}

  void step(Input& input) {
    switch (input.byte() % 6) {
      case 0:
        now_ += seconds(input.byte());
        break;
      case 1:
        now_ = std::max(now_, std::min(machine_.wake_at(), now_ + minutes(30)));
        break;
      case 2:
        static_cast<void>(
            machine_.ask(std::string(1, static_cast<char>('a' + input.byte() % 8)), now_));
        break;
      case 3:
        if (fetching_) bring(input);
        break;
      case 4:
        if (fetching_) ended(machine_.on_failure({"down", seconds(input.byte() * 8)}, now_, 0.5));
        break;
      case 5:
        if (fetching_) ended(machine_.on_failure({"down"}, now_, input.byte() / 256.0));
        break;
    }
    fetch_due();
    check();
  }

 private:
  static IssuerSettings settings() {
    IssuerSettings made;
    made.issuer = kIssuer;
    return made;
  }

  void bring(Input& input) {
    static constexpr std::array<std::string_view, 4> kDiscovery = {"https://a.test/keys", "bad",
                                                                   "http://a.test/keys", ""};
    static constexpr std::array<std::string_view, 5> kKeys = {"ab", "abc", "bad", "", "d"};
    const auto text = keys_next_ ? input.one_of(kKeys) : input.one_of(kDiscovery);
    const auto outcome =
        machine_.on_document({text, seconds(input.byte() * 8)}, now_, input.byte() / 256.0);
    if (outcome == IssuerKeys::Outcome::kGoesOn) {
      TG_CHECK(text == kDiscovery[0], "keys from where they may not come from");
      keys_next_ = true;
      fetching_ = false;
      return;
    }
    ended(outcome);
    if (outcome != IssuerKeys::Outcome::kSucceeded) return;
    TG_CHECK(text != "bad" && !text.empty(), "a set that is none");
    last_success_ = now_;
    TG_CHECK(machine_.keys(now_) && machine_.keys(now_)->holds(text),
             "not the set that was brought");
  }
  void ended(IssuerKeys::Outcome outcome) {
    TG_CHECK(outcome != IssuerKeys::Outcome::kGoesOn, "a failure ends a round");
    fetching_ = false;
    keys_next_ = false;
  }
  void fetch_due() {
    const auto url = machine_.due(now_);
    TG_CHECK(!url || !fetching_, "two fetches at a time");
    if (!url) return;
    if (!keys_next_) {
      // By time at most every 54 s (or by back-off, 2.5 s), and by tokens every 30 s.
      ++rounds_;
      TG_CHECK(now_ >= Microseconds(seconds(5)) * (rounds_ - 3) / 2, "too many rounds");
    }
    TG_CHECK((*url == "https://a.test/keys") == keys_next_, "not the document that was due");
    fetching_ = true;
  }
  void check() {
    TG_CHECK(machine_.due(now_) == std::nullopt, "due twice");
    TG_CHECK(machine_.wake_at() > now_, "it would be called without end");
    const bool fresh = last_success_ && now_ < *last_success_ + std::chrono::hours(1);
    TG_CHECK((machine_.keys(now_) != nullptr) == fresh, "in force for another time than it should");
  }

  IssuerKeys machine_;
  Microseconds now_{};
  bool fetching_ = false;
  bool keys_next_ = false;
  std::int64_t rounds_ = 0;
  std::optional<Microseconds> last_success_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({reinterpret_cast<const char*>(data), size});
  Run run;
  while (!input.empty()) run.step(input);
  return 0;
}
