// What the detectors cost: MB/s over clean traces of several kinds, beside a copy of the same bytes
// in the same run, and nanoseconds for a cell in which something is found. Rounds take turns, the
// best of each is printed.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/mask/detectors.h"

namespace {

using namespace tracegate;
using mask::Detectors;
using mask::DetectorsRef;

constexpr int kRounds = 9;
constexpr std::size_t kBytes = 16 << 20;  // of a round

constexpr std::string_view kProse =
    "You are a careful assistant for the checkout team. The user asks why the payment of an order "
    "was declined twice although the card is valid. First look at the order, then at the attempts, "
    "and explain in simple words what happened; do not guess. If the gateway answered with a soft "
    "decline, say that trying again later may help. Never promise a refund. The answer should have "
    "at most three short paragraphs and no lists. Think step by step before you write, and check "
    "that every number which you mention stands in the context that you were given. ";
constexpr std::string_view kLog =
    "2024-05-06T12:34:56.789Z INFO planner step=3 tool=search_orders latency_ms=412 rows=17 "
    "status=200 trace=9f2c1b7d-6d1c-4b53-8a8e-1f4f2d6f0a11 path=/api/v2/orders/recent?limit=50\n"
    "2024-05-06T12:34:57.012Z DEBUG cache miss key=orders:recent:v2 ttl=300 size=18244 bytes\n"
    "  at OrderRepository.findRecent(OrderRepository.java:118)\n";
constexpr std::string_view kCode =
    "def summarize(orders: list[Order], *, limit: int = 50) -> str:\n"
    "    total = sum(order.amount for order in orders[:limit])\n"
    "    if total > 1_000_000:\n"
    "        raise ValueError(f\"unexpected total: {total:.2f}\")\n"
    "    by_country = collections.Counter(order.country_code for order in orders)\n"
    "    return \", \".join(f\"{name}={count}\" for name, count in by_country.most_common(10))\n\n";
constexpr std::string_view kJsonItem =
    R"({"role":"assistant","step":3,"content":"The order was placed in May and paid in June.","tool":)"
    R"({"name":"search_orders","arguments":{"limit":50,"since":"2024-05-06","state":["open","paid"]}},)"
    R"("usage":{"prompt_tokens":1832,"completion_tokens":212},"ok":true,"note":"caf\u00e9 \"opened\"\n"})";

// Lines or sentences of `unit` in random order, so that no branch is foretold.
std::string shuffled(std::string_view unit, char separator, std::size_t size,
                     std::mt19937& random) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at < unit.size();) {
    const std::size_t end = std::min(unit.size(), unit.find(separator, at) + 1);
    parts.push_back(unit.substr(at, end - at));
    at = end;
  }
  std::string text;
  while (text.size() < size) text += parts[random() % parts.size()];
  text.resize(size);
  return text;
}

std::vector<std::string> texts(std::string_view unit, char separator) {
  std::mt19937 random(1);
  std::vector<std::string> made;
  for (std::size_t size = 1024; made.size() < 256; size = size == 8192 ? 1024 : size * 2)
    made.push_back(shuffled(unit, separator, size, random));
  return made;
}

std::vector<std::string> json_texts() {
  std::mt19937 random(1);
  std::vector<std::string> made;
  for (std::size_t size = 1024; made.size() < 256; size = size == 8192 ? 1024 : size * 2) {
    std::string text = "[";
    while (text.size() + kJsonItem.size() + 64 < size)
      text += fmt::format("{},{},\"{}\",", kJsonItem, random() % 10'000,
                          shuffled(kProse, ' ', random() % 100 + 1, random));
    (text += kJsonItem) += "]";
    made.push_back(std::move(text));
  }
  return made;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

DetectorsRef all_but(std::initializer_list<std::string_view> without,
                     std::vector<mask::CustomDetector> custom = {}) {
  std::vector<std::string> names;
  for (const std::string_view name : mask::builtin_detectors())
    if (std::find(without.begin(), without.end(), name) == without.end()) names.emplace_back(name);
  auto made = Detectors::make(names, custom);
  TG_CHECK(made.ok(), "the detectors are made");
  return *made;
}

// Bytes per second of `one`, which takes a text and says that it found nothing.
template <typename One>
double throughput(const std::vector<std::string>& cells, One one) {
  std::size_t bytes = 0;
  const double start = cpu_seconds();
  while (bytes < kBytes) {
    for (const std::string& cell : cells) {
      one(cell);
      bytes += cell.size();
    }
  }
  return static_cast<double>(bytes) / (cpu_seconds() - start);
}

void print_clean(std::string_view name, const std::vector<std::string>& cells, bool json) {
  struct Way {
    std::string_view name;
    DetectorsRef detectors;
    double best = 0;
  };
  std::vector<Way> ways = {
      {"all", all_but({})},
      {"without high_entropy", all_but({"high_entropy"})},
      {"without ip_address", all_but({"ip_address"})},
      {"all and 3 patterns", all_but({}, {{"employee", "EMP-[0-9]{6}"},
                                          {"ticket", "TCK[0-9]{8}"},
                                          {"host", "srv-[a-z0-9]{2,8}[.]corp"}})},
  };
  double copy = 0;
  std::string target(16384, ' ');
  for (int round = 0; round < kRounds; ++round) {
    copy = std::max(copy, throughput(cells, [&](const std::string& cell) {
                      std::memcpy(target.data(), cell.data(), cell.size());
                      asm volatile("" : : "r"(target.data()) : "memory");
                    }));
    for (Way& way : ways) {
      way.best = std::max(way.best, throughput(cells, [&](const std::string& cell) {
                            std::string out;
                            const bool clean = json ? way.detectors->mark_json(cell, out) ==
                                                          Detectors::Json::kClean
                                                    : !way.detectors->mark(cell, out);
                            TG_CHECK(clean, "the text is clean");
                          }));
    }
  }
  for (const Way& way : ways)
    fmt::print("{:8} {:22} {:8.0f} MB/s {:8.3f} of a copy ({:.0f} MB/s)\n", name, way.name,
               way.best / 1e6, way.best / copy, copy / 1e6);
}

void print_cell(std::string_view name, const std::string& cell, bool json) {
  const DetectorsRef detectors = all_but({});
  constexpr int kCalls = 20'000;
  double best = 1e9;
  std::string out;
  for (int round = 0; round < kRounds; ++round) {
    const double start = cpu_seconds();
    for (int call = 0; call < kCalls; ++call) {
      out.clear();
      if (json) {
        static_cast<void>(detectors->mark_json(cell, out));
      } else {
        static_cast<void>(detectors->mark(cell, out));
      }
    }
    best = std::min(best, (cpu_seconds() - start) / kCalls * 1e9);
  }
  fmt::print("{:40} {:5} bytes {:8.0f} ns\n", name, cell.size(), best);
}

}  // namespace

int main() {
  print_clean("prose", texts(kProse, ' '), false);
  print_clean("log", texts(kLog, '\n'), false);
  print_clean("code", texts(kCode, '\n'), false);
  print_clean("json", json_texts(), true);
  print_cell("a clean sentence", std::string(kProse.substr(0, 51)), false);
  print_cell("an e-mail address", "alice@example.com", false);
  print_cell("a sentence with a phone number", "please call me back at +46 70 123 45 67 today",
             false);
  print_cell("a prompt with one e-mail address",
             texts(kProse, ' ')[1] + " alice@example.com " + texts(kProse, ' ')[1], false);
  print_cell("a small JSON object", R"({"user":"alice@example.com","step":3})", true);
}
