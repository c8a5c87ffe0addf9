// Reads statements, one a line, and prints their facts, one a line: for compare_with_postgres.
#include <iostream>

#include "tests/sql/describe.h"
#include "tests/sql/trace_catalog.h"

int main() {
  const auto catalog = tracegate::sql::make_trace_catalog();
  for (std::string line; std::getline(std::cin, line);)
    std::cout << describe(tracegate::sql::analyze(line, *catalog, tracegate::sql::public_path()))
              << "\n";
  return 0;
}
