// Reading a folder: which files count, and how their tables become one.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "src/config/document.h"

namespace tracegate::config {
namespace {

namespace fs = std::filesystem;

// Reads at most kMaxFileBytes + 1, so that a larger file is noticed without being held.
bool read_file(const fs::path& path, std::string& text, std::string& why_not) {
  // O_NONBLOCK: a named pipe must not hang the gateway; it is refused as no regular file.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  bool good = file >= 0 && ::fstat(file, &status) == 0;
  if (good && !S_ISREG(status.st_mode)) {
    why_not = "it is not a regular file";
    ::close(file);
    return false;
  }
  char block[65536];
  while (good && text.size() <= kMaxFileBytes) {
    const ssize_t got = ::read(file, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) good = false;
    if (got <= 0) break;
    text.append(block, static_cast<std::size_t>(got));
  }
  if (!good) why_not = std::strerror(errno);
  if (file >= 0) ::close(file);
  return good;
}

std::vector<fs::path> toml_files(const fs::path& folder, Diagnostics& out) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& path = entries->path();
    if (path.extension() == ".toml" && !path.filename().string().starts_with('.'))
      files.push_back(path);
  }
  if (error)
    out.error(
        {}, fmt::format("cannot read the policy folder {}: {}", folder.string(), error.message()));
  else if (files.empty())
    out.error({}, fmt::format("the policy folder {} has no .toml file", folder.string()));
  else if (files.size() > kMaxFiles)
    out.error(
        {}, fmt::format("the policy folder {} has more than {} files", folder.string(), kMaxFiles));
  if (error || files.size() > kMaxFiles) files.clear();
  std::sort(files.begin(), files.end());
  return files;
}

bool all_tables(const std::vector<Value>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](const Value& each) { return each.kind == Kind::kTable; });
}

// [role.reader]: a table that only holds tables, so that several files may add to it.
bool is_table_of_tables(const Value& value) {
  return value.kind == Kind::kTable &&
         std::all_of(value.members.begin(), value.members.end(),
                     [](const Member& each) { return each.value.kind == Kind::kTable; });
}

void unite(Value& into, Value&& from, std::string_view path, bool descend, Diagnostics& out) {
  for (Member& member : from.members) {
    const auto at =
        std::lower_bound(into.members.begin(), into.members.end(), member.key,
                         [](const Member& each, const std::string& key) { return each.key < key; });
    if (at == into.members.end() || at->key != member.key) {
      into.members.insert(at, std::move(member));
      continue;
    }
    Value& first = at->value;
    Value& second = member.value;
    const std::string name = path.empty() ? member.key : fmt::format("{}.{}", path, member.key);
    if (descend && is_table_of_tables(first) && is_table_of_tables(second)) {
      unite(first, std::move(second), name, /*descend=*/false, out);
    } else if (descend && first.kind == Kind::kArray && second.kind == Kind::kArray &&
               all_tables(first.elements) && all_tables(second.elements)) {
      std::move(second.elements.begin(), second.elements.end(), std::back_inserter(first.elements));
    } else {
      out.error(member.key_place,
                fmt::format("{} is defined again; it stands at {} already", in_quotes(name),
                            at->key_place.to_string()),
                "each table stands in exactly one file");
    }
  }
}

}  // namespace

Value read_folder(const fs::path& folder, Diagnostics& out) {
  Value whole;
  for (const fs::path& path : toml_files(folder, out)) {
    const std::string name = path.filename().string();
    std::string text;
    std::string why_not;
    if (read_file(path, text, why_not))
      unite(whole, parse_document(text, name, out), "", /*descend=*/true, out);
    else
      out.error({name, 0, 0}, "cannot read the file: " + why_not);
  }
  return whole;
}

}  // namespace tracegate::config
