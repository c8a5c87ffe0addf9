// Messages for tests, as bytes: those of a client in `say`, those of a store in `answer`.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "proto_pg/frontend.h"
#include "src/base/bytes.h"

namespace tracegate::session::testing {

template <typename Message>
[[nodiscard]] std::string encoded(const Message& message) {
  std::string out;
  proto::encode(message, out);
  return out;
}

namespace say {

inline std::string query(std::string_view text) {
  return encoded(proto::Query{text});
}
inline std::string parse(std::string_view name, std::string_view text) {
  return encoded(proto::Parse{name, text, {}});
}
inline std::string bind(std::string_view portal, std::string_view statement,
                        std::initializer_list<std::string_view> parameters = {}) {
  proto::Bind message{portal, statement, {}, {}, {}};
  for (std::string_view value : parameters) message.parameters.emplace_back(as_bytes(value));
  return encoded(message);
}
inline std::string describe_statement(std::string_view name) {
  return encoded(proto::Describe{proto::Target::kStatement, name});
}
inline std::string describe_portal(std::string_view name) {
  return encoded(proto::Describe{proto::Target::kPortal, name});
}
inline std::string execute(std::string_view portal, std::int32_t max_rows = 0) {
  return encoded(proto::Execute{portal, max_rows});
}
inline std::string close_statement(std::string_view name) {
  return encoded(proto::Close{proto::Target::kStatement, name});
}
inline std::string close_portal(std::string_view name) {
  return encoded(proto::Close{proto::Target::kPortal, name});
}
inline std::string sync() {
  return encoded(proto::Sync{});
}
inline std::string flush() {
  return encoded(proto::Flush{});
}
inline std::string terminate() {
  return encoded(proto::Terminate{});
}
inline std::string copy_data(std::string_view data) {
  return encoded(proto::CopyData{as_bytes(data)});
}
inline std::string copy_done() {
  return encoded(proto::CopyDone{});
}
inline std::string copy_fail(std::string_view reason) {
  return encoded(proto::CopyFail{reason});
}
inline std::string function_call() {
  return encoded(proto::FunctionCall{.function = 1598, .argument_formats = {}, .arguments = {}});
}
inline std::string password(std::string_view text) {
  std::string out;
  proto::Writer writer(out);
  writer.begin_message('p');
  writer.cstring(text);
  writer.end_message();
  return out;
}
// The usual way of a driver with the unnamed statement and portal.
inline std::string run(std::string_view text) {
  return parse("", text) + say::bind("", "") + execute("") + sync();
}
// And with a statement that is there already.
inline std::string run_prepared(std::string_view name) {
  return say::bind("", name) + execute("") + sync();
}

}  // namespace say

namespace answer {

inline std::string parse_complete() {
  return encoded(proto::ParseComplete{});
}
inline std::string bind_complete() {
  return encoded(proto::BindComplete{});
}
inline std::string close_complete() {
  return encoded(proto::CloseComplete{});
}
inline std::string no_data() {
  return encoded(proto::NoData{});
}
inline std::string empty_query() {
  return encoded(proto::EmptyQueryResponse{});
}
inline std::string suspended() {
  return encoded(proto::PortalSuspended{});
}
inline std::string parameters() {
  return encoded(proto::ParameterDescription{{25}});
}
inline std::string columns(proto::FormatCode format = proto::kTextFormat) {
  return encoded(proto::RowDescription{{{.name = "v", .type = 25, .format = format}}});
}
inline std::string row(std::string_view value) {
  return encoded(proto::DataRow{{as_bytes(value)}});
}
inline std::string complete(std::string_view tag) {
  return encoded(proto::CommandComplete{tag});
}
inline std::string ready(char status) {
  return encoded(proto::ReadyForQuery{static_cast<proto::TransactionStatus>(status)});
}
inline std::string copy_in() {
  return encoded(proto::CopyInResponse{.column_formats = {0}});
}
inline std::string copy_out() {
  return encoded(proto::CopyOutResponse{.column_formats = {0}});
}
inline std::string copy_data(std::string_view data) {
  return say::copy_data(data);
}
inline std::string copy_done() {
  return say::copy_done();
}
inline std::string function_result(std::string_view value) {
  return encoded(proto::FunctionCallResponse{as_bytes(value)});
}
inline std::string parameter_status(std::string_view name, std::string_view value) {
  return encoded(proto::ParameterStatus{name, value});
}
inline std::string notification(std::string_view channel) {
  return encoded(proto::NotificationResponse{7, channel, "payload"});
}
inline std::string notice(std::string_view text) {
  std::string out;
  proto::encode_notice({.severity = proto::Severity::kNotice, .sqlstate = "00000", .message = text},
                       out);
  return out;
}
inline std::string error(std::string_view sqlstate, std::string_view message,
                         proto::Severity severity = proto::Severity::kError,
                         std::string_view hint = {}) {
  std::string out;
  proto::encode_error(
      {.severity = severity, .sqlstate = sqlstate, .message = message, .hint = hint}, out);
  return out;
}
inline std::string fatal(std::string_view sqlstate, std::string_view message) {
  return error(sqlstate, message, proto::Severity::kFatal);
}
// How PostgreSQL refuses what stands in a refused statement's place.
inline std::string refusal() {
  return error("42P01", "missing FROM-clause entry for table \"tracegate_denied\"");
}

}  // namespace answer
}  // namespace tracegate::session::testing
