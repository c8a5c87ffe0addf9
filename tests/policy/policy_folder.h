// A policy folder for one test: a complete, correct gateway.toml and roles.toml with their secret
// files, in which a test replaces what it is about.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "src/policy/policy.h"
#include "tests/config/temp_folder.h"

namespace tracegate::policy {

inline constexpr std::string_view kVerifier =
    "SCRAM-SHA-256$4096:c2FsdA==$RgKXJIzWDUjvsKvpfF6thOWBkpMdz3ZzfGcOMiTFWGs=:"
    "zdlEBJhKvKDOQ1hLrJ1R7bJgdpfxIdjWcy60RpOVHtM=";

inline constexpr std::string_view kGateway = R"([journal]
directory = "journal"
[[listener]]
address = "127.0.0.1:6432"
tls = "off"
[upstream.traces]
hosts = ["127.0.0.1:5432"]
tls = "off"
catalog_user = "tracegate_catalog"
catalog_password_file = "secret"
)";

inline constexpr std::string_view kRoles = R"([role.reader]
upstreams = ["traces"]
store_user = "reader"
store_password_file = "secret"
[[role.reader.allow]]
operations = ["select"]
tables = ["public.traces"]
)";

inline std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part);
  return text;
}

class PolicyFolder {
 public:
  PolicyFolder() {
    gateway(kGateway);
    roles(kRoles);
    folder_.write("secret", "s3cret\n");
  }

  void gateway(std::string_view text) const { folder_.write("gateway.toml", text); }
  void roles(std::string_view text) const { folder_.write("roles.toml", text); }
  void write(std::string_view name, std::string_view text, mode_t mode = 0600) const {
    folder_.write(name, text, mode);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

  [[nodiscard]] LoadedPolicy load() const { return policy::load(folder_.path(), PolicyVersion{7}); }
  // What load() says, one line each, with the folder's own path as "FOLDER".
  [[nodiscard]] std::vector<std::string> complaints() const {
    std::vector<std::string> lines;
    for (const config::Diagnostic& each : load().diagnostics) {
      std::string line = each.to_string();
      for (std::size_t at; (at = line.find(path().string())) != std::string::npos;)
        line.replace(at, path().string().size(), "FOLDER");
      lines.push_back(std::move(line));
    }
    return lines;
  }

 private:
  testing::TempFolder folder_;
};

}  // namespace tracegate::policy
