// What a decoder accepts, its encoder writes again byte for byte: a message that was judged is the
// message that is sent. Input: number of a message in kChecks, body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proto_pg/auth.h"
#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "proto_pg/framer.h"
#include "proto_pg/frontend.h"

namespace proto = tracegate::proto;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

template <typename Message>
void round_trip(proto::ByteView body) {
  Message message;
  if (const proto::DecodeError error = decode(body, message)) return check(!error.message.empty());
  std::string frame;
  encode(message, frame);
  check(frame.size() == proto::FrameHeader::kSize + body.size());
  check(proto::load_u32(proto::bytes_of(frame).data() + 1) == body.size() + 4);
  check(frame.substr(proto::FrameHeader::kSize) == proto::text_of(body));
}

// The head of a Bind says what the whole says, from the first byte on that it says anything.
void bind_head(proto::ByteView body) {
  round_trip<proto::Bind>(body);
  proto::Bind bind;
  const bool whole_is_valid = proto::decode(body, bind).ok();
  for (std::size_t available = 0; available <= body.size(); ++available) {
    proto::BindHead head;
    proto::DecodeError error;
    const auto status = proto::decode_head(body.first(available),
                                           static_cast<std::uint32_t>(body.size()), head, error);
    check(available < body.size() || status != proto::HeadStatus::kNeedMore);
    if (!whole_is_valid) continue;
    check(status != proto::HeadStatus::kError || body.size() > proto::kMaxBindHead);
    if (status != proto::HeadStatus::kComplete) continue;
    check(head.portal == bind.portal && head.statement == bind.statement);
    return;
  }
}

void tag(proto::ByteView body) {
  round_trip<proto::CommandComplete>(body);
  if (const auto rows = proto::row_count(proto::text_of(body)))
    check(proto::row_count("SELECT " + std::to_string(*rows)) == rows);
}

constexpr void (*kChecks[])(proto::ByteView) = {
    round_trip<proto::Authentication>,
    round_trip<proto::PasswordMessage>,
    round_trip<proto::SASLInitialResponse>,
    round_trip<proto::SASLResponse>,
    round_trip<proto::GSSResponse>,
    round_trip<proto::Query>,
    round_trip<proto::Parse>,
    bind_head,
    round_trip<proto::Describe>,
    round_trip<proto::Close>,
    round_trip<proto::Execute>,
    round_trip<proto::FunctionCall>,
    round_trip<proto::CopyFail>,
    round_trip<proto::Sync>,
    round_trip<proto::BackendKeyData>,
    round_trip<proto::ParameterStatus>,
    round_trip<proto::ReadyForQuery>,
    round_trip<proto::NegotiateProtocolVersion>,
    round_trip<proto::NotificationResponse>,
    round_trip<proto::RowDescription>,
    round_trip<proto::DataRow>,
    round_trip<proto::ParameterDescription>,
    tag,
    round_trip<proto::CopyInResponse>,
    round_trip<proto::CopyOutResponse>,
    round_trip<proto::CopyBothResponse>,
    round_trip<proto::FunctionCallResponse>,
    round_trip<proto::ErrorResponse>,
    round_trip<proto::NoticeResponse>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  kChecks[data[0] % std::size(kChecks)]({data + 1, size - 1});
  return 0;
}
