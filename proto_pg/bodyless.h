// Messages that are only a type: one struct for each, without a body.
#pragma once

#include <string>

#include "proto_pg/bytes.h"

namespace tracegate::proto {

// `kType` is an enumerator of FrontendType or BackendType.
template <auto kType>
struct Bodyless {};

template <auto kType>
DecodeError decode(ByteView body, Bodyless<kType>& /*out*/) {
  return Reader(body).finish();
}

template <auto kType>
void encode(const Bodyless<kType>& /*message*/, std::string& out) {
  Writer writer(out);
  writer.begin_message(static_cast<char>(kType));
  writer.end_message();
}

}  // namespace tracegate::proto
