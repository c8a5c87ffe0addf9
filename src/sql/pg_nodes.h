// PostgreSQL's own node definitions and the parser's entry points: the one place where they are
// included. Include it last, from .cc files of this folder and from parse_tree.h only: it is C, it
// fills the global namespace, and it redefines parts of the C library as macros, which are taken
// back below.
//
// Source of the definitions: postgresql-server-dev-15 (nodes/parsenodes.h). libpg_query 15-4.0.0
// was made from PostgreSQL 15.1; the layout of nodes does not change within a major version, and
// parser_check.cc proves at start that both sides agree.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
extern "C" {
// postgres.h must come before all others.
// clang-format off
#include "postgres.h"
#include "nodes/parsenodes.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "parser/scanner.h"
// clang-format on

static_assert(PG_VERSION_NUM / 10000 == 15, "libpg_query 15 needs the headers of PostgreSQL 15");
#undef PG_MAJORVERSION
#undef PG_VERSION
#undef PG_VERSION_NUM
#include <pg_query.h>
#include <pg_query/pg_query_internal.h>
static_assert(PG_VERSION_NUM / 10000 == 15, "libpg_query is of another major version");
}
#pragma GCC diagnostic pop

#undef Abs
#undef Max
#undef Min
#undef foreach
#undef fprintf
#undef gettext
#undef lengthof
#undef ngettext
#undef printf
#undef snprintf
#undef sprintf
#undef strerror
#undef strerror_r
#undef vfprintf
#undef vprintf
#undef vsnprintf
#undef vsprintf
