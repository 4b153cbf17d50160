#include "reformer/math/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "reformer/base/error.h"
#include "tests/math/kernel_test.h"

namespace reformer {
namespace {

TEST(Target, BestFirstAndPortableLast) {
  const auto names = available_targets();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(active_target(), names.front());
  EXPECT_THAT(names.back(), testing::AnyOf("SCALAR", "EMU128", "NEON"));
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(std::count(names.begin(), names.end(), names[i]), 1) << names[i];
  }
}

TEST(Target, EachCanBeForced) {
  const auto all = available_targets();
  for (const auto& name : all) {
    const ForcedTarget target(name);
    EXPECT_EQ(active_target(), name);
    // The choice does not hide the others.
    EXPECT_EQ(available_targets(), all) << name;
  }
  EXPECT_EQ(active_target(), available_targets().front());
}

TEST(Target, UnknownNameIsAnErrorAndChangesNothing) {
  const ForcedTarget target(available_targets().back());
  try {
    force_target("AVX9");
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("'AVX9'"));
    for (const auto& name : available_targets()) {
      EXPECT_THAT(error.what(), testing::HasSubstr(name));
    }
  }
  EXPECT_EQ(active_target(), available_targets().back());
}

}  // namespace
}  // namespace reformer
