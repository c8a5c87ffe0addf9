// The type bytes of the PostgreSQL protocol, version 3 (manual, "Message Formats"). Messages of the
// startup phase have none (startup.h).
//
// A type byte that Framer::peek accepted is always an enumerator here, so a switch over the
// enumeration is complete and the compiler names what a new one misses.
#pragma once

#include <string_view>

namespace tracegate::proto {

enum class FrontendType : char {
  kBind = 'B',
  kClose = 'C',
  kCopyData = 'd',
  kCopyDone = 'c',
  kCopyFail = 'f',
  kDescribe = 'D',
  kExecute = 'E',
  kFlush = 'H',
  kFunctionCall = 'F',
  kParse = 'P',
  kPassword = 'p',  // PasswordMessage, SASLInitialResponse, SASLResponse or GSSResponse
  kQuery = 'Q',
  kSync = 'S',
  kTerminate = 'X',
};

enum class BackendType : char {
  kAuthentication = 'R',
  kBackendKeyData = 'K',
  kBindComplete = '2',
  kCloseComplete = '3',
  kCommandComplete = 'C',
  kCopyBothResponse = 'W',
  kCopyData = 'd',
  kCopyDone = 'c',
  kCopyInResponse = 'G',
  kCopyOutResponse = 'H',
  kDataRow = 'D',
  kEmptyQueryResponse = 'I',
  kErrorResponse = 'E',
  kFunctionCallResponse = 'V',
  kNegotiateProtocolVersion = 'v',
  kNoData = 'n',
  kNoticeResponse = 'N',
  kNotificationResponse = 'A',
  kParameterDescription = 't',
  kParameterStatus = 'S',
  kParseComplete = '1',
  kPortalSuspended = 's',
  kReadyForQuery = 'Z',
  kRowDescription = 'T',
};

// The manual's name, for error texts and logs; "unknown" for a byte that is no enumerator.
[[nodiscard]] std::string_view name_of(FrontendType type);
[[nodiscard]] std::string_view name_of(BackendType type);

}  // namespace tracegate::proto
