// Private keys as text.
#pragma once

#include "src/mask/detect_search.h"

namespace tracegate::mask::detect {

// PEM blocks (RFC 7468) and OpenPGP's (RFC 4880, section 6.2) of private keys: the whole block, up
// to its END or as far as it goes. Line ends may be escaped ("\n"). If its BEGIN was cut off, from
// as far back as it goes.
void find_private_keys(Search& search);

}  // namespace tracegate::mask::detect
