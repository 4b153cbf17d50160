#include "tests/math/compare.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>

namespace reformer {
namespace {

// Calls describe(row, column), which returns what is wrong there or nothing.
void expect_all(ConstMatrixView got, const std::function<std::string(int64_t, int64_t)>& describe) {
  std::string bad;
  int64_t count = 0;
  for (int64_t r = 0; r < got.rows; ++r) {
    for (int64_t c = 0; c < got.cols; ++c) {
      const std::string text = describe(r, c);
      if (text.empty()) continue;
      bad += fmt::format("\n  [{}, {}] {}", r, c, text);
      ++count;
    }
  }
  if (count > 0) {
    ADD_FAILURE() << count << " of " << got.rows * got.cols << " elements are wrong:" << bad;
  }
}

std::string difference(double got, const Expected& expected) {
  if (std::abs(got - expected.value) <= expected.tolerance || got == expected.value) return "";
  return fmt::format("{:.9g}, expected {:.9g} +- {:.3g}, off by {:.3g}", got, expected.value,
                     expected.tolerance, got - expected.value);
}

}  // namespace

void expect_close(ConstMatrixView got, const std::function<Expected(int64_t, int64_t)>& expected) {
  expect_all(got, [&](int64_t r, int64_t c) { return difference(got.row(r)[c], expected(r, c)); });
}

void expect_close(const float* got, int64_t n, const std::function<Expected(int64_t)>& expected) {
  expect_close(ConstMatrixView{got, 1, n, n}, [&](int64_t, int64_t c) { return expected(c); });
}

void expect_close(double got, Expected expected) { EXPECT_EQ(difference(got, expected), ""); }

void expect_exactly(ConstMatrixView got, const std::function<float(int64_t, int64_t)>& expected) {
  expect_all(got, [&](int64_t r, int64_t c) -> std::string {
    const float is = got.row(r)[c];
    const float should_be = expected(r, c);
    if (std::bit_cast<uint32_t>(is) == std::bit_cast<uint32_t>(should_be)) return "";
    return fmt::format("{:.9g}, expected exactly {:.9g}", is, should_be);
  });
}

void expect_equal(ConstMatrixView got, ConstMatrixView expected) {
  ASSERT_EQ(got.rows, expected.rows);
  ASSERT_EQ(got.cols, expected.cols);
  expect_exactly(got, [&](int64_t r, int64_t c) { return expected.row(r)[c]; });
}

}  // namespace reformer
