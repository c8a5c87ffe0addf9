#include "src/mask/detect_in_json.h"

#include <algorithm>

#include "src/mask/detect_marks.h"
#include "src/mask/detect_numbers.h"
#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

constexpr std::size_t kEnoughText = 64 * 1024;  // searched at once, unless one string is longer
// Shorter ones hold nothing that a built-in detector finds ("::1" is the shortest).
constexpr std::size_t kShortestString = 3;
constexpr std::size_t kShortestNumber = 7;

class JsonMarker {
 public:
  JsonMarker(std::string_view json, const TextSearch& search, JsonMemory& memory, std::string& out)
      : json_(json), search_(search), memory_(memory), out_(out) {}

  JsonOutcome run() {
    const std::size_t before = out_.size();
    JsonReader reader(json_);
    JsonToken token;
    JsonReader::Step step = JsonReader::Step::kToken;
    clear();
    while ((step = reader.next(token)) == JsonReader::Step::kToken) {
      add(token);
      // Not between a key and its value.
      if (memory_.text.size() >= kEnoughText && token.kind != JsonToken::Kind::kKey) flush();
    }
    if (step == JsonReader::Step::kInvalid) {
      out_.resize(before);
      return JsonOutcome::kInvalid;
    }
    flush();
    if (copied_ == 0) return JsonOutcome::kClean;
    out_.append(json_.substr(copied_));
    return JsonOutcome::kMarked;
  }

 private:
  using Piece = JsonMemory::Piece;

  void clear() {
    memory_.text.clear();
    memory_.pieces.clear();
    memory_.found.clear();
  }

  void add(const JsonToken& token) {
    std::string& text = memory_.text;
    const bool is_key = token.kind == JsonToken::Kind::kKey;
    if (is_key || may_hold_something(token)) {
      const std::size_t begin = text.size();
      append_content(token);
      memory_.pieces.push_back({token, begin, text.size()});
    }
    text += is_key ? kBehindKey : kBehindValue;
  }

  [[nodiscard]] bool may_hold_something(const JsonToken& token) const {
    const std::size_t size = token.end - token.begin;
    switch (token.kind) {
      case JsonToken::Kind::kKey:
      case JsonToken::Kind::kString:
        return size >= kShortestString || (size > 0 && search_.has_custom());
      case JsonToken::Kind::kNumber:
        return size >= kShortestNumber || search_.has_custom();
      case JsonToken::Kind::kWord:
        break;
    }
    return false;
  }

  void append_content(const JsonToken& token) {
    const std::string_view content = json_.substr(token.begin, token.end - token.begin);
    if (!token.has_escapes) {
      memory_.text += content;
      return;
    }
    for (JsonCharacters characters(content); !characters.done();) memory_.text += characters.next();
  }

  // Searches the pieces that were put together, and writes those in which something was found.
  void flush() {
    std::vector<Span>& found = memory_.found;
    search_.find_builtin(memory_.text, found);
    if (search_.may_find_custom(memory_.text)) find_custom_in_pieces();
    if (!found.empty()) {
      settle(found);
      write_found();
    }
    clear();
  }

  // One string at a time: a pattern may say something of the begin and the end of the text.
  void find_custom_in_pieces() {
    std::vector<Span>& found = memory_.found;
    for (const Piece& piece : memory_.pieces) {
      const std::size_t first = found.size();
      const std::string_view text = memory_.text;
      search_.find_custom(text.substr(piece.begin, piece.end - piece.begin), found);
      for (std::size_t i = first; i < found.size(); ++i) {
        found[i].begin += piece.begin;
        found[i].end += piece.begin;
      }
    }
  }

  void write_found() {
    auto first = memory_.found.begin();
    const auto end = memory_.found.end();
    for (const Piece& piece : memory_.pieces) {
      while (first != end && first->end <= piece.begin) ++first;
      auto last = first;
      while (last != end && last->begin < piece.end) ++last;
      if (first == last) continue;
      if (piece.token.kind == JsonToken::Kind::kNumber) {
        write_number(piece, *first);
      } else {
        write_string(piece, {first, last});
      }
    }
  }

  void write_number(const Piece& piece, const Span& span) {
    if (!is_number_of(piece, span)) return;
    copy_until(piece.token.begin);
    (out_ += '"').append(search_.mark(span.mark)) += '"';
    copied_ = piece.token.end;
  }

  // A number is more often just a number than a phone or social security number: its key must say
  // so.
  [[nodiscard]] bool is_number_of(const Piece& piece, const Span& span) const {
    const std::string_view text = memory_.text;
    if (span.mark >= kKindNames.size()) return true;
    if (span.end != piece.end || span.begin > piece.begin + 1) return false;
    const Kind kind = static_cast<Kind>(span.mark);
    if (kind == Kind::kPhone) return is_labelled_phone(text, piece.begin);
    if (kind == Kind::kUsSsn) return is_labelled_ssn(text, piece.begin);
    return kind == Kind::kPaymentCard;
  }

  // Everything beside the spans stays as it stands in the text, with its escapes. A span may reach
  // into other strings: a private key that is kept line by line.
  void write_string(const Piece& piece, std::span<const Span> spans) {
    const std::size_t content = piece.token.begin;
    JsonCharacters characters(json_.substr(content, piece.token.end - content));
    std::size_t at = piece.begin;  // where `characters` is in the text put together
    for (const Span& span : spans) {
      const std::size_t begin = std::max(span.begin, piece.begin);
      const std::size_t end = std::min(span.end, piece.end);
      if (!piece.token.has_escapes) {
        put_mark(span, content + begin - piece.begin, content + end - piece.begin);
        continue;
      }
      std::size_t mark_begin = content + characters.at();
      while (at < end && !characters.done()) {
        if (at <= begin) mark_begin = content + characters.at();
        at += characters.next().size();
      }
      put_mark(span, mark_begin, content + characters.at());
    }
  }

  void put_mark(const Span& span, std::size_t begin, std::size_t end) {
    copy_until(begin);
    out_.append(search_.mark(span.mark));
    copied_ = end;
  }

  void copy_until(std::size_t end) {
    out_.append(json_.substr(copied_, end - copied_));
    copied_ = end;
  }

  std::string_view json_;
  const TextSearch& search_;
  JsonMemory& memory_;
  std::string& out_;
  std::size_t copied_ = 0;  // of the JSON text, into `out_`
};

}  // namespace

JsonOutcome mark_json_once(std::string_view json, const TextSearch& search, JsonMemory& memory,
                           std::string& out) {
  return JsonMarker(json, search, memory, out).run();
}

}  // namespace tracegate::mask::detect
