#include "src/mask/detect_marks.h"

#include <algorithm>

namespace tracegate::mask::detect {

void settle(std::vector<Span>& spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end > b.end;
    return a.mark < b.mark;
  });
  auto last = spans.begin();
  for (auto span = spans.begin() + 1; span != spans.end(); ++span) {
    if (span->begin < last->end) {
      last->end = std::max(last->end, span->end);
    } else {
      *++last = *span;
    }
  }
  spans.erase(last + 1, spans.end());
}

}  // namespace tracegate::mask::detect
