// Journal records as rows of the session tables: one batch of them, ready to be sent.
// Threading: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "src/journal/record.h"
#include "src/store/copy_rows.h"

namespace tracegate::store {

class RecordRows {
 public:
  // `journal` is this journal's number in tracegate.shipping.
  void begin(std::int32_t journal);
  void add(Lsn lsn, const journal::Record& record);

  struct Copy {
    std::string sql;        // COPY ... FROM STDIN
    std::string_view data;  // borrowed until begin()
  };
  // The tables that have rows. Once for each begin().
  [[nodiscard]] std::vector<Copy> copies();

  // Arrays for statement_texts, in order of the hash, so that gateways which insert the same texts
  // never wait for one another in a circle. Both empty if there are none.
  struct Texts {
    std::string hashes;  // bytea[]
    std::string texts;   // text[]
  };
  [[nodiscard]] Texts texts() const;

 private:
  enum Table : std::size_t {
    kGateways,
    kPolicies,
    kSessionStarts,
    kSessionEnds,
    kLoginRefusals,
    kIntents,
    kOutcomes,
    kTables,
  };
  // Begins a row of the table with the columns that all of them have.
  CopyRows& row(Table table, Lsn lsn);

  void add_record(Lsn lsn, const journal::GatewayStarted& record);
  void add_record(Lsn lsn, const journal::PolicyLoaded& record);
  void add_record(Lsn lsn, const journal::SessionOpened& record);
  void add_record(Lsn lsn, const journal::LoginRefused& record);
  void add_record(Lsn lsn, const journal::Intent& record);
  void add_record(Lsn lsn, const journal::Outcome& record);
  void add_record(Lsn lsn, const journal::SessionClosed& record);

  std::int32_t journal_ = 0;
  std::array<CopyRows, kTables> tables_;
  std::map<std::array<std::uint8_t, 32>, std::string> texts_;
};

}  // namespace tracegate::store
