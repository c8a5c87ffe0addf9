#include "src/server/policy_digest.h"

#include <fstream>
#include <set>

#include "src/base/bytes.h"
#include "src/crypto/digest.h"

namespace tracegate::server {
namespace {

std::string hex(ByteView bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

}  // namespace

Result<std::string> policy_digest(const std::filesystem::path& folder) {
  std::error_code error;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml") files.insert(entry.path());
  if (error) return Error(folder.string() + ": " + error.message());
  crypto::Sha256 digest;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) return Error(file.string() + ": cannot be read");
    std::string head = file.filename().string();
    head.push_back('\0');
    head += std::to_string(content.size());
    head.push_back('\0');
    digest.update(as_bytes(head)).update(as_bytes(content));
  }
  return hex(digest.finish());
}

}  // namespace tracegate::server
