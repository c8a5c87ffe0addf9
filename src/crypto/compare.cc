#include "src/crypto/compare.h"

#include <openssl/crypto.h>

namespace tracegate::crypto {

bool equal_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tracegate::crypto
