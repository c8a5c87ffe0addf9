#include "tests/sql/case_file.h"

#include <fstream>

#include "src/base/result.h"

namespace tracegate::sql {

std::vector<Case> load_cases(const std::string& name) {
  constexpr std::string_view kCorpus = "corpus/";
  std::string path = TRACEGATE_TESTS;
  if (name.starts_with(kCorpus)) {
    path.append("/corpus/sql/").append(name, kCorpus.size());
  } else {
    path.append("/sql/").append(name);
  }
  path.append(".txt");
  std::ifstream file(path);
  TG_CHECK(file.good(), path);
  std::vector<Case> cases;
  std::string line;
  std::string statement;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("=> ")) {
      cases.push_back({statement, line.substr(3), number});
      statement.clear();
    } else if (!statement.empty()) {
      statement += "\n" + line;
    } else if (!line.empty() && !line.starts_with("# ")) {
      statement = line;
    }
  }
  TG_CHECK(statement.empty() && !cases.empty(), path);
  return cases;
}

const std::vector<std::string>& case_files() {
  static const std::vector<std::string> files = {"cases/from",
                                                 "cases/functions",
                                                 "cases/refused",
                                                 "cases/select",
                                                 "cases/session",
                                                 "cases/utility",
                                                 "cases/with",
                                                 "cases/write",
                                                 "corpus/exports",
                                                 "corpus/functions_and_types",
                                                 "corpus/hidden_reads",
                                                 "corpus/opaque_code",
                                                 "corpus/parser_tricks",
                                                 "corpus/reads_that_write",
                                                 "corpus/session_state",
                                                 "corpus/whole_row",
                                                 "corpus/with_shadowing",
                                                 "corpus/writes_that_read"};
  return files;
}

}  // namespace tracegate::sql
