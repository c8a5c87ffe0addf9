// Rows that are masked on their way to the client: which statement says how, what must be known of
// a result before its rows pass, and the rows themselves.
#include <algorithm>
#include <utility>

#include "proto_pg/backend.h"
#include "src/mask/row_masker.h"
#include "src/session/refusals.h"
#include "src/session/row_check.h"
#include "src/session/session.h"

namespace tracegate::session {
namespace {

using proto::BackendType;
using proto::CopyFormat;

bool is_format(proto::FormatCode code) {
  return code == proto::kTextFormat || code == proto::kBinaryFormat;
}

// Why the store will refuse the formats of a Bind; null if it will not. `masks` is null for rows
// that are not masked.
DenialRef refusal_of(const std::vector<proto::FormatCode>& formats, const mask::RowMasks* masks) {
  const auto bad = std::find_if_not(formats.begin(), formats.end(), is_format);
  if (bad != formats.end()) return unsupported_format(*bad);
  if (masks != nullptr && formats.size() > 1 && formats.size() != masks->outputs.size())
    return wrong_number_of_formats(formats.size(), masks->outputs.size());
  return nullptr;
}

// The format of a portal's column.
proto::FormatCode format_at(const BoundPortalRef& bound, std::size_t column) {
  if (!bound || bound->result_formats.empty()) return proto::kTextFormat;
  return bound->result_formats.size() == 1 ? bound->result_formats[0]
                                           : bound->result_formats[column];
}

}  // namespace

bool Session::bind_masks(Pending& pending, const proto::Bind* bind, DenialRef& denial) {
  const policy::Plan& plan = *pending.plan;
  if (plan.statements.empty()) return true;
  StatementRef by_name;
  if (is_indirect(plan)) {
    // A name that stands for nothing is refused when the portal runs, as by the store.
    NameChanges none;
    NameCheck names = check_uses(plan, none, 0);
    if (names.unsettled) return false;
    if (!names.used.empty()) by_name = std::move(names.used[0]);
  }
  const policy::StatementPlan& rows = by_name ? *by_name : plan.statements[0];
  if (!rows.masks && !plan.raw_columns) return true;
  if (bind == nullptr) {
    if (rows.masks) denial = masked_bind_too_long();
    return true;
  }
  const bool copies = rows.copy_out.has_value();  // of which the store ignores the formats
  if (!copies) denial = refusal_of(bind->result_formats, rows.masks.get());
  if (denial || !rows.masks) return true;
  auto bound = std::make_shared<BoundPortal>();
  if (!copies) bound->result_formats = bind->result_formats;
  bound->rows = std::move(by_name);
  pending.bound = std::move(bound);
  return true;
}

bool Session::describe_masks(Pending& pending, const proto::Describe& describe,
                             const Resolution& found, DenialRef& denial) {
  const policy::Plan& plan = *found.plan;
  const bool is_masked = plan.statements.size() == 1 && plan.statements[0].masks;
  if (!plan.raw_columns && !is_masked) return true;
  pending.space =
      describe.target == proto::Target::kStatement ? NameSpace::kStatements : NameSpace::kPortals;
  if (is_indirect(plan)) {
    // A statement's columns are those that the name had at its Parse, of which nothing is known any
    // more. No row comes by them.
    if (pending.space == NameSpace::kStatements) return true;
    NameChanges none;
    NameCheck names = check_uses(plan, none, 0);
    if (names.unsettled) return false;
    pending.used = std::move(names.used);
    if (!is_as_bound(found.bound, pending.rows_by_name()))
      denial = portal_has_changed(describe.name);
  }
  pending.plan = found.plan;
  pending.bound = found.bound;
  return true;
}

Session::Passage& Session::passage() {
  const Running& running = pending_.front().running;
  const StatementNo now{running.first.value + running.done};
  if (passage_.statement != now) {
    passage_.statement = now;
    passage_.described = false;
    passage_.formats.clear();
    passage_.copy.reset();
  }
  return passage_;
}

const policy::StatementPlan* Session::masked_statement() const {
  if (!rows_are_due()) return nullptr;
  const Pending& front = pending_.front();
  const policy::StatementPlan* rows = front.rows_of(front.running.done);
  return rows != nullptr && rows->masks ? rows : nullptr;
}

bool Session::lacks_description(BackendType type) {
  const Pending& front = pending_.front();
  if (front.kind != Answering::kQuery || type != BackendType::kDataRow) return false;
  return (front.plan->raw_columns || masked_statement() != nullptr) && !passage().described;
}

Session::Give Session::give_row_description(ByteView body) {
  Pending& front = pending_.front();
  const bool describes = front.kind == Answering::kDescribe;
  if (!front.plan) {
    pending_.pop();
    return Give::kRelay;
  }
  const policy::StatementPlan* rows = front.rows_of(describes ? 0 : front.running.done);
  const mask::RowMasks* masks = rows != nullptr ? rows->masks.get() : nullptr;
  if (masks != nullptr || front.plan->raw_columns) {
    if (auto error = proto::decode(body, row_description_)) return store_fault(error.message);
    const auto& fields = row_description_.fields;
    if (masks != nullptr && rows->copy_out) return mask_fault("a COPY has a RowDescription");
    if (std::string why = disagreement(row_description_, masks, front.plan->raw_columns.get());
        !why.empty())
      return mask_fault(std::move(why));
    if (!describes) {
      Passage& now = passage();
      now.described = true;
      now.formats.clear();
      for (const auto& field : fields) now.formats.push_back(field.format);
    } else if (masks != nullptr && front.space == NameSpace::kPortals) {
      for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].format != format_at(front.bound, i))
          return mask_fault("a portal's columns have other formats than its Bind has named");
    }
  }
  if (describes) pending_.pop();
  return Give::kRelay;
}

Session::Give Session::give_copy_out(ByteView body) {
  const policy::StatementPlan* rows = masked_statement();
  if (rows == nullptr) return Give::kRelay;
  if (!rows->copy_out) return mask_fault("rows that were judged to be a result come as a COPY");
  proto::CopyOutResponse response;
  if (auto error = proto::decode(body, response)) return store_fault(error.message);
  const bool is_binary = rows->copy_out->kind == CopyFormat::Kind::kBinary;
  const auto format = is_binary ? proto::kBinaryFormat : proto::kTextFormat;
  const auto& formats = response.column_formats;
  if (response.format != format || formats.size() != rows->masks->outputs.size() ||
      std::count(formats.begin(), formats.end(), format) != std::ssize(formats))
    return mask_fault("a COPY has another format or number of columns than was judged");
  if (passage().copy) return mask_fault("a COPY begins twice");
  passage().copy = std::make_unique<mask::CopyMasker>(rows->masks, *rows->copy_out);
  return Give::kRelay;
}

Session::Give Session::give_masked_rows(const policy::StatementPlan& statement, BackendType type,
                                        ByteView frames, std::uint64_t rows) {
  Pending& front = pending_.front();
  Passage& now = passage();
  const bool simple = front.kind == Answering::kQuery;
  std::string& out = generate();
  mask::CellCounts cells = front.running.cells;
  proto::DecodeError error;
  if (type == BackendType::kCopyData) {
    if (!now.copy) return mask_fault("data of a COPY that has not begun");
    error = now.copy->mask(frames, out, cells);
  } else {
    if (statement.copy_out) return mask_fault("a COPY has rows of a result");
    // A portal that SQL has declared gives text to an Execute, also as a BINARY CURSOR.
    mask::ResultFormats formats = now.formats;
    if (!simple) formats = front.bound ? front.bound->result_formats : mask::ResultFormats{};
    error = mask::mask_rows(frames, *statement.masks, formats, out, cells);
  }
  if (error) return mask_fault(std::string(error.message));
  front.running.cells = cells;
  count_rows(rows, out.size());
  return Give::kReplace;
}

Session::Give Session::long_row_fault() {
  fault_ = {.sqlstate = proto::DecodeError::kLimitExceeded,
            .message = "a row of a masked result is longer than " +
                       std::to_string(options_.limits.hold_row) + " bytes",
            .hint = "Such a row must be held whole to be masked: select fewer of its columns.",
            .reason = "a masked row is longer than what is held",
            .alarm = false};
  return Give::kStop;
}

// Nothing of what does not agree has reached the client.
Session::Give Session::mask_fault(std::string reason) {
  fault_ = {.sqlstate = "42501",
            .message = "permission denied: the result is not the one that was judged",
            .hint =
                "A table may have changed just now: connect again. If it happens again, tell "
                "the operator of the gateway.",
            .reason = std::move(reason),
            .alarm = true};
  return Give::kStop;
}

}  // namespace tracegate::session
