#include "src/base/secret.h"

#include <cstring>

namespace tracegate {

void wipe_memory(void* data, std::size_t size) noexcept {
  if (size == 0) return;
  std::memset(data, 0, size);
  __asm__ __volatile__("" : : "r"(data) : "memory");
}

}  // namespace tracegate
