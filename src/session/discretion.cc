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

bool drop(proto::ErrorResponse& error, std::string_view codes) {
  return std::erase_if(error.fields, [codes](const auto& each) {
           return codes.find(each.code) != std::string_view::npos;
         }) > 0;
}

void replace(proto::ErrorResponse& error, char code, std::string_view text) {
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

// The lines of `context` that may stay.
std::string own_context(std::string_view context) {
  std::string own;
  while (!context.empty()) {
    const std::size_t end = std::min(context.find('\n'), context.size());
    const std::string_view line = context.substr(0, end);
    if (is_own_context(line)) own.append(own.empty() ? "" : "\n").append(line);
    context.remove_prefix(std::min(end + 1, context.size()));
  }
  return own;
}

std::string client_position(std::string_view position, const policy::Plan& plan) {
  std::int32_t in_store = 0;
  std::from_chars(position.data(), position.data() + position.size(), in_store);
  return std::to_string(sql::client_position(plan.store_text, plan.pieces, plan.text, in_store));
}

}  // namespace

bool make_discreet(proto::ErrorResponse& error, const policy::Plan* plan, const Judge& judge,
                   std::string& kept) {
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

  // Both texts in `kept`, one behind the other: no field may borrow from it before it is whole.
  const std::string_view context = error.find(field::kWhere);
  const std::string own = own_context(context);
  const std::string_view position = error.find(field::kPosition);
  const bool moved = plan != nullptr && !plan->store_text.empty() && !position.empty();
  kept = moved ? client_position(position, *plan) : std::string();
  const std::size_t position_end = kept.size();
  kept += own;
  if (moved) replace(error, field::kPosition, std::string_view(kept).substr(0, position_end));
  if (own.size() == context.size()) return changed || moved;
  if (own.empty())
    drop(error, "W");
  else
    replace(error, field::kWhere, std::string_view(kept).substr(position_end));
  return true;
}

}  // namespace tracegate::session
