// What an error or notice of the store may tell a restricted role. Pure; thread-safe.
#pragma once

#include <deque>
#include <string>

#include "proto_pg/error.h"
#include "src/mask/detectors.h"
#include "src/policy/plan.h"
#include "src/session/effects.h"

namespace tracegate::session {

// Texts that fields borrow from: they stay where they are.
using KeptTexts = std::deque<std::string>;

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
                                 const Judge& judge, KeptTexts& kept);

// What else is taken out for a role with masks.
struct ReportMasks {
  mask::DetectorsRef detectors = {};
  bool hides_values = false;
  [[nodiscard]] bool empty() const { return !detectors && !hides_values; }
};
[[nodiscard]] inline ReportMasks report_masks_of(const policy::Plan& plan) {
  return {plan.report_detectors, plan.raw_columns != nullptr};
}

// Where masks.hides_values, values that the store quotes are lost.
// - Of a data exception (class 22 but 22P04, which is about the client's own COPY data), and of any
//   error of code of the store but what it raises itself (class P0) and violated constraints
//   (class 23): of MESSAGE, all from the first quote to the last, or to the end if no other
//   follows; if there is none, what begins with a digit or sign behind ': '. DETAIL. Of CONTEXT,
//   lines that begin with 'JSON data, '.
//     invalid value "alice" for "YYYY" -> invalid value "..."
// - Of a violated constraint, and of any notice: of MESSAGE, what stands in quotes behind ': ',
//   from the first ': "' to the last quote.
// Everything else stays as it is: whatever other classes say, such as syntax errors (class 42),
// which quote the client's own text, and names in quotes. COPY's lines of CONTEXT stay: they quote
// what the client itself has sent. Then what masks.detectors find in MESSAGE, DETAIL, HINT and
// CONTEXT is marked.
//
// True if anything was changed. The fields of `report` borrow from `kept` then.
enum class Report { kError, kErrorOfCode, kNotice };
// Which of both an error is, as the store sends it: before make_discreet().
[[nodiscard]] Report report_of(const proto::ErrorResponse& error);
[[nodiscard]] bool mask_report(proto::ErrorFields& report, Report kind, const ReportMasks& masks,
                               KeptTexts& kept);

}  // namespace tracegate::session
