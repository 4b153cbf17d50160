#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/math/gather.h"
#include "reformer/math/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/gather_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "reformer/math/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F32 = hn::ScalableTag<float>;
using VF = hn::Vec<F32>;

#if HWY_TARGET != HWY_SCALAR

// kBlocks 128-bit loads side by side: block b holds 4 columns of row 4 b + `row` of the group.
template <int kBlocks>
HWY_INLINE auto load_blocks(const float* const* row_starts, int64_t column) {
  const hn::CappedTag<float, 4 * kBlocks> d;
  if constexpr (kBlocks == 1) {
    return hn::LoadU(d, row_starts[0] + column);
  } else {
    return hn::Combine(d, load_blocks<kBlocks / 2>(row_starts + 2 * kBlocks, column),
                       load_blocks<kBlocks / 2>(row_starts, column));
  }
}

// Transposes n rows of 4-column groups: each vector takes Lanes rows, so that the 4 x 4
// transposition inside 128-bit blocks leaves Lanes consecutive rows of one column in a register.
void transposed(const RowSource& source, const MatrixView& to) {
  const hn::ScalableTag<float> d;
  const hn::Repartition<double, decltype(d)> dd;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d));
  constexpr int kBlocks = kLanes / 4;
  const int64_t n = to.cols;
  const int64_t cols = to.rows;
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const float* starts[kLanes];
    for (int j = 0; j < kLanes; ++j) starts[j] = source.row(i + j);
    int64_t c = 0;
    for (; c + 4 <= cols; c += 4) {
      const auto r0 = load_blocks<kBlocks>(starts + 0, c);
      const auto r1 = load_blocks<kBlocks>(starts + 1, c);
      const auto r2 = load_blocks<kBlocks>(starts + 2, c);
      const auto r3 = load_blocks<kBlocks>(starts + 3, c);
      const auto low01 = hn::BitCast(dd, hn::InterleaveLower(d, r0, r1));
      const auto low23 = hn::BitCast(dd, hn::InterleaveLower(d, r2, r3));
      const auto high01 = hn::BitCast(dd, hn::InterleaveUpper(d, r0, r1));
      const auto high23 = hn::BitCast(dd, hn::InterleaveUpper(d, r2, r3));
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(dd, low01, low23)), d, to.row(c) + i);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(dd, low01, low23)), d, to.row(c + 1) + i);
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(dd, high01, high23)), d, to.row(c + 2) + i);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(dd, high01, high23)), d, to.row(c + 3) + i);
    }
    for (; c < cols; ++c) {
      for (int j = 0; j < kLanes; ++j) to.row(c)[i + j] = starts[j][c];
    }
  }
  for (; i < n; ++i) {
    const float* start = source.row(i);
    for (int64_t c = 0; c < cols; ++c) to.row(c)[i] = start[c];
  }
}

#else

void transposed(const RowSource& source, const MatrixView& to) {
  for (int64_t i = 0; i < to.cols; ++i) {
    const float* start = source.row(i);
    for (int64_t c = 0; c < to.rows; ++c) to.row(c)[i] = start[c];
  }
}

#endif

void gathered(const RowSource& source, const MatrixView& to) {
  const F32 d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const VF f = hn::Set(d, source.factor);
  for (int64_t i = 0; i < to.rows; ++i) {
    const float* x = source.row(i);
    float* y = to.row(i);
    int64_t c = 0;
    for (; c + lanes <= to.cols; c += lanes) hn::StoreU(hn::Mul(f, hn::LoadU(d, x + c)), d, y + c);
    if (c == to.cols) continue;
    const auto rest = static_cast<size_t>(to.cols - c);
    store_part(hn::Mul(f, load_part(d, x + c, rest)), d, y + c, rest);
  }
}

void scattered(const ConstMatrixView& from, const int32_t* rows, float factor,
               const MatrixView& to) {
  const F32 d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const VF f = hn::Set(d, factor);
  for (int64_t i = 0; i < from.rows; ++i) {
    const float* x = from.row(i);
    float* y = to.row(rows[i]);
    int64_t c = 0;
    for (; c + lanes <= to.cols; c += lanes) {
      hn::StoreU(hn::MulAdd(f, hn::LoadU(d, x + c), hn::LoadU(d, y + c)), d, y + c);
    }
    if (c == to.cols) continue;
    const auto rest = static_cast<size_t>(to.cols - c);
    store_part(hn::MulAdd(f, load_part(d, x + c, rest), load_part(d, y + c, rest)), d, y + c, rest);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(transposed);
HWY_EXPORT(gathered);
HWY_EXPORT(scattered);

void gather_rows(const RowSource& source, MatrixView to) {
  REFORMER_CHECK(source.from.cols == to.cols && source.count == to.rows);
  HWY_DYNAMIC_DISPATCH(gathered)(source, to);
}

void gather_transposed(const RowSource& source, MatrixView to) {
  REFORMER_CHECK(source.from.cols == to.rows && source.count == to.cols && source.factor == 1);
  HWY_DYNAMIC_DISPATCH(transposed)(source, to);
}

void scatter_add_rows(ConstMatrixView from, std::span<const int32_t> rows, float factor,
                      MatrixView to) {
  REFORMER_CHECK(from.cols == to.cols && static_cast<int64_t>(rows.size()) == from.rows);
  HWY_DYNAMIC_DISPATCH(scattered)(from, rows.data(), factor, to);
}

}  // namespace reformer
#endif  // HWY_ONCE
