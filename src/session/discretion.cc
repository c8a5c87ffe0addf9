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

// `message` with what stands between the two positions replaced.
std::string hide_between(std::string_view message, std::size_t begin, std::size_t end) {
  return std::string(message.substr(0, begin)).append(kHidden).append(message.substr(end));
}

// From `begin`, behind a quote, to the last quote hidden; to the end if it was cut.
std::string hide_quoted(std::string_view message, std::size_t begin) {
  const std::size_t last = message.rfind('"');
  if (last >= begin) return hide_between(message, begin, last);
  return hide_between(message, begin, message.size()) + '"';
}

// With the value behind ': ' hidden; empty if there is none.
std::string hide_last_value(std::string_view message) {
  constexpr std::string_view kBefore = ": \"";
  const std::size_t found = message.find(kBefore);
  return found == std::string_view::npos ? std::string()
                                         : hide_quoted(message, found + kBefore.size());
}

// With whatever may be a value hidden; empty if nothing may.
std::string hide_any_value(std::string_view message) {
  if (const std::size_t quote = message.find('"'); quote != std::string_view::npos)
    return hide_quoted(message, quote + 1);
  constexpr std::string_view kBefore = ": ";
  const std::size_t colon = message.find(kBefore);
  if (colon == std::string_view::npos) return {};
  const std::size_t begin = colon + kBefore.size();
  constexpr std::string_view kOfNumbers = "0123456789+-.";
  if (begin == message.size() || kOfNumbers.find(message[begin]) == std::string_view::npos)
    return {};
  return hide_between(message, begin, message.size());
}

// Which rule of mask_report() is for it.
enum class Quoting { kNothing, kBehindColon, kAnything };
Quoting quoting_of(std::string_view sqlstate, Report kind) {
  constexpr std::string_view kBadCopyFormat = "22P04";
  if (kind == Report::kNotice || sqlstate.starts_with("23")) return Quoting::kBehindColon;
  if (sqlstate.starts_with("22"))
    return sqlstate == kBadCopyFormat ? Quoting::kNothing : Quoting::kAnything;
  return kind == Report::kErrorOfCode && !sqlstate.starts_with("P0") ? Quoting::kAnything
                                                                     : Quoting::kNothing;
}

bool hide_values(proto::ErrorFields& report, Report kind, KeptTexts& kept) {
  const Quoting quoting = quoting_of(report.sqlstate(), kind);
  if (quoting == Quoting::kNothing) return false;
  const std::string_view message = report.find(field::kMessage);
  std::string hidden =
      quoting == Quoting::kAnything ? hide_any_value(message) : hide_last_value(message);
  bool changed = !hidden.empty();
  if (changed) replace(report, field::kMessage, kept.emplace_back(std::move(hidden)));
  if (quoting == Quoting::kBehindColon) return changed;
  changed = drop(report, "D") || changed;
  return keep_context(report, kept,
                      [](std::string_view line) { return !line.starts_with("JSON data, "); }) ||
         changed;
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
  const std::string_view context = error.find(field::kWhere);
  const bool is_of_code = !error.find(field::kInternalQuery).empty() ||
                          lines_of(context, is_own_context).size() != context.size();
  return is_of_code ? Report::kErrorOfCode : Report::kError;
}

bool mask_report(proto::ErrorFields& report, Report kind, const ReportMasks& masks,
                 KeptTexts& kept) {
  bool changed = masks.hides_values && hide_values(report, kind, kept);
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
