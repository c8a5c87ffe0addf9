#include "src/sql/parse_tree.h"

#include <cstdlib>

#include "src/sql/text_limits.h"

namespace tracegate::sql {
namespace {

// The parser wants its text terminated by NUL; one buffer per thread saves an allocation for each
// statement. A large text must not keep its memory for ever.
constexpr std::size_t kKeptCapacity = 256 * 1024;
std::string& text_buffer() {
  thread_local std::string buffer;
  return buffer;
}

// The parser quotes the token that it stumbled over, which can be as long as the text.
std::string shortened(std::string_view message) {
  constexpr std::size_t kMaxMessage = 1000;
  if (message.size() <= kMaxMessage) return std::string(message);
  std::size_t end = kMaxMessage;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
  return std::string(message.substr(0, end)) + "...";
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

}  // namespace

ParseTree::ParseTree(std::string_view text)
    : memory_(pg_query_enter_memory_context()), error_(check_text_limits(text)) {
  if (error_) return;
  text_buffer().assign(text);
  const PgQueryInternalParsetreeAndError parsed = pg_query_raw_parse(text_buffer().c_str());
  std::free(parsed.stderr_buffer);
  statements_ = parsed.tree;
  if (parsed.error != nullptr) {
    statements_ = nullptr;
    error_ = SyntaxError{shortened(view(parsed.error->message)), parsed.error->cursorpos};
    pg_query_free_error(parsed.error);
  }
}

ParseTree::~ParseTree() {
  pg_query_exit_memory_context(memory_);
  std::string& buffer = text_buffer();
  buffer.clear();
  if (buffer.capacity() > kKeptCapacity) buffer.shrink_to_fit();
}

const char* ParseTree::text() const {
  return text_buffer().c_str();
}

Extent extent_of(const RawStmt& raw, std::string_view text) {
  std::size_t begin = raw.stmt_location > 0 ? static_cast<std::size_t>(raw.stmt_location) : 0;
  std::size_t end = raw.stmt_len > 0 ? begin + static_cast<std::size_t>(raw.stmt_len) : text.size();
  end = std::min(end, text.size());
  while (begin < end && is_space(text[begin])) ++begin;
  while (end > begin && is_space(text[end - 1])) --end;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)};
}

std::string quoted_part(std::string_view name) {
  if (name.find_first_of(".\"") == std::string_view::npos) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

std::string dotted(const List* names) {
  std::string joined;
  for (const Node* name : Nodes(names)) {
    if (!joined.empty()) joined.push_back('.');
    const std::string_view part = string_of(name);
    if (part.find_first_of(".\"") == std::string_view::npos) {
      joined.append(part);
    } else {
      joined.append(quoted_part(part));
    }
  }
  return joined;
}

}  // namespace tracegate::sql
