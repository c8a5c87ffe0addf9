#include "tests/crypto/test_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "src/crypto/base64.h"
#include "tests/crypto/jose_vectors.h"

namespace tracegate::crypto::testing {
namespace {

constexpr std::string_view kRsaPrivate =
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol"
    "2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn43"
    "9X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8"
    "bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ";

Bytes decoded(std::string_view text) {
  return base64url_decode(text).value();
}

BIGNUM* number(std::string_view text) {
  const Bytes bytes = decoded(text);
  return BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
}

// Takes the numbers and the builder.
EVP_PKEY* key_from(const char* type, OSSL_PARAM_BLD* builder, std::vector<BIGNUM*> numbers) {
  OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr);
  EVP_PKEY* made = nullptr;
  TG_CHECK(EVP_PKEY_fromdata_init(context) == 1 &&
               EVP_PKEY_fromdata(context, &made, EVP_PKEY_KEYPAIR, params) == 1,
           "a test key cannot be made");
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(builder);
  for (BIGNUM* each : numbers) BN_free(each);
  return made;
}

const char* name_of(KeyType curve) {
  if (curve == KeyType::kP256) return "P-256";
  return curve == KeyType::kP384 ? "P-384" : "P-521";
}

std::string jwk_text(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  std::string out;
  for (const auto& [name, value] : members) {
    if (!out.empty()) out += ',';
    out.append("\"").append(name).append("\":\"").append(value).append("\"");
  }
  return out;
}

Bytes from_der(ByteView der, std::size_t size) {
  const unsigned char* at = der.data();
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  Bytes out(2 * size);
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), out.data(), static_cast<int>(size));
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), out.data() + size, static_cast<int>(size));
  ECDSA_SIG_free(pair);
  return out;
}

}  // namespace

struct TestKey::Handle {
  EVP_PKEY* key = nullptr;
  KeyType type = KeyType::kRsa;
  Bytes first;   // n, x
  Bytes second;  // e, y

  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { EVP_PKEY_free(key); }

  // `configure`: sets the options of the signature.
  template <typename Configure>
  Bytes sign(const char* digest, ByteView data, const Configure& configure) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    std::size_t size = 1024;
    Bytes out(size);
    TG_CHECK(EVP_DigestSignInit_ex(context, &options, digest, nullptr, nullptr, key, nullptr) == 1,
             "a test key cannot sign");
    configure(options);
    TG_CHECK(EVP_DigestSign(context, out.data(), &size, data.data(), data.size()) == 1,
             "a test key cannot sign");
    EVP_MD_CTX_free(context);
    out.resize(size);
    return out;
  }
};

TestKey::TestKey(std::string jwk_members, std::unique_ptr<Handle> handle)
    : jwk_members_(std::move(jwk_members)), handle_(std::move(handle)) {}
TestKey::~TestKey() = default;

const TestKey* TestKey::make_rsa(std::string_view n, std::string_view e, std::string_view d) {
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  const std::vector<BIGNUM*> numbers = {number(n), number(e), number(d)};
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, numbers[0]);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, numbers[1]);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_D, numbers[2]);
  auto handle = std::make_unique<Handle>();
  handle->key = key_from("RSA", builder, numbers);
  handle->first = decoded(n);
  handle->second = decoded(e);
  return new TestKey(jwk_text({{"kty", "RSA"}, {"n", n}, {"e", e}}), std::move(handle));
}

const TestKey* TestKey::make_ec(KeyType curve, std::string_view x, std::string_view y,
                                std::string_view d) {
  auto handle = std::make_unique<Handle>();
  handle->type = curve;
  handle->first = decoded(x);
  handle->second = decoded(y);
  Bytes point = {POINT_CONVERSION_UNCOMPRESSED};
  point.insert(point.end(), handle->first.begin(), handle->first.end());
  point.insert(point.end(), handle->second.begin(), handle->second.end());
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  const std::vector<BIGNUM*> numbers = {number(d)};
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, name_of(curve), 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, numbers[0]);
  handle->key = key_from("EC", builder, numbers);
  return new TestKey(jwk_text({{"kty", "EC"}, {"crv", name_of(curve)}, {"x", x}, {"y", y}}),
                     std::move(handle));
}

const TestKey* TestKey::make_ed25519(std::string_view x, std::string_view d) {
  auto handle = std::make_unique<Handle>();
  handle->type = KeyType::kEd25519;
  handle->first = decoded(x);
  const Bytes seed = decoded(d);
  handle->key =
      EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.data(), seed.size());
  return new TestKey(jwk_text({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", x}}), std::move(handle));
}

const TestKey& TestKey::rsa() {
  static const TestKey& key = *make_rsa(kRfc7515A2Modulus, "AQAB", kRsaPrivate);
  return key;
}
const TestKey& TestKey::p256() {
  static const TestKey& key = *make_ec(
      KeyType::kP256, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
  return key;
}
const TestKey& TestKey::p384() {
  static const TestKey& key =
      *make_ec(KeyType::kP384, "7DpOQVtOGaRWhhgCn0J_pdqai8SukuAuBqrlKGswDGTe-PDqkFWGYGSiVFFUgLwT",
               "gBXZty19VyROqO-awMYhiWcIpZNn-d-59UyoSz8cnbEoiyMcOuDU_nNE_SUzJkcg",
               "a509rS4bjBwFsZh1tmWfTeI8O2Z78pe6mqR3QHhxN9iW1XJOTHCoJfhyyepg0u31");
  return key;
}
const TestKey& TestKey::p521() {
  static const TestKey& key = *make_ec(
      KeyType::kP521,
      "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
      "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
      "AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C");
  return key;
}
const TestKey& TestKey::ed25519() {
  static const TestKey& key = *make_ed25519("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                                            "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  return key;
}

PublicKey TestKey::public_key() const {
  if (handle_->type == KeyType::kRsa)
    return PublicKey::rsa(handle_->first, handle_->second).value();
  if (handle_->type == KeyType::kEd25519) return PublicKey::ed25519(handle_->first).value();
  return PublicKey::ec(handle_->type, handle_->first, handle_->second).value();
}

Bytes TestKey::sign(SignatureAlgorithm algorithm, ByteView data) const {
  const std::string_view name = to_string(algorithm);
  if (name == "EdDSA") return handle_->sign(nullptr, data, [](EVP_PKEY_CTX*) {});
  const std::string digest = std::string("SHA").append(name.substr(2));
  if (name[0] == 'R') return handle_->sign(digest.c_str(), data, [](EVP_PKEY_CTX*) {});
  if (name[0] == 'P') return sign_pss({digest, digest, std::stoi(digest.substr(3)) / 8}, data);
  return from_der(sign_der(digest, data), handle_->first.size());
}

Bytes TestKey::sign_pss(const Pss& pss, ByteView data) const {
  const std::string digest(pss.digest);
  const std::string mgf1(pss.mgf1_digest);
  return handle_->sign(digest.c_str(), data, [&](EVP_PKEY_CTX* options) {
    TG_CHECK(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_rsa_mgf1_md_name(options, mgf1.c_str(), nullptr) == 1 &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(options, pss.salt_size) == 1,
             "a test key cannot sign with PSS");
  });
}

Bytes TestKey::sign_block(ByteView block) const {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, handle_->key, nullptr);
  std::size_t size = block.size();
  Bytes out(size);
  TG_CHECK(EVP_PKEY_sign_init(context) == 1 &&
               EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1 &&
               EVP_PKEY_sign(context, out.data(), &size, block.data(), block.size()) == 1,
           "a test key cannot sign a block");
  EVP_PKEY_CTX_free(context);
  return out;
}

Bytes TestKey::sign_der(std::string_view digest, ByteView data) const {
  return handle_->sign(std::string(digest).c_str(), data, [](EVP_PKEY_CTX*) {});
}

}  // namespace tracegate::crypto::testing
