#include "reformer/math/meetings.h"
#include "reformer/math/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/meetings_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void weights(const int32_t* codes, int64_t stride, const int32_t* query, int64_t rounds,
             int64_t begin, int64_t end, float* weight) {
  const hn::ScalableTag<float> df;
  const hn::RebindToSigned<decltype(df)> di;
  const hn::RebindToUnsigned<decltype(df)> du;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(df));
  const auto two = hn::Set(du, 2U);
  int64_t j = begin;
  for (; j + lanes <= end; j += lanes) {
    auto count = hn::Zero(di);
    for (int64_t r = 0; r < rounds; ++r) {
      const auto code = hn::LoadU(di, codes + r * stride + j);
      // As an unsigned number a negative difference is large: one comparison tests for 0 and 1.
      const auto difference = hn::BitCast(du, hn::Sub(hn::Set(di, query[r]), code));
      count = hn::Sub(count, hn::VecFromMask(di, hn::RebindMask(di, hn::Lt(difference, two))));
    }
    const auto meetings = hn::Max(hn::ConvertTo(df, count), hn::Set(df, 1.0F));
    hn::StoreU(hn::Div(hn::Set(df, 1.0F), meetings), df, weight + j);
  }
  for (; j < end; ++j) {
    int count = 0;
    for (int64_t r = 0; r < rounds; ++r) {
      const int64_t difference = int64_t{query[r]} - codes[r * stride + j];
      count += difference == 0 || difference == 1 ? 1 : 0;
    }
    weight[j] = 1.0F / static_cast<float>(count > 1 ? count : 1);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(weights);

void meeting_weights(const int32_t* codes, int64_t stride, const int32_t* query, int64_t rounds,
                     int64_t begin, int64_t end, float* weight) {
  HWY_DYNAMIC_DISPATCH(weights)(codes, stride, query, rounds, begin, end, weight);
}

}  // namespace reformer
#endif  // HWY_ONCE
