// The first few elements of a vector in memory, for the *_simd.cc files; compiled once per target,
// hence the toggled guard.
//
// Highway's MaskedLoad and BlendedStore touch the masked lanes too where the instruction set has no
// masks (SSE4, NEON), and may want them aligned: past the end of a row that is somebody else's
// memory.

#if defined(REFORMER_MATH_PARTIAL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REFORMER_MATH_PARTIAL_INL_H_
#undef REFORMER_MATH_PARTIAL_INL_H_
#else
#define REFORMER_MATH_PARTIAL_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3

// p[0..n), then zeros; n <= Lanes(d).
template <class D>
HWY_INLINE hn::Vec<D> load_part(D d, const float* p, size_t n) {
  return hn::MaskedLoad(hn::FirstN(d, n), d, p);
}

// p[0..n) = the first n lanes of v.
template <class D>
HWY_INLINE void store_part(hn::Vec<D> v, D d, float* p, size_t n) {
  hn::BlendedStore(v, hn::FirstN(d, n), d, p);
}

#else

template <class D>
HWY_INLINE hn::Vec<D> load_part(D d, const float* p, size_t n) {
  HWY_ALIGN float lanes[hn::MaxLanes(D())] = {};
  for (size_t i = 0; i < n; ++i) lanes[i] = p[i];
  return hn::Load(d, lanes);
}

template <class D>
HWY_INLINE void store_part(hn::Vec<D> v, D d, float* p, size_t n) {
  HWY_ALIGN float lanes[hn::MaxLanes(D())];
  hn::Store(v, d, lanes);
  for (size_t i = 0; i < n; ++i) p[i] = lanes[i];
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#endif  // include guard
