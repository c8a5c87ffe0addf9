#include "tests/detectors/samples.h"

#include <fstream>

#include "src/base/result.h"
#include "src/mask/detect_json.h"

namespace tracegate::mask {
namespace {

using detect::JsonCharacters;
using detect::JsonReader;
using detect::JsonToken;

// {"text": ..., "spans": [[begin, end, kind], ...]}
Sample read_sample(std::string_view line) {
  Sample sample;
  JsonReader reader(line);
  JsonToken token;
  int values = 0;
  for (int tokens = 0; reader.next(token) == JsonReader::Step::kToken; ++tokens) {
    std::string value;
    for (JsonCharacters from(line.substr(token.begin, token.end - token.begin)); !from.done();)
      value += from.next();
    if (tokens == 1) sample.text = value;
    if (tokens < 3) continue;
    switch (values++ % 3) {
      case 0:
        sample.spans.push_back({std::stoul(value), 0, {}});
        break;
      case 1:
        sample.spans.back().end = std::stoul(value);
        break;
      default:
        sample.spans.back().kind = value;
    }
  }
  TG_CHECK(!sample.text.empty() && values % 3 == 0, "a sample as make_samples writes it");
  for (const LabelledSpan& span : sample.spans)
    TG_CHECK(span.begin < span.end && span.end <= sample.text.size(), "a span within the text");
  return sample;
}

}  // namespace

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = [] {
    std::vector<Sample> read;
    std::ifstream file(SAMPLES);
    for (std::string line; std::getline(file, line);) read.push_back(read_sample(line));
    TG_CHECK(!read.empty(), "the file of samples is there");
    return read;
  }();
  return all;
}

}  // namespace tracegate::mask
