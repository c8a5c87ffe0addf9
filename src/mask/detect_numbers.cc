#include "src/mask/detect_numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "src/mask/detect_addresses.h"
#include "src/mask/detect_checks.h"
#include "src/mask/detect_emails.h"
#include "src/mask/detect_groups.h"
#include "src/mask/detect_phones.h"
#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

constexpr std::array<Label, 4> kSsnLabels = {Label{"ssn"}, Label{"social security"},
                                             Label{"social_security"}, Label{"socialsecurity"}};

constexpr std::uint64_t repeated(std::uint8_t byte) {
  return 0x0101010101010101ULL * byte;
}

// The first digit or colon ('0' to ':' are neighbours) from `at` on; the size if there is none.
// Eight bytes at a time: a byte is one if it becomes 0 to 10 when XORed with '0', and then adding
// 0x75 leaves its highest bit clear. Adding cannot carry into the next byte.
std::size_t next_digit_or_colon(std::string_view text, std::size_t at) {
  if constexpr (std::endian::native == std::endian::little) {
    for (; at + 8 <= text.size(); at += 8) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, text.data() + at, sizeof bytes);
      bytes ^= repeated('0');
      const std::uint64_t others = ((bytes & repeated(0x7f)) + repeated(0x75)) | bytes;
      const std::uint64_t found = ~others & repeated(0x80);
      if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    }
  }
  while (at < text.size() && !(text[at] >= '0' && text[at] <= ':')) ++at;
  return at;
}

std::optional<Place> card_at(const Groups& groups) {
  const std::string_view text = groups.text;
  if (continues_number(text, groups[0].begin, ".,")) return std::nullopt;
  std::array<char, 32> digits{};
  for (std::size_t n = groups.count; n > 0; --n) {
    const std::size_t count = groups.digits(n);
    if (count < 13) break;
    if (count > 19 || !groups.uniform(1, n)) continue;
    const Separator separator = groups[1].before;
    if (n > 1 &&
        (groups[0].size() < 4 || (separator != Separator::kSpace && separator != Separator::kDash &&
                                  separator != Separator::kDot)))
      continue;
    char* out = digits.data();
    for (std::size_t i = 0; i < n; ++i) {
      const std::string_view group = groups.digits_of(i);
      out = std::copy(group.begin(), group.end(), out);
    }
    const std::size_t end = groups[n - 1].end;
    if (is_card_number({digits.data(), count}) && ends_word(text, end) &&
        !number_goes_on(text, end, "."))
      return Place{groups[0].begin, end};
  }
  return std::nullopt;
}

std::optional<Place> ssn_at(const Groups& groups) {
  const std::string_view text = groups.text;
  const std::size_t begin = groups[0].begin;
  if (continues_number(text, begin, ".,-/")) return std::nullopt;
  if (groups.shaped(1, 9)) {
    const std::string_view all = groups.digits_of(0);
    const bool valid =
        ends_word(text, groups[0].end) && is_ssn(all.substr(0, 3), all.substr(3, 2), all.substr(5));
    return valid && is_labelled_ssn(text, begin) ? std::optional(Place{begin, groups[0].end})
                                                 : std::nullopt;
  }
  if (groups.count < 3 || !groups.shaped(3, 3, 2, 4) || !groups.uniform(1, 3)) return std::nullopt;
  const Separator separator = groups[1].before;
  const std::size_t end = groups[2].end;
  if (!is_ssn(groups.digits_of(0), groups.digits_of(1), groups.digits_of(2))) return std::nullopt;
  if (!ends_word(text, end) || number_goes_on(text, end, "-.")) return std::nullopt;
  if (separator != Separator::kDash && separator != Separator::kSpace &&
      !is_labelled_ssn(text, begin))
    return std::nullopt;
  return Place{begin, end};
}

// The IBAN whose check digits begin at `at`, right behind the two letters of a country.
std::optional<Place> iban_at(std::string_view text, std::size_t at) {
  if (at < 2 || !is(text[at - 1], kLetter) || !is(text[at - 2], kLetter)) return std::nullopt;
  const std::size_t length = iban_length(text[at - 2], text[at - 1]);
  if (length == 0 || !is_at(text, at + 1, kDigit)) return std::nullopt;
  const bool named = at >= 6 && has_at(text, at - 6, "IBAN");  // "IBANDE89..."
  if (!named && !starts_word(text, at - 2)) return std::nullopt;
  std::array<char, 40> iban{};
  std::size_t count = 0;
  std::size_t from = at - 2;
  while (count < length) {
    if (is_at(text, from, kAlnum)) {
      iban[count++] = text[from++];
      continue;
    }
    const SeparatorAt separator = separator_at(text, from);
    if (separator.size == 0 || !is_at(text, from + separator.size, kAlnum)) return std::nullopt;
    from += separator.size;
  }
  if (!ends_word(text, from) || !is_iban({iban.data(), count})) return std::nullopt;
  return Place{at - 2, from};
}

class NumberFinder {
 public:
  explicit NumberFinder(Search& search) : search_(search), text_(search.text) {}

  void run() {
    std::size_t at = next_digit_or_colon(text_, 0);
    while (at < text_.size())
      at = next_digit_or_colon(text_, text_[at] == ':' ? on_colon(at) : on_digit(at));
  }

 private:
  // Each looks at what begins at `at`, and tells where to go on.
  std::size_t on_colon(std::size_t at) {
    if (!wants(Kind::kIpAddress)) return at + 1;
    return added(Kind::kIpAddress, ipv6_around(text_, at)).value_or(at + 1);
  }

  std::size_t on_digit(std::size_t at) {
    if (const std::size_t end = escape_end(at)) return end;
    const std::size_t end = run_end(text_, at, kDigit);
    if (!starts_word(text_, at)) return on_glued_digit(at, end);
    if (wants(Kind::kIpAddress) && end - at <= 3 && has_at(text_, end, "."))
      if (const auto address_end = added(Kind::kIpAddress, ipv4_at(text_, at))) return *address_end;
    if (const std::size_t date = date_end(at, end)) return date;
    // What is shorter and stands alone is nothing of what follows.
    if (end - at < 7 && !has_another_group(end)) return end;
    return number_end(at).value_or(end);
  }

  std::size_t on_glued_digit(std::size_t at, std::size_t end) {
    if (wants(Kind::kIban))
      if (const auto iban_end = added(Kind::kIban, iban_at(text_, at))) return *iban_end;
    // Of numbers behind an underscore only cards are told apart well enough.
    if (!wants(Kind::kPaymentCard) || text_[at - 1] != '_' || end - at < 4) return end;
    return added(Kind::kPaymentCard, card_at(read_digit_groups(text_, at))).value_or(end);
  }

  // The end of the escape that has its first digit at `at`, after a look at what it stands for; 0
  // if it is none.
  std::size_t escape_end(std::size_t at) {
    const auto email_sign = [&](std::size_t begin, std::string_view digits) {
      if (wants(Kind::kEmail) && has_at(text_, at, digits))
        find_email_around(search_, begin, at + digits.size());
    };
    if (at == 0) return 0;
    if (text_[at - 1] == '%' && is_at(text_, at + 1, kHex)) {
      email_sign(at - 1, has_at(text_, at, "2540") ? "2540" : "40");
      return at + 2;
    }
    if (has_behind(at, "\\u") && at + 4 <= text_.size() &&
        run_end(text_.substr(0, at + 4), at, kHex) == at + 4) {
      email_sign(at - 2, "0040");
      return at + 4;
    }
    if (has_behind(at, "&#")) email_sign(at - 2, "64;");
    return 0;
  }

  [[nodiscard]] bool has_another_group(std::size_t end) const {
    const std::size_t size = separator_at(text_, end).size;
    return size != 0 && is_at(text_, end + size, kDigit);
  }

  // Of 2024-05-06, which logs are full of and nothing that is looked for begins with; 0 for others.
  [[nodiscard]] std::size_t date_end(std::size_t at, std::size_t year_end) const {
    const std::size_t end = at + 10;
    if (year_end - at != 4 || end > text_.size()) return 0;
    const bool dashed = text_[at + 4] == '-' && text_[at + 7] == '-';
    const bool digits = is(text_[at + 5], kDigit) && is(text_[at + 6], kDigit) &&
                        is(text_[at + 8], kDigit) && is(text_[at + 9], kDigit);
    const bool year = has_at(text_, at, "19") || has_at(text_, at, "20");
    return dashed && digits && year && !is_at(text_, end, kDigit) && !has_at(text_, end, "-") ? end
                                                                                              : 0;
  }

  std::optional<std::size_t> number_end(std::size_t at) {
    const Groups groups = read_digit_groups(text_, at);
    if (groups.digits(groups.count) < 7) return std::nullopt;
    if (wants(Kind::kPaymentCard))
      if (const auto end = added(Kind::kPaymentCard, card_at(groups))) return end;
    if (wants(Kind::kUsSsn))
      if (const auto end = added(Kind::kUsSsn, ssn_at(groups))) return end;
    return wants(Kind::kPhone) ? added(Kind::kPhone, phone_at(groups)) : std::nullopt;
  }

  // Where to go on behind what was found, if it was.
  std::optional<std::size_t> added(Kind kind, const std::optional<Place>& place) {
    if (!place) return std::nullopt;
    search_.add(kind, place->begin, place->end);
    return place->end;
  }
  [[nodiscard]] bool wants(Kind kind) const { return search_.wanted.has(kind); }
  [[nodiscard]] bool has_behind(std::size_t at, std::string_view part) const {
    return at >= part.size() && has_at(text_, at - part.size(), part);
  }

  Search& search_;
  std::string_view text_;
};

}  // namespace

bool is_labelled_ssn(std::string_view text, std::size_t at) {
  return is_labelled(text, at, kSsnLabels);
}

void find_numbers(Search& search) {
  if (search.wanted.any_of(Kind::kEmail, Kind::kPhone, Kind::kPaymentCard, Kind::kIban,
                           Kind::kUsSsn, Kind::kIpAddress))
    NumberFinder(search).run();
}

}  // namespace tracegate::mask::detect
