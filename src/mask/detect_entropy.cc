#include "src/mask/detect_entropy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

constexpr std::size_t kShortest = 20;
constexpr std::size_t kLongest = 512;
constexpr std::size_t kReach = 20;  // of a label, in bytes

constexpr std::array<Label, 14> kSecretLabels = {
    Label{"secret"},   Label{"token"},      Label{"password"},   Label{"passwd"},
    Label{"pwd"},      Label{"apikey"},     Label{"api_key"},    Label{"api-key"},
    Label{"api key"},  Label{"access_key"}, Label{"credential"}, Label{"bearer"},
    Label{"auth_key"}, Label{"private_key"}};

// What stands right before digests and data.
constexpr std::array<std::string_view, 8> kDataPrefixes = {
    "sha1-", "sha256-", "sha384-", "sha512-", "SHA256:", "sha256:", "sha512:", "base64,"};
// Ids of the APIs that traces are made with, and of others that often stand in them.
constexpr std::array<std::string_view, 26> kIdPrefixes = {
    "chatcmpl-", "cmpl-", "call_", "toolu_", "msg_",  "req_",   "run_",      "thread_", "asst_",
    "file-",     "file_", "resp_", "rs_",    "step_", "batch_", "org-",      "proj_",   "modr-",
    "cus_",      "evt_",  "in_",   "pi_",    "sub_",  "price_", "srvtoolu_", "session_"};

struct Profile {
  std::size_t upper = 0;
  std::size_t lower = 0;
  std::size_t digits = 0;
  std::size_t pairs = 0;    // of neighbours that are letters or digits
  std::size_t changes = 0;  // from one class of these to another
};

Profile profile_of(std::string_view token) {
  Profile profile;
  std::uint8_t before = 0;
  for (const char c : token) {
    const std::uint8_t now = kCharClasses[static_cast<unsigned char>(c)] & kAlnum;
    profile.upper += now == kUpper;
    profile.lower += now == kLower;
    profile.digits += now == kDigit;
    profile.pairs += now != 0 && before != 0;
    profile.changes += now != 0 && before != 0 && now != before;
    before = now;
  }
  return profile;
}

// Shannon's, in bits for each character, by the frequencies within the token.
double entropy_of(std::string_view token) {
  std::array<std::uint16_t, 128> counts{};
  for (const char c : token) ++counts[static_cast<unsigned char>(c) & 0x7f];
  const auto size = static_cast<double>(token.size());
  double entropy = 0;
  for (const std::uint16_t count : counts)
    if (count > 0) entropy -= count / size * std::log2(count / size);
  return entropy;
}

// A random token of n characters out of 64 has about 0.93 of log2(n) bits for n up to 40, less
// above; words have less, and their case changes at every fourth letter at most.
bool is_random(std::string_view token, const Profile& profile) {
  if (profile.upper < 2 || profile.lower < 2 || profile.digits < 2) return false;
  if (profile.changes * 100 < profile.pairs * 38) return false;
  return entropy_of(token) >= std::min(4.3, 0.85 * std::log2(static_cast<double>(token.size())));
}

// Behind a label less will do: any token that is no word.
bool is_no_word(std::string_view token, const Profile& profile) {
  if (profile.digits < 1 || profile.upper + profile.lower < 3) return false;
  return profile.changes * 100 >= profile.pairs * 15 && entropy_of(token) >= 2.8;
}

// Whether one of `prefixes` begins the token, or stands before it as a word: nothing of `joined` is
// before that. (So it is part of no other token, whose mark would take it away.)
bool is_named(std::string_view text, std::size_t begin, std::size_t end,
              std::span<const std::string_view> prefixes, std::uint8_t joined) {
  const std::string_view token = text.substr(begin, end - begin);
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) {
    if (token.starts_with(prefix)) return true;
    if (begin < prefix.size() || !has_at(text, begin - prefix.size(), prefix)) return false;
    return begin == prefix.size() || !is(text[begin - prefix.size() - 1], joined) ||
           ends_escape(text, begin - prefix.size());
  });
}

// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view token) {
  if (token.size() != 36) return false;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? token[i] != '-' : !is(token[i], kHex)) return false;
  }
  return true;
}

bool check(Search& search, std::size_t begin, std::size_t end) {
  if (end - begin < kShortest || end - begin > kLongest) return false;
  const std::string_view token = search.text.substr(begin, end - begin);
  if (is_uuid(token)) return false;
  const Profile profile = profile_of(token);
  if (!is_random(token, profile)) {
    if (!is_no_word(token, profile)) return false;
    if (!is_labelled(search.text, begin, kSecretLabels, kReach)) return false;
  }
  if (is_named(search.text, begin, end, kIdPrefixes, kAlnum)) return false;
  while (has_at(search.text, end, "=")) ++end;
  search.add(Kind::kHighEntropy, begin, end);
  return true;
}

// The parts between slashes, or between all signs, each by itself.
enum class Parts { kOfPath, kOfName };
bool check_parts(Search& search, std::size_t begin, std::size_t end, Parts parts) {
  const auto separates = [&](char c) {
    return parts == Parts::kOfPath ? c == '/' : is(c, kTokenSign);
  };
  bool found = false;
  while (begin < end) {
    std::size_t part_end = begin;
    while (part_end < end && !separates(search.text[part_end])) ++part_end;
    found |= check(search, begin, part_end);
    begin = part_end + 1;
  }
  return found;
}

}  // namespace

void find_random_tokens(Search& search, std::size_t run_begin, std::size_t run_end) {
  constexpr std::size_t kCharactersForSlash = 16;  // base64 has one for 64
  if (run_end - run_begin < kShortest) return;
  const std::string_view run = search.text.substr(run_begin, run_end - run_begin);
  // Most runs are words and paths.
  if (std::none_of(run.begin(), run.end(), [](char c) { return is(c, kDigit); })) return;
  const auto slashes = static_cast<std::size_t>(std::count(run.begin(), run.end(), '/'));
  if (is_named(search.text, run_begin, run_end, kDataPrefixes, kToken)) return;
  const bool is_path = run.starts_with('/') || slashes * kCharactersForSlash > run.size();
  if (!is_path && check(search, run_begin, run_end)) return;
  // A path or a name that has a token in it.
  if (check_parts(search, run_begin, run_end, Parts::kOfPath)) return;
  check_parts(search, run_begin, run_end, Parts::kOfName);
}

}  // namespace tracegate::mask::detect
