// to_string for the statement classes that tests use, so that the session is tested without the parser.
#include "src/sql/analysis.h"

namespace tracegate::sql {

std::string_view to_string(StatementClass statement_class) {
  switch (statement_class) {
    case StatementClass::kSelect: return "select";
    case StatementClass::kInsert: return "insert";
    case StatementClass::kCopyIn: return "copy_in";
    case StatementClass::kCopyOut: return "copy_out";
    case StatementClass::kPrepare: return "prepare";
    case StatementClass::kExecute: return "execute";
    case StatementClass::kDeallocate: return "deallocate";
    case StatementClass::kDeclareCursor: return "declare";
    case StatementClass::kFetch: return "fetch";
    case StatementClass::kCloseCursor: return "close";
    case StatementClass::kTransaction: return "transaction";
    case StatementClass::kSet: return "set";
    case StatementClass::kDiscard: return "discard";
    case StatementClass::kCall: return "call";
    case StatementClass::kDo: return "do";
    case StatementClass::kUnknown: return "unknown";
    case StatementClass::kUpdate:
    case StatementClass::kDelete:
    case StatementClass::kMerge:
    case StatementClass::kTruncate:
    case StatementClass::kExplain:
    case StatementClass::kShow:
    case StatementClass::kListen:
    case StatementClass::kNotify:
    case StatementClass::kUnlisten:
    case StatementClass::kLock:
    case StatementClass::kMaintenance:
    case StatementClass::kDdl: break;
  }
  return "other";
}

}  // namespace tracegate::sql
