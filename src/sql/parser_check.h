// Whether the parse trees that libpg_query makes have the layout that this folder was compiled
// with. The tree is walked in place, so a library built from other definitions would be misread;
// then nothing may be judged. Threading: thread-safe.
#pragma once

#include "src/sql/analysis.h"

namespace tracegate::sql {

// Terminates if check_parser() fails; checks once per process.
void require_trusted_parser();

}  // namespace tracegate::sql
