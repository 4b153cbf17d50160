#include "reformer/math/finite.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace reformer {
namespace {

TEST(AllFinite, SeesOneBadNumberAnywhere) {
  using Limits = std::numeric_limits<float>;
  EXPECT_TRUE(all_finite({}));
  for (const size_t size : {1U, 7U, 16U, 33U}) {
    std::vector<float> x(size, -Limits::max());
    EXPECT_TRUE(all_finite(x));
    for (size_t i = 0; i < size; ++i) {
      for (const float bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
        x[i] = bad;
        EXPECT_FALSE(all_finite(x)) << bad << " at " << i << " of " << size;
      }
      x[i] = Limits::denorm_min();
    }
  }
}

}  // namespace
}  // namespace reformer
