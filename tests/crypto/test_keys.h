// Private keys that the world knows, from RFCs, for signing what tests then verify, also what no
// honest signer makes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/crypto/public_key.h"

namespace tracegate::crypto::testing {

class TestKey {
 public:
  static const TestKey& rsa();      // 2048 bits, RFC 7515 appendix A.2
  static const TestKey& p256();     // RFC 7515 appendix A.3
  static const TestKey& p384();     // RFC 6979 appendix A.2.6
  static const TestKey& p521();     // RFC 7515 appendix A.4
  static const TestKey& ed25519();  // RFC 8037 appendix A.1

  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;
  ~TestKey();

  [[nodiscard]] PublicKey public_key() const;
  // The members of its public JWK: "kty":"RSA","n":...,"e":...
  [[nodiscard]] const std::string& jwk_members() const { return jwk_members_; }

  // By any algorithm that the key's type permits, whatever its curve.
  [[nodiscard]] Bytes sign(SignatureAlgorithm algorithm, ByteView data) const;

  struct Pss {
    std::string_view digest;
    std::string_view mgf1_digest;
    int salt_size = 0;
  };
  [[nodiscard]] Bytes sign_pss(const Pss& pss, ByteView data) const;
  // The bare operation of the RSA key, on a block as long as the modulus.
  [[nodiscard]] Bytes sign_block(ByteView block) const;
  // A signature of the EC key in DER, as libcrypto makes it.
  [[nodiscard]] Bytes sign_der(std::string_view digest, ByteView data) const;

 private:
  struct Handle;
  TestKey(std::string jwk_members, std::unique_ptr<Handle> handle);
  static const TestKey* make_rsa(std::string_view n, std::string_view e, std::string_view d);
  static const TestKey* make_ec(KeyType curve, std::string_view x, std::string_view y,
                                std::string_view d);
  static const TestKey* make_ed25519(std::string_view x, std::string_view d);

  std::string jwk_members_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace tracegate::crypto::testing
