#include "src/crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace tracegate::crypto {
namespace {

enum class Scheme { kPkcs1, kPss, kEcdsa, kEdDsa };

struct Algorithm {
  std::string_view name;
  Scheme scheme;
  KeyType key;
  const char* digest;  // null: the scheme has its own
};
// In the order of SignatureAlgorithm.
constexpr Algorithm kAlgorithms[] = {
    {"RS256", Scheme::kPkcs1, KeyType::kRsa, "SHA256"},
    {"RS384", Scheme::kPkcs1, KeyType::kRsa, "SHA384"},
    {"RS512", Scheme::kPkcs1, KeyType::kRsa, "SHA512"},
    {"PS256", Scheme::kPss, KeyType::kRsa, "SHA256"},
    {"PS384", Scheme::kPss, KeyType::kRsa, "SHA384"},
    {"PS512", Scheme::kPss, KeyType::kRsa, "SHA512"},
    {"ES256", Scheme::kEcdsa, KeyType::kP256, "SHA256"},
    {"ES384", Scheme::kEcdsa, KeyType::kP384, "SHA384"},
    {"ES512", Scheme::kEcdsa, KeyType::kP521, "SHA512"},
    {"EdDSA", Scheme::kEdDsa, KeyType::kEd25519, nullptr},
};
static_assert(std::size(kAlgorithms) == static_cast<std::size_t>(SignatureAlgorithm::kEdDsa) + 1);

const Algorithm& details(SignatureAlgorithm algorithm) {
  return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

struct Curve {
  const char* group;
  std::size_t size;  // of a coordinate, and of r and s
};
// Null for types that are no curve of ECDSA.
const Curve* curve_of(KeyType type) {
  static constexpr Curve kP256 = {"P-256", 32};
  static constexpr Curve kP384 = {"P-384", 48};
  static constexpr Curve kP521 = {"P-521", 66};
  switch (type) {
    case KeyType::kP256:
      return &kP256;
    case KeyType::kP384:
      return &kP384;
    case KeyType::kP521:
      return &kP521;
    case KeyType::kRsa:
    case KeyType::kEd25519:
      return nullptr;
  }
  return nullptr;
}

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Deleter<&BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<&EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<&EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<&EVP_MD_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<&OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Deleter<&OSSL_PARAM_free>>;

// libcrypto's error queue is per thread; libssl would read what we leave there as its own.
struct ErrorsForgotten {
  ~ErrorsForgotten() { ERR_clear_error(); }
};

Number number(ByteView big_endian) {
  return Number(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
}

// Null if libcrypto does not take the parameters.
Key key_from(const char* type, OSSL_PARAM* params) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params) != 1)
    return nullptr;
  return Key(made);
}

// The DER form of r and s (RFC 3279 section 2.2.3), which is what libcrypto reads. Empty on
// failure.
Bytes ecdsa_der(ByteView signature) {
  const std::size_t half = signature.size() / 2;
  const std::unique_ptr<ECDSA_SIG, Deleter<&ECDSA_SIG_free>> pair(ECDSA_SIG_new());
  Number r = number(signature.first(half));
  Number s = number(signature.subspan(half));
  if (pair == nullptr || r == nullptr || s == nullptr ||
      ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
    return {};
  static_cast<void>(r.release());  // the pair owns both now
  static_cast<void>(s.release());
  const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* at = der.data();
  i2d_ECDSA_SIG(pair.get(), &at);
  return der;
}

// An Ed25519 point is its y, little-endian, with the sign of x in the highest bit.
constexpr std::size_t kEd25519Size = 32;
using Ed25519Y = std::array<std::uint8_t, kEd25519Size>;

// y is canonical if it is below p = 2^255 - 19.
bool is_canonical(const Ed25519Y& y) {
  if (y[31] != 0x7f || y[0] < 0xed) return true;
  return !std::all_of(y.begin() + 1, y.end() - 1, [](std::uint8_t byte) { return byte == 0xff; });
}

// The y of the eight points whose order divides 8: 0, 1, -1 and those of order 8.
bool has_small_order(const Ed25519Y& y) {
  static constexpr Ed25519Y kSmallOrder[] = {
      {},
      {1},
      {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
      {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
       0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
       0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
      {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
       0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
       0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
  };
  return std::find(std::begin(kSmallOrder), std::end(kSmallOrder), y) != std::end(kSmallOrder);
}

}  // namespace

std::string_view to_string(SignatureAlgorithm algorithm) {
  return details(algorithm).name;
}

std::optional<SignatureAlgorithm> signature_algorithm_from_string(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kAlgorithms); ++i)
    if (kAlgorithms[i].name == name) return static_cast<SignatureAlgorithm>(i);
  return std::nullopt;
}

struct PublicKey::Handle {
  Key key;
};

PublicKey::PublicKey(KeyType type, std::unique_ptr<Handle> handle)
    : type_(type), handle_(std::move(handle)) {}
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

Result<PublicKey> PublicKey::rsa(ByteView modulus, ByteView exponent) {
  const ErrorsForgotten forget;
  if (modulus.empty() || modulus[0] == 0 || exponent.empty() || exponent[0] == 0)
    return Error("the modulus or the exponent is empty or begins with a zero");
  // Before anything is computed with them.
  if (modulus.size() > 1024 || exponent.size() > 4)
    return Error("the modulus has more than 8192 bits, or the exponent more than 32");
  const Number n = number(modulus);
  const Number e = number(exponent);
  if (n == nullptr || e == nullptr) return Error("the key cannot be made");
  if (BN_num_bits(n.get()) < 2048) return Error("the modulus has fewer than 2048 bits");
  if (BN_is_odd(n.get()) == 0) return Error("the modulus is even");
  if (BN_is_odd(e.get()) == 0 || BN_get_word(e.get()) < 65537)
    return Error("the exponent is even or less than 65537");

  const Builder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return Error("the key cannot be made");
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  Key key = params == nullptr ? nullptr : key_from("RSA", params.get());
  if (key == nullptr) return Error("the key cannot be made");
  return PublicKey(KeyType::kRsa, std::make_unique<Handle>(Handle{std::move(key)}));
}

Result<PublicKey> PublicKey::ec(KeyType curve, ByteView x, ByteView y) {
  const ErrorsForgotten forget;
  const Curve* known = curve_of(curve);
  if (known == nullptr) return Error("not a curve of ECDSA");
  if (x.size() != known->size || y.size() != known->size)
    return Error("a coordinate has another length than the curve's");

  Bytes point = {POINT_CONVERSION_UNCOMPRESSED};
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());
  std::string group = known->group;  // libcrypto's parameters are not const
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end(),
  };
  // libcrypto's own provider takes no point off the curve; the check is for others.
  Key key = key_from("EC", params);
  const KeyContext context(
      key == nullptr ? nullptr : EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (context == nullptr || EVP_PKEY_public_check(context.get()) != 1)
    return Error("the point is not on the curve");
  return PublicKey(curve, std::make_unique<Handle>(Handle{std::move(key)}));
}

Result<PublicKey> PublicKey::ed25519(ByteView point) {
  const ErrorsForgotten forget;
  if (point.size() != kEd25519Size) return Error("a point of Ed25519 has 32 bytes");
  Ed25519Y y;
  std::copy(point.begin(), point.end(), y.begin());
  y[31] &= 0x7f;
  if (!is_canonical(y)) return Error("the point is not in its canonical encoding");
  if (has_small_order(y)) return Error("the point is of small order");
  Key key(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, point.data(), point.size()));
  if (key == nullptr) return Error("the key cannot be made");
  return PublicKey(KeyType::kEd25519, std::make_unique<Handle>(Handle{std::move(key)}));
}

bool PublicKey::fits(SignatureAlgorithm algorithm) const {
  return details(algorithm).key == type_;
}

bool PublicKey::verify(SignatureAlgorithm algorithm, ByteView data, ByteView signature) const {
  const ErrorsForgotten forget;
  if (!fits(algorithm)) return false;
  const Algorithm& wanted = details(algorithm);
  Bytes der;
  if (wanted.scheme == Scheme::kEcdsa) {
    if (signature.size() != 2 * curve_of(type_)->size) return false;
    der = ecdsa_der(signature);
    signature = der;
  } else if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(handle_->key.get()))) {
    return false;
  }

  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // belongs to the context
  if (context == nullptr || EVP_DigestVerifyInit_ex(context.get(), &options, wanted.digest, nullptr,
                                                    nullptr, handle_->key.get(), nullptr) != 1)
    return false;
  // MGF1 takes the signature's digest where nothing else is said.
  if (wanted.scheme == Scheme::kPss &&
      (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1))
    return false;
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(),
                          data.size()) == 1;
}

bool PublicKey::operator==(const PublicKey& other) const {
  const ErrorsForgotten forget;
  return type_ == other.type_ && EVP_PKEY_eq(handle_->key.get(), other.handle_->key.get()) == 1;
}

}  // namespace tracegate::crypto
