#include "src/mask/json_mask.h"

#include "src/base/utf8.h"
#include "src/mask/json_format.h"
#include "src/mask/json_rules.h"
#include "src/mask/json_scan.h"
#include "src/mask/json_sql.h"
#include "src/mask/scratch.h"

namespace tracegate::mask {
namespace {

// Goes through one text once; what is replaced is written to `out` with what stands before it.
class JsonEditor {
 public:
  JsonEditor(const JsonRules& rules, std::string_view text, std::string& out)
      : rules_(rules), text_(text), in_(text), out_(out) {}

  // False: the text is not valid, and `out` may have grown.
  [[nodiscard]] bool run() {
    for (;;) {
      const JsonEvent event = in_.next();
      switch (event) {
        case JsonEvent::kEnd:
          if (copied_ > 0) out_.append(text_.substr(copied_));
          return true;
        case JsonEvent::kInvalid:
          return false;
        case JsonEvent::kKey:
          read_key();
          break;
        case JsonEvent::kEndObject:
        case JsonEvent::kEndArray:
          break;
        case JsonEvent::kBeginObject:
        case JsonEvent::kBeginArray:
        case JsonEvent::kString:
        case JsonEvent::kNumber:
        case JsonEvent::kBoolean:
        case JsonEvent::kNull:
          if (!value(event)) return false;
          break;
      }
    }
  }
  // Nothing was replaced.
  [[nodiscard]] bool is_kept() const { return copied_ == 0; }

 private:
  struct Container {
    JsonRules::State state;
    bool is_object;
  };

  void read_key();
  [[nodiscard]] bool value(JsonEvent event);
  void string(const TextMethod& method);
  // Of the value that just ended, which begins at `begin`.
  void replace(std::size_t begin, std::string_view json);

  const JsonRules& rules_;
  std::string_view text_;
  JsonScanner in_;
  std::string& out_;
  std::size_t copied_ = 0;  // how much of the text is in `out`, as it was or replaced
  JsonRules::State at_key_ = JsonRules::kNowhere;  // of the value whose key was read last
  // Those that are open. No way is longer than a rule, and what is off every way is skipped.
  std::array<Container, JsonRules::kMaxSteps> open_;
};

void JsonEditor::read_key() {
  thread_local std::string memory;
  const Scratch scratch(memory);
  const Container& object = open_[in_.depth() - 1];
  // A key that is not Unicode is none that a rule names.
  if (!in_.has_escape())
    at_key_ = rules_.at_key(object.state, in_.body());
  else if (append_unescaped(in_.body(), memory))
    at_key_ = rules_.at_key(object.state, memory);
  else
    at_key_ = rules_.node(object.state).other_key;
}

bool JsonEditor::value(JsonEvent event) {
  const bool is_object = event == JsonEvent::kBeginObject;
  const bool is_container = is_object || event == JsonEvent::kBeginArray;
  const std::size_t begin = in_.begin();
  const std::size_t outside = in_.depth() - (is_container ? 1 : 0);
  JsonRules::State state = JsonRules::kRoot;
  if (outside > 0) {
    const Container& parent = open_[outside - 1];
    state = parent.is_object ? at_key_ : rules_.node(parent.state).element;
  }
  if (state == JsonRules::kNowhere) return !is_container || in_.skip_container();
  const JsonLeaf* const leaf = rules_.node(state).leaf;
  if (leaf == nullptr) {
    if (is_container) open_[outside] = {state, is_object};
    return true;
  }
  if (is_container && !in_.skip_container()) return false;
  if (leaf->method == nullptr)
    replace(begin, leaf->constant);
  else if (event == JsonEvent::kString)
    string(*leaf->method);
  else if (event != JsonEvent::kNull)
    replace(begin, kReplacedJson);
  return true;
}

void JsonEditor::string(const TextMethod& method) {
  thread_local std::string unescaped_memory;
  thread_local std::string masked_memory;
  const Scratch unescaped(unescaped_memory);
  const Scratch masked(masked_memory);
  const std::size_t begin = in_.begin();
  std::string_view text = in_.body();
  if (in_.has_escape()) {
    if (!append_unescaped(text, unescaped_memory)) return replace(begin, kReplacedJson);
    text = unescaped_memory;
  }
  if (!method.apply(text, masked_memory)) return;
  replace(begin, {});
  append_json_string(masked_memory, out_);
}

void JsonEditor::replace(std::size_t begin, std::string_view json) {
  out_.append(text_.substr(copied_, begin - copied_)).append(json);
  copied_ = in_.end();
}

class JsonMask final : public ValueMask {
 public:
  JsonMask(JsonRules rules, bool is_jsonb) : rules_(std::move(rules)), is_jsonb_(is_jsonb) {}

  Fate apply(ByteView value, Format format, std::string& out) const override {
    const std::optional<std::string_view> text = json_text(value, format, is_jsonb_);
    if (!text || !is_valid_utf8(*text)) return Fate::kNull;
    const std::size_t before = out.size();
    begin_json(format, is_jsonb_, out);
    JsonEditor editor(rules_, *text, out);
    const bool is_valid = editor.run();
    if (is_valid && !editor.is_kept()) return Fate::kReplaced;
    out.resize(before);
    return is_valid ? Fate::kKept : Fate::kNull;
  }
  Fate apply_to_null(Format /*format*/, std::string& /*out*/) const override { return Fate::kKept; }
  bool detects() const override { return rules_.detects(); }

 private:
  JsonRules rules_;
  bool is_jsonb_;
};

class JsonDetect final : public ValueMask {
 public:
  JsonDetect(DetectorsRef detectors, bool is_jsonb)
      : detectors_(std::move(detectors)), is_jsonb_(is_jsonb) {}

  Fate apply(ByteView value, Format format, std::string& out) const override {
    const std::optional<std::string_view> text = json_text(value, format, is_jsonb_);
    if (!text) return Fate::kNull;
    const std::size_t before = out.size();
    begin_json(format, is_jsonb_, out);
    const Detectors::Json found = detectors_->mark_json(*text, out);
    if (found == Detectors::Json::kMarked) return Fate::kReplaced;
    out.resize(before);
    return found == Detectors::Json::kClean ? Fate::kKept : Fate::kNull;
  }
  Fate apply_to_null(Format /*format*/, std::string& /*out*/) const override { return Fate::kKept; }
  bool detects() const override { return true; }

 private:
  DetectorsRef detectors_;
  bool is_jsonb_;
};

bool is_jsonb(const ColumnType& type) {
  return type.type_class == TypeClass::kJsonb;
}

}  // namespace

Result<ColumnMask> mask_json_paths(const Spec& spec, const ColumnType& type, const HashKeyRef& key,
                                   const DetectorsRef& detectors) {
  Result<JsonRules> rules = JsonRules::make(spec.paths, key, detectors);
  if (!rules.ok()) return std::move(rules).error();
  ColumnMask mask;
  if (is_jsonb(type)) {
    Result<std::string> expression = json_to_sql(*rules);
    if (!expression.ok()) return std::move(expression).error();
    mask.expression = *std::move(expression);
  }
  mask.on_rows = std::make_shared<JsonMask>(*std::move(rules), is_jsonb(type));
  return mask;
}

Result<ColumnMask> detect_in_json(const ColumnType& type, const DetectorsRef& detectors) {
  if (detectors == nullptr) return Error("detect needs at least one detector");
  return ColumnMask{std::make_shared<JsonDetect>(detectors, is_jsonb(type)), {}};
}

}  // namespace tracegate::mask
