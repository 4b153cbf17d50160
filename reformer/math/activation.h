// Non-linearities, element by element over a row.
#pragma once

#include <cstdint>

namespace reformer {

// y = x Phi(x) with the exact (erf) normal distribution function.   Hendrycks and Gimpel 2016.
void gelu_forward(const float* x, float* y, int64_t n);
// dx = dy (Phi(x) + x phi(x)); dx may be dy.
void gelu_backward(const float* x, const float* dy, float* dx, int64_t n);

// y = max(x, 0), of NaN NaN.
void relu_forward(const float* x, float* y, int64_t n);
// dx = dy where x > 0, else 0; dx may be dy.
void relu_backward(const float* x, const float* dy, float* dx, int64_t n);

}  // namespace reformer
