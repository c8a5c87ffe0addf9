// Keys and tokens of services, and what looks like one: all of them are, or have in them, a run of
// at least 18 letters, digits and signs of base64. So only such runs are looked at, and finding the
// runs reads about a third of the bytes of a text.
#pragma once

#include <cstddef>

#include "src/mask/detect_search.h"

namespace tracegate::mask::detect {

// JWTs, keys of AWS, GCP, GitHub, Slack, OpenAI and others like it, private keys in base64 once
// more, and tokens of high entropy (detect_entropy.h).
void find_tokens(Search& search);

}  // namespace tracegate::mask::detect
