// Bytes of the protocol written by hand, so that tests do not check the codec against itself, and a
// stream in each direction that has every message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tracegate::proto::wire {

inline std::string i8(int v) {
  return {static_cast<char>(v)};
}
inline std::string i16(int v) {
  return i8(v >> 8) + i8(v);
}
inline std::string i32(std::int64_t v) {
  return i16(static_cast<int>((v >> 16) & 0xffff)) + i16(static_cast<int>(v & 0xffff));
}
// A text with its NUL.
inline std::string z(std::string_view text) {
  return std::string(text) + '\0';
}
// A value: its length and bytes.
inline std::string sized(std::string_view bytes) {
  return i32(static_cast<std::int64_t>(bytes.size())) + std::string(bytes);
}
inline std::string untyped(std::string_view body) {
  return i32(static_cast<std::int64_t>(body.size()) + 4) + std::string(body);
}
inline std::string frame(char type, std::string_view body) {
  return type + untyped(body);
}
// A header that announces a body which is not there.
inline std::string header(char type, std::int64_t length) {
  return type + i32(length);
}

// As a client would send them, every type once or more, some values awkward.
inline std::string client_stream() {
  return frame('p', z("secret")) + frame('Q', z("select 1")) +
         frame('P', z("s1") + z("select $1") + i16(1) + i32(25)) +
         frame('B', z("p1") + z("s1") + i16(1) + i16(1) + i16(2) + i32(-1) + sized("BCDE") +
                        i16(1) + i16(0)) +
         frame('D', "P" + z("p1")) + frame('E', z("p1") + i32(100)) + frame('H', "") +
         frame('C', "S" + z("s1")) + frame('S', "") + frame('Q', z("")) +
         frame('F', i32(1598) + i16(0) + i16(1) + sized("9") + i16(0)) +
         frame('d', std::string(300, 'd')) + frame('d', "") + frame('c', "") +
         frame('f', z("no more")) + frame('B', z("") + z("") + i16(0) + i16(0) + i16(0)) +
         frame('X', "");
}

inline std::string server_stream() {
  return frame('R', i32(10) + z("SCRAM-SHA-256") + i8(0)) + frame('R', i32(0)) +
         frame('v', i32(196610) + i32(1) + z("_pq_.x")) +
         frame('S', z("server_version") + z("15.6")) + frame('K', i32(77) + i32(0x01020304)) +
         frame('Z', "I") + frame('1', "") + frame('t', i16(1) + i32(25)) +
         frame('T', i16(1) + z("id") + i32(16384) + i16(1) + i32(20) + i16(8) + i32(-1) + i16(0)) +
         frame('2', "") + frame('D', i16(2) + sized("D") + i32(-1)) + frame('D', i16(0)) +
         frame('D', i16(1) + sized(std::string(300, 'D'))) + frame('s', "") +
         frame('C', z("SELECT 3")) + frame('3', "") + frame('n', "") + frame('I', "") +
         frame('N', z("SNOTICE") + z("MHello") + i8(0)) +
         frame('E', z("SERROR") + z("C42501") + z("Mno") + i8(0)) +
         frame('A', i32(77) + z("channel") + z("payload")) + frame('G', i8(0) + i16(1) + i16(0)) +
         frame('H', i8(1) + i16(1) + i16(1)) + frame('W', i8(0) + i16(0)) + frame('d', "1\t2\n") +
         frame('d', "") + frame('c', "") + frame('V', sized("8")) + frame('Z', "E");
}

}  // namespace tracegate::proto::wire
