#include "src/identity/oauth_bearer.h"

#include <algorithm>

#include "src/base/utf8.h"

namespace tracegate::identity {
namespace {

constexpr char kSeparator = '\x01';  // kvsep of RFC 7628 section 3.1
// No authorization identity; "y": the client could bind a channel and believes that we cannot.
constexpr std::string_view kHeaders[] = {"n,,", "y,,"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// value = *(VCHAR / SP / HTAB / CR / LF)
bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\r' || c == '\n';
  });
}

// RFC 6750 section 2.1: b64token.
bool is_b64token(std::string_view text) {
  const std::size_t end = text.find_last_not_of('=');
  if (end == std::string_view::npos) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end) + 1, [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
}

// The token of `auth`, without letter case of the scheme (RFC 7235 section 2.1); nothing if it is
// of another form.
std::optional<std::string_view> bearer_token(std::string_view auth) {
  constexpr std::string_view kScheme = "bearer";
  const bool is_bearer =
      auth.size() > kScheme.size() &&
      std::equal(kScheme.begin(), kScheme.end(), auth.begin(),
                 [](char expected, char c) { return (c | 0x20) == expected && is_letter(c); });
  if (!is_bearer || auth[kScheme.size()] != ' ') return std::nullopt;
  auth.remove_prefix(kScheme.size());
  auth.remove_prefix(std::min(auth.find_first_not_of(' '), auth.size()));
  return is_b64token(auth) ? std::optional(auth) : std::nullopt;
}

// The values are URLs and scopes of the policy.
void append_member(std::string& json, std::string_view name, std::string_view value) {
  json.append(",\"").append(name).append("\":\"");
  for (const char c : value) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  json += '"';
}

}  // namespace

OAuthBearerServer::OAuthBearerServer(std::string openid_configuration, std::string scope)
    : openid_configuration_(std::move(openid_configuration)), scope_(std::move(scope)) {}

OAuthBearerServer::Reply OAuthBearerServer::refuse(std::string_view why) {
  phase_ = Phase::kOver;
  return {.verdict = Reply::Verdict::kRefused,
          .error = Error("08P01", "malformed OAUTHBEARER message", std::string(why))};
}

OAuthBearerServer::Reply OAuthBearerServer::start(
    std::string_view mechanism, std::optional<std::string_view> initial_response) {
  if (phase_ != Phase::kStart) return refuse("The exchange has begun already.");
  if (mechanism != kOAuthBearer)
    return refuse("The client chose a mechanism that was not offered.");
  phase_ = Phase::kFirst;
  if (!initial_response) return {.verdict = Reply::Verdict::kContinue};
  return on_first(*initial_response);
}

OAuthBearerServer::Reply OAuthBearerServer::on_message(std::string_view message) {
  if (phase_ == Phase::kFirst) return on_first(message);
  if (phase_ != Phase::kRejected) return refuse("A message that nothing asked for.");
  if (message != std::string_view(&kSeparator, 1))
    return refuse("The answer to a refused token is a single 0x01.");
  phase_ = Phase::kOver;
  return {.verdict = Reply::Verdict::kFailed};
}

// gs2-header kvsep *(key "=" value kvsep) kvsep
OAuthBearerServer::Reply OAuthBearerServer::on_first(std::string_view message) {
  const auto* header =
      std::find_if(std::begin(kHeaders), std::end(kHeaders),
                   [&](std::string_view each) { return message.starts_with(each); });
  if (header == std::end(kHeaders))
    return refuse(
        "The mechanism has no channel binding, and authorization identities are not supported.");
  message.remove_prefix(header->size());
  if (message.size() < 2 || message.front() != kSeparator || message.back() != kSeparator)
    return refuse("Its pairs are not between separators.");
  message.remove_prefix(1);
  std::optional<std::string_view> auth;
  while (message.front() != kSeparator) {
    const std::size_t end = message.find(kSeparator);
    const std::string_view pair = message.substr(0, end);
    const std::size_t equals = pair.find('=');
    const std::string_view key = pair.substr(0, equals);
    if (equals == std::string_view::npos || key.empty() ||
        !std::all_of(key.begin(), key.end(), is_letter) || !is_value(pair.substr(equals + 1)))
      return refuse("One of its pairs is not of the form key=value.");
    if (key == "auth" && auth) return refuse("It has \"auth\" twice.");
    if (key == "auth") auth = pair.substr(equals + 1);
    message.remove_prefix(end + 1);
    if (message.empty()) return refuse("It does not end with two separators.");
  }
  if (message.size() != 1) return refuse("Something follows its end.");
  if (!auth) return refuse("It has no \"auth\".");
  phase_ = Phase::kVerifying;
  if (auth->empty()) return reject();
  const std::optional<std::string_view> token = bearer_token(*auth);
  if (!token) return refuse("\"auth\" is not \"Bearer\" and a token.");
  return {.verdict = Reply::Verdict::kVerify, .token = Secret(std::string(*token))};
}

// RFC 7628 section 3.2.2.
OAuthBearerServer::Reply OAuthBearerServer::reject() {
  TG_CHECK(phase_ == Phase::kVerifying, "a verdict that nobody waits for");
  phase_ = Phase::kRejected;
  Reply reply{.verdict = Reply::Verdict::kContinue, .message = R"({"status":"invalid_token")"};
  if (!openid_configuration_.empty())
    append_member(reply.message, "openid-configuration", openid_configuration_);
  if (!scope_.empty()) append_member(reply.message, "scope", scope_);
  reply.message += '}';
  return reply;
}

}  // namespace tracegate::identity
