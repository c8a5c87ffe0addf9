// Authentication messages. Codec only: what a mechanism's data means is for who speaks it.
//
// The server's messages share the type 'R' and differ by an Int32, so they decode to one variant.
// The client's answers share the type 'p' and nothing on the wire tells them apart: the receiver
// knows which it asked for. Decoded messages borrow from the body; after a failure they mean
// nothing. encode() appends a whole frame.
//
// Source: PostgreSQL manual, "Message Formats" and "SASL Authentication".
// Threading: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto_pg/bytes.h"

namespace tracegate::proto {

struct AuthenticationOk {};
struct AuthenticationKerberosV5 {};
struct AuthenticationCleartextPassword {};
struct AuthenticationMD5Password {
  std::array<std::uint8_t, 4> salt{};
};
struct AuthenticationGSS {};
struct AuthenticationGSSContinue {
  ByteView data;
};
struct AuthenticationSSPI {};
struct AuthenticationSASL {
  std::vector<std::string_view> mechanisms;  // in the server's order of preference; 1 to 32
};
struct AuthenticationSASLContinue {
  ByteView data;
};
struct AuthenticationSASLFinal {
  ByteView data;
};

using Authentication =
    std::variant<AuthenticationOk, AuthenticationKerberosV5, AuthenticationCleartextPassword,
                 AuthenticationMD5Password, AuthenticationGSS, AuthenticationGSSContinue,
                 AuthenticationSSPI, AuthenticationSASL, AuthenticationSASLContinue,
                 AuthenticationSASLFinal>;

// Any other code, SCMCredential (6) among them, is refused.
DecodeError decode(ByteView body, Authentication& out);
void encode(const Authentication& message, std::string& out);

struct PasswordMessage {
  std::string_view password;
};
DecodeError decode(ByteView body, PasswordMessage& out);
void encode(const PasswordMessage& message, std::string& out);

struct SASLInitialResponse {
  std::string_view mechanism;
  Value response;  // none is not the same as empty
};
DecodeError decode(ByteView body, SASLInitialResponse& out);
void encode(const SASLInitialResponse& message, std::string& out);

struct SASLResponse {
  ByteView data;
};
DecodeError decode(ByteView body, SASLResponse& out);
void encode(const SASLResponse& message, std::string& out);

struct GSSResponse {
  ByteView data;
};
DecodeError decode(ByteView body, GSSResponse& out);
void encode(const GSSResponse& message, std::string& out);

}  // namespace tracegate::proto
