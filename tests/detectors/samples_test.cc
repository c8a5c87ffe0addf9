// Precision and recall on the labelled texts of tests/data/detectors. The figures stand in
// docs/masking_detectors.md; what the test measures and what the document says must agree, and none
// may fall below its floor.
//
// Found is a labelled span that marks cover whole, one of them of its kind; right is a mark of a
// kind that touches a labelled span of that kind.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "src/mask/detect_builtin.h"
#include "src/mask/detect_marks.h"
#include "tests/detectors/marking.h"
#include "tests/detectors/samples.h"

namespace tracegate::mask {
namespace {

using detect::Span;

// Of all texts, or of those that were written later only.
struct Figures {
  int labelled = 0;
  int found = 0;
  int marked = 0;
  int right = 0;
  [[nodiscard]] double precision() const { return marked == 0 ? 1 : 1.0 * right / marked; }
  [[nodiscard]] double recall() const { return labelled == 0 ? 1 : 1.0 * found / labelled; }
};

std::vector<Span> spans_of(std::string_view text) {
  std::vector<Span> spans;
  detect::KindSet all;
  for (std::size_t kind = 0; kind < detect::kKindNames.size(); ++kind)
    all.add(static_cast<detect::Kind>(kind));
  detect::Search search{text, all, spans};
  detect::find_builtin(search);
  if (!spans.empty()) detect::settle(spans);
  return spans;
}

bool touch(const Span& span, const LabelledSpan& label) {
  return span.begin < label.end && label.begin < span.end;
}

bool is_found(const LabelledSpan& label, const std::vector<Span>& spans) {
  std::size_t covered = label.begin;
  bool of_its_kind = false;
  for (const Span& span : spans) {
    if (!touch(span, label) || span.begin > covered) continue;
    covered = std::max(covered, span.end);
    of_its_kind |= detect::kKindNames[span.mark] == label.kind;
  }
  return of_its_kind && covered >= label.end;
}

// By kind, and "all".
using ByKind = std::map<std::string, Figures>;

ByKind measure(bool later_only) {
  ByKind figures;
  const auto count = [&](std::string_view kind, int Figures::*total, int Figures::*good,
                         bool is_good) {
    for (const std::string& name : {std::string(kind), std::string("all")}) {
      ++(figures[name].*total);
      figures[name].*good += is_good;
    }
  };
  for (const Sample& sample : samples()) {
    if (later_only && !sample.later) continue;
    const std::vector<Span> spans = spans_of(sample.text);
    for (const LabelledSpan& label : sample.spans)
      count(label.kind, &Figures::labelled, &Figures::found, is_found(label, spans));
    for (const Span& span : spans) {
      const std::string_view kind = detect::kKindNames[span.mark];
      count(kind, &Figures::marked, &Figures::right,
            std::any_of(sample.spans.begin(), sample.spans.end(), [&](const LabelledSpan& label) {
              return label.kind == kind && touch(span, label);
            }));
    }
  }
  return figures;
}

const Figures& measured(const std::string& kind) {
  static const ByKind all = measure(false);
  return all.at(kind);
}
const Figures& measured_later(const std::string& kind) {
  static const ByKind later = measure(true);
  return later.at(kind);
}

std::string row_of(const std::string& name) {
  const Figures& figures = measured(name);
  const Figures& later = measured_later(name);
  char row[128];
  std::snprintf(row, sizeof row, "| %s | %d | %.3f | %.3f | %d | %.3f | %.3f |", name.c_str(),
                figures.labelled, figures.precision(), figures.recall(), later.labelled,
                later.precision(), later.recall());
  return row;
}

struct Floor {
  double precision;
  double recall;
};
const std::map<std::string, Floor> kFloors = {
    {"email", {0.99, 0.99}},        {"phone", {0.98, 0.87}},        {"payment_card", {0.99, 0.99}},
    {"iban", {0.99, 0.99}},         {"us_ssn", {0.99, 0.92}},       {"ip_address", {0.99, 0.99}},
    {"jwt", {0.99, 0.99}},          {"aws_key", {0.99, 0.92}},      {"gcp_key", {0.99, 0.99}},
    {"github_token", {0.99, 0.99}}, {"slack_token", {0.99, 0.99}},  {"openai_key", {0.99, 0.99}},
    {"private_key", {0.99, 0.98}},  {"high_entropy", {0.93, 0.87}}, {"all", {0.985, 0.955}}};

TEST(Samples, AreEnough) {
  EXPECT_GE(samples().size(), 2000u);
  const auto without = std::count_if(samples().begin(), samples().end(),
                                     [](const Sample& sample) { return sample.spans.empty(); });
  EXPECT_GE(without, 400);
  for (const std::string_view kind : builtin_detectors())
    EXPECT_GE(measured(std::string(kind)).labelled, 50) << kind;
}

TEST(Samples, PrecisionAndRecallStayAboveTheirFloors) {
  for (const auto& [name, floor] : kFloors) {
    SCOPED_TRACE(row_of(name));
    EXPECT_GE(measured(name).precision(), floor.precision);
    EXPECT_GE(measured(name).recall(), floor.recall);
  }
}

TEST(Samples, FiguresAreThoseOfTheDocument) {
  std::ifstream file(DOCUMENT);
  std::stringstream document;
  document << file.rdbuf();
  for (const auto& [name, floor] : kFloors)
    EXPECT_NE(document.str().find("\n" + row_of(name) + "\n"), std::string::npos)
        << "docs/masking_detectors.md should have the row\n"
        << row_of(name);
}

}  // namespace
}  // namespace tracegate::mask
