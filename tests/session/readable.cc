#include "tests/session/readable.h"

#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "proto_pg/framer.h"
#include "proto_pg/frontend.h"
#include "src/base/bytes.h"
#include "tests/session/tiny_sql.h"

namespace tracegate::session::testing {
namespace {

constexpr std::size_t kShown = 40;

std::string shown(std::string_view text) {
  if (text.size() <= kShown) return std::string(text);
  return std::string(text.substr(0, 8)) + "..(" + std::to_string(text.size()) + ")";
}

std::string text_shown(std::string_view text) {
  return text == kRefused ? "<refused>" : shown(text);
}

template <typename Message>
Message decoded(ByteView body) {
  Message message;
  if (proto::decode(body, message)) return {};
  return message;
}

std::string parse_shown(const proto::Parse& parse) {
  if (parse.query == kRefused)
    return parse.statement.empty() ? "Parse(<refused>)" : "Parse(aside: <refused>)";
  return "Parse(" + (parse.statement.empty() ? "" : shown(parse.statement) + ": ") +
         shown(parse.query) + ")";
}

std::string values_shown(const std::vector<proto::Value>& values) {
  std::string out;
  for (const proto::Value& value : values) {
    if (!out.empty()) out += ",";
    out += value ? shown(as_text(*value)) : "NULL";
  }
  return out;
}

std::string client_message(proto::FrontendType type, ByteView body) {
  using T = proto::FrontendType;
  switch (type) {
    case T::kQuery:
      return "Query(" + text_shown(decoded<proto::Query>(body).text) + ")";
    case T::kParse:
      return parse_shown(decoded<proto::Parse>(body));
    case T::kBind: {
      const auto bind = decoded<proto::Bind>(body);
      return "Bind(" + shown(bind.portal) + "-> " + shown(bind.statement) +
             (bind.parameters.empty() ? "" : ": " + values_shown(bind.parameters)) + ")";
    }
    case T::kDescribe: {
      const auto describe = decoded<proto::Describe>(body);
      return std::string("Describe(") + static_cast<char>(describe.target) + " " +
             shown(describe.name) + ")";
    }
    case T::kClose: {
      const auto close = decoded<proto::Close>(body);
      return std::string("Close(") + static_cast<char>(close.target) + " " + shown(close.name) +
             ")";
    }
    case T::kExecute: {
      const auto execute = decoded<proto::Execute>(body);
      return "Execute(" + shown(execute.portal) +
             (execute.max_rows > 0 ? " max " + std::to_string(execute.max_rows) : "") + ")";
    }
    case T::kCopyData:
      return "CopyData(" + shown(as_text(body)) + ")";
    case T::kCopyFail:
      return "CopyFail(" + shown(decoded<proto::CopyFail>(body).reason) + ")";
    case T::kFunctionCall:
    case T::kCopyDone:
    case T::kFlush:
    case T::kPassword:
    case T::kSync:
    case T::kTerminate:
      return std::string(proto::name_of(type));
  }
  return "?";
}

std::string report_shown(const char* what, const proto::ErrorFields& report) {
  const std::string_view severity = report.find('V');
  return std::string(severity == "FATAL" ? "Fatal" : what) + "(" + std::string(report.sqlstate()) +
         ": " + std::string(report.find('M')) + ")";
}

std::string store_message(proto::BackendType type, ByteView body) {
  using T = proto::BackendType;
  switch (type) {
    case T::kDataRow:
      return "Row(" + values_shown(decoded<proto::DataRow>(body).columns) + ")";
    case T::kCommandComplete:
      return "Complete(" + std::string(decoded<proto::CommandComplete>(body).tag) + ")";
    case T::kReadyForQuery:
      return std::string("Ready(") + static_cast<char>(decoded<proto::ReadyForQuery>(body).status) +
             ")";
    case T::kErrorResponse:
      return report_shown("Error", decoded<proto::ErrorResponse>(body));
    case T::kNoticeResponse:
      return report_shown("Notice", decoded<proto::NoticeResponse>(body));
    case T::kCopyData:
      return "CopyData(" + shown(as_text(body)) + ")";
    case T::kParameterStatus: {
      const auto status = decoded<proto::ParameterStatus>(body);
      return "Setting(" + std::string(status.name) + "=" + std::string(status.value) + ")";
    }
    case T::kNotificationResponse:
      return "Notification(" + std::string(decoded<proto::NotificationResponse>(body).channel) +
             ")";
    case T::kAuthentication:
    case T::kBackendKeyData:
    case T::kBindComplete:
    case T::kCloseComplete:
    case T::kCopyBothResponse:
    case T::kCopyDone:
    case T::kCopyInResponse:
    case T::kCopyOutResponse:
    case T::kEmptyQueryResponse:
    case T::kFunctionCallResponse:
    case T::kNegotiateProtocolVersion:
    case T::kNoData:
    case T::kParameterDescription:
    case T::kParseComplete:
    case T::kPortalSuspended:
    case T::kRowDescription:
      return std::string(proto::name_of(type));
  }
  return "?";
}

template <typename Show>
std::string readable(proto::Direction direction, std::string_view bytes, Show show) {
  const proto::Framer framer(direction,
                             {.max_statement = proto::kMaxBody, .hold_bind = proto::kMaxBody});
  std::string out;
  ByteView in = as_bytes(bytes);
  while (!in.empty()) {
    if (!out.empty()) out += " ";
    proto::FrameHeader header;
    proto::DecodeError error;
    const auto status = framer.peek(in, header, error);
    if (status == proto::PeekStatus::kError) return out + "<garbage>";
    if (status != proto::PeekStatus::kWhole) return out + "...";
    out += show(header, proto::body_of(in, header));
    in = in.subspan(header.total());
  }
  return out;
}

}  // namespace

std::string readable_client_stream(std::string_view bytes) {
  return readable(proto::Direction::kFromClient, bytes,
                  [](const proto::FrameHeader& header, ByteView body) {
                    return client_message(header.frontend(), body);
                  });
}

std::string readable_store_stream(std::string_view bytes) {
  return readable(proto::Direction::kFromServer, bytes,
                  [](const proto::FrameHeader& header, ByteView body) {
                    return store_message(header.backend(), body);
                  });
}

}  // namespace tracegate::session::testing
