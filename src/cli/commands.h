// The subcommands of `tracegate`. Each returns the exit status: 0 for success, 1 for a failure that
// it has explained on standard error.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tracegate::cli {

struct ServeOptions {
  std::filesystem::path policies;
  std::optional<int> ready_fd;  // a line with the addresses is written here, then it is closed
  int grace_seconds = 30;       // of SIGTERM, for sessions in the middle of something
};
[[nodiscard]] int serve(const ServeOptions& options);

[[nodiscard]] int check(const std::filesystem::path& policies);

struct ExplainOptions {
  std::filesystem::path policies;
  std::string role;
  std::optional<std::string> upstream;  // the role's first one otherwise
  // What the session's credential would say: a TOML file of `name = ["value", ...]`, and
  // "name=value,value" each, which win over the file.
  std::optional<std::filesystem::path> claims_file;
  std::vector<std::string> claims;
  std::string sql;
};
[[nodiscard]] int explain(const ExplainOptions& options);

// Reads a password from the terminal without echo, or a line from standard input, and prints its
// SCRAM verifier.
[[nodiscard]] int scram();

}  // namespace tracegate::cli
