#include "src/base/clock.h"

namespace tracegate {

Instant now() {
  using std::chrono::duration_cast;
  return {duration_cast<Microseconds>(std::chrono::system_clock::now().time_since_epoch()),
          duration_cast<Microseconds>(std::chrono::steady_clock::now().time_since_epoch())};
}

}  // namespace tracegate
