#include "src/mask/truncate.h"

#include "src/mask/integer.h"
#include "src/mask/sql_text.h"

namespace tracegate::mask {
namespace {

class Buckets final : public ValueMask {
 public:
  Buckets(std::int64_t width, const IntegerType& type) : width_(width), type_(type) {}

  Fate apply(ByteView value, Format format, std::string& out) const override {
    const std::optional<std::int64_t> number = read_integer(value, format, type_);
    if (!number) return Fate::kNull;
    append_integer(floor(*number), format, type_, out);
    return Fate::kReplaced;
  }
  Fate apply_to_null(Format /*format*/, std::string& /*out*/) const override { return Fate::kKept; }

 private:
  [[nodiscard]] std::int64_t floor(std::int64_t number) const {
    const std::int64_t rest = number % width_;
    const std::int64_t towards_zero = number - rest;
    if (rest >= 0) return towards_zero;
    return towards_zero < type_.lowest + width_ ? type_.lowest : towards_zero - width_;
  }

  std::int64_t width_;
  IntegerType type_;
};

ColumnMask mask_integers(std::int64_t width, const IntegerType& type, const std::string& sql_name) {
  const auto constant = [](std::int64_t number) {
    return sql_constant(std::to_string(number), "pg_catalog.int8");
  };
  const std::string column = sql_cast(kColumnMark, "pg_catalog.int8");
  const std::string rest = sql_operation(column, "%", constant(width));
  const std::string towards_zero = sql_operation(column, "-", rest);
  const std::string sql =
      "CASE WHEN " + sql_operation(rest, ">=", "0") + " THEN " + towards_zero + " WHEN " +
      sql_operation(towards_zero, "<", constant(type.lowest + width)) + " THEN " +
      constant(type.lowest) + " ELSE " + sql_operation(towards_zero, "-", constant(width)) + " END";
  return {std::make_shared<Buckets>(width, type), sql_cast(sql, sql_name)};
}

// NULL runs through all of it.
ColumnMask mask_numeric(std::int64_t width) {
  const auto constant = [](const std::string& number) {
    return sql_constant(number, "pg_catalog.numeric");
  };
  // A digit less than numeric has, so that no bucket is below what it can hold.
  const std::string lowest = constant("-1e131071");
  const std::string column = sql_cast(kColumnMark, "pg_catalog.numeric");
  const std::string step = constant(std::to_string(width));
  const std::string rest = "pg_catalog.mod(" + column + ", " + step + ")";
  const std::string towards_zero = sql_operation(column, "-", rest);
  // NaN counts as larger than infinity.
  const std::string is_finite =
      sql_operation("pg_catalog.abs(" + column + ")", "<", constant("Infinity"));
  return {nullptr, "CASE WHEN NOT " + is_finite + " THEN " + column + " WHEN " +
                       sql_operation(column, "<", lowest) + " THEN " + lowest + " WHEN " +
                       sql_operation(rest, ">=", "0") + " THEN pg_catalog.trunc(" + towards_zero +
                       ") ELSE pg_catalog.trunc(" + sql_operation(towards_zero, "-", step) +
                       ") END"};
}

std::string_view unit_name(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kHour:
      return "hour";
    case TimeUnit::kDay:
      return "day";
    case TimeUnit::kMonth:
      return "month";
    case TimeUnit::kYear:
      return "year";
  }
  return {};
}

// The first day of each range (utils/timestamp.h: Julian day 0) is within a month and a year whose
// begins are not in it; the begins that follow are these.
constexpr std::string_view kFirstDay = "4714-11-24";
std::string_view next_begin(TimeUnit unit) {
  return unit == TimeUnit::kMonth ? "4714-12-01" : "4713-01-01";
}

// The begin of a day before Christ, whatever the time zone of the session.
std::string sql_begin(std::string_view day, const ColumnType& type) {
  const bool has_zone = type.type_class == TypeClass::kTimestampTz;
  return sql_constant(std::string(day) + (has_zone ? " 00:00:00+00 BC" : " BC"), type.sql_name);
}

// `floor` where the column is finite and the begin of its unit in the range.
ColumnMask mask_time(TimeUnit unit, const std::string& column, const ColumnType& type,
                     const std::string& floor) {
  std::string sql = "CASE WHEN NOT pg_catalog.isfinite(" + column + ") THEN " + column;
  // Hours and days begin where the range does.
  if (unit == TimeUnit::kMonth || unit == TimeUnit::kYear)
    sql += " WHEN " + sql_operation(column, "<", sql_begin(next_begin(unit), type)) + " THEN " +
           sql_begin(kFirstDay, type);
  return {nullptr, sql + " ELSE " + floor + " END"};
}

// Without date_trunc(), which makes a timestamp of a date: its range is smaller.
std::string floor_date(TimeUnit unit, const std::string& column) {
  const std::string field = unit == TimeUnit::kMonth ? "'day'" : "'doy'";
  const std::string number =
      sql_cast("pg_catalog.extract(" + field + ", " + column + ")", "pg_catalog.int4");
  return sql_operation(column, "-", sql_operation(number, "-", "1"));
}

ColumnMask mask_times(TimeUnit unit, const ColumnType& type) {
  const std::string column = sql_cast(kColumnMark, type.sql_name);
  if (type.type_class == TypeClass::kDate)
    return mask_time(unit, column, type, floor_date(unit, column));
  std::string floor = "pg_catalog.date_trunc('" + std::string(unit_name(unit)) + "', " + column;
  if (type.type_class == TypeClass::kTimestampTz) floor += ", 'UTC'";
  return mask_time(unit, column, type, floor + ")");
}

}  // namespace

Result<ColumnMask> mask_by_truncation(const Spec& spec, const ColumnType& type) {
  const std::optional<IntegerType> integer = integer_type(type.type_class);
  if (integer || type.type_class == TypeClass::kNumeric) {
    if (spec.bucket < 1) return Error("truncate of a number needs a bucket of at least 1");
    if (integer && spec.bucket == 1)
      return Error("truncate of an integer to buckets of 1 leaves it as it is");
    return integer ? mask_integers(spec.bucket, *integer, type.sql_name)
                   : mask_numeric(spec.bucket);
  }
  if (!spec.unit) return Error("truncate of a time needs a unit");
  if (type.type_class == TypeClass::kDate && *spec.unit < TimeUnit::kMonth)
    return Error("truncate of a date to its " + std::string(unit_name(*spec.unit)) +
                 " leaves it as it is");
  return mask_times(*spec.unit, type);
}

}  // namespace tracegate::mask
