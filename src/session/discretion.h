// What an error of the store may tell a restricted role. Pure; thread-safe.
#pragma once

#include <string>

#include "proto_pg/error.h"
#include "src/policy/plan.h"
#include "src/session/effects.h"

namespace tracegate::session {

// Takes out of `error` what tells of rows and relations that the statement did not ask for:
// - DETAIL of a violated constraint (class 23) or WITH CHECK OPTION (44000): keys, or the row; of a
//   deadlock (40P01): what others do;
// - HINT for a column or table that does not exist: it names one that does;
// - a relation that does not exist for the role, such as one whose foreign key refers to a table
//   that does: the message is then one of ours, and the names go;
// - of CONTEXT, what code of the store was doing, and the query that it ran. Lines about the
//   client's own data (COPY, JSON, portals) stay.
// A position, which is one in the text that the store got, becomes one in the client's. `plan` is
// of the statement that failed, null if that is not known.
//
// True if anything was changed. The fields of `error` borrow from `kept` then.
[[nodiscard]] bool make_discreet(proto::ErrorResponse& error, const policy::Plan* plan,
                                 const Judge& judge, std::string& kept);

}  // namespace tracegate::session
