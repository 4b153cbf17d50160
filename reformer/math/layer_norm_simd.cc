#include <cmath>

#include "reformer/base/error.h"
#include "reformer/math/layer_norm.h"
#include "reformer/math/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/layer_norm_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F32 = hn::ScalableTag<float>;
using VF = hn::Vec<F32>;

// Sum over i < n of term(i) of whole vectors plus that of single elements.
template <class VectorTerm, class ScalarTerm>
HWY_INLINE float sum_over(int64_t n, const VectorTerm& vector_term, const ScalarTerm& scalar_term) {
  const F32 d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  VF sum = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) sum = hn::Add(sum, vector_term(i));
  float rest = 0;
  for (; i < n; ++i) rest += scalar_term(i);
  return hn::GetLane(hn::SumOfLanes(d, sum)) + rest;
}

float forward_row(const float* x, const float* gain, const float* bias, float epsilon,
                  float* normal, float* y, int64_t n) {
  const F32 d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const float inverse_n = 1.0F / static_cast<float>(n);
  const float mean = inverse_n * sum_over(
                                     n, [&](int64_t i) HWY_ATTR { return hn::LoadU(d, x + i); },
                                     [&](int64_t i) HWY_ATTR { return x[i]; });
  const VF vmean = hn::Set(d, mean);
  // Around the mean, not as a difference of squares: rows may be far from zero.
  const float variance =
      inverse_n * sum_over(
                      n,
                      [&](int64_t i) HWY_ATTR {
                        const VF c = hn::Sub(hn::LoadU(d, x + i), vmean);
                        return hn::Mul(c, c);
                      },
                      [&](int64_t i) HWY_ATTR { return (x[i] - mean) * (x[i] - mean); });
  const float inverse_std = 1.0F / std::sqrt(variance + epsilon);
  const VF vinverse = hn::Set(d, inverse_std);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const VF z = hn::Mul(hn::Sub(hn::LoadU(d, x + i), vmean), vinverse);
    hn::StoreU(z, d, normal + i);
    hn::StoreU(hn::MulAdd(z, hn::LoadU(d, gain + i), hn::LoadU(d, bias + i)), d, y + i);
  }
  for (; i < n; ++i) {
    normal[i] = (x[i] - mean) * inverse_std;
    y[i] = normal[i] * gain[i] + bias[i];
  }
  return inverse_std;
}

void backward_row(const float* dy, const float* normal, float inverse_std, const float* gain,
                  float* dx, float* dgain, float* dbias, int64_t n) {
  const F32 d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const float inverse_n = 1.0F / static_cast<float>(n);
  // dnormal = dy * gain; dx = inverse_std (dnormal - mean(dnormal) - normal mean(dnormal normal)).
  const float mean = inverse_n * sum_over(
                                     n,
                                     [&](int64_t i) HWY_ATTR {
                                       return hn::Mul(hn::LoadU(d, dy + i), hn::LoadU(d, gain + i));
                                     },
                                     [&](int64_t i) HWY_ATTR { return dy[i] * gain[i]; });
  const float along =
      inverse_n * sum_over(
                      n,
                      [&](int64_t i) HWY_ATTR {
                        return hn::Mul(hn::Mul(hn::LoadU(d, dy + i), hn::LoadU(d, gain + i)),
                                       hn::LoadU(d, normal + i));
                      },
                      [&](int64_t i) HWY_ATTR { return dy[i] * gain[i] * normal[i]; });
  const VF vmean = hn::Set(d, mean);
  const VF valong = hn::Set(d, along);
  const VF vinverse = hn::Set(d, inverse_std);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const VF g = hn::LoadU(d, dy + i);
    const VF z = hn::LoadU(d, normal + i);
    hn::StoreU(hn::MulAdd(g, z, hn::LoadU(d, dgain + i)), d, dgain + i);
    hn::StoreU(hn::Add(g, hn::LoadU(d, dbias + i)), d, dbias + i);
    const VF dz = hn::MulSub(g, hn::LoadU(d, gain + i), vmean);
    hn::StoreU(hn::Mul(vinverse, hn::NegMulAdd(z, valong, dz)), d, dx + i);
  }
  for (; i < n; ++i) {
    const float g = dy[i];
    dgain[i] += g * normal[i];
    dbias[i] += g;
    dx[i] = inverse_std * (g * gain[i] - mean - normal[i] * along);
  }
}

void parameter_backward_row(const float* dy, const float* normal, float* dgain, float* dbias,
                            int64_t n) {
  const F32 d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const VF g = hn::LoadU(d, dy + i);
    hn::StoreU(hn::MulAdd(g, hn::LoadU(d, normal + i), hn::LoadU(d, dgain + i)), d, dgain + i);
    hn::StoreU(hn::Add(g, hn::LoadU(d, dbias + i)), d, dbias + i);
  }
  for (; i < n; ++i) {
    dgain[i] += dy[i] * normal[i];
    dbias[i] += dy[i];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(forward_row);
HWY_EXPORT(backward_row);
HWY_EXPORT(parameter_backward_row);

namespace {

bool has_shape(ConstMatrixView m, int64_t rows, int64_t cols) {
  return m.rows == rows && m.cols == cols;
}

bool has_size(std::span<const float> v, int64_t n) { return static_cast<int64_t>(v.size()) == n; }

}  // namespace

void layer_norm_forward(ConstMatrixView x, std::span<const float> gain, std::span<const float> bias,
                        float epsilon, MatrixView normal, std::span<float> inverse_std,
                        MatrixView y) {
  REFORMER_CHECK(has_shape(normal, x.rows, x.cols) && has_shape(y, x.rows, x.cols));
  REFORMER_CHECK(has_size(gain, x.cols) && has_size(bias, x.cols));
  REFORMER_CHECK(static_cast<int64_t>(inverse_std.size()) >= x.rows);
  for (int64_t r = 0; r < x.rows; ++r) {
    inverse_std[static_cast<size_t>(r)] = HWY_DYNAMIC_DISPATCH(forward_row)(
        x.row(r), gain.data(), bias.data(), epsilon, normal.row(r), y.row(r), x.cols);
  }
}

void layer_norm_backward(ConstMatrixView dy, ConstMatrixView normal,
                         std::span<const float> inverse_std, std::span<const float> gain,
                         MatrixView dx, std::span<float> dgain, std::span<float> dbias) {
  REFORMER_CHECK(has_shape(normal, dy.rows, dy.cols) && has_shape(dx, dy.rows, dy.cols));
  REFORMER_CHECK(has_size(gain, dy.cols) && has_size(dgain, dy.cols) && has_size(dbias, dy.cols));
  REFORMER_CHECK(static_cast<int64_t>(inverse_std.size()) >= dy.rows);
  for (int64_t r = 0; r < dy.rows; ++r) {
    HWY_DYNAMIC_DISPATCH(backward_row)
    (dy.row(r), normal.row(r), inverse_std[static_cast<size_t>(r)], gain.data(), dx.row(r),
     dgain.data(), dbias.data(), dy.cols);
  }
}

void layer_norm_parameter_backward(ConstMatrixView dy, ConstMatrixView normal,
                                   std::span<float> dgain, std::span<float> dbias) {
  REFORMER_CHECK(has_shape(normal, dy.rows, dy.cols));
  REFORMER_CHECK(has_size(dgain, dy.cols) && has_size(dbias, dy.cols));
  for (int64_t r = 0; r < dy.rows; ++r) {
    HWY_DYNAMIC_DISPATCH(parameter_backward_row)
    (dy.row(r), normal.row(r), dgain.data(), dbias.data(), dy.cols);
  }
}

}  // namespace reformer
#endif  // HWY_ONCE
