#include "src/mask/detect_tokens.h"

#include <algorithm>
#include <array>
#include <string>

#include "src/mask/detect_entropy.h"
#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

// That of the shortest header of a JWT, {"alg":"none"}, is 19; an AWS access key id has 20.
constexpr std::size_t kShortestRun = 18;
constexpr std::size_t kLongestHeader = 4096;

constexpr std::array<Label, 5> kAwsLabels = {Label{"secret_access_key"}, Label{"secretaccesskey"},
                                             Label{"secret access key"}, Label{"secret-access-key"},
                                             Label{"aws_secret"}};
constexpr std::array<Label, 4> kAwsSessionLabels = {
    Label{"aws_session_token"}, Label{"sessiontoken"}, Label{"x-amz-security-token"},
    Label{"aws_security_token"}};
constexpr std::array<Label, 1> kGcpLabels = {Label{"private_key_id"}};

// Of either alphabet of base64; what is neither ends it.
std::string decode_base64(std::string_view text) {
  std::string decoded;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    std::uint32_t value = 0;
    if (is(c, kUpper)) {
      value = static_cast<std::uint32_t>(c - 'A');
    } else if (is(c, kLower)) {
      value = static_cast<std::uint32_t>(c - 'a' + 26);
    } else if (is(c, kDigit)) {
      value = static_cast<std::uint32_t>(c - '0' + 52);
    } else if (c == '+' || c == '-') {
      value = 62;
    } else if (c == '/' || c == '_') {
      value = 63;
    } else {
      break;
    }
    bits = (bits << 6 | value) & 0xffffff;
    count += 6;
    if (count >= 8) decoded += static_cast<char>(bits >> (count -= 8) & 0xff);
  }
  return decoded;
}

class TokenFinder {
 public:
  explicit TokenFinder(Search& search) : search_(search), text_(search.text) {}

  void run() {
    // A run that is long enough has a token character at each of its places, so one that does not
    // end before `at + kShortestRun` shows by its last: read backwards to the last that is none,
    // and go on behind it.
    std::size_t at = 0;
    while (at + kShortestRun <= text_.size()) {
      std::size_t begin = at + kShortestRun;
      while (begin > at && is(text_[begin - 1], kToken)) --begin;
      if (begin == at) {
        at = run_end(text_, at + kShortestRun, kToken);
        on_run(begin, at);
      } else {
        at = begin;
      }
    }
  }

 private:
  void on_run(std::size_t begin, std::size_t end) {
    end_ = end;
    begin = behind_escape(begin);
    for (std::size_t at = begin; at < end_;) at = std::max(at + 1, look_at(at));
    look_at_labelled(begin);
    if (wants(Kind::kHighEntropy)) find_random_tokens(search_, begin, end_);
    if (wants(Kind::kSlackToken)) slack_webhook(begin);
  }

  // In "\nToken" the run begins behind the n.
  [[nodiscard]] std::size_t behind_escape(std::size_t begin) const {
    if (begin == 0 || std::string_view("\\%[").find(text_[begin - 1]) == std::string_view::npos)
      return begin;
    for (std::size_t at = begin + 1; at <= begin + 6 && at < end_; ++at)
      if (ends_escape(text_, at)) return at;
    return begin;
  }

  // The end of the token that begins at `at`; 0 if none does.
  std::size_t look_at(std::size_t at) {
    switch (text_[at]) {
      case 'e':
        return begins(at, Kind::kJwt, "eyJ") ? jwt(at) : 0;
      case 'A':
        if (begins(at, Kind::kGcpKey, "AIza")) return at_least(Kind::kGcpKey, at, 39, "_-");
        for (const std::string_view prefix : {"AKIA", "ASIA", "ABIA", "ACCA"})
          if (begins(at, Kind::kAwsKey, prefix)) return aws_key_id(at);
        return 0;
      case 'G':
        return begins(at, Kind::kGcpKey, "GOCSPX-") ? at_least(Kind::kGcpKey, at, 30, "_-") : 0;
      case 'g':
        for (const std::string_view prefix :
             {"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"})
          if (begins(at, Kind::kGithubToken, prefix))
            return at_least(Kind::kGithubToken, at, 36, "_");
        return 0;
      case 'x':
        if (begins(at, Kind::kSlackToken, "xapp-") ||
            (begins(at, Kind::kSlackToken, "xox") && has_at(text_, at + 4, "-")))
          return at_least(Kind::kSlackToken, at, 16, "-");
        return 0;
      case 's':
        return begins(at, Kind::kOpenaiKey, "sk-") ? openai_key(at) : 0;
      case 'L':
        return begins(at, Kind::kPrivateKey, "LS0tLS1CRUdJTi") ? encoded_private_key(at) : 0;
      default:
        return 0;
    }
  }

  // Letters, digits and `signs`; at least `size` of them.
  std::size_t at_least(Kind kind, std::size_t at, std::size_t size, std::string_view signs) {
    std::size_t end = at;
    while (end < end_ &&
           (is(text_[end], kAlnum) || signs.find(text_[end]) != std::string_view::npos))
      ++end;
    return end - at >= size ? added(kind, at, end) : 0;
  }

  std::size_t aws_key_id(std::size_t at) {
    const std::size_t end = std::min(text_.size(), at + 20);
    if (run_end(text_.substr(0, end), at, kUpper | kDigit) != at + 20 || !ends_word(text_, end))
      return 0;
    aws_key_id_end_ = end;
    return added(Kind::kAwsKey, at, end);
  }

  // header.payload.signature (RFC 7515), or five parts (RFC 7516); may be cut off behind the second
  // dot, as the payload is what tells something.
  std::size_t jwt(std::size_t at) {
    if (at < no_jwt_before_) return 0;
    std::size_t end = part_end(at);
    const std::string header = decode_base64(text_.substr(at, std::min(end - at, kLongestHeader)));
    no_jwt_before_ = end;
    if (header.find("\"alg\"") == std::string::npos) return 0;
    const int most = header.find("\"enc\"") == std::string::npos ? 3 : 5;
    int parts = 1;
    for (; parts < most && has_at(text_, end, "."); ++parts) {
      const std::size_t next = part_end(end + 1);
      if (next == end + 1 && !has_at(text_, next, ".") && parts == 1) break;
      end = next;
    }
    return parts > 1 ? added(Kind::kJwt, at, end) : 0;
  }

  [[nodiscard]] std::size_t part_end(std::size_t at) const {
    while (is_at(text_, at, kAlnum) || has_at(text_, at, "-") || has_at(text_, at, "_")) ++at;
    return at;
  }

  // sk-..., sk-proj-..., sk-ant-...: told from words with dashes ("sk-fading-circle") by digits and
  // by a long part without dashes.
  std::size_t openai_key(std::size_t at) {
    constexpr std::size_t kLookedAt = 64;
    std::size_t digits = 0;
    std::size_t longest = 0;
    std::size_t part = 0;
    for (std::size_t i = at; i < std::min(end_, at + kLookedAt); ++i) {
      digits += is(text_[i], kDigit);
      part = is(text_[i], kAlnum) ? part + 1 : 0;
      longest = std::max(longest, part);
    }
    return digits >= 2 && longest >= 12 ? at_least(Kind::kOpenaiKey, at, 20, "_-") : 0;
  }

  // A PEM block in base64 once more, as Kubernetes keeps it.
  std::size_t encoded_private_key(std::size_t at) {
    constexpr std::size_t kFirstLine = 64;
    if (decode_base64(text_.substr(at, kFirstLine)).find("PRIVATE KEY") == std::string::npos)
      return 0;
    return added(Kind::kPrivateKey, at, padded(run_end(text_.substr(0, end_), at, kToken)));
  }

  // What is known by its label and its form only.
  void look_at_labelled(std::size_t begin) {
    const std::size_t size = end_ - begin;
    if (wants(Kind::kGcpKey) && begin >= 5 && has_at(text_, begin - 5, "ya29."))
      added(Kind::kGcpKey, begin - 5, end_);
    if (wants(Kind::kGcpKey) && size == 40 && run_end(text_, begin, kHex) >= end_ &&
        is_labelled(text_, begin, kGcpLabels))
      added(Kind::kGcpKey, begin, end_);
    if (!wants(Kind::kAwsKey)) return;
    // Behind an id stands the secret, whatever is between: credentials in columns.
    const bool behind_id = aws_key_id_end_ != 0 && begin - aws_key_id_end_ <= 8;
    if (size == 40 && (behind_id || is_labelled(text_, begin, kAwsLabels)))
      added(Kind::kAwsKey, begin, end_);
    if (size >= 100 && is_labelled(text_, begin, kAwsSessionLabels))
      added(Kind::kAwsKey, begin, padded(end_));
  }

  // https://hooks.slack.com/services/T.../B.../...
  void slack_webhook(std::size_t begin) {
    constexpr std::string_view kHost = "hooks.slack.com/";
    constexpr std::string_view kBeforeDot = "hooks.slack.";
    if (!has_at(text_, begin, "com/") || begin < kBeforeDot.size()) return;
    const std::size_t host = begin - kBeforeDot.size();
    if (!has_at(text_, host, kHost)) return;
    const bool known = has_at(text_, host + kHost.size(), "services/") ||
                       has_at(text_, host + kHost.size(), "workflows/") ||
                       has_at(text_, host + kHost.size(), "triggers/");
    const bool https = host >= 8 && has_at(text_, host - 8, "https://");
    if (known) added(Kind::kSlackToken, https ? host - 8 : host, end_);
  }

  std::size_t added(Kind kind, std::size_t begin, std::size_t end) {
    search_.add(kind, begin, end);
    return end;
  }
  [[nodiscard]] std::size_t padded(std::size_t end) const {
    while (has_at(text_, end, "=")) ++end;
    return end;
  }
  [[nodiscard]] bool wants(Kind kind) const { return search_.wanted.has(kind); }
  [[nodiscard]] bool begins(std::size_t at, Kind kind, std::string_view prefix) const {
    return has_at(text_, at, prefix) && wants(kind) && starts_token(at);
  }
  // Unlike a word, a token may stand behind an underscore.
  [[nodiscard]] bool starts_token(std::size_t at) const {
    return at == 0 || !is(text_[at - 1], kAlnum) || ends_escape(text_, at);
  }

  Search& search_;
  std::string_view text_;
  std::size_t end_ = 0;  // of the run that is looked at
  std::size_t no_jwt_before_ = 0;
  std::size_t aws_key_id_end_ = 0;
};

}  // namespace

void find_tokens(Search& search) {
  if (search.wanted.any_of(Kind::kJwt, Kind::kAwsKey, Kind::kGcpKey, Kind::kGithubToken,
                           Kind::kSlackToken, Kind::kOpenaiKey, Kind::kPrivateKey,
                           Kind::kHighEntropy))
    TokenFinder(search).run();
}

}  // namespace tracegate::mask::detect
