#include "tests/mask/random_values.h"

#include <algorithm>
#include <limits>
#include <random>

namespace tracegate::mask {
namespace {

using Strings = std::vector<std::string>;
constexpr int kRandomValues = 150;

class Random {
 public:
  explicit Random(Values kind) : engine_(static_cast<std::uint32_t>(kind) + 1) {}

  // From 0 to `most`.
  std::size_t upto(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(engine_);
  }
  bool one_in(std::size_t n) { return upto(n - 1) == 0; }
  std::uint64_t bits() { return std::uniform_int_distribution<std::uint64_t>()(engine_); }
  const std::string& of(const Strings& list) { return list[upto(list.size() - 1)]; }

 private:
  std::mt19937 engine_;
};

const Strings kPieces = {"a",       "B",      "0",       "@",  "@example.com",
                         "é",       "ß",      "€",       "😀",  "e\u0301",
                         "\u200d",  "\u00a0", "'",       "\"", "\\",
                         "{",       "}",      ",",       " ",  "  ",
                         "\t",      "\n",     "\r",      "\v", "\f",
                         "NULL",    "null",   "$column", "%",  "_",
                         "\x01",    "\x1f",   "\x7f",    "/",  "$",
                         "\\u0041", "--",     "/*",      "😀😀", "[",
                         "]"};

std::string random_text(Random& random, std::size_t most_pieces) {
  std::string text;
  for (std::size_t i = random.upto(most_pieces); i > 0; --i) text += random.of(kPieces);
  return text;
}

Strings texts(Random& random) {
  Strings values = kPieces;
  for (const char* value : {"", "alice@example.com", "@", "@a", "a@", "a@b", "@a@b", "a@b@c", "ä@b",
                            "😀@😀", "a@b ", " @b", "NuLL", "012345", "01234", "trailing   ", "\\x00",
                            "{a,b}", "abcdefghijklmnopqrstuvwxyz"})
    values.emplace_back(value);
  values.push_back(std::string(100'000, 'x') + "@" + std::string(1000, 'y'));
  std::string wide;
  for (int i = 0; i < 5000; ++i) wide += "😀";
  values.push_back(wide);
  for (int i = 0; i < kRandomValues; ++i) values.push_back(random_text(random, 12));
  return values;
}

// What is left of `values` once those are gone that are too long.
Strings limited(Strings values, std::size_t most_bytes) {
  std::erase_if(values, [&](const std::string& value) { return value.size() > most_bytes; });
  return values;
}

// Escapes that json may hold and jsonb may not.
const Strings kJsonOnlyEscapes = {"\\u0000", "\\ud800", "\\udc00x", "\\ud83d\\u0041"};
const Strings kJsonEscapes = {
    "\\n",     "\\\"",    "\\\\",           "\\/",     "\\b",    "\\f", "\\r", "\\t", "\\u0041",
    "\\u00e9", "\\u20ac", "\\ud83d\\ude00", "\\u0001", "\\u007f"};
const Strings kJsonKeys = {"a",       "b",    "c", "user", "email", "messages",
                           "content", "tags", "",  "a b",  "A"};
const Strings kJsonScalars = {"0",
                              "-0",
                              "1",
                              "-1.50",
                              "1e3",
                              "1E-2",
                              "12345678901234567890.0",
                              "true",
                              "false",
                              "null",
                              "null",
                              "\"\"",
                              "\"alice@example.com\"",
                              "\"[redacted]\"",
                              "\"{}\"",
                              "\"\\u0061@b\"",
                              "{}",
                              "[]"};

class RandomJson {
 public:
  RandomJson(Random& random, bool is_jsonb) : random_(random), is_jsonb_(is_jsonb) {}

  std::string value(std::size_t levels) {
    if (levels == 0 || random_.one_in(4))
      return space() + (random_.one_in(2) ? string() : random_.of(kJsonScalars)) + space();
    const bool is_object = !random_.one_in(3);
    std::string out(space() + (is_object ? '{' : '['));
    for (std::size_t i = 0, count = random_.upto(5); i < count; ++i) {
      if (i > 0) out += ",";
      if (is_object) out += space() + key() + space() + ":";
      out += value(levels - 1);
    }
    return out + (is_object ? '}' : ']') + space();
  }

 private:
  std::string space() {
    return random_.one_in(5) ? random_.of({" ", "\n", "\t ", "\r\n"}) : std::string();
  }
  std::string key() {
    if (random_.one_in(20)) return "\"\\u0061\"";
    if (random_.one_in(20)) return string();
    return "\"" + random_.of(kJsonKeys) + "\"";
  }
  std::string string() {
    std::string out = "\"";
    for (std::size_t i = random_.upto(6); i > 0; --i) {
      if (random_.one_in(3)) {
        out += random_.of(!is_jsonb_ && random_.one_in(4) ? kJsonOnlyEscapes : kJsonEscapes);
        continue;
      }
      for (const char c : random_.of(kPieces))
        if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') out += c;
    }
    return out + "\"";
  }

  Random& random_;
  bool is_jsonb_;
};

std::string nested(std::size_t levels) {
  std::string out;
  for (std::size_t i = 0; i < levels; ++i) out += "{\"a\":[";
  out += "\"x\"";
  for (std::size_t i = 0; i < levels; ++i) out += "]}";
  return out;
}

Strings jsons(Random& random, bool is_jsonb) {
  Strings values = {
      "null",
      "1",
      "\"a\"",
      "true",
      "{}",
      "[]",
      "[[]]",
      "{\"a\":{}}",
      R"({"a":1,"a":"xyz","a":null})",
      R"({"user":{"email":"alice@example.com","name":"Alice"},"b":[1,2]})",
      R"({"messages":[{"content":"hi","role":"user"},{"content":["x"]},{"content":null},"x"]})",
      R"({"tags":{"a":"one","b":2,"c":{"d":"e"}}})",
      R"([{"a":"b"},[{"a":"c"}]])",
      nested(500),
      "{\"a\":\"" + std::string(100'000, 'x') + "\"}"};
  if (!is_jsonb)
    for (const char* value : {R"({"a":"\u0000"})", R"({"\ud800":"x","a":"\ud800"})", "1e1000000",
                              R"({"\u0000":1,"a":1e1000000})"})
      values.emplace_back(value);
  for (int i = 0; i < 3 * kRandomValues; ++i)
    values.push_back(RandomJson(random, is_jsonb).value(5));
  return values;
}

std::string hexadecimal(Random& random, std::size_t digits) {
  std::string out;
  for (std::size_t i = 0; i < digits; ++i) out += "0123456789abcdefABCDEF"[random.upto(21)];
  return out;
}

Strings uuids(Random& random) {
  Strings values = {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
                    "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}"};
  for (int i = 0; i < kRandomValues; ++i) values.push_back(hexadecimal(random, 32));
  return values;
}

template <typename Integer>
Strings integers(Random& random) {
  Strings values = {"0", "1", "-1", "6", "7", "-6", "-7", "-8", "999", "1000", "-1000", "-1001"};
  using Limits = std::numeric_limits<Integer>;
  for (int i = 0; i < 10; ++i) {
    values.push_back(std::to_string(Limits::min() + i));
    values.push_back(std::to_string(Limits::max() - i));
  }
  values.push_back(std::to_string(Limits::min() + 1000));
  values.push_back(std::to_string(Limits::min() + 768));
  for (int i = 0; i < kRandomValues; ++i) {
    const auto number = static_cast<Integer>(random.bits());
    values.push_back(std::to_string(random.one_in(2) ? number : number % 100));
  }
  return values;
}

std::string digits(Random& random, std::size_t most) {
  std::string out;
  for (std::size_t i = random.upto(most); i > 0; --i)
    out += static_cast<char>('0' + random.upto(9));
  return out;
}

Strings numerics(Random& random, bool is_small) {
  Strings values = {"0",   "0.0",  "-0.00",    "1",    "1.0",   "1.00",       "-1",        "-1.000",
                    "0.5", "-0.5", "999.9999", "1000", "-1000", "-1000.0001", "-999.9999", "NaN"};
  if (!is_small)
    for (const char* value :
         {"Infinity", "-Infinity", "1e131071", "-1e131071", "9.9e131071", "-9.9e131071", "1e-16383",
          "-1e-16383", "-1.5e131070", "123456789012345678901234567890.123456789"})
      values.emplace_back(value);
  for (int i = 0; i < kRandomValues; ++i)
    values.push_back((random.one_in(2) ? "-" : "") + ("0" + digits(random, is_small ? 24 : 60)) +
                     "." + digits(random, 4));
  return values;
}

Strings byteas(Random& random) {
  Strings values = {"\\x", "\\x00", "\\x5c78", "abc", "\\\\x", "\\x" + std::string(20'000, 'f')};
  for (int i = 0; i < kRandomValues; ++i)
    values.push_back("\\x" + hexadecimal(random, 2 * random.upto(100)));
  return values;
}

Strings moments(Random& random, Values kind) {
  Strings days = {"4714-11-24 BC", "4714-11-30 BC", "4714-12-01 BC", "4714-12-31 BC",
                  "4713-01-01 BC", "4713-01-02 BC", "0001-12-31 BC", "0001-01-01 BC",
                  "0001-01-01",    "1582-10-15",    "1969-12-31",    "2000-02-29",
                  "2024-12-31",    "2026-03-29",    "9999-12-31",    "294276-12-31"};
  for (int i = 0; i < kRandomValues; ++i)
    days.push_back(std::to_string(1 + random.upto(9998)) + "-" +
                   std::to_string(1 + random.upto(11)) + "-" + std::to_string(1 + random.upto(27)));
  for (std::string& day : days) day.insert(0, day.find('-') < 4 ? 4 - day.find('-') : 0, '0');
  if (kind == Values::kDate) {
    days.insert(days.end(), {"5874897-12-31", "5874897-01-01", "infinity", "-infinity"});
    return days;
  }
  Strings values = {"infinity", "-infinity"};
  for (const std::string& day : days)
    for (const char* time : {"00:00:00", "00:00:00.000001", "12:34:56.789", "23:59:59.999999"}) {
      const std::size_t era = std::min(day.find(" BC"), day.size());
      values.push_back(day.substr(0, era) + " " + time +
                       (kind == Values::kTimestampTz ? "+00" : "") + day.substr(era));
    }
  return values;
}

// As an element: in quotes.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Braces around `sizes[level]` parts of the next level.
std::string array_text(Random& random, const Strings& elements,
                       const std::vector<std::size_t>& sizes, std::size_t level) {
  if (level == sizes.size()) return random.one_in(6) ? "NULL" : quoted(random.of(elements));
  std::string out = "{";
  for (std::size_t i = 0; i < sizes[level]; ++i)
    out += (i > 0 ? "," : "") + array_text(random, elements, sizes, level + 1);
  return out + "}";
}

}  // namespace

std::vector<std::string> values_of(Values kind) {
  Random random(kind);
  switch (kind) {
    case Values::kText:
      return texts(random);
    case Values::kShortText:
      return limited(texts(random), 40);
    case Values::kName:
      return limited(texts(random), 60);
    case Values::kJson:
      return jsons(random, false);
    case Values::kJsonb:
      return jsons(random, true);
    case Values::kUuid:
      return uuids(random);
    case Values::kInt2:
      return integers<std::int16_t>(random);
    case Values::kInt4:
      return integers<std::int32_t>(random);
    case Values::kInt8:
      return integers<std::int64_t>(random);
    case Values::kNumeric:
      return numerics(random, false);
    case Values::kSmallNumeric:
      return numerics(random, true);
    case Values::kBoolean:
      return {"t", "f"};
    case Values::kBytea:
      return byteas(random);
    case Values::kDate:
    case Values::kTimestamp:
    case Values::kTimestampTz:
      return moments(random, kind);
    case Values::kMood:
      return {"sad", "so so", "happy"};
    case Values::kPair:
      return {"(1,x)", "(,)"};
    case Values::kPoint:
      return {"(1,2)"};
  }
  return {};
}

std::vector<std::string> arrays_of(Values kind) {
  Random random(kind);
  const Strings elements = limited(values_of(kind), 1000);
  Strings arrays = {"{}", "{NULL}", "{NULL,NULL}"};
  for (int i = 0; i < kRandomValues; ++i) {
    std::vector<std::size_t> sizes(1 + (random.one_in(3) ? random.upto(5) : 0));
    std::string bounds;
    for (std::size_t& size : sizes) {
      size = 1 + random.upto(sizes.size() > 2 ? 1 : 4);
      const int lower = static_cast<int>(random.upto(4)) - 2;
      bounds += "[" + std::to_string(lower) + ":" +
                std::to_string(lower + static_cast<int>(size) - 1) + "]";
    }
    arrays.push_back((random.one_in(4) ? bounds + "=" : "") +
                     array_text(random, elements, sizes, 0));
  }
  return arrays;
}

}  // namespace tracegate::mask
