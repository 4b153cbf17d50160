#include "reformer/base/error.h"
#include "reformer/math/gemm.h"
#include "reformer/math/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/gemm_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "reformer/math/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// A tile of C lives in registers: kTileRows x (kTileVectors vectors). With 32 registers 6 x 4
// leaves room for one row of B and a broadcast of A, with 16 registers 6 x 2 does.
constexpr int kTileRows = 6;
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON
constexpr int kTileVectors = 4;
#else
constexpr int kTileVectors = 2;
#endif
// Columns of B that a tile reads stay in the first-level cache while rows of A pass by, and those
// rows in the second-level cache while all columns pass by.
constexpr int64_t kDepthBlock = 128;
constexpr int64_t kRowBlock = 192;

using Strides = internal::ProductStrides;

// How many terms of a sum are added before C is stored. A narrow tile has room for twice as many,
// but not where A is transposed and every term has a line of the cache of its own in A, too.
HWY_INLINE int64_t depth_block(const Strides& s) {
  return kTileVectors == 2 && s.a_col == 1 ? 2 * kDepthBlock : kDepthBlock;
}

// C[kRows, kVectors] (+)= A[kRows, depth] B[depth, kVectors]; the last vector has `tail` columns
// when kPartial.
template <int kRows, int kVectors, bool kPartial>
HWY_INLINE void tile(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b,
                     float* HWY_RESTRICT c, const Strides& strides, int64_t depth, size_t tail,
                     bool load) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V sum[kRows][kVectors];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) {
      const float* from = c + i * strides.c + j * lanes;
      if (!load) {
        sum[i][j] = hn::Zero(d);
      } else if (kPartial && j == kVectors - 1) {
        sum[i][j] = load_part(d, from, tail);
      } else {
        sum[i][j] = hn::LoadU(d, from);
      }
    }
  }
  const int64_t a_row = strides.a_row;
  const int64_t a_col = strides.a_col;
  // What counts and tests in this loop costs as much as a multiply-add, and where a vector is
  // short there are few of those.
#pragma GCC unroll 4
  for (int64_t k = 0; k < depth; ++k) {
    V row[kVectors];
    for (int j = 0; j < kVectors; ++j) {
      row[j] = kPartial && j == kVectors - 1 ? load_part(d, b + j * lanes, tail)
                                             : hn::LoadU(d, b + j * lanes);
    }
    for (int i = 0; i < kRows; ++i) {
      const V factor = hn::Set(d, a[i * a_row]);
      for (int j = 0; j < kVectors; ++j) sum[i][j] = hn::MulAdd(factor, row[j], sum[i][j]);
    }
    a += a_col;
    b += strides.b;
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) {
      float* to = c + i * strides.c + j * lanes;
      if (kPartial && j == kVectors - 1) {
        store_part(sum[i][j], d, to, tail);
      } else {
        hn::StoreU(sum[i][j], d, to);
      }
    }
  }
}

// All rows of one column panel.
template <int kVectors, bool kPartial>
HWY_NOINLINE void panel(const float* a, const float* b, float* c, const Strides& s, int64_t rows,
                        int64_t depth, size_t tail, bool load) {
  for (; rows >= kTileRows; rows -= kTileRows) {
    tile<kTileRows, kVectors, kPartial>(a, b, c, s, depth, tail, load);
    a += kTileRows * s.a_row;
    c += kTileRows * s.c;
  }
  switch (rows) {
    case 5:
      return tile<5, kVectors, kPartial>(a, b, c, s, depth, tail, load);
    case 4:
      return tile<4, kVectors, kPartial>(a, b, c, s, depth, tail, load);
    case 3:
      return tile<3, kVectors, kPartial>(a, b, c, s, depth, tail, load);
    case 2:
      return tile<2, kVectors, kPartial>(a, b, c, s, depth, tail, load);
    case 1:
      return tile<1, kVectors, kPartial>(a, b, c, s, depth, tail, load);
    default:
      return;
  }
}

// At most kRowBlock rows.
void rows_kernel(const float* a, const float* b, float* c, const Strides& s, int64_t m, int64_t n,
                 int64_t k, bool accumulate) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  const int64_t most = depth_block(s);
  for (int64_t k0 = 0; k0 < k; k0 += most) {
    const int64_t depth = HWY_MIN(most, k - k0);
    const bool load = accumulate || k0 > 0;
    const float* ak = a + k0 * s.a_col;
    const float* bk = b + k0 * s.b;
    int64_t j = 0;
    for (; j + kTileVectors * lanes <= n; j += kTileVectors * lanes) {
      panel<kTileVectors, false>(ak, bk + j, c + j, s, m, depth, 0, load);
    }
    if constexpr (kTileVectors > 2) {
      for (; j + 2 * lanes <= n; j += 2 * lanes) {
        panel<2, false>(ak, bk + j, c + j, s, m, depth, 0, load);
      }
    }
    for (; j + lanes <= n; j += lanes) {
      panel<1, false>(ak, bk + j, c + j, s, m, depth, 0, load);
    }
    if (j < n) {
      panel<1, true>(ak, bk + j, c + j, s, m, depth, static_cast<size_t>(n - j), load);
    }
  }
}

void gemm_kernel(const float* a, const float* b, float* c, const Strides& s, int64_t m, int64_t n,
                 int64_t k, bool accumulate) {
  for (int64_t i = 0; i < m; i += kRowBlock) {
    rows_kernel(a + i * s.a_row, b, c + i * s.c, s, HWY_MIN(kRowBlock, m - i), n, k, accumulate);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(gemm_kernel);

bool internal::is_trivial_product(int64_t k, MatrixView c, Store store) {
  if (k > 0) return c.rows == 0 || c.cols == 0;
  if (store == Store::overwrite) {
    for (int64_t r = 0; r < c.rows; ++r) std::fill_n(c.row(r), c.cols, 0.0F);
  }
  return true;
}

void gemm(ConstMatrixView a, ConstMatrixView b, MatrixView c, Store store) {
  REFORMER_CHECK(a.rows == c.rows && a.cols == b.rows && b.cols == c.cols);
  if (internal::is_trivial_product(a.cols, c, store)) return;
  HWY_DYNAMIC_DISPATCH(gemm_kernel)
  (a.data, b.data, c.data, {a.stride, 1, b.stride, c.stride}, c.rows, c.cols, a.cols,
   store == Store::accumulate);
}

void gemm_at(ConstMatrixView a, ConstMatrixView b, MatrixView c, Store store) {
  REFORMER_CHECK(a.cols == c.rows && a.rows == b.rows && b.cols == c.cols);
  if (internal::is_trivial_product(a.rows, c, store)) return;
  HWY_DYNAMIC_DISPATCH(gemm_kernel)
  (a.data, b.data, c.data, {1, a.stride, b.stride, c.stride}, c.rows, c.cols, a.rows,
   store == Store::accumulate);
}

}  // namespace reformer
#endif  // HWY_ONCE
