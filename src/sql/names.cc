// The words for statement classes and operations: one table each, so that a new enumerator has one
// place to be named in.
#include "src/sql/analysis.h"

namespace tracegate::sql {
namespace {

struct OperationName {
  Operation operation;
  std::string_view name;
};
constexpr OperationName kOperations[] = {{Operation::kSelect, "select"},
                                         {Operation::kInsert, "insert"},
                                         {Operation::kUpdate, "update"},
                                         {Operation::kDelete, "delete"},
                                         {Operation::kTruncate, "truncate"},
                                         {Operation::kCopyIn, "copy_in"},
                                         {Operation::kCopyOut, "copy_out"},
                                         {Operation::kLock, "lock"},
                                         {Operation::kDdl, "ddl"},
                                         {Operation::kCall, "call"},
                                         {Operation::kDo, "do"},
                                         {Operation::kExplain, "explain"},
                                         {Operation::kListen, "listen"},
                                         {Operation::kNotify, "notify"},
                                         {Operation::kMaintenance, "maintenance"},
                                         {Operation::kTwoPhase, "two_phase"}};

}  // namespace

std::string_view to_string(StatementClass statement_class) {
  switch (statement_class) {
    case StatementClass::kSelect:
      return "select";
    case StatementClass::kInsert:
      return "insert";
    case StatementClass::kUpdate:
      return "update";
    case StatementClass::kDelete:
      return "delete";
    case StatementClass::kMerge:
      return "merge";
    case StatementClass::kTruncate:
      return "truncate";
    case StatementClass::kCopyIn:
      return "copy_in";
    case StatementClass::kCopyOut:
      return "copy_out";
    case StatementClass::kExplain:
      return "explain";
    case StatementClass::kPrepare:
      return "prepare";
    case StatementClass::kExecute:
      return "execute";
    case StatementClass::kDeallocate:
      return "deallocate";
    case StatementClass::kDeclareCursor:
      return "declare_cursor";
    case StatementClass::kFetch:
      return "fetch";
    case StatementClass::kCloseCursor:
      return "close_cursor";
    case StatementClass::kTransaction:
      return "transaction";
    case StatementClass::kSet:
      return "set";
    case StatementClass::kShow:
      return "show";
    case StatementClass::kDiscard:
      return "discard";
    case StatementClass::kListen:
      return "listen";
    case StatementClass::kNotify:
      return "notify";
    case StatementClass::kUnlisten:
      return "unlisten";
    case StatementClass::kLock:
      return "lock";
    case StatementClass::kCall:
      return "call";
    case StatementClass::kDo:
      return "do";
    case StatementClass::kMaintenance:
      return "maintenance";
    case StatementClass::kDdl:
      return "ddl";
    case StatementClass::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(Operation operation) {
  for (const OperationName& entry : kOperations)
    if (entry.operation == operation) return entry.name;
  return "unknown";
}

std::optional<Operation> operation_from_string(std::string_view name) {
  for (const OperationName& entry : kOperations)
    if (entry.name == name) return entry.operation;
  return std::nullopt;
}

bool is_on_relation(Operation operation) {
  return operation <= Operation::kLock;
}

}  // namespace tracegate::sql
