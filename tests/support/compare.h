// Comparing a table of numbers with a reference when every element has its own error bound.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace reformer::test {

using Table = std::vector<std::vector<double>>;

// Every element of `actual` (rows of anything indexable) lies within `bound` of `expected`. The
// failure lists all elements that do not; NaN never does.
template <class Rows>
testing::AssertionResult all_within(const Rows& actual, const Table& expected, const Table& bound) {
  if (actual.size() != expected.size()) {
    return testing::AssertionFailure() << actual.size() << " rows, not " << expected.size();
  }
  std::string bad;
  for (size_t r = 0; r < expected.size(); ++r) {
    for (size_t c = 0; c < expected[r].size(); ++c) {
      const double difference = std::abs(static_cast<double>(actual[r][c]) - expected[r][c]);
      if (difference <= bound[r][c]) continue;
      bad += fmt::format("\n  [{}, {}] is {}, expected {} within {}", r, c,
                         static_cast<double>(actual[r][c]), expected[r][c], bound[r][c]);
    }
  }
  return bad.empty() ? testing::AssertionSuccess() : testing::AssertionFailure() << bad;
}

// The same for one row.
template <class Row>
testing::AssertionResult row_within(const Row& actual, const std::vector<double>& expected,
                                    const std::vector<double>& bound) {
  return all_within(std::vector<Row>{actual}, {expected}, {bound});
}

}  // namespace reformer::test
