// Judges tiny SQL by a list of texts that are refused. Plans are built as policy builds them:
// shared, cached by text and policy version.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/session/effects.h"

namespace tracegate::session::testing {

class FakeJudge : public Judge {
 public:
  // Statements whose text starts so are refused, also inside PREPARE and DECLARE.
  void deny(std::string_view text) { denied_.emplace_back(text); }
  // `text` goes to the store as `store_text`, which ends with it. To be called before it is judged.
  void rewrite(std::string_view text, std::string_view store_text) {
    rewritten_[std::string(text)] = store_text;
  }
  // An INSERT of that text is told to have inserted so many rows.
  void offer(std::string_view text, std::uint64_t rows) { offered_[std::string(text)] = rows; }
  // The rows of a statement of that text are masked so; `copy_out` of a COPY.
  void mask(std::string_view text, mask::RowMasksRef masks,
            std::optional<proto::CopyFormat> copy_out = std::nullopt) {
    masked_[std::string(text)] = {std::move(masks), std::move(copy_out)};
  }
  // Of every statement there is.
  void mask_everything(mask::RowMasksRef masks) { all_masks_ = std::move(masks); }
  // The role has masks: these columns pass in no result as they are.
  void set_raw_columns(mask::RawColumns columns) {
    raw_columns_ = std::make_shared<const mask::RawColumns>(std::move(columns));
  }
  void set_report_detectors(mask::DetectorsRef detectors) {
    report_detectors_ = std::move(detectors);
  }
  void permit_everything() { denied_.clear(); }
  // A policy reload: plans made so far are judged again when they are used.
  void reload() { ++version_.value; }
  // The store's catalog has changed: likewise.
  void change_catalog() { ++catalog_version_; }
  void set_unrestricted(bool unrestricted) { unrestricted_ = unrestricted; }
  // The denial of a text, as the session reports it; null if permitted.
  [[nodiscard]] const policy::Denial* denial_of(std::string_view text);
  [[nodiscard]] std::size_t plans_made() const { return plans_made_; }

  policy::PlanRef plan(std::string_view text, Origin origin,
                       policy::ParameterTypes parameter_types) override;
  [[nodiscard]] PolicyVersion version() const override { return version_; }
  [[nodiscard]] std::uint64_t catalog_version() const override { return catalog_version_; }
  [[nodiscard]] bool unrestricted() const override { return unrestricted_; }
  // All relations but those whose names begin with "hidden".
  [[nodiscard]] bool shows(std::string_view, std::string_view relation) const override {
    return !relation.starts_with("hidden");
  }

 private:
  [[nodiscard]] bool is_denied(std::string_view statement) const;

  std::vector<std::string> denied_;
  std::map<std::string, std::string, std::less<>> rewritten_;
  std::map<std::string, std::uint64_t, std::less<>> offered_;
  struct Masks {
    mask::RowMasksRef rows;
    std::optional<proto::CopyFormat> copy_out;
  };
  std::map<std::string, Masks, std::less<>> masked_;
  mask::RowMasksRef all_masks_;
  std::shared_ptr<const mask::RawColumns> raw_columns_;
  mask::DetectorsRef report_detectors_;
  PolicyVersion version_{1};
  std::uint64_t catalog_version_ = 1;
  bool unrestricted_ = false;
  std::size_t plans_made_ = 0;
  std::map<std::tuple<std::uint64_t, std::uint64_t, std::string>, policy::PlanRef> cache_;
};

}  // namespace tracegate::session::testing
