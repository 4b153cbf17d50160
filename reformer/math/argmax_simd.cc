#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/math/argmax.h"
#include "reformer/math/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/argmax_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "reformer/math/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F32 = hn::ScalableTag<float>;
using I32 = hn::RebindToSigned<F32>;
using VF = hn::Vec<F32>;
using VI = hn::Vec<I32>;

// Largest and smallest of every column with their rows, one column a lane.
struct Extremes {
  VF most, least;
  VI most_at, least_at;
};

HWY_INLINE Extremes first_row(VF x) {
  const VI zero = hn::Zero(I32());
  return {x, x, zero, zero};
}

HWY_INLINE void take_row(Extremes& e, VF x, VI row) {
  const auto more = hn::Gt(x, e.most);
  e.most = hn::IfThenElse(more, x, e.most);
  e.most_at = hn::IfThenElse(hn::RebindMask(I32(), more), row, e.most_at);
  const auto less = hn::Lt(x, e.least);
  e.least = hn::IfThenElse(less, x, e.least);
  e.least_at = hn::IfThenElse(hn::RebindMask(I32(), less), row, e.least_at);
}

HWY_INLINE VI chosen(const Extremes& e, int64_t rows) {
  const auto negative = hn::RebindMask(I32(), hn::Gt(hn::Neg(e.least), e.most));
  const VI half = hn::Set(I32(), static_cast<int32_t>(rows));
  return hn::IfThenElse(negative, hn::Add(half, e.least_at), e.most_at);
}

void argmax(const ConstMatrixView& x, int32_t* at) {
  const F32 d;
  const I32 di;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  // Two vectors at a time: the comparisons of one wait for each other.
  for (; i + 2 * lanes <= x.cols; i += 2 * lanes) {
    Extremes a = first_row(hn::LoadU(d, x.row(0) + i));
    Extremes b = first_row(hn::LoadU(d, x.row(0) + i + lanes));
    for (int64_t j = 1; j < x.rows; ++j) {
      const VI row = hn::Set(di, static_cast<int32_t>(j));
      take_row(a, hn::LoadU(d, x.row(j) + i), row);
      take_row(b, hn::LoadU(d, x.row(j) + i + lanes), row);
    }
    hn::StoreU(chosen(a, x.rows), di, at + i);
    hn::StoreU(chosen(b, x.rows), di, at + i + lanes);
  }
  while (i < x.cols) {
    const auto n = static_cast<size_t>(std::min(lanes, x.cols - i));
    Extremes a = first_row(load_part(d, x.row(0) + i, n));
    for (int64_t j = 1; j < x.rows; ++j) {
      take_row(a, load_part(d, x.row(j) + i, n), hn::Set(di, static_cast<int32_t>(j)));
    }
    HWY_ALIGN int32_t part[hn::MaxLanes(di)];
    hn::Store(chosen(a, x.rows), di, part);
    for (size_t lane = 0; lane < n; ++lane) at[i + static_cast<int64_t>(lane)] = part[lane];
    i += static_cast<int64_t>(n);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(argmax);

void argmax_of_both_signs(ConstMatrixView x, int32_t* at) {
  REFORMER_CHECK(x.rows >= 1);
  HWY_DYNAMIC_DISPATCH(argmax)(x, at);
}

}  // namespace reformer
#endif  // HWY_ONCE
