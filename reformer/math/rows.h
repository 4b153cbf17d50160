// Vector code over rows of floats. Every function is pure, works on one thread, takes any length
// and any alignment, and sums in an order that depends on the length only.
#pragma once

#include <cstdint>

#include "reformer/math/matrix.h"

namespace reformer {

float row_dot(const float* a, const float* b, int64_t n);
float row_max(const float* x, int64_t n);  // -infinity when n is 0
double row_sum_of_squares(const float* x, int64_t n);

// y += factor * x.
void row_add_scaled(float* y, const float* x, float factor, int64_t n);
// y = a * y + b * x.
void row_blend(float* y, float a, const float* x, float b, int64_t n);
// y = factor * x; y may be x.
void row_scale(float* y, const float* x, float factor, int64_t n);

// x = e^(x - shift), and the sum of that.
float row_exp(float* x, float shift, int64_t n);

}  // namespace reformer
