// SQL names as policy files write them, folded as PostgreSQL folds them (documentation, section
// 4.1.1): what stands without quotes goes to lower case (ASCII letters only), what stands in double
// quotes is kept, "" within quotes is one quote. Names that PostgreSQL would cut at 63 bytes are
// refused. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"

namespace tracegate::policy {

inline constexpr std::size_t kMaxNameBytes = 63;  // NAMEDATALEN - 1

struct QualifiedName {
  std::string schema;
  std::string name;  // empty for "schema.*"
};

// The hint of an error is the form to write.
[[nodiscard]] Result<std::string> parse_identifier(std::string_view text);
// "schema.table", "\"My Schema\".\"T\"", "schema.*"; the schema is required.
[[nodiscard]] Result<QualifiedName> parse_table_name(std::string_view text);
// A function, a type or an operator: "f", "schema.f", "<->", "schema.<->", in the form in which
// sql::Statement::functions has it (a name with a dot or a quote in it stays in quotes).
[[nodiscard]] Result<std::string> parse_function_name(std::string_view text);

// `text` with ASCII letters in lower case.
[[nodiscard]] std::string fold_case(std::string_view text);

}  // namespace tracegate::policy
