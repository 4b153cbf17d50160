#include <cmath>

#include "reformer/math/peak.h"
#include "reformer/math/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/peak_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

double multiply_adds(int64_t rounds) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  // More chains than latency times throughput of any CPU we know, fewer than it has registers.
  constexpr int kChains = 12;
  const V factor = hn::Set(d, 0.999F);
  const V term = hn::Set(d, 0.5F);
  // Different starts, or the compiler would compute one chain for all.
  V a0 = hn::Set(d, 0.0F), a1 = hn::Set(d, 1.0F), a2 = hn::Set(d, 2.0F), a3 = hn::Set(d, 3.0F);
  V a4 = hn::Set(d, 4.0F), a5 = hn::Set(d, 5.0F), b0 = hn::Set(d, 6.0F), b1 = hn::Set(d, 7.0F);
  V b2 = hn::Set(d, 8.0F), b3 = hn::Set(d, 9.0F), b4 = hn::Set(d, 10.0F), b5 = hn::Set(d, 11.0F);
  for (int64_t i = 0; i < rounds; ++i) {
    a0 = hn::MulAdd(a0, factor, term);
    a1 = hn::MulAdd(a1, factor, term);
    a2 = hn::MulAdd(a2, factor, term);
    a3 = hn::MulAdd(a3, factor, term);
    a4 = hn::MulAdd(a4, factor, term);
    a5 = hn::MulAdd(a5, factor, term);
    b0 = hn::MulAdd(b0, factor, term);
    b1 = hn::MulAdd(b1, factor, term);
    b2 = hn::MulAdd(b2, factor, term);
    b3 = hn::MulAdd(b3, factor, term);
    b4 = hn::MulAdd(b4, factor, term);
    b5 = hn::MulAdd(b5, factor, term);
  }
  const V sum = hn::Add(hn::Add(hn::Add(a0, a1), hn::Add(a2, a3)),
                        hn::Add(hn::Add(hn::Add(a4, a5), hn::Add(b0, b1)),
                                hn::Add(hn::Add(b2, b3), hn::Add(b4, b5))));
  // The sum is finite; asking keeps the loop from being dropped.
  const double kept = std::isfinite(hn::GetLane(sum)) ? 1 : 0;
  return kept * 2.0 * kChains * static_cast<double>(rounds) * static_cast<double>(hn::Lanes(d));
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(multiply_adds);

double run_multiply_adds(int64_t rounds) { return HWY_DYNAMIC_DISPATCH(multiply_adds)(rounds); }

}  // namespace reformer
#endif  // HWY_ONCE
