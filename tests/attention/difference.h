// Derivatives by finite differences.
#pragma once

#include <functional>

#include "tests/support/compare.h"

namespace reformer::test {

// Derivative of f by x: the central difference of fourth order, f evaluated with x moved. Its
// error is about h^4 f'''''/30 + eps f / h, some 1e-11 for losses of a few units.
inline double derivative(double& x, const std::function<double()>& f) {
  const double at = x;
  const double h = 1e-3;
  const auto value = [&](double step) {
    x = at + step * h;
    return f();
  };
  const double result = (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * h);
  x = at;
  return result;
}

// The same for every number of a table.
inline Table derivatives(Table& table, const std::function<double()>& f) {
  Table result;
  for (auto& row : table) {
    result.emplace_back();
    for (double& x : row) result.back().push_back(derivative(x, f));
  }
  return result;
}

}  // namespace reformer::test
