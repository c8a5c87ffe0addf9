#include "src/session/row_check.h"

#include <cstddef>

namespace tracegate::session {
namespace {

using Field = proto::RowDescription::Field;

std::string column(std::uint32_t relation, std::int16_t attribute, std::uint32_t type) {
  return "column " + std::to_string(attribute) + " of relation " + std::to_string(relation) +
         ", of type " + std::to_string(type);
}

std::string column_of_result(std::size_t index) {
  return "column " + std::to_string(index + 1) + " of a result is ";
}

bool is(const Field& field, const mask::MaskedOutput& judged) {
  return field.type == judged.type && field.table == (judged.origin_hidden ? 0 : judged.relation) &&
         field.attribute == (judged.origin_hidden ? 0 : judged.attribute_number);
}

}  // namespace

std::string disagreement(const proto::RowDescription& described, const mask::RowMasks* masks,
                         const mask::RawColumns* raw_columns) {
  const std::size_t count = described.fields.size();
  if (masks != nullptr && masks->outputs.size() != count)
    return "a result has " + std::to_string(count) + " columns and was judged to have " +
           std::to_string(masks->outputs.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Field& field = described.fields[i];
    const mask::MaskedOutput* judged = masks != nullptr ? &masks->outputs[i] : nullptr;
    if (judged != nullptr && judged->mask) {
      if (is(field, *judged)) continue;
      return column_of_result(i) + column(field.table, field.attribute, field.type) +
             ", and was judged to be " +
             column(judged->relation, judged->attribute_number, judged->type) +
             (judged->origin_hidden ? ", hidden" : "");
    }
    if (raw_columns != nullptr && raw_columns->contains({field.table, field.attribute}))
      return column_of_result(i) + column(field.table, field.attribute, field.type) +
             ", which the role may not see as it is, and was judged to be something else";
  }
  return {};
}

}  // namespace tracegate::session
