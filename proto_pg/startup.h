// The startup phase: what a client sends before frames have a type byte. Int32 length that counts
// itself, Int32 code, fields. Or, with direct TLS, a ClientHello at once.
//
// Refuses, as soon as the bytes that show it are there: lengths out of range, unknown codes,
// protocol majors other than 3, a startup message whose terminator is not its last byte.
// Does not decide what follows: how many SSLRequests are one too many, or that no plaintext may
// stand behind one (compare in.size() with header.length), is the caller's business.
//
// Sources: PostgreSQL manual, "Message Flow: Start-up", "SSL Session Encryption" and "Message
// Formats"; limits after ProcessStartupPacket() in backend_startup.c. Threading: pure functions.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/bytes.h"

namespace tracegate::proto {

struct ProtocolVersion {
  std::uint16_t major = 3;
  std::uint16_t minor = 0;
  auto operator<=>(const ProtocolVersion&) const = default;

  [[nodiscard]] static constexpr ProtocolVersion of(std::uint32_t code) {
    return {static_cast<std::uint16_t>(code >> 16), static_cast<std::uint16_t>(code)};
  }
  [[nodiscard]] constexpr std::uint32_t code() const {
    return (std::uint32_t{major} << 16) | minor;
  }
};
inline constexpr ProtocolVersion kOldestVersion{3, 0};
inline constexpr ProtocolVersion kLatestVersion{3, 2};  // variable-length cancel keys

inline constexpr std::uint32_t kCancelRequestCode = 80877102;
inline constexpr std::uint32_t kSslRequestCode = 80877103;
inline constexpr std::uint32_t kGssEncRequestCode = 80877104;

// PostgreSQL's MAX_STARTUP_PACKET_LENGTH, which does not count the length itself.
inline constexpr std::uint32_t kMaxStartupLength = 10000 + 4;
// Cancel keys are 4 bytes in 3.0 and 4 to 256 bytes in 3.2.
inline constexpr std::size_t kMinCancelKey = 4;
inline constexpr std::size_t kMaxCancelKey = 256;

// A TLS record of a ClientHello starts with this byte (RFC 8446, section 5.1: handshake). No
// startup packet can: its length would be over 350 MB.
inline constexpr std::uint8_t kTlsHandshakeByte = 0x16;
// What a client of direct TLS must offer by ALPN (RFC 7301), and we must select.
inline constexpr std::string_view kAlpnProtocol = "postgresql";

// The one-byte answers to SSLRequest and GSSENCRequest.
inline constexpr char kSslAccepted = 'S';
inline constexpr char kGssAccepted = 'G';
inline constexpr char kEncryptionRefused = 'N';

enum class StartupKind : std::uint8_t {
  kTlsClientHello,  // nothing consumed: hand all bytes to the TLS library
  kSslRequest,
  kGssEncRequest,
  kCancelRequest,
  kStartupMessage,
};

struct StartupHeader {
  StartupKind kind = StartupKind::kStartupMessage;
  std::uint32_t length = 0;  // of the whole packet with its length field; 0 for a ClientHello
};

enum class StartupStatus : std::uint8_t { kWhole, kNeedMore, kError };

// Looks at the packet at the front of `in`. Sets `out` with kWhole (the packet is
// in.first(out.length)), `error` with kError. Never asks for more than kMaxStartupLength bytes.
[[nodiscard]] StartupStatus peek_startup(ByteView in, StartupHeader& out, DecodeError& error);

struct StartupParameter {
  std::string_view name;
  std::string_view value;
};

// Borrows from the packet. In the order sent, duplicates kept; where a name stands twice PostgreSQL
// takes the last, and so does find().
struct StartupMessage {
  ProtocolVersion version;
  std::vector<StartupParameter> parameters;

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // Names that start with "_pq_.": protocol options, of which we know none. A message with any of
  // them, or with version > kLatestVersion, is answered by NegotiateProtocolVersion (backend.h)
  // that lists these names.
  [[nodiscard]] std::vector<std::string_view> protocol_options() const;
};

struct CancelRequest {
  std::int32_t process_id = 0;
  ByteView key;  // kMinCancelKey to kMaxCancelKey bytes; borrows
};

// Of a whole packet, length field included, of that kind.
DecodeError decode(ByteView packet, StartupMessage& out);
DecodeError decode(ByteView packet, CancelRequest& out);

// Append a whole packet.
void encode(const StartupMessage& message, std::string& out);
void encode(const CancelRequest& message, std::string& out);
void encode_ssl_request(std::string& out);
void encode_gss_enc_request(std::string& out);

}  // namespace tracegate::proto
