// Tests of kernels run once per instruction set: as Targets/Gemm.Values/AVX2 and so on.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "reformer/math/target.h"

namespace reformer {

// The instruction sets that a build for this architecture has, whether or not this CPU runs them.
std::vector<std::string> compiled_targets();

// Makes the kernels use `name` for as long as it lives.
class ForcedTarget {
 public:
  explicit ForcedTarget(const std::string& name) { force_target(name); }
  ~ForcedTarget() { force_target(""); }
  ForcedTarget(const ForcedTarget&) = delete;
  ForcedTarget& operator=(const ForcedTarget&) = delete;
};

// Base of a suite whose parameter is the instruction set. Skips where the CPU lacks it.
class KernelTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override;

 private:
  std::optional<ForcedTarget> target_;
};

#define REFORMER_FOR_EACH_TARGET(suite)                      \
  INSTANTIATE_TEST_SUITE_P(                                  \
      Targets, suite, testing::ValuesIn(compiled_targets()), \
      [](const testing::TestParamInfo<std::string>& info) { return info.param; })

}  // namespace reformer
