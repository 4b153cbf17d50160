// Vector exp and erf for the *_simd.cc files; compiled once per target, hence the toggled guard.

#if defined(REFORMER_MATH_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REFORMER_MATH_EXP_INL_H_
#undef REFORMER_MATH_EXP_INL_H_
#else
#define REFORMER_MATH_EXP_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F32 = hn::ScalableTag<float>;
using VF = hn::Vec<F32>;

// e^x to about 1 unit in the last place for x <= 88; below -87 the result is 0, so that masked
// logits vanish exactly. NaN stays NaN, so that a spoiled number shows.
// x = n ln 2 + r; the polynomial is a minimax fit of e^r on |r| <= ln 2 / 2.
HWY_INLINE VF vector_exp(VF any) {
  const F32 d;
  const hn::RebindToSigned<F32> di;
  const VF limit = hn::Set(d, 88.0F);
  const VF x = hn::IfThenElse(hn::Gt(any, limit), limit, any);  // Min may lose a NaN
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits; the 127 makes them the
  // exponent of 2^n. Where x is far below -87 all of this is nonsense, and dropped.
  const VF magic = hn::Set(d, 12582912.0F + 127.0F);
  const VF shifted = hn::MulAdd(x, hn::Set(d, 1.44269504F), magic);
  const VF n = hn::Sub(shifted, magic);
  VF r = hn::NegMulAdd(n, hn::Set(d, 0.693359375F), x);  // ln 2 in two parts: the first
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4F), r);  // has few bits, n * it is exact
  VF p = hn::Set(d, 0.0013941109646111727F);
  p = hn::MulAdd(p, r, hn::Set(d, 0.008363175205886364F));
  p = hn::MulAdd(p, r, hn::Set(d, 0.04166637361049652F));
  p = hn::MulAdd(p, r, hn::Set(d, 0.16666576266288757F));
  p = hn::MulAdd(p, r, hn::Set(d, 0.5F));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0F));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0F));
  const VF power = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, shifted)));
  return hn::IfThenZeroElse(hn::Lt(any, hn::Set(d, -87.0F)), hn::Mul(p, power));
}

// erf(x) to about 1e-7: an odd polynomial inside |x| < 1, outside 1 - e^q(|x|) with q fitted to
// log erfc on [0.9, 4], where erf is 1 in float.
HWY_INLINE VF vector_erf(VF x) {
  const F32 d;
  const VF magnitude = hn::Abs(x);
  const VF a = hn::Min(magnitude, hn::Set(d, 4.0F));
  const VF s = hn::Mul(x, x);
  VF p = hn::Set(d, 7.889119297033176e-05F);
  p = hn::MulAdd(p, s, hn::Set(d, -0.0008020841050893068F));
  p = hn::MulAdd(p, s, hn::Set(d, 0.005189535208046436F));
  p = hn::MulAdd(p, s, hn::Set(d, -0.026854444295167923F));
  p = hn::MulAdd(p, s, hn::Set(d, 0.11283600330352783F));
  p = hn::MulAdd(p, s, hn::Set(d, -0.3761262595653534F));
  p = hn::MulAdd(p, s, hn::Set(d, 1.1283791065216064F));
  const VF inside = hn::Mul(p, x);
  VF q = hn::Set(d, -2.0909556042170152e-05F);
  q = hn::MulAdd(q, a, hn::Set(d, 0.0004323030007071793F));
  q = hn::MulAdd(q, a, hn::Set(d, -0.004160527139902115F));
  q = hn::MulAdd(q, a, hn::Set(d, 0.025091497227549553F));
  q = hn::MulAdd(q, a, hn::Set(d, -0.10823661834001541F));
  q = hn::MulAdd(q, a, hn::Set(d, -0.6333866715431213F));
  q = hn::MulAdd(q, a, hn::Set(d, -1.1294951438903809F));
  q = hn::MulAdd(q, a, hn::Set(d, 0.0001705520407995209F));
  const VF outside = hn::CopySign(hn::Sub(hn::Set(d, 1.0F), vector_exp(q)), x);
  return hn::IfThenElse(hn::Ge(magnitude, hn::Set(d, 1.0F)), outside, inside);  // NaN is inside
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#endif  // include guard
