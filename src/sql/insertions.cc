#include "src/sql/insertions.h"

#include <algorithm>
#include <utility>

#include "src/base/utf8.h"

namespace tracegate::sql {

void Insertions::replace(std::size_t begin, std::size_t end, std::string text) {
  parts_.push_back({begin, end, std::move(text), begin == end ? 0 : 1});
}

void Insertions::close(std::size_t end, std::string text) {
  parts_.push_back({end, end, std::move(text), --closed_});
}

bool Insertions::apply(Rewriting& result) {
  std::stable_sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) {
    return std::pair(a.begin, a.order) < std::pair(b.begin, b.order);
  });
  std::size_t at = 0;
  const auto copy_to = [&](std::size_t end) {
    if (end == at) return;
    result.pieces.push_back({static_cast<std::uint32_t>(result.text.size()),
                             static_cast<std::uint32_t>(end - at), static_cast<std::uint32_t>(at)});
    result.text.append(text_.substr(at, end - at));
    at = end;
  };
  for (const Part& part : parts_) {
    if (part.begin < at) return false;
    copy_to(part.begin);
    result.text.append(part.text);
    at = part.end;
  }
  copy_to(text_.size());
  return true;
}

namespace {

std::size_t byte_of_character(std::string_view text, std::size_t character) {
  std::size_t at = 0;
  for (; at < text.size() && character > 0; --character) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return at;
}

std::size_t characters_before(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte);
  return static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

std::int32_t client_position(std::string_view store_text, std::span<const CopiedPiece> pieces,
                             std::string_view client_text, std::int32_t position) {
  if (position <= 0) return 0;
  const std::size_t byte = byte_of_character(store_text, static_cast<std::size_t>(position) - 1);
  // The first piece that does not end before it.
  const auto piece = std::find_if(pieces.begin(), pieces.end(), [byte](const CopiedPiece& each) {
    return byte < std::size_t{each.begin} + each.length;
  });
  std::size_t source = client_text.size();
  if (piece != pieces.end())
    source = piece->source + (byte > piece->begin ? byte - piece->begin : 0);
  return static_cast<std::int32_t>(characters_before(client_text, source)) + 1;
}

}  // namespace tracegate::sql
