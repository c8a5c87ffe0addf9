// Detectors that look for the patterns of custom detectors as they are written, so that masks can
// be tested without the engine.
#include "src/mask/detectors.h"

namespace tracegate::mask {

struct Detectors::Engine {
  std::vector<CustomDetector> custom;
};

Detectors::Detectors(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Detectors::~Detectors() = default;

std::span<const std::string_view> builtin_detectors() {
  return {};
}

Result<std::shared_ptr<const Detectors>> Detectors::make(std::span<const std::string> /*names*/,
                                                         std::span<const CustomDetector> custom) {
  auto engine = std::make_unique<Engine>();
  engine->custom.assign(custom.begin(), custom.end());
  return std::shared_ptr<const Detectors>(new Detectors(std::move(engine)));
}

bool Detectors::mark(std::string_view text, std::string& out) const {
  std::string marked(text);
  for (const CustomDetector& each : engine_->custom) {
    const std::string mark = "[" + each.name + "]";
    for (std::size_t at = 0; (at = marked.find(each.pattern, at)) != std::string::npos;
         at += mark.size())
      marked.replace(at, each.pattern.size(), mark);
  }
  if (marked == text) return false;
  out += marked;
  return true;
}

Detectors::Json Detectors::mark_json(std::string_view json, std::string& out) const {
  if (json.empty() || json.front() == '!') return Json::kInvalid;
  return mark(json, out) ? Json::kMarked : Json::kClean;
}

}  // namespace tracegate::mask
