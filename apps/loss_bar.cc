#include "apps/loss_bar.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace reformer::apps {
namespace {

constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

}  // namespace

void LossBar::add(int64_t step, double loss) {
  const int64_t cell = std::clamp<int64_t>((step - 1) * kCells / steps_, 0, kCells - 1);
  done_ = std::max(done_, cell + 1);
  if (!std::isfinite(loss)) return;
  cells_[static_cast<size_t>(cell)].sum += loss;
  ++cells_[static_cast<size_t>(cell)].count;
}

// Heights are parts of the highest mean so far: the bottom is a loss of 0, not the lowest one.
std::string LossBar::text(bool blocks) const {
  double highest = 0;
  for (const Cell& cell : cells_) {
    if (cell.count > 0) highest = std::max(highest, cell.mean());
  }
  std::string text;
  for (int64_t i = 0; i < kCells; ++i) {
    const Cell& cell = cells_[static_cast<size_t>(i)];
    if (!blocks) {
      text += i < done_ ? '#' : '-';
    } else if (i >= done_) {
      text += "·";
    } else if (cell.count == 0) {  // of an earlier session
      text += " ";
    } else {
      const double part = highest > 0 ? cell.mean() / highest : 0;
      text += kBlocks[static_cast<size_t>(std::clamp(std::ceil(part * 8) - 1, 0.0, 7.0))];
    }
  }
  return text;
}

}  // namespace reformer::apps
