// Arbitrary bytes as text and as JSON: what is marked has nothing left to find, marked JSON is
// JSON, and what is clean is left alone. The first byte says which; its other bits, how the text is
// cut into strings of a JSON array that is made of it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/mask/detectors.h"

namespace {

using namespace tracegate;
using mask::Detectors;
using Json = Detectors::Json;

const Detectors& detectors() {
  static const mask::DetectorsRef made = [] {
    std::vector<std::string> names;
    for (const std::string_view name : mask::builtin_detectors()) names.emplace_back(name);
    const std::vector<mask::CustomDetector> custom = {{"employee", "EMP-[0-9]{4,6}"},
                                                      {"secret_word", "(?i)\\bxyzzy.{0,8}end"}};
    auto result = Detectors::make(names, custom);
    TG_CHECK(result.ok(), "the detectors are made");
    return *result;
  }();
  return *made;
}

void check_text(std::string_view text) {
  std::string once;
  if (!detectors().mark(text, once)) {
    TG_CHECK(once.empty(), "a clean text was appended");
    return;
  }
  std::string twice;
  TG_CHECK(!detectors().mark(once, twice), "something was left to find");
}

void check_json(std::string_view json, bool must_be_valid) {
  std::string once;
  const Json outcome = detectors().mark_json(json, once);
  TG_CHECK(outcome == Json::kMarked || once.empty(), "something was appended");
  TG_CHECK(outcome != Json::kInvalid || !must_be_valid, "JSON was refused");
  if (outcome != Json::kMarked) return;
  std::string twice;
  TG_CHECK(detectors().mark_json(once, twice) == Json::kClean,
           "it is no JSON, or not all was found");
}

// An array of strings of the bytes, cut after each `every` bytes.
std::string as_json(std::string_view text, std::size_t every) {
  std::string json = "[";
  for (std::size_t at = 0; at < text.size(); at += every) {
    json += at == 0 ? "\"" : ",\"";
    for (const char c : text.substr(at, every)) {
      if (static_cast<unsigned char>(c) < 0x20) {
        json += "\\u00";
        json += static_cast<char>('0' + c / 16);
        json += "0123456789abcdef"[c % 16];
      } else {
        if (c == '"' || c == '\\') json += '\\';
        json += c;
      }
    }
    json += '"';
  }
  return json + "]";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      check_text(text);
      break;
    case 1:
      check_json(text, false);
      break;
    default:
      check_json(as_json(text, 1 + data[0]), true);
  }
  return 0;
}
