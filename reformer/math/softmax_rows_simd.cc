#include "reformer/base/error.h"
#include "reformer/math/rows.h"
#include "reformer/math/simd.h"
#include "reformer/math/softmax_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/softmax_rows_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "reformer/math/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

using I32 = hn::RebindToSigned<F32>;
using VI = hn::Vec<I32>;
using Mask = hn::Mask<F32>;

constexpr float kNothing = -std::numeric_limits<float>::infinity();

HWY_INLINE int64_t lanes() { return static_cast<int64_t>(hn::Lanes(F32())); }
HWY_INLINE Mask float_mask(hn::Mask<I32> mask) { return hn::RebindMask(F32(), mask); }

// One row of a block: columns counted from the block's first, and the vectors that it sees part of.
class RowLogits {
 public:
  RowLogits(const LogitRules& rules, const LogitColumns& columns, int64_t first,
            const SoftmaxRow& row)
      : rules_(rules),
        columns_(columns),
        position_(row.position),
        begin_(row.begin - static_cast<int32_t>(first)),
        end_(row.end - static_cast<int32_t>(first)),
        own_(row.own - static_cast<int32_t>(first)),
        tested_(row.tested) {}

  int64_t first_vector() const { return begin_ / lanes() * lanes(); }
  int64_t end() const { return end_; }
  bool sees_nothing() const { return begin_ >= end_; }
  bool counts_meetings() const { return columns_.codes != nullptr; }

  // The logits of the vector at column j: -infinity where the query sees nothing.
  HWY_INLINE VF altered(int64_t j, VF s) const {
    const F32 d;
    const auto at = static_cast<int32_t>(j);
    const auto width = static_cast<int32_t>(lanes());
    if (tested_) return tested(at, s);
    if (own_ >= at && own_ < at + width) s = own_altered(own_lane(at), s);
    if (begin_ <= at && at + width <= end_) return s;
    return hn::IfThenElse(inside(at), s, hn::Set(d, kNothing));
  }

  // In how many rounds the query meets each key of the vector at column j, at least 1.
  HWY_INLINE VF meetings(int64_t j) const {
    const F32 d;
    const I32 di;
    const hn::RebindToUnsigned<F32> du;
    const auto two = hn::Set(du, 2U);
    VI count = hn::Zero(di);
    const int32_t* codes = columns_.codes;
    for (int64_t r = 0; r < columns_.rounds; ++r, codes += columns_.code_stride) {
      // As an unsigned number a negative difference is large: one comparison tests for 0 and 1.
      const auto difference =
          hn::BitCast(du, hn::Sub(hn::Set(di, codes[own_]), hn::LoadU(di, codes + j)));
      count = hn::Sub(count, hn::VecFromMask(di, hn::RebindMask(di, hn::Lt(difference, two))));
    }
    return hn::Max(hn::ConvertTo(d, count), hn::Set(d, 1.0F));
  }

  // The gradient of the vector's products from that of its logits.
  HWY_INLINE VF frozen(int64_t j, VF ds) const {
    if (rules_.own_factor != 0) return ds;
    const auto at = static_cast<int32_t>(j);
    if (tested_) return hn::IfThenZeroElse(is_self(at), ds);
    if (own_ < at || own_ >= at + static_cast<int32_t>(lanes())) return ds;
    return hn::IfThenZeroElse(own_lane(at), ds);
  }

 private:
  HWY_INLINE Mask inside(int32_t at) const {
    const I32 di;
    const VI column = hn::Iota(di, at);
    const auto after = hn::Gt(column, hn::Set(di, begin_ - 1));
    return float_mask(hn::And(after, hn::Lt(column, hn::Set(di, end_))));
  }
  HWY_INLINE Mask own_lane(int32_t at) const {
    const I32 di;
    return float_mask(hn::Eq(hn::Iota(di, at), hn::Set(di, own_)));
  }
  // The query itself, or its copy from another round.
  HWY_INLINE Mask is_self(int32_t at) const {
    const I32 di;
    return float_mask(hn::Eq(hn::LoadU(di, columns_.position + at), hn::Set(di, position_)));
  }
  HWY_INLINE VF own_altered(Mask own, VF s) const {
    const F32 d;
    const VF shift = hn::Set(d, rules_.own_shift);
    const VF kept =
        rules_.own_factor == 0 ? shift : hn::MulAdd(hn::Set(d, rules_.own_factor), s, shift);
    return hn::IfThenElse(own, kept, s);
  }
  HWY_INLINE VF tested(int32_t at, VF s) const {
    const F32 d;
    const I32 di;
    const Mask self = is_self(at);
    const Mask visible =
        float_mask(hn::Lt(hn::LoadU(di, columns_.visible_from + at), hn::Set(di, position_ + 1)));
    s = own_altered(self, s);
    if (columns_.bucket != nullptr) {
      const auto same =
          hn::Eq(hn::LoadU(di, columns_.bucket + at), hn::Set(di, columns_.bucket[own_]));
      const VF shift = hn::IfThenZeroElse(float_mask(same), hn::Set(d, rules_.other_bucket_shift));
      s = hn::Add(s, shift);
    }
    const Mask seen = hn::And(inside(at), hn::Or(self, visible));
    return hn::IfThenElse(seen, s, hn::Set(d, kNothing));
  }

  const LogitRules& rules_;
  const LogitColumns& columns_;
  int32_t position_, begin_, end_, own_;
  bool tested_;
};

HWY_INLINE void fill_zero(float* s, int64_t begin, int64_t end) {
  const F32 d;
  for (int64_t j = begin; j < end; j += lanes()) hn::StoreU(hn::Zero(d), d, s + j);
}

// The sum of the lanes, those half a vector apart first. The lanes then add up to the same bits
// wherever in a vector a row begins, which depends on the rows it shares products with.
HWY_INLINE float sum_of_lanes(VF v) {
#if HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_EMU128
  // Highway adds neighbours here, or one lane after the other.
  v = hn::Add(v, hn::Shuffle1032(v));
  return hn::GetLane(hn::Add(v, hn::Shuffle2301(v)));
#else
  return hn::GetLane(hn::SumOfLanes(F32(), v));
#endif
}

// s = weight * factor * e^(s - shift) over the vectors of a row, with s altered already; the sum.
HWY_INLINE VF exponentials(const RowLogits& row, float shift, float factor, float* s) {
  const F32 d;
  const VF subtracted = hn::Set(d, shift);
  const VF by = hn::Set(d, factor);
  const bool weighted = row.counts_meetings();
  VF sum = hn::Zero(d);
  for (int64_t j = row.first_vector(); j < row.end(); j += lanes()) {
    VF e = hn::Mul(by, vector_exp(hn::Sub(hn::LoadU(d, s + j), subtracted)));
    if (weighted) e = hn::Div(e, row.meetings(j));
    sum = hn::Add(sum, e);
    hn::StoreU(e, d, s + j);
  }
  return sum;
}

void rows_forward(const LogitRules& rules, const LogitColumns& columns, int64_t first,
                  const SoftmaxRow* rows, int64_t n, MatrixView logits, SoftmaxTotal* totals) {
  const F32 d;
  for (int64_t i = 0; i < n; ++i) {
    const RowLogits row(rules, columns, first, rows[i]);
    float* s = logits.row(i);
    if (row.sees_nothing()) {
      fill_zero(s, 0, logits.cols);
      totals[i] = {};
      continue;
    }
    fill_zero(s, 0, row.first_vector());
    VF most = hn::Set(d, kNothing);
    int64_t j = row.first_vector();
    for (; j < row.end(); j += lanes()) {
      const VF logit = row.altered(j, hn::LoadU(d, s + j));
      most = hn::Max(most, logit);
      hn::StoreU(logit, d, s + j);
    }
    fill_zero(s, j, logits.cols);
    // Highway's portable MaxOfLanes does not know infinity.
    const bool sees_nothing = hn::AllTrue(d, hn::Eq(most, hn::Set(d, kNothing)));
    const float max = sees_nothing ? kNothing : hn::GetLane(hn::MaxOfLanes(d, most));
    const VF sum = exponentials(row, sees_nothing ? 0 : max, 1, s);
    totals[i] = {max, sum_of_lanes(sum)};
  }
}

void rows_again(const LogitRules& rules, const LogitColumns& columns, int64_t first,
                const SoftmaxRow* rows, int64_t n, MatrixView logits, const SoftmaxTotal* totals) {
  const F32 d;
  for (int64_t i = 0; i < n; ++i) {
    const RowLogits row(rules, columns, first, rows[i]);
    float* s = logits.row(i);
    if (row.sees_nothing()) {
      fill_zero(s, 0, logits.cols);
      continue;
    }
    fill_zero(s, 0, row.first_vector());
    int64_t j = row.first_vector();
    for (; j < row.end(); j += lanes()) {
      hn::StoreU(row.altered(j, hn::LoadU(d, s + j)), d, s + j);
    }
    fill_zero(s, j, logits.cols);
    exponentials(row, totals[i].max, 1 / totals[i].sum, s);
  }
}

void rows_backward(const LogitRules& rules, const LogitColumns& columns, int64_t first,
                   const SoftmaxRow* rows, int64_t n, MatrixView p, const ConstMatrixView& dp,
                   const float* delta) {
  const F32 d;
  for (int64_t i = 0; i < n; ++i) {
    const RowLogits row(rules, columns, first, rows[i]);
    if (row.sees_nothing()) continue;
    const VF minus = hn::Set(d, delta[i]);
    for (int64_t j = row.first_vector(); j < row.end(); j += lanes()) {
      const VF weight = hn::LoadU(d, p.row(i) + j);
      const VF ds = hn::Mul(weight, hn::Sub(hn::LoadU(d, dp.row(i) + j), minus));
      // A key without weight gives no gradient, whatever its dp is.
      const VF kept = hn::IfThenZeroElse(hn::Eq(weight, hn::Zero(d)), ds);
      hn::StoreU(row.frozen(j, kept), d, p.row(i) + j);
    }
  }
}

// The totals of rows [0, n), n <= 16, of old and new parts: what each is multiplied by, and both.
void merge_totals(const SoftmaxTotal* before, const SoftmaxTotal* part, int64_t n, float* keep,
                  float* add, SoftmaxTotal* both) {
  const F32 d;
  HWY_ALIGN float max0[16] = {}, max1[16] = {}, sum0[16] = {}, sum1[16] = {}, max[16], sum[16];
  for (int64_t i = 0; i < n; ++i) {
    max0[i] = before[i].max;
    sum0[i] = before[i].sum;
    max1[i] = part[i].max;
    sum1[i] = part[i].sum;
  }
  const VF nothing = hn::Set(d, kNothing);
  const VF zero = hn::Zero(d);
  for (int64_t i = 0; i < n; i += lanes()) {
    const VF most = hn::Max(hn::Load(d, max0 + i), hn::Load(d, max1 + i));
    const VF shift = hn::IfThenZeroElse(hn::Eq(most, nothing), most);
    const VF e0 = hn::Mul(hn::Load(d, sum0 + i), vector_exp(hn::Sub(hn::Load(d, max0 + i), shift)));
    const VF scale1 = vector_exp(hn::Sub(hn::Load(d, max1 + i), shift));
    const VF total = hn::MulAdd(hn::Load(d, sum1 + i), scale1, e0);
    // A row that has seen nothing yet has a total of 0.
    const VF inverse = hn::IfThenZeroElse(hn::Eq(total, zero), hn::Div(hn::Set(d, 1.0F), total));
    hn::StoreU(hn::Mul(e0, inverse), d, keep + i);
    hn::StoreU(hn::Mul(scale1, inverse), d, add + i);
    hn::Store(most, d, max + i);
    hn::Store(total, d, sum + i);
  }
  for (int64_t i = 0; i < n; ++i) both[i] = {max[i], sum[i]};
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(rows_forward);
HWY_EXPORT(rows_again);
HWY_EXPORT(rows_backward);
HWY_EXPORT(merge_totals);

LogitColumns LogitColumns::from(int64_t column) const {
  LogitColumns rest = *this;
  rest.position += column;
  rest.visible_from += column;
  if (bucket != nullptr) rest.bucket += column;
  if (codes != nullptr) rest.codes += column;
  return rest;
}

void softmax_rows(const LogitRules& rules, const LogitColumns& columns, int64_t first,
                  std::span<const SoftmaxRow> rows, MatrixView logits, SoftmaxTotal* totals) {
  HWY_DYNAMIC_DISPATCH(rows_forward)
  (rules, columns.from(first), first, rows.data(), logits.rows, logits, totals);
}

void softmax_rows_again(const LogitRules& rules, const LogitColumns& columns, int64_t first,
                        std::span<const SoftmaxRow> rows, MatrixView logits,
                        const SoftmaxTotal* totals) {
  HWY_DYNAMIC_DISPATCH(rows_again)
  (rules, columns.from(first), first, rows.data(), logits.rows, logits, totals);
}

void softmax_rows_backward(const LogitRules& rules, const LogitColumns& columns, int64_t first,
                           std::span<const SoftmaxRow> rows, MatrixView p, ConstMatrixView dp,
                           const float* delta) {
  HWY_DYNAMIC_DISPATCH(rows_backward)
  (rules, columns.from(first), first, rows.data(), p.rows, p, dp, delta);
}

void merge_softmax(ConstMatrixView part, const SoftmaxTotal* part_totals,
                   std::span<const int32_t> to, bool is_first, MatrixView out,
                   SoftmaxTotal* totals) {
  constexpr int64_t kRows = 16;
  SoftmaxTotal before[kRows], both[kRows];
  float keep[kRows], add[kRows];
  for (int64_t first = 0; first < part.rows; first += kRows) {
    const int64_t n = std::min(kRows, part.rows - first);
    const int32_t* row = to.data() + first;
    for (int64_t i = 0; i < n; ++i) before[i] = is_first ? SoftmaxTotal{} : totals[row[i]];
    HWY_DYNAMIC_DISPATCH(merge_totals)(before, part_totals + first, n, keep, add, both);
    for (int64_t i = 0; i < n; ++i) {
      totals[row[i]] = both[i];
      if (is_first) {
        row_scale(out.row(row[i]), part.row(first + i), add[i], out.cols);
      } else {
        row_blend(out.row(row[i]), keep[i], part.row(first + i), add[i], out.cols);
      }
    }
  }
}

}  // namespace reformer
#endif  // HWY_ONCE
