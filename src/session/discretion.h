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

// Where masks.hides_values, what a report may quote of masked values is lost. PostgreSQL writes
// values into its messages in many forms, so that messages are kept by an allow-list and not
// searched for values. Of an error, as report_of() has it:
// - kOfText, which PostgreSQL found by reading the client's own text (it has a position) or
//   parameters, and kOfCopy, about COPY data that the client sent: kept;
// - kRaised, which code of the store raises itself: kept;
// - kOfRun, while a statement or code of the store ran: kept are the messages of classes that tell
//   of the session and its objects (kSpokenClasses), and those that are fixed texts
//   (kFixedMessages). Of violated constraints (class 23), MESSAGE
//   loses what stands in quotes behind ': '. In all other cases MESSAGE becomes the name of the
//   SQLSTATE's class, HINT says so, and DETAIL is left out.
// Of a notice: if code of the store gave it otherwise than by RAISE, MESSAGE is replaced; else it
// loses what stands in quotes behind ': '. DETAIL and HINT of such code go as well. Of CONTEXT,
// lines that begin with 'JSON data, ' are left out, and of notices all of code of the store. Then
// what masks.detectors find in MESSAGE, DETAIL, HINT and CONTEXT is marked.
//
// True if anything was changed. The fields of `report` borrow from `kept` then.
enum class Report { kOfText, kOfCopy, kRaised, kOfRun, kNotice };
// Which of the first four an error is, as the store sends it: before make_discreet().
[[nodiscard]] Report report_of(const proto::ErrorResponse& error);
[[nodiscard]] bool mask_report(proto::ErrorFields& report, Report kind, const ReportMasks& masks,
                               KeptTexts& kept);

}  // namespace tracegate::session
