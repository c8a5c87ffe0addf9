#include "src/mask/detect_builtin.h"

#include "src/mask/detect_emails.h"
#include "src/mask/detect_numbers.h"
#include "src/mask/detect_private_keys.h"
#include "src/mask/detect_tokens.h"

namespace tracegate::mask::detect {

void find_builtin(Search& search) {
  find_emails(search);
  find_numbers(search);
  find_tokens(search);
  find_private_keys(search);
}

}  // namespace tracegate::mask::detect
