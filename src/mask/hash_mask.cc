#include "src/mask/hash_mask.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "src/mask/bytea.h"
#include "src/mask/integer.h"
#include "src/mask/json_format.h"
#include "src/mask/scratch.h"
#include "src/mask/sql_text.h"
#include "src/mask/text_method.h"
#include "src/mask/uuid.h"

namespace tracegate::mask {
namespace {

using crypto::Sha256Digest;

class HashMask : public ValueMask {
 public:
  HashMask(HashKeyRef key, std::string domain) : key_(std::move(key)), domain_(std::move(domain)) {}
  Fate apply_to_null(Format /*format*/, std::string& /*out*/) const override { return Fate::kKept; }

 protected:
  [[nodiscard]] Sha256Digest pseudonym(ByteView value) const {
    return key_->pseudonym(domain_, value);
  }

 private:
  HashKeyRef key_;
  std::string domain_;
};

// Over the text in lower case. A pseudonym is of version 8, that of whoever makes it (RFC 9562).
class UuidHash final : public HashMask {
 public:
  using HashMask::HashMask;
  Fate apply(ByteView value, Format format, std::string& out) const override {
    Uuid uuid{};
    if (format == Format::kText) {
      const std::optional<Uuid> parsed = parse_uuid(as_text(value));
      if (!parsed) return Fate::kNull;
      uuid = *parsed;
    } else {
      if (value.size() != uuid.size()) return Fate::kNull;
      std::copy(value.begin(), value.end(), uuid.begin());
    }
    thread_local std::string memory;
    const Scratch scratch(memory);
    append_uuid(uuid, memory);
    const Sha256Digest digest = pseudonym(as_bytes(memory));
    std::copy_n(digest.begin(), uuid.size(), uuid.begin());
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x80);
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
    if (format == Format::kText)
      append_uuid(uuid, out);
    else
      out.append(as_text(uuid));
    return Fate::kReplaced;
  }
};

// 63 bits of the HMAC over the decimal text.
class Int8Hash final : public HashMask {
 public:
  using HashMask::HashMask;
  Fate apply(ByteView value, Format format, std::string& out) const override {
    const IntegerType type = *integer_type(TypeClass::kInt8);
    const std::optional<std::int64_t> number = read_integer(value, format, type);
    if (!number) return Fate::kNull;
    thread_local std::string memory;
    const Scratch scratch(memory);
    append_integer(*number, Format::kText, type, memory);
    const Sha256Digest digest = pseudonym(as_bytes(memory));
    constexpr auto kLow63 = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i) bits = bits << 8 | digest[i];
    append_integer(static_cast<std::int64_t>(bits & kLow63), format, type, out);
    return Fate::kReplaced;
  }
};

class ByteaHash final : public HashMask {
 public:
  using HashMask::HashMask;
  Fate apply(ByteView value, Format format, std::string& out) const override {
    if (format == Format::kBinary) {
      out.append(as_text(pseudonym(value)));
      return Fate::kReplaced;
    }
    thread_local std::string memory;
    const Scratch scratch(memory);
    if (!append_bytea(as_text(value), memory)) return Fate::kNull;
    out.append("\\x");
    append_hex(pseudonym(as_bytes(memory)), out);
    return Fate::kReplaced;
  }
};

// The whole value becomes a string.
class JsonHash final : public HashMask {
 public:
  JsonHash(HashKeyRef key, std::string domain, bool is_jsonb)
      : HashMask(std::move(key), std::move(domain)), is_jsonb_(is_jsonb) {}
  Fate apply(ByteView value, Format format, std::string& out) const override {
    const std::optional<std::string_view> text = json_text(value, format, is_jsonb_);
    if (!text) return Fate::kNull;
    const Sha256Digest digest = pseudonym(as_bytes(*text));
    begin_json(format, is_jsonb_, out);
    out.push_back('"');
    append_hex(ByteView(digest).first(kHashTextBytes), out);
    out.push_back('"');
    return Fate::kReplaced;
  }

 private:
  bool is_jsonb_;
};

// Of type bigint: the first eight bytes without their top bit.
std::string sql_63_bits(const std::string& pseudonym) {
  const std::string bytes = "pg_catalog.set_bit(pg_catalog.substr(" + pseudonym + ", 1, 8), 7, 0)";
  const std::string digits = sql_operation("'x'", "||", "pg_catalog.encode(" + bytes + ", 'hex')");
  return sql_cast(sql_cast(digits, "pg_catalog.bit(64)"), "pg_catalog.int8");
}

// set_bit() counts from the lowest bit of the first byte.
std::string sql_uuid(const std::string& pseudonym) {
  std::string bytes = "pg_catalog.substr(" + pseudonym + ", 1, 16)";
  constexpr std::pair<int, int> kBits[] = {{52, 0}, {53, 0}, {54, 0}, {55, 1}, {70, 0}, {71, 1}};
  for (const auto& [bit, value] : kBits)
    bytes.insert(0, "pg_catalog.set_bit(")
        .append(", " + std::to_string(bit) + ", " + std::to_string(value) + ")");
  return sql_cast("pg_catalog.encode(" + bytes + ", 'hex')", "pg_catalog.uuid");
}

ColumnMask mask_json(const Spec& spec, const HashKeyRef& key, bool is_jsonb,
                     const std::string& pseudonym) {
  return {std::make_shared<JsonHash>(key, spec.domain, is_jsonb),
          (is_jsonb ? "pg_catalog.to_jsonb(" : "pg_catalog.to_json(") +
              sql_hex(pseudonym, kHashTextBytes) + ")"};
}

}  // namespace

Result<ColumnMask> mask_by_hash(const Spec& spec, const ColumnType& type, const HashKeyRef& key) {
  TG_TRY(check_hash(spec, key));
  const auto of_text = [&](const std::string& value) {
    return sql_pseudonym_of_text(spec.domain, sql_cast(value, "pg_catalog.text"));
  };
  const std::string column(kColumnMark);
  if (type.type_class == TypeClass::kUuid)
    return ColumnMask{std::make_shared<UuidHash>(key, spec.domain), sql_uuid(of_text(column))};
  if (type.type_class == TypeClass::kInt8)
    return ColumnMask{std::make_shared<Int8Hash>(key, spec.domain), sql_63_bits(of_text(column))};
  if (type.type_class == TypeClass::kBytea)
    return ColumnMask{std::make_shared<ByteaHash>(key, spec.domain),
                      sql_pseudonym(spec.domain, sql_cast(column, "pg_catalog.bytea"))};
  if (type.type_class == TypeClass::kJson || type.type_class == TypeClass::kJsonb)
    return mask_json(spec, key, type.type_class == TypeClass::kJsonb, of_text(column));
  TG_CHECK(type.type_class == TypeClass::kNumeric, "hash does not serve the type");
  // Over the text without trailing zeros: 1.0 and 1 are equal.
  const std::string bits = sql_63_bits(of_text("pg_catalog.trim_scale(" + column + ")"));
  return ColumnMask{
      nullptr, sql_cast("pg_catalog.mod(" + bits + ", 1000000000000000000)", "pg_catalog.numeric")};
}

}  // namespace tracegate::mask
