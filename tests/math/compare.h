// Comparison of results with a reference, element by element.
#pragma once

#include <functional>

#include "reformer/math/matrix.h"

namespace reformer {

// The largest relative error of one rounding to float. A sum of n terms in any order is within
// n * kRounding * (sum of the terms' magnitudes).
inline constexpr double kRounding = 0x1p-24;
// What exp-inl.h promises: of e^x relative to it, of erf absolute.
inline constexpr double kExpError = 2e-7;
inline constexpr double kErfError = 3e-7;

struct Expected {
  double value;
  double tolerance;
};

// Reports each element of `got` that is not within its tolerance of expected(row, column).
void expect_close(ConstMatrixView got, const std::function<Expected(int64_t, int64_t)>& expected);
// The same for the n elements of a row.
void expect_close(const float* got, int64_t n, const std::function<Expected(int64_t)>& expected);
// The same for a number.
void expect_close(double got, Expected expected);

// Reports each element of `got` that has other bits than expected(row, column).
void expect_exactly(ConstMatrixView got, const std::function<float(int64_t, int64_t)>& expected);
// Reports each element that has other bits in the two.
void expect_equal(ConstMatrixView got, ConstMatrixView expected);

}  // namespace reformer
