#include "reformer/math/rows.h"
#include "reformer/math/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/rows_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "reformer/math/exp-inl.h"
#include "reformer/math/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

HWY_INLINE int64_t lanes() { return static_cast<int64_t>(hn::Lanes(F32())); }

// Calls body(offset, load, store): for whole vectors, then for the part of one that is left, whose
// other lanes load as zero.
template <class Body>
HWY_INLINE void for_each_vector(int64_t n, const Body& body) {
  const F32 d;
  int64_t i = 0;
  for (; i + lanes() <= n; i += lanes()) {
    body(
        i, [d](const float* p) HWY_ATTR { return hn::LoadU(d, p); },
        [d](VF v, float* p) HWY_ATTR { hn::StoreU(v, d, p); });
  }
  if (i < n) {
    const auto rest = static_cast<size_t>(n - i);
    body(
        i, [d, rest](const float* p) HWY_ATTR { return load_part(d, p, rest); },
        [d, rest](VF v, float* p) HWY_ATTR { store_part(v, d, p, rest); });
  }
}

float dot(const float* a, const float* b, int64_t n) {
  const F32 d;
  VF sum = hn::Zero(d);
  for_each_vector(n, [&](int64_t i, auto load, auto)
                         HWY_ATTR { sum = hn::MulAdd(load(a + i), load(b + i), sum); });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

float max_of(const float* x, int64_t n) {
  const F32 d;
  const VF nothing = hn::Set(d, -std::numeric_limits<float>::infinity());
  VF most = nothing;
  int64_t i = 0;
  for (; i + lanes() <= n; i += lanes()) most = hn::Max(most, hn::LoadU(d, x + i));
  // Highway's portable MaxOfLanes does not know infinity.
  const VF largest = hn::AllTrue(d, hn::Eq(most, nothing)) ? nothing : hn::MaxOfLanes(d, most);
  float result = hn::GetLane(largest);
  for (; i < n; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

double sum_of_squares(const float* x, int64_t n) {
  double sum[8] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int j = 0; j < 8; ++j) sum[j] += double{x[i + j]} * x[i + j];
  }
  for (int j = 0; i < n; ++i, ++j) sum[j] += double{x[i]} * x[i];
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

void add_scaled(float* y, const float* x, float factor, int64_t n) {
  const VF f = hn::Set(F32(), factor);
  for_each_vector(n, [&](int64_t i, auto load, auto store)
                         HWY_ATTR { store(hn::MulAdd(f, load(x + i), load(y + i)), y + i); });
}

void blend(float* y, float a, const float* x, float b, int64_t n) {
  const VF va = hn::Set(F32(), a);
  const VF vb = hn::Set(F32(), b);
  for_each_vector(n, [&](int64_t i, auto load, auto store) HWY_ATTR {
    store(hn::MulAdd(va, load(y + i), hn::Mul(vb, load(x + i))), y + i);
  });
}

void scale(float* y, const float* x, float factor, int64_t n) {
  const VF f = hn::Set(F32(), factor);
  for_each_vector(
      n, [&](int64_t i, auto load, auto store) HWY_ATTR { store(hn::Mul(f, load(x + i)), y + i); });
}

float exp_row(float* x, float shift, int64_t n) {
  const F32 d;
  const VF s = hn::Set(d, shift);
  VF sum = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes() <= n; i += lanes()) {
    const VF e = vector_exp(hn::Sub(hn::LoadU(d, x + i), s));
    sum = hn::Add(sum, e);
    hn::StoreU(e, d, x + i);
  }
  if (i < n) {
    const auto rest = static_cast<size_t>(n - i);
    VF e = vector_exp(hn::Sub(load_part(d, x + i, rest), s));
    e = hn::IfThenElseZero(hn::FirstN(d, rest), e);
    sum = hn::Add(sum, e);
    store_part(e, d, x + i, rest);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(dot);
HWY_EXPORT(max_of);
HWY_EXPORT(sum_of_squares);
HWY_EXPORT(add_scaled);
HWY_EXPORT(blend);
HWY_EXPORT(scale);
HWY_EXPORT(exp_row);

float row_dot(const float* a, const float* b, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(dot)(a, b, n);
}
float row_max(const float* x, int64_t n) { return HWY_DYNAMIC_DISPATCH(max_of)(x, n); }
double row_sum_of_squares(const float* x, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(sum_of_squares)(x, n);
}
void row_add_scaled(float* y, const float* x, float factor, int64_t n) {
  HWY_DYNAMIC_DISPATCH(add_scaled)(y, x, factor, n);
}
void row_blend(float* y, float a, const float* x, float b, int64_t n) {
  HWY_DYNAMIC_DISPATCH(blend)(y, a, x, b, n);
}
void row_scale(float* y, const float* x, float factor, int64_t n) {
  HWY_DYNAMIC_DISPATCH(scale)(y, x, factor, n);
}
float row_exp(float* x, float shift, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(exp_row)(x, shift, n);
}

}  // namespace reformer
#endif  // HWY_ONCE
