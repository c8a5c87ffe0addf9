// What holds for all texts.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/detectors/marking.h"
#include "tests/detectors/samples.h"

namespace tracegate::mask {
namespace {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    }
  }
  return out + '"';
}

TEST(Properties, WhatIsMarkedHasNothingLeftToFind) {
  for (const Sample& sample : samples()) {
    const std::string once = marked(sample.text);
    ASSERT_EQ(marked(once), once) << sample.text;
  }
}

TEST(Properties, RandomCompositionsAreMarkedForGood) {
  std::mt19937 random(7);
  const std::vector<Sample>& all = samples();
  const auto piece = [&] {
    const std::string& text = all[random() % all.size()].text;
    const std::size_t begin = random() % text.size();
    return text.substr(begin, random() % 40);
  };
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (int pieces = 0; pieces < 4; ++pieces) text += piece();
    const std::string once = marked(text);
    ASSERT_EQ(marked(once), once) << text;
  }
}

TEST(Properties, MarkedJsonIsJsonAndHasNothingLeftToFind) {
  for (const Sample& sample : samples()) {
    const std::string json = "{\"text\":[" + json_string(sample.text) + ",1],\"n\":0}";
    const std::string once = marked_json(json);
    ASSERT_NE(once, "invalid") << json;
    ASSERT_EQ(marked_json(once), once) << json;
  }
}

TEST(Properties, JsonAsTextStaysJson) {
  for (const Sample& sample : samples()) {
    const std::string json = "[" + json_string(sample.text) + "]";
    ASSERT_NE(marked_json(marked(json)), "invalid") << json << '\n' << marked(json);
  }
}

TEST(Properties, AMatchIsFoundWhereverItLies) {
  const std::string card = " 4111 1111 1111 1111 ";
  for (const std::string_view filler : {"lorem ipsum, ", "x", "\n", "é", "{\"a\": 12}, "}) {
    std::string padding;
    while (padding.size() < 70'000) padding += filler;
    for (std::size_t at = 65'500; at < 65'575; ++at) {
      const std::string before = padding.substr(0, at);
      const std::string text = before + card + padding.substr(0, 100);
      ASSERT_EQ(marked(text), before + " [payment_card] " + padding.substr(0, 100)) << filler << at;
    }
  }
  for (std::size_t at = 65'480; at < 65'560; ++at) {
    const std::string before = "[\"" + std::string(at, ',') + "\",\"";
    ASSERT_EQ(marked_json(before + "alice@example.com\",1]"), before + "[email]\",1]");
  }
}

TEST(Properties, EveryBytePositionOfAWordMayHoldTheMatch) {
  for (std::size_t shift = 0; shift < 40; ++shift) {
    const std::string before(shift, ' ');
    EXPECT_EQ(marked(before + "10.0.0.1"), before + "[ip_address]");
    EXPECT_EQ(marked(before + "k3J9xLmQ2wErT5yUiOp0"), before + "[high_entropy]");
    EXPECT_EQ(marked(before + "+46701234567" + before), before + "[phone]" + before);
  }
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Texts that make a careless search read the rest again and again.
TEST(Properties, HostileTextsTakeLinearTime) {
  for (const std::string_view unit : {"@",
                                      "a@",
                                      "a.",
                                      "1 ",
                                      "1.",
                                      "1-",
                                      "::",
                                      "1:",
                                      "\\",
                                      "%",
                                      "%40",
                                      "%4",
                                      "eyJ-",
                                      "sk-",
                                      "ghp_",
                                      "xox",
                                      "A/",
                                      "k3J9",
                                      "-----BEGIN PRIVATE KEY-----",
                                      "-----END PRIVATE KEY-----",
                                      "PRIVATE KEY-----",
                                      "-",
                                      "\"@",
                                      "a\"@",
                                      "0",
                                      "é",
                                      "(1)",
                                      "DE89",
                                      "\u200b",
                                      "4111 ",
                                      "[3m",
                                      "AKIA",
                                      "com/",
                                      "a@b.",
                                      "\\u0040",
                                      "1\u00a0",
                                      "phone 1",
                                      "LS0tLS1CRUdJTi",
                                      ".eyJhbGciOiJIUzI1NiJ9"}) {
    // CPU time, the best of three: other work on the machine does not count.
    const auto seconds = [&](std::size_t size) {
      std::string text;
      while (text.size() < size) text += unit;
      double best = 1e9;
      for (int round = 0; round < 3; ++round) {
        std::string out;
        const double start = cpu_seconds();
        static_cast<void>(all_detectors()->mark(text, out));
        best = std::min(best, cpu_seconds() - start);
      }
      return best;
    };
    // Quadratic, the longer would take 64 times as long as the shorter.
    const double shorter = seconds(1 << 17);
    EXPECT_LT(seconds(1 << 20), 24 * shorter + 0.02) << unit;
  }
}

TEST(Properties, ManyThreadsFindTheSame) {
  const auto detectors = make_detectors({"email", "phone", "ip_address", "high_entropy"},
                                        {{"employee", "EMP-[0-9]{4}"}});
  std::vector<std::string> expected;
  for (const Sample& sample : samples())
    expected.push_back(marked(*detectors, sample.text + " EMP-1234"));
  std::vector<int> differences(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    threads.emplace_back([&, i] {
      for (std::size_t at = 0; at < expected.size(); ++at) {
        std::string out;
        const bool found = detectors->mark(samples()[at].text + " EMP-1234", out);
        differences[i] += !found || out != expected[at];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(differences, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace tracegate::mask
