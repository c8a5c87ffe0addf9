// However a stream is cut into pieces, the framer finds the same frames and the same error; a run
// that skip_rows() takes is exactly what peek() finds frame by frame.
// Input: direction (lowest bit of the first byte), size of the pieces, stream.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "proto_pg/framer.h"
#include "tests/proto_pg/frame_collector.h"

namespace proto = tracegate::proto;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_pieces(const proto::Framer& framer, std::string_view stream, std::size_t piece) {
  proto::FrameCollector whole(framer);
  whole.feed(stream);
  proto::FrameCollector pieces(framer);
  for (std::size_t at = 0; at < stream.size(); at += piece) pieces.feed(stream.substr(at, piece));
  check(pieces.same_as(whole));

  std::size_t framed = 0;
  for (const auto& frame : whole.frames()) {
    check(stream.substr(framed, frame.bytes.size()) == frame.bytes);
    framed += frame.bytes.size();
  }
  check(framed + whole.held().size() == stream.size());
}

void check_run(const proto::Framer& framer, std::string_view stream, proto::BackendType type) {
  std::uint64_t rows = 0;
  const std::size_t run = proto::Framer::skip_rows(proto::bytes_of(stream), rows, type);
  std::size_t at = 0;
  std::uint64_t found = 0;
  proto::FrameHeader header;
  proto::DecodeError error;
  while (framer.peek(proto::bytes_of(stream.substr(at)), header, error) ==
             proto::PeekStatus::kWhole &&
         header.type == static_cast<char>(type)) {
    at += header.total();
    ++found;
  }
  check(run == at && rows == found);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool from_client = (data[0] & 1) == 0;
  const std::size_t piece = std::size_t{data[1]} + 1;
  const std::string_view stream = proto::text_of({data + 2, size - 2});
  // Small limits, so that short inputs reach them.
  const proto::Framer framer(
      from_client ? proto::Direction::kFromClient : proto::Direction::kFromServer,
      {.max_statement = 256,
       .max_small = 64,
       .max_password = 96,
       .max_description = 128,
       .max_report = 192,
       .hold_bind = 48,
       .hold_call = 32});
  check_pieces(framer, stream, piece);
  check_run(framer, stream, proto::BackendType::kCopyData);
  if (!from_client) check_run(framer, stream, proto::BackendType::kDataRow);
  return 0;
}
