// Files of statements and the facts that are expected of them, in tests/sql/cases and in
// tests/corpus/sql (every way around the rules that was ever found):
//
//   # what the file is about
//
//   SELECT id FROM traces
//   => select; select public.traces(id)
//
// A statement may span lines; the line that starts with "=> " ends it. Facts are written as
// describe() writes them, against trace_catalog.h.
#pragma once

#include <string>
#include <vector>

namespace tracegate::sql {

struct Case {
  std::string statement;
  std::string facts;
  int line = 0;
};

// `name` without folder and ".txt": "cases/select", "corpus/exports". Terminates if there is no
// such file.
[[nodiscard]] std::vector<Case> load_cases(const std::string& name);

// Every file of both folders.
[[nodiscard]] const std::vector<std::string>& case_files();

}  // namespace tracegate::sql
