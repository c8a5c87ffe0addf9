#include "src/mask/text_method.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/mask/hex.h"
#include "src/mask/sql_text.h"
#include "src/mask/types.h"

namespace tracegate::mask {
namespace {

std::string call(std::string_view function, std::string_view arguments) {
  std::string out = "pg_catalog.";
  return out.append(function).append("(").append(arguments).append(")");
}

std::string concatenation(std::string_view a, std::string_view b, std::string_view c) {
  return sql_operation(sql_operation(a, "||", b), "||", c);
}

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// The bytes that the first `count` characters of valid UTF-8 take.
std::size_t prefix_bytes(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) do
      ++at;
    while (at < text.size() && continues_character(text[at]));
  return at;
}

class Partial final : public TextMethod {
 public:
  // PostgreSQL counts in int4, and no text has so many characters.
  static constexpr std::uint32_t kMost = std::uint32_t{1} << 30;

  Partial(std::uint32_t first, std::uint32_t last)
      : first_(std::min(first, kMost)), last_(std::min(last, kMost)) {}

  bool apply(std::string_view text, std::string& out) const override {
    const auto length = static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
    const std::size_t kept = std::size_t{first_} + last_;
    if (length <= kept) {
      out.append(length, '*');
      return true;
    }
    out.append(text.substr(0, prefix_bytes(text, first_)));
    out.append(length - kept, '*');
    std::size_t last = text.size();
    for (std::size_t i = 0; i < last_; ++i) do
        --last;
      while (continues_character(text[last]));
    out.append(text.substr(last));
    return true;
  }

  std::string to_sql(std::string_view text) const override {
    const std::string length = call("char_length", text);
    const std::string kept = std::to_string(std::uint64_t{first_} + last_);
    const std::string value(text);
    return "CASE WHEN " + sql_operation(length, "<=", kept) + " THEN " +
           call("repeat", "'*', " + length) + " ELSE " +
           concatenation(call("left", value + ", " + std::to_string(first_)),
                         call("repeat", "'*', " + sql_operation(length, "-", kept)),
                         call("right", value + ", " + std::to_string(last_))) +
           " END";
  }

 private:
  std::uint32_t first_;
  std::uint32_t last_;
};

class Email final : public TextMethod {
 public:
  bool apply(std::string_view text, std::string& out) const override {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || text.front() == '@' || at + 1 == text.size()) {
      out += "***";
      return true;
    }
    out.append(text.substr(0, prefix_bytes(text, 1))).append("***").append(text.substr(at));
    return true;
  }

  // Searching needs a deterministic collation; what comes out keeps that of the value.
  std::string to_sql(std::string_view text) const override {
    const std::string value(text);
    const auto place = [](const std::string& where) {
      return call("strpos", "(" + where + " COLLATE pg_catalog.\"C\"), '@'");
    };
    const std::string from_end = place(call("reverse", value));
    return "CASE WHEN " + value + " IS NULL THEN NULL WHEN " +
           sql_operation(place(value), ">", "1") + " AND " + sql_operation(from_end, ">", "1") +
           " THEN " +
           concatenation(call("left", value + ", 1"), "'***'",
                         call("right", value + ", " + from_end)) +
           " ELSE '***' END";
  }
};

class Hash final : public TextMethod {
 public:
  Hash(HashKeyRef key, std::string domain) : key_(std::move(key)), domain_(std::move(domain)) {}

  bool apply(std::string_view text, std::string& out) const override {
    const crypto::Sha256Digest digest = key_->pseudonym(domain_, as_bytes(text));
    append_hex(ByteView(digest).first(kHashTextBytes), out);
    return true;
  }
  std::string to_sql(std::string_view text) const override {
    return sql_hex(sql_pseudonym_of_text(domain_, text), kHashTextBytes);
  }

 private:
  HashKeyRef key_;
  std::string domain_;
};

class Detect final : public TextMethod {
 public:
  explicit Detect(DetectorsRef detectors) : detectors_(std::move(detectors)) {}

  bool apply(std::string_view text, std::string& out) const override {
    return detectors_->mark(text, out);
  }
  std::string to_sql(std::string_view /*text*/) const override { return {}; }
  bool detects() const override { return true; }

 private:
  DetectorsRef detectors_;
};

class TextMask final : public ValueMask {
 public:
  TextMask(TextMethodRef method, bool is_padded)
      : method_(std::move(method)), is_padded_(is_padded) {}

  // Both formats are the same.
  Fate apply(ByteView value, Format /*format*/, std::string& out) const override {
    std::string_view text = as_text(value);
    if (is_padded_) text = text.substr(0, text.find_last_not_of(' ') + 1);
    if (!is_valid_utf8(text)) return Fate::kNull;
    return method_->apply(text, out) ? Fate::kReplaced : Fate::kKept;
  }
  Fate apply_to_null(Format /*format*/, std::string& /*out*/) const override { return Fate::kKept; }
  bool detects() const override { return method_->detects(); }

 private:
  TextMethodRef method_;
  bool is_padded_;  // char(n): trailing blanks are no part of the value
};

}  // namespace

Status check_hash(const Spec& spec, const HashKeyRef& key) {
  if (key == nullptr) return Error("hash needs a key, and none is configured");
  // The domain ends at a zero byte in what is hashed.
  if (spec.domain.find('\0') != std::string::npos)
    return Error("the domain of hash must not hold a zero byte");
  return Ok();
}

Result<TextMethodRef> make_text_method(const Spec& spec, const HashKeyRef& key,
                                       const DetectorsRef& detectors) {
  switch (spec.method) {
    case Method::kPartial:
      return TextMethodRef(std::make_shared<Partial>(spec.keep_first, spec.keep_last));
    case Method::kEmail:
      return TextMethodRef(std::make_shared<Email>());
    case Method::kHash:
      TG_TRY(check_hash(spec, key));
      return TextMethodRef(std::make_shared<Hash>(key, spec.domain));
    case Method::kDetect:
      if (detectors == nullptr) return Error("detect needs at least one detector");
      return TextMethodRef(std::make_shared<Detect>(detectors));
    case Method::kRedact:
    case Method::kTruncate:
    case Method::kJson:
      break;
  }
  return Error(std::string(to_string(spec.method)) + " does not serve strings");
}

ColumnMask mask_text(TextMethodRef method, const ColumnType& type) {
  ColumnMask mask;
  mask.expression = method->to_sql(sql_cast(kColumnMark, "pg_catalog.text"));
  if (!mask.expression.empty()) mask.expression = sql_cast(mask.expression, type.sql_name);
  mask.on_rows = std::make_shared<TextMask>(std::move(method), scalar_oid(type) == kBpcharOid);
  return mask;
}

}  // namespace tracegate::mask
