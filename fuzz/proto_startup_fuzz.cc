// The first packet: the answer does not depend on how much arrived at once, no packet is longer
// than the limit, and what decodes is written again byte for byte. Input: the bytes of a client.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proto_pg/startup.h"

namespace proto = tracegate::proto;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

template <typename Message>
void round_trip(proto::ByteView packet) {
  Message message;
  if (decode(packet, message)) return;
  std::string again;
  encode(message, again);
  check(again == proto::text_of(packet));
}

void check_packet(proto::ByteView in, const proto::StartupHeader& header) {
  check(header.length <= in.size() && header.length <= proto::kMaxStartupLength);
  const proto::ByteView packet = in.first(header.length);
  std::string request;
  switch (header.kind) {
    case proto::StartupKind::kTlsClientHello:
      return check(header.length == 0 && in[0] == proto::kTlsHandshakeByte);
    case proto::StartupKind::kSslRequest:
      proto::encode_ssl_request(request);
      return check(request == proto::text_of(packet));
    case proto::StartupKind::kGssEncRequest:
      proto::encode_gss_enc_request(request);
      return check(request == proto::text_of(packet));
    case proto::StartupKind::kCancelRequest:
      return round_trip<proto::CancelRequest>(packet);
    case proto::StartupKind::kStartupMessage:
      return round_trip<proto::StartupMessage>(packet);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const proto::ByteView in(data, size);
  proto::StartupHeader whole;
  proto::DecodeError whole_error;
  const proto::StartupStatus answer = proto::peek_startup(in, whole, whole_error);
  if (answer == proto::StartupStatus::kWhole) check_packet(in, whole);
  if (answer == proto::StartupStatus::kNeedMore) check(size < proto::kMaxStartupLength);
  for (std::size_t cut = 0; cut < size; ++cut) {
    proto::StartupHeader part;
    proto::DecodeError error;
    const proto::StartupStatus status = proto::peek_startup(in.first(cut), part, error);
    if (status == proto::StartupStatus::kNeedMore) continue;
    check(status == answer && part.kind == whole.kind && part.length == whole.length);
    check(error.message == whole_error.message);
    break;
  }
  return 0;
}
