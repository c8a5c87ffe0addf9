// All that is known of one client text downstream of judging: nothing after the plan looks at SQL
// again. A plan is immutable and belongs to one worker's cache; sessions share it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proto_pg/copy_format.h"
#include "src/base/ids.h"
#include "src/mask/detectors.h"
#include "src/mask/row_masks.h"
#include "src/sql/analysis.h"
#include "src/sql/rewrite.h"

namespace tracegate::policy {

// What the client sees when a statement is refused, and what is recorded of it.
struct Denial {
  std::string sqlstate = "42501";
  std::string message;  // "permission denied for table traces"
  std::string hint;     // names the role and the rule, and what to do next
  std::string rule;     // "reader.toml:12" of the rule that refused; "default" when nothing permits
  // For the record. May be more precise than the message, but has no value of the text in it.
  std::string reason;
  std::int32_t position = 0;  // 1-based in characters, 0 for none
  std::size_t statement = 0;  // which of the text's statements it is about, from 0
};

// A statement within a plan.
struct StatementPlan {
  sql::StatementClass statement_class = sql::StatementClass::kUnknown;
  bool writes = true;        // goes to the store only after its intent is durable
  bool may_copy_in = false;  // the store may ask for CopyData
  sql::NameAction name_action = sql::NameAction::kNone;
  std::string name;
  bool with_hold = false;
  // Of a blind INSERT: the client is told that so many rows were inserted, however many were. Does
  // not depend on parameters.
  std::optional<std::uint64_t> offered_rows;
  // What is masked of its rows as they pass; null: nothing. Of PREPARE and DECLARE, `inner` has it,
  // and what EXECUTE and FETCH return is masked as what they name is.
  mask::RowMasksRef masks;
  std::optional<proto::CopyFormat> copy_out;  // of COPY TO STDOUT
  std::shared_ptr<const struct Plan> inner;   // the statement that PREPARE or DECLARE stores
  std::string rule;  // where the permission stands: "ingest.toml:9"; "session" for what all may do
};

// 256 bits that identify a recorded text.
using TextHash = std::array<std::uint8_t, 32>;

struct Plan {
  PolicyVersion policy_version;
  std::uint64_t catalog_version = 0;  // of the catalog that it was judged against
  std::string text;                   // what the client sent, to judge again after a reload
  std::vector<std::uint32_t> parameter_types;  // that Parse declared, where they matter; or empty
  // What goes to the store in its place; empty: the text as it came. `pieces` are the client's
  // words in it.
  std::string store_text;
  std::vector<sql::CopiedPiece> pieces;
  // What is recorded: the text itself for reads, with constants replaced for statements that write
  // (values of ingested traces must not be copied into the record).
  std::string recorded_text;
  TextHash text_hash{};                   // SHA-256 of recorded_text
  std::vector<StatementPlan> statements;  // as they will answer, in order; empty for an empty text
  std::optional<Denial> denial;           // set: nothing of the text reaches the store
  bool writes = false;                    // any statement does
  // Of a role with masks: the columns of the store that no RowDescription may name for an output
  // that is not masked; null: there are none.
  std::shared_ptr<const mask::RawColumns> raw_columns;
  // Of a role with masks: what is looked for in errors and notices of the store; null: nothing.
  mask::DetectorsRef report_detectors;
  bool may_copy_in = false;  // any statement does
  // Set by the worker that owns this plan once the journal holds recorded_text under text_hash.
  mutable bool text_recorded = false;
};

// Type OIDs that a Parse message declares for $1 and so on; 0: the store infers it. Borrowed.
using ParameterTypes = std::span<const std::uint32_t>;

using PlanRef = std::shared_ptr<const Plan>;

}  // namespace tracegate::policy
