#include "src/session/discretion.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace tracegate::session {
namespace {

namespace field = proto::error_field;

// A DO block is the client's own as well.
constexpr std::string_view kOwnContext[] = {"COPY ", "JSON data, ", "portal ", "unnamed portal ",
                                            "PL/pgSQL function inline_code_block "};

bool drop(proto::ErrorFields& error, std::string_view codes) {
  return std::erase_if(error.fields, [codes](const auto& each) {
           return codes.find(each.code) != std::string_view::npos;
         }) > 0;
}

void replace(proto::ErrorFields& error, char code, std::string_view text) {
  for (auto& each : error.fields)
    if (each.code == code) each.text = text;
}

// The codes of what is dropped whole, by the error's SQLSTATE.
std::string_view told_by(std::string_view sqlstate) {
  if (sqlstate.starts_with("23") || sqlstate == "44000" || sqlstate == "40P01") return "Dpq";
  if (sqlstate == "42703" || sqlstate == "42P01") return "Hpq";
  return "pq";
}

bool is_own_context(std::string_view line) {
  return std::any_of(std::begin(kOwnContext), std::end(kOwnContext),
                     [line](std::string_view each) { return line.starts_with(each); });
}

// The lines of `text` that `stays` holds for.
template <typename Stays>
std::string lines_of(std::string_view text, const Stays& stays) {
  std::string kept;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (stays(line)) kept.append(kept.empty() ? "" : "\n").append(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return kept;
}

// Leaves those lines of CONTEXT; true if there are others.
template <typename Stays>
bool keep_context(proto::ErrorFields& report, KeptTexts& kept, const Stays& stays) {
  const std::string_view context = report.find(field::kWhere);
  const std::string& left = kept.emplace_back(lines_of(context, stays));
  if (left.size() == context.size()) return false;
  if (left.empty())
    drop(report, "W");
  else
    replace(report, field::kWhere, left);
  return true;
}

std::string client_position(std::string_view position, const policy::Plan& plan) {
  std::int32_t in_store = 0;
  std::from_chars(position.data(), position.data() + position.size(), in_store);
  return std::to_string(sql::client_position(plan.store_text, plan.pieces, plan.text, in_store));
}

// ---- Values that a message quotes.

constexpr std::string_view kHidden = "...";
// Message, detail, hint and context.
constexpr std::string_view kMarked = "MDHW";

// Classes (errcodes.txt of PostgreSQL) whose messages name sessions, transactions, cursors, locks
// and resources: 08 connection, 25 transaction state, 26 and 34 names of statements and cursors, 28
// authorization, 3B savepoints, 40 rollback, 53 resources, 57 intervention.
constexpr std::string_view kSpokenClasses[] = {"08", "25", "26", "28", "34",
                                               "3B", "40", "53", "57"};
// "cursor ... already exists", "prepared statement ... already exists".
constexpr std::string_view kSpokenStates[] = {"42P03", "42P05"};

// Without any part that depends on values.
constexpr std::string_view kFixedMessages[] = {
    "bigint out of range",
    "cannot take logarithm of a negative number",
    "cannot take logarithm of zero",
    "cannot take square root of a negative number",
    "date out of range",
    "division by zero",
    "integer out of range",
    "interval out of range",
    "more than one row returned by a subquery used as an expression",
    "negative substring length not allowed",
    "numeric field overflow",
    "smallint out of range",
    "timestamp out of range",
    "value out of range: overflow",
    "value out of range: underflow",
};
// What follows is the name of a type; of an object of the catalogs.
constexpr std::string_view kTooLong = "value too long for type ";
constexpr std::string_view kNoGrant = "permission denied for ";

struct ErrorClass {
  std::string_view code;
  std::string_view name;
};
// PostgreSQL manual, appendix A.
constexpr ErrorClass kClasses[] = {
    {"0A", "feature not supported"},
    {"21", "cardinality violation"},
    {"22", "data exception"},
    {"2F", "SQL routine exception"},
    {"38", "external routine exception"},
    {"39", "external routine invocation exception"},
    {"3D", "invalid catalog name"},
    {"3F", "invalid schema name"},
    {"42", "syntax error or access rule violation"},
    {"44", "WITH CHECK OPTION violation"},
    {"54", "program limit exceeded"},
    {"55", "object not in prerequisite state"},
    {"58", "system error"},
    {"P0", "PL/pgSQL error"},
    {"XX", "internal error"},
};

std::string_view class_name(std::string_view sqlstate) {
  for (const ErrorClass& each : kClasses)
    if (sqlstate.starts_with(each.code)) return each.name;
  return "error of the store";
}

template <typename Range>
bool contains(const Range& range, std::string_view text) {
  return std::find(std::begin(range), std::end(range), text) != std::end(range);
}

bool is_spoken(std::string_view sqlstate, std::string_view message) {
  return contains(kSpokenClasses, sqlstate.substr(0, 2)) || contains(kSpokenStates, sqlstate) ||
         contains(kFixedMessages, message) || message.starts_with(kTooLong) ||
         (message.starts_with(kNoGrant) && message.find("large object") == std::string_view::npos);
}

// With the value behind ': ' hidden, to the end if it was cut; empty if there is none.
std::string hide_last_value(std::string_view message) {
  constexpr std::string_view kBefore = ": \"";
  const std::size_t found = message.find(kBefore);
  if (found == std::string_view::npos) return {};
  const std::size_t begin = found + kBefore.size();
  const std::size_t last = message.rfind('"');
  std::string hidden(message.substr(0, begin));
  hidden += kHidden;
  return last >= begin ? hidden.append(message.substr(last)) : hidden + '"';
}

bool hide_last_value_of(proto::ErrorFields& report, KeptTexts& kept) {
  std::string hidden = hide_last_value(report.find(field::kMessage));
  if (hidden.empty()) return false;
  replace(report, field::kMessage, kept.emplace_back(std::move(hidden)));
  return true;
}

bool is_of_code(const proto::ErrorFields& report) {
  const std::string_view context = report.find(field::kWhere);
  return !report.find(field::kInternalQuery).empty() ||
         lines_of(context, is_own_context).size() != context.size();
}

// "unnamed portal parameter $1", "portal "p" parameter $1": a value that the client has bound.
bool is_of_parameter(std::string_view context) {
  const std::string_view line = context.substr(0, context.find('\n'));
  return (line.starts_with("unnamed portal ") || line.starts_with("portal ")) &&
         line.find(" parameter $") != std::string_view::npos;
}

// The innermost line of CONTEXT comes first.
bool is_raised(const proto::ErrorFields& report) {
  const std::string_view context = report.find(field::kWhere);
  return context.substr(0, context.find('\n')).ends_with(" at RAISE");
}

void replace_message(proto::ErrorFields& report, std::string_view message) {
  replace(report, field::kMessage, message);
  drop(report, "DH");
  report.fields.push_back(
      {field::kHint,
       "The text is hidden, as it may quote masked values; the code says what it was."});
}

bool hide_values(proto::ErrorFields& report, Report kind, KeptTexts& kept) {
  const std::string_view sqlstate = report.sqlstate();
  if (kind != Report::kNotice && sqlstate.starts_with("23"))
    return hide_last_value_of(report, kept);
  switch (kind) {
    case Report::kOfText:
    case Report::kOfCopy:
    case Report::kRaised:
      return false;
    case Report::kOfRun:
      if (is_spoken(sqlstate, report.find(field::kMessage))) return drop(report, "D");
      replace_message(report, class_name(sqlstate));
      return true;
    case Report::kNotice:
      if (!is_of_code(report)) return hide_last_value_of(report, kept);
      if (!is_raised(report)) replace_message(report, "a notice of code of the store");
      hide_last_value_of(report, kept);
      keep_context(report, kept, is_own_context);
      return true;
  }
  return false;
}

}  // namespace

bool make_discreet(proto::ErrorResponse& error, const policy::Plan* plan, const Judge& judge,
                   KeptTexts& kept) {
  const std::string_view sqlstate = error.sqlstate();
  bool changed = drop(error, told_by(sqlstate));

  const std::string_view table = error.find(field::kTable);
  if (!table.empty() && !judge.shows(error.find(field::kSchema), table)) {
    replace(error, field::kMessage,
            sqlstate.starts_with("23") ? "the statement violates a constraint of the store"
                                       : "the store refuses the statement");
    drop(error, "stcdn");
    changed = true;
  }

  const std::string_view position = error.find(field::kPosition);
  if (plan != nullptr && !plan->store_text.empty() && !position.empty()) {
    replace(error, field::kPosition, kept.emplace_back(client_position(position, *plan)));
    changed = true;
  }
  return keep_context(error, kept, is_own_context) || changed;
}

Report report_of(const proto::ErrorResponse& error) {
  if (is_of_code(error)) return is_raised(error) ? Report::kRaised : Report::kOfRun;
  const std::string_view context = error.find(field::kWhere);
  if (!error.find(field::kPosition).empty() || is_of_parameter(context)) return Report::kOfText;
  return context.starts_with("COPY ") ? Report::kOfCopy : Report::kOfRun;
}

bool mask_report(proto::ErrorFields& report, Report kind, const ReportMasks& masks,
                 KeptTexts& kept) {
  bool changed = masks.hides_values && hide_values(report, kind, kept);
  if (masks.hides_values)
    changed =
        keep_context(report, kept,
                     [](std::string_view line) { return !line.starts_with("JSON data, "); }) ||
        changed;
  if (!masks.detectors) return changed;
  for (auto& each : report.fields) {
    if (kMarked.find(each.code) == std::string_view::npos) continue;
    std::string marked;
    if (!masks.detectors->mark(each.text, marked)) continue;
    each.text = kept.emplace_back(std::move(marked));
    changed = true;
  }
  return changed;
}

}  // namespace tracegate::session
