// Tokens that look random: keys and passwords of services that no detector knows by name.
//
// Letters of both cases and digits mixed (base64 and the like), 20 to 512 characters; longer ones
// are data (images), not keys. Not counted: digests (sha512-..., SHA256:...) and ids of messages,
// calls and the like, which traces are full of. Random text of one case (hexadecimal digests, UUIDs
// without dashes) counts only behind a label that says that it is secret ("api_key": ...).
#pragma once

#include <cstddef>
#include <string_view>

#include "src/mask/detect_search.h"

namespace tracegate::mask::detect {

// Looks for such tokens within the run of token characters (detect_text.h, kToken).
void find_random_tokens(Search& search, std::size_t run_begin, std::size_t run_end);

}  // namespace tracegate::mask::detect
