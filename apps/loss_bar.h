// The course of a loss as a bar of one line: what is done shows how high the loss was, the rest is
// still to come.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace reformer::apps {

class LossBar {
 public:
  explicit LossBar(int64_t steps) : steps_(steps) {}

  void add(int64_t step, double loss);

  // "█▇▇▆▂▁▁·········"; with `blocks` false, for terminals without Unicode, "#######---------".
  std::string text(bool blocks) const;

 private:
  static constexpr int64_t kCells = 20;
  struct Cell {
    double sum = 0;
    int64_t count = 0;
    double mean() const { return sum / static_cast<double>(count); }
  };

  int64_t steps_;
  int64_t done_ = 0;  // cells that were reached
  std::array<Cell, kCells> cells_{};
};

}  // namespace reformer::apps
