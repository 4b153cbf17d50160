#include <gtest/gtest.h>

#include <span>
#include <stdexcept>
#include <vector>

#include "reformer/math/layer_norm.h"

namespace reformer {
namespace {

constexpr float kLayerNormEpsilon = 1e-5F;

TEST(LayerNormShapes, MismatchIsALogicError) {
  const Matrix x(2, 8);
  Matrix normal(2, 8);
  Matrix y(2, 8);
  const std::vector<float> gain(8, 1.0F);
  const std::vector<float> seven(7, 1.0F);
  std::vector<float> inverse_std(2);
  std::vector<float> one(1);
  Matrix narrow(2, 7);
  Matrix short_one(1, 8);
  const auto forward = [&](std::span<const float> g, std::span<const float> b, MatrixView z,
                           std::span<float> inverse, MatrixView out) {
    layer_norm_forward(x, g, b, kLayerNormEpsilon, z, inverse, out);
  };
  EXPECT_NO_THROW(forward(gain, gain, normal, inverse_std, y));
  EXPECT_THROW(forward(seven, gain, normal, inverse_std, y), std::logic_error);
  EXPECT_THROW(forward(gain, seven, normal, inverse_std, y), std::logic_error);
  EXPECT_THROW(forward(gain, gain, narrow, inverse_std, y), std::logic_error);
  EXPECT_THROW(forward(gain, gain, normal, one, y), std::logic_error);
  EXPECT_THROW(forward(gain, gain, normal, inverse_std, narrow), std::logic_error);
  EXPECT_THROW(forward(gain, gain, normal, inverse_std, short_one), std::logic_error);

  std::vector<float> dgain(8);
  std::vector<float> dbias(8);
  std::vector<float> dseven(7);
  const auto backward = [&](std::span<const float> inverse, std::span<const float> g, MatrixView dx,
                            std::span<float> dg, std::span<float> db) {
    layer_norm_backward(y, normal, inverse, g, dx, dg, db);
  };
  EXPECT_NO_THROW(backward(inverse_std, gain, y, dgain, dbias));
  EXPECT_THROW(backward(one, gain, y, dgain, dbias), std::logic_error);
  EXPECT_THROW(backward(inverse_std, seven, y, dgain, dbias), std::logic_error);
  EXPECT_THROW(backward(inverse_std, gain, narrow, dgain, dbias), std::logic_error);
  EXPECT_THROW(backward(inverse_std, gain, y, dseven, dbias), std::logic_error);
  EXPECT_THROW(backward(inverse_std, gain, y, dgain, dseven), std::logic_error);
}

}  // namespace
}  // namespace reformer
