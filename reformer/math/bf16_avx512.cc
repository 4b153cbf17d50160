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

// 16 elements of a row from column c on, times the factor; zero from `cols` on unless kWhole, which
// says that there are 16.
template <bool kWhole>
REFORMER_BF16_INLINE __m512 load_scaled(const float* row, int64_t c, int64_t cols, __m512 factor) {
  if constexpr (kWhole) return _mm512_mul_ps(_mm512_loadu_ps(row + c), factor);
  if (c >= cols) return _mm512_setzero_ps();
  return _mm512_mul_ps(_mm512_maskz_loadu_ps(first_lanes(cols - c), row + c), factor);
}

// 32 elements of a row from column c on, as 16 pairs.
template <bool kWhole>
REFORMER_BF16_INLINE __m512i load_pairs(const float* row, int64_t c, int64_t cols, __m512 factor) {
  return (__m512i)_mm512_cvtne2ps_pbh(load_scaled<kWhole>(row, c + kLanes, cols, factor),
                                      load_scaled<kWhole>(row, c, cols, factor));
}

// Stores up to n elements, 16 if kWhole.
template <bool kWhole>
REFORMER_BF16_INLINE void store(uint32_t* to, int64_t n, __m512i pairs) {
  if constexpr (kWhole) return _mm512_storeu_si512(to, pairs);
  if (n > 0) _mm512_mask_storeu_epi32(to, first_lanes(n), pairs);
}

REFORMER_BF16 void pack_rows(const RowSource& source, BasicMatrixView<uint32_t> to) {
  const __m512 factor = _mm512_set1_ps(source.factor);
  const int64_t cols = source.from.cols;
  for (int64_t i = 0; i < to.rows; ++i) {
    const float* row = source.row(i);
    uint32_t* pairs = to.row(i);
    int64_t c = 0;
    for (; c + 2 * kLanes <= cols; c += 2 * kLanes) {
      store<true>(pairs + c / 2, kLanes, load_pairs<true>(row, c, cols, factor));
    }
    store<false>(pairs + c / 2, to.cols - c / 2, load_pairs<false>(row, c, cols, factor));
  }
}

// The even halves of two rows' pairs beside each other, then the odd ones: what makes pairs across
// rows of pairs along them.
struct Interleaving {
  __m512i lower, upper;
};
REFORMER_BF16_INLINE Interleaving interleaving() {
  alignas(64) uint16_t from[2 * kLanes];  // 0, 32, 1, 33, ...
  for (int i = 0; i < 2 * kLanes; ++i) from[i] = static_cast<uint16_t>(i / 2 + i % 2 * 2 * kLanes);
  const __m512i lower = _mm512_load_si512(from);
  return {lower, _mm512_add_epi16(lower, _mm512_set1_epi16(kLanes))};
}

// Columns [c, c + 32) of two rows, as pairs along them to `rows` (or nowhere) and across to
// `columns`.
template <bool kWhole>
REFORMER_BF16_INLINE void pack_two(const float* const* from, const int64_t* cols, int64_t c,
                                   __m512 factor, const Interleaving& order, uint32_t* const* rows,
                                   uint32_t* columns) {
  const __m512i first = load_pairs<kWhole>(from[0], c, cols[0], factor);
  const __m512i second = load_pairs<kWhole>(from[1], c, cols[1], factor);
  const int64_t pairs = (cols[0] + 1) / 2;
  if (rows[0] != nullptr) store<kWhole>(rows[0] + c / 2, pairs - c / 2, first);
  if (rows[1] != nullptr) store<kWhole>(rows[1] + c / 2, pairs - c / 2, second);
  store<kWhole>(columns + c, cols[0] - c, _mm512_permutex2var_epi16(first, order.lower, second));
  store<kWhole>(columns + c + kLanes, cols[0] - c - kLanes,
                _mm512_permutex2var_epi16(first, order.upper, second));
}

// `rows` may have no data.
REFORMER_BF16 void pack_both(const RowSource& source, BasicMatrixView<uint32_t> rows,
                             BasicMatrixView<uint32_t> columns) {
  const Interleaving order = interleaving();
  const __m512 factor = _mm512_set1_ps(source.factor);
  for (int64_t i = 0; i < source.count; i += 2) {
    const bool has_second = i + 1 < source.count;
    const float* const from[] = {source.row(i), source.row(has_second ? i + 1 : i)};
    const int64_t cols[] = {source.from.cols, has_second ? source.from.cols : 0};
    uint32_t* const to[] = {rows.data == nullptr ? nullptr : rows.row(i),
                            rows.data == nullptr || !has_second ? nullptr : rows.row(i + 1)};
    int64_t c = 0;
    for (; c + 2 * kLanes <= cols[1]; c += 2 * kLanes) {
      pack_two<true>(from, cols, c, factor, order, to, columns.row(i / 2));
    }
    for (; c < cols[0]; c += 2 * kLanes) {
      pack_two<false>(from, cols, c, factor, order, to, columns.row(i / 2));
    }
  }
}

REFORMER_BF16 void pack_columns(const RowSource& source, BasicMatrixView<uint32_t> to) {
  pack_both(source, {}, to);
}

// Columns [c, c + 8) of four rows, every fourth from the first on, as four pairs in each 128-bit
// block; zero from `cols` on and for rows from `count` on unless kWhole.
template <bool kWhole>
REFORMER_BF16_INLINE __m512i four_rows(const float* const* rows, int64_t count, int64_t c,
                                       int64_t cols) {
  __m256 parts[4];
  for (int64_t i = 0; i < 4; ++i) {
    const float* from = rows[4 * i] + c;
    if constexpr (kWhole) {
      parts[i] = _mm256_loadu_ps(from);
    } else {
      const auto mask = static_cast<__mmask8>(4 * i < count ? first_lanes(cols - c) : 0);
      parts[i] = _mm256_maskz_loadu_ps(mask, from);
    }
  }
  const __m512 low = _mm512_insertf32x8(_mm512_castps256_ps512(parts[0]), parts[1], 1);
  const __m512 high = _mm512_insertf32x8(_mm512_castps256_ps512(parts[2]), parts[3], 1);
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

// Columns [c, c + 8) of 16 rows: the 4 x 4 transposition inside 128-bit blocks leaves one pair of
// 16 consecutive rows in a register.
template <bool kWhole>
REFORMER_BF16_INLINE void transpose_eight(const float* const* rows, int64_t count, int64_t c,
                                          int64_t cols, int64_t i,
                                          const BasicMatrixView<uint32_t>& to) {
  const __m512i r0 = four_rows<kWhole>(rows, count, c, cols);
  const __m512i r1 = four_rows<kWhole>(rows + 1, count - 1, c, cols);
  const __m512i r2 = four_rows<kWhole>(rows + 2, count - 2, c, cols);
  const __m512i r3 = four_rows<kWhole>(rows + 3, count - 3, c, cols);
  const __m512i low01 = _mm512_unpacklo_epi32(r0, r1);
  const __m512i low23 = _mm512_unpacklo_epi32(r2, r3);
  const __m512i high01 = _mm512_unpackhi_epi32(r0, r1);
  const __m512i high23 = _mm512_unpackhi_epi32(r2, r3);
  const __m512i pairs[4] = {
      _mm512_unpacklo_epi64(low01, low23), _mm512_unpackhi_epi64(low01, low23),
      _mm512_unpacklo_epi64(high01, high23), _mm512_unpackhi_epi64(high01, high23)};
  for (int64_t q = 0; q < 4; ++q) {
    if (kWhole || c / 2 + q < to.rows) store<kWhole>(to.row(c / 2 + q) + i, count, pairs[q]);
  }
}

REFORMER_BF16 void pack_transposed(const RowSource& source, BasicMatrixView<uint32_t> to) {
  const int64_t cols = source.from.cols;
  for (int64_t i = 0; i < to.cols; i += kLanes) {
    const int64_t count = to.cols - i < kLanes ? to.cols - i : kLanes;
    const float* rows[kLanes];
    for (int64_t j = 0; j < kLanes; ++j) rows[j] = source.row(j < count ? i + j : i);
    int64_t c = 0;
    for (; c + 8 <= cols && count == kLanes; c += 8) {
      transpose_eight<true>(rows, count, c, cols, i, to);
    }
    for (; c < cols; c += 8) transpose_eight<false>(rows, count, c, cols, i, to);
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
