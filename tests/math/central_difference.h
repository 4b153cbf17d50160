// Derivatives of scalar functions in double, to check backward passes against.
#pragma once

namespace reformer {

// df/dx at the present x, on which f depends; x is left as it was. The error is of order
// step^4 f''''' and of 1e-16 f / step.
template <class F>
double central_difference(const F& f, double& x, double step = 1e-4) {
  const double at = x;
  const auto value = [&](double offset) {
    x = at + offset;
    return f();
  };
  const double near = value(step) - value(-step);
  const double far = value(2 * step) - value(-2 * step);
  x = at;
  return (8 * near - far) / (12 * step);
}

// What the above is trusted to, times the scale of the function.
inline constexpr double kDifferenceError = 1e-9;

}  // namespace reformer
