// E-mail addresses: local@domain, where the domain has at least two labels and the last is letters
// (or an A-label, RFC 5890), as mail on the internet needs. What RFC 5321 permits beyond that is
// left out where it would swallow what stands around an address in URLs and code ("?to=a@b.com").
#pragma once

#include <cstddef>

#include "src/mask/detect_search.h"

namespace tracegate::mask::detect {

void find_emails(Search& search);

// The address around a sign that is spelt otherwise: %40, \u0040, &#64;.
void find_email_around(Search& search, std::size_t sign_begin, std::size_t sign_end);

}  // namespace tracegate::mask::detect
