#include "reformer/math/activation.h"
#include "reformer/math/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/activation_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "reformer/math/exp-inl.h"
#include "reformer/math/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

// out[i] = f(a[i], b[i]) for all i < n, the last ones as a part of a vector.
template <class F>
HWY_INLINE void map(const float* a, const float* b, float* out, int64_t n, const F& f) {
  const F32 d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(f(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  }
  if (i < n) {
    const auto rest = static_cast<size_t>(n - i);
    store_part(f(load_part(d, a + i, rest), load_part(d, b + i, rest)), d, out + i, rest);
  }
}

// The normal distribution function.
HWY_INLINE VF phi_integral(VF x) {
  const F32 d;
  const VF half = hn::Set(d, 0.5F);
  return hn::MulAdd(half, vector_erf(hn::Mul(x, hn::Set(d, 0.70710678F))), half);
}

void gelu(const float* x, float* y, int64_t n) {
  map(x, x, y, n, [](VF v, VF) HWY_ATTR { return hn::Mul(v, phi_integral(v)); });
}

void gelu_gradient(const float* x, const float* dy, float* dx, int64_t n) {
  map(x, dy, dx, n, [](VF v, VF g) HWY_ATTR {
    const F32 d;
    const VF density =
        hn::Mul(hn::Set(d, 0.39894228F), vector_exp(hn::Mul(hn::Mul(v, v), hn::Set(d, -0.5F))));
    return hn::Mul(g, hn::MulAdd(v, density, phi_integral(v)));
  });
}

void relu(const float* x, float* y, int64_t n) {
  // By comparison, because Max may lose a NaN.
  map(x, x, y, n,
      [](VF v, VF) HWY_ATTR { return hn::IfThenZeroElse(hn::Lt(v, hn::Zero(F32())), v); });
}

void relu_gradient(const float* x, const float* dy, float* dx, int64_t n) {
  map(x, dy, dx, n,
      [](VF v, VF g) HWY_ATTR { return hn::IfThenElseZero(hn::Gt(v, hn::Zero(F32())), g); });
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(gelu);
HWY_EXPORT(gelu_gradient);
HWY_EXPORT(relu);
HWY_EXPORT(relu_gradient);

void gelu_forward(const float* x, float* y, int64_t n) { HWY_DYNAMIC_DISPATCH(gelu)(x, y, n); }
void gelu_backward(const float* x, const float* dy, float* dx, int64_t n) {
  HWY_DYNAMIC_DISPATCH(gelu_gradient)(x, dy, dx, n);
}
void relu_forward(const float* x, float* y, int64_t n) { HWY_DYNAMIC_DISPATCH(relu)(x, y, n); }
void relu_backward(const float* x, const float* dy, float* dx, int64_t n) {
  HWY_DYNAMIC_DISPATCH(relu_gradient)(x, dy, dx, n);
}

}  // namespace reformer
#endif  // HWY_ONCE
