#include "src/policy/instants.h"

#include <fmt/format.h>

#include <chrono>

#include "src/config/diagnostics.h"

namespace tracegate::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// Takes what it recognises from the front of a text; the first failure sticks.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok_ = take(c) && ok_; }

  // Exactly `count` digits, with a value from `least` to `most`.
  int number(std::size_t count, int least, int most) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = 10 * value + digit();
    ok_ = ok_ && value >= least && value <= most;
    return value;
  }

  // What follows the point of a second: one to six digits.
  Microseconds fraction() {
    int value = digit();
    int digits = 1;
    for (; digits < 6 && !rest_.empty() && is_digit(rest_.front()); ++digits)
      value = 10 * value + digit();
    for (; digits < 6; ++digits) value *= 10;
    return Microseconds(value);
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  int digit() {
    ok_ = ok_ && !rest_.empty() && is_digit(rest_.front());
    if (!ok_) return 0;
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

constexpr Microseconds kEarliest = sys_days(std::chrono::year(1) / 1 / 1).time_since_epoch();
constexpr Microseconds kEnd = sys_days(std::chrono::year(10'000) / 1 / 1).time_since_epoch();

Microseconds scan_time_of_day(Scanner& in) {
  Microseconds time = hours(in.number(2, 0, 23));
  in.expect(':');
  time += minutes(in.number(2, 0, 59));
  if (!in.take(':')) return time;
  time += seconds(in.number(2, 0, 59));
  return in.take('.') ? time + in.fraction() : time;
}

// East of Greenwich is positive. No zone is UTC.
Microseconds scan_offset(Scanner& in) {
  if (in.at_end() || in.take('Z')) return {};
  const bool west = in.take('-');
  if (!west) in.expect('+');
  Microseconds offset = hours(in.number(2, 0, 15));
  in.expect(':');
  offset += minutes(in.number(2, 0, 59));
  return west ? -offset : offset;
}

}  // namespace

Result<Microseconds> parse_instant(std::string_view text) {
  Scanner in(text);
  const int year = in.number(4, 1, 9999);
  in.expect('-');
  const int month = in.number(2, 1, 12);
  in.expect('-');
  const int day = in.number(2, 1, 31);
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  Microseconds instant{};
  if (in.ok() && date.ok()) instant = sys_days(date).time_since_epoch();
  if (in.take('T') || in.take(' ')) {
    instant += scan_time_of_day(in);
    instant -= scan_offset(in);
  }
  if (in.ok() && in.at_end() && date.ok() && instant >= kEarliest && instant < kEnd) return instant;
  return Error("", config::in_quotes(text) + " is not a point in time",
               "write \"2026-01-31\" or \"2026-01-31T12:00:00Z\"");
}

Result<TimeWindow> parse_window(std::string_view text) {
  const Error malformed("", config::in_quotes(text) + " is not a window of time",
                        "write \"FROM/TO\", as in \"2026-01-01/2026-02-01T12:00:00Z\"; one of "
                        "them may be left out");
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.size() == 1) return malformed;
  TimeWindow window;
  if (slash > 0) {
    const Result<Microseconds> from = parse_instant(text.substr(0, slash));
    if (!from) return malformed;
    window.from = *from;
  }
  if (slash + 1 < text.size()) {
    const Result<Microseconds> to = parse_instant(text.substr(slash + 1));
    if (!to) return malformed;
    window.to = *to;
  }
  if (window.from && window.to && *window.from >= *window.to)
    return Error("", config::in_quotes(text) + " ends before it begins");
  return window;
}

std::string to_sql_timestamp(Microseconds instant) {
  const auto day = std::chrono::floor<days>(std::chrono::sys_time<Microseconds>(instant));
  const year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::sys_time<Microseconds>(instant) - day);
  std::string text =
      fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  time.hours().count(), time.minutes().count(), time.seconds().count());
  if (time.subseconds().count() != 0) text += fmt::format(".{:06}", time.subseconds().count());
  return text;
}

}  // namespace tracegate::policy
