// bf16.h for CPUs with avx512_bf16 (Intel since Cooper Lake and Sapphire Rapids, AMD since Zen 4),
// with intrinsics, because Highway 1.0.3 has no dot product of bf16. Only these functions are
// compiled for that instruction set.
#include <cmath>

#include "reformer/math/bf16_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12's own intrinsics start from undefined registers, and it warns of that (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define REFORMER_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define REFORMER_BF16_INLINE REFORMER_BF16 __attribute__((always_inline)) inline

namespace reformer::internal {
namespace {

constexpr int64_t kLanes = 16;  // pairs, or floats, in a vector
// 24 sums, a row of B and a factor fill the 32 registers.
constexpr int kTileRows = 6;
constexpr int kTileVectors = 4;
// A panel of B, 64 columns of so many pairs, takes half of the first-level cache.
constexpr int64_t kDepthBlock = 64;

constexpr __mmask16 first_lanes(int64_t n) {
  return static_cast<__mmask16>(n >= kLanes ? 0xffff : (1 << n) - 1);
}

// C[kRows, kVectors] (+)= A[kRows, depth] . B[depth, kVectors]; `tail` masks the last vector when
// kPartial.
template <int kRows, int kVectors, bool kPartial>
REFORMER_BF16_INLINE void tile(const uint32_t* a, const uint32_t* b, float* c,
                               const ProductStrides& strides, int64_t depth, __mmask16 tail,
                               bool load) {
  __m512 sum[kRows][kVectors];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) {
      const float* from = c + i * strides.c + j * kLanes;
      if (!load) {
        sum[i][j] = _mm512_setzero_ps();
      } else if (kPartial && j == kVectors - 1) {
        sum[i][j] = _mm512_maskz_loadu_ps(tail, from);
      } else {
        sum[i][j] = _mm512_loadu_ps(from);
      }
    }
  }
  const int64_t a_row = strides.a_row;
  const int64_t a_col = strides.a_col;
  for (int64_t p = 0; p < depth; ++p) {
    __m512i row[kVectors];
    for (int j = 0; j < kVectors; ++j) {
      row[j] = kPartial && j == kVectors - 1 ? _mm512_maskz_loadu_epi32(tail, b + j * kLanes)
                                             : _mm512_loadu_si512(b + j * kLanes);
    }
    for (int i = 0; i < kRows; ++i) {
      const __m512i factor = _mm512_set1_epi32(static_cast<int>(a[i * a_row]));
      for (int j = 0; j < kVectors; ++j) {
        sum[i][j] = _mm512_dpbf16_ps(sum[i][j], (__m512bh)factor, (__m512bh)row[j]);
      }
    }
    a += a_col;
    b += strides.b;
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) {
      float* to = c + i * strides.c + j * kLanes;
      if (kPartial && j == kVectors - 1) {
        _mm512_mask_storeu_ps(to, tail, sum[i][j]);
      } else {
        _mm512_storeu_ps(to, sum[i][j]);
      }
    }
  }
}

// All rows of one column panel.
template <int kVectors, bool kPartial>
REFORMER_BF16 __attribute__((noinline)) void panel(const uint32_t* a, const uint32_t* b, float* c,
                                                   const ProductStrides& s, int64_t rows,
                                                   int64_t depth, __mmask16 tail, bool load) {
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

REFORMER_BF16 void product(const uint32_t* a, const uint32_t* b, float* c, const ProductStrides& s,
                           int64_t m, int64_t n, int64_t pairs, bool accumulate) {
  for (int64_t p = 0; p < pairs; p += kDepthBlock) {
    const int64_t depth = pairs - p < kDepthBlock ? pairs - p : kDepthBlock;
    const bool load = accumulate || p > 0;
    const uint32_t* ap = a + p * s.a_col;
    const uint32_t* bp = b + p * s.b;
    int64_t j = 0;
    for (; j + kTileVectors * kLanes <= n; j += kTileVectors * kLanes) {
      panel<kTileVectors, false>(ap, bp + j, c + j, s, m, depth, 0, load);
    }
    for (; j + 2 * kLanes <= n; j += 2 * kLanes) {
      panel<2, false>(ap, bp + j, c + j, s, m, depth, 0, load);
    }
    for (; j + kLanes <= n; j += kLanes) panel<1, false>(ap, bp + j, c + j, s, m, depth, 0, load);
    if (j < n) panel<1, true>(ap, bp + j, c + j, s, m, depth, first_lanes(n - j), load);
  }
}

// row[c .. c + 16) times the factor, zero from `cols` on.
REFORMER_BF16_INLINE __m512 load_scaled(const float* row, int64_t c, int64_t cols, __m512 factor) {
  if (c >= cols) return _mm512_setzero_ps();
  return _mm512_mul_ps(_mm512_maskz_loadu_ps(first_lanes(cols - c), row + c), factor);
}

REFORMER_BF16 void pack_rows(const RowSource& source, BasicMatrixView<uint32_t> to) {
  const __m512 factor = _mm512_set1_ps(source.factor);
  const int64_t cols = source.from.cols;
  for (int64_t i = 0; i < to.rows; ++i) {
    const float* row = source.row(i);
    for (int64_t p = 0; p < to.cols; p += kLanes) {
      const __m512 low = load_scaled(row, 2 * p, cols, factor);
      const __m512 high = load_scaled(row, 2 * p + kLanes, cols, factor);
      _mm512_mask_storeu_epi32(to.row(i) + p, first_lanes(to.cols - p),
                               (__m512i)_mm512_cvtne2ps_pbh(high, low));
    }
  }
}

REFORMER_BF16 void pack_columns(const RowSource& source, BasicMatrixView<uint32_t> to) {
  alignas(64) uint16_t from[2 * kLanes];  // 0, 16, 1, 17, ...
  for (int i = 0; i < 2 * kLanes; ++i) from[i] = static_cast<uint16_t>(i / 2 + i % 2 * kLanes);
  const __m512i interleaved = _mm512_load_si512(from);
  const __m512 factor = _mm512_set1_ps(source.factor);
  for (int64_t p = 0; p < to.rows; ++p) {
    const bool has_second = 2 * p + 1 < source.count;
    const float* first = source.row(2 * p);
    const float* second = source.row(has_second ? 2 * p + 1 : 2 * p);
    const int64_t second_cols = has_second ? to.cols : 0;
    for (int64_t c = 0; c < to.cols; c += kLanes) {
      const __m512 low = load_scaled(first, c, to.cols, factor);
      const __m512 high = load_scaled(second, c, second_cols, factor);
      const auto halves = (__m512i)_mm512_cvtne2ps_pbh(high, low);
      _mm512_mask_storeu_epi32(to.row(p) + c, first_lanes(to.cols - c),
                               _mm512_permutexvar_epi16(interleaved, halves));
    }
  }
}

REFORMER_BF16 void pack_both(const RowSource& source, BasicMatrixView<uint32_t> rows,
                             BasicMatrixView<uint32_t> columns) {
  alignas(64) uint16_t from[2 * kLanes];  // 0, 32, 1, 33, ...
  for (int i = 0; i < 2 * kLanes; ++i) from[i] = static_cast<uint16_t>(i / 2 + i % 2 * 2 * kLanes);
  const __m512i lower = _mm512_load_si512(from);
  const __m512i upper = _mm512_add_epi16(lower, _mm512_set1_epi16(kLanes));
  const __m512 factor = _mm512_set1_ps(source.factor);
  const int64_t cols = source.from.cols;
  for (int64_t i = 0; i < source.count; i += 2) {
    const bool has_second = i + 1 < source.count;
    const float* first = source.row(i);
    const float* second = source.row(has_second ? i + 1 : i);
    const int64_t second_cols = has_second ? cols : 0;
    uint32_t* pairs = columns.row(i / 2);
    for (int64_t c = 0; c < cols; c += 2 * kLanes) {
      const auto a = (__m512i)_mm512_cvtne2ps_pbh(load_scaled(first, c + kLanes, cols, factor),
                                                  load_scaled(first, c, cols, factor));
      const auto b =
          (__m512i)_mm512_cvtne2ps_pbh(load_scaled(second, c + kLanes, second_cols, factor),
                                       load_scaled(second, c, second_cols, factor));
      const __mmask16 row_mask = first_lanes(rows.cols - c / 2);
      _mm512_mask_storeu_epi32(rows.row(i) + c / 2, row_mask, a);
      if (has_second) _mm512_mask_storeu_epi32(rows.row(i + 1) + c / 2, row_mask, b);
      _mm512_mask_storeu_epi32(pairs + c, first_lanes(cols - c),
                               _mm512_permutex2var_epi16(a, lower, b));
      if (c + kLanes < cols) {
        _mm512_mask_storeu_epi32(pairs + c + kLanes, first_lanes(cols - c - kLanes),
                                 _mm512_permutex2var_epi16(a, upper, b));
      }
    }
  }
}

// Columns [c, c + 8) of four rows, as four pairs in each 128-bit block.
REFORMER_BF16_INLINE __m512i four_rows(const float* const* rows, const __mmask8* masks, int64_t c) {
  __m512 halves[2];
  for (int i = 0; i < 2; ++i) {
    const __m256 low = _mm256_maskz_loadu_ps(masks[8 * i], rows[8 * i] + c);
    const __m256 high = _mm256_maskz_loadu_ps(masks[8 * i + 4], rows[8 * i + 4] + c);
    halves[i] = _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
  }
  return (__m512i)_mm512_cvtne2ps_pbh(halves[1], halves[0]);
}

// 16 rows by 4 pairs at a time: the 4 x 4 transposition inside 128-bit blocks leaves one pair of 16
// consecutive rows in a register.
REFORMER_BF16 void pack_transposed(const RowSource& source, BasicMatrixView<uint32_t> to) {
  const int64_t cols = source.from.cols;
  for (int64_t i = 0; i < to.cols; i += kLanes) {
    const int64_t count = to.cols - i < kLanes ? to.cols - i : kLanes;
    const float* rows[kLanes];
    for (int64_t j = 0; j < kLanes; ++j) rows[j] = source.row(j < count ? i + j : i);
    for (int64_t p = 0; p < to.rows; p += 4) {
      const int64_t c = 2 * p;
      __mmask8 masks[kLanes];
      for (int64_t j = 0; j < kLanes; ++j) {
        masks[j] = static_cast<__mmask8>(j < count ? first_lanes(cols - c) : 0);
      }
      const __m512i r0 = four_rows(rows, masks, c);
      const __m512i r1 = four_rows(rows + 1, masks + 1, c);
      const __m512i r2 = four_rows(rows + 2, masks + 2, c);
      const __m512i r3 = four_rows(rows + 3, masks + 3, c);
      const __m512i low01 = _mm512_unpacklo_epi32(r0, r1);
      const __m512i low23 = _mm512_unpacklo_epi32(r2, r3);
      const __m512i high01 = _mm512_unpackhi_epi32(r0, r1);
      const __m512i high23 = _mm512_unpackhi_epi32(r2, r3);
      const __m512i pairs[4] = {
          _mm512_unpacklo_epi64(low01, low23), _mm512_unpackhi_epi64(low01, low23),
          _mm512_unpacklo_epi64(high01, high23), _mm512_unpackhi_epi64(high01, high23)};
      for (int64_t q = 0; q < 4 && p + q < to.rows; ++q) {
        _mm512_mask_storeu_epi32(to.row(p + q) + i, first_lanes(count), pairs[q]);
      }
    }
  }
}

REFORMER_BF16 void round(const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) {
    const __mmask16 mask = first_lanes(n - i);
    const __m256bh halves = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + i));
    const __m512i bits = _mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)halves), 16);
    _mm512_mask_storeu_ps(y + i, mask, _mm512_castsi512_ps(bits));
  }
}

REFORMER_BF16 double dot_products(int64_t rounds) {
  constexpr int kChains = 12;  // more than latency times throughput
  const __m512i factor = _mm512_set1_epi16(0x3f00);
  const __m512i term = _mm512_set1_epi16(0x3e80);
  __m512 sum[kChains];
  for (int i = 0; i < kChains; ++i) sum[i] = _mm512_set1_ps(static_cast<float>(i));
  for (int64_t round = 0; round < rounds; ++round) {
    for (int i = 0; i < kChains; ++i) {
      sum[i] = _mm512_dpbf16_ps(sum[i], (__m512bh)factor, (__m512bh)term);
    }
  }
  float total = 0;
  for (int i = 0; i < kChains; ++i) total += _mm512_cvtss_f32(sum[i]);
  // The sum is finite; asking keeps the loop from being dropped.
  const double kept = std::isfinite(total) ? 1 : 0;
  return kept * 4.0 * kChains * static_cast<double>(rounds) * static_cast<double>(kLanes);
}

constexpr Bf16Kernels kKernels = {product,   pack_rows, pack_columns, pack_transposed,
                                  pack_both, round,     dot_products};

bool detect() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bf16");
}

}  // namespace

const Bf16Kernels* avx512_bf16() {
  static const bool supported = detect();
  return supported ? &kKernels : nullptr;
}

}  // namespace reformer::internal

#else

namespace reformer::internal {
const Bf16Kernels* avx512_bf16() { return nullptr; }
}  // namespace reformer::internal

#endif
