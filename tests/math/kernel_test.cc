#include "tests/math/kernel_test.h"

#include <algorithm>

namespace reformer {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string> compiled_targets() {
#if defined(__x86_64__)
  std::vector<std::string> names = {"AVX3", "AVX2", "SSE4"};
#else
  std::vector<std::string> names;
#endif
  for (const auto& name : available_targets()) {
    if (!contains(names, name)) names.push_back(name);
  }
  return names;
}

void KernelTest::SetUp() {
  if (!contains(available_targets(), GetParam())) GTEST_SKIP() << "not on this CPU";
  target_.emplace(GetParam());
  ASSERT_EQ(active_target(), GetParam());
}

}  // namespace reformer
