#include "reformer/base/error.h"
#include "reformer/math/simd.h"
#include "reformer/math/target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reformer/math/target_simd.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace reformer {
namespace HWY_NAMESPACE {

const char* target_name() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(target_name);

std::vector<std::string> available_targets() {
  std::vector<std::string> names;
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    names.emplace_back(hwy::TargetName(target));
  }
  return names;
}

std::string active_target() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

void force_target(const std::string& name) {
  hwy::SetSupportedTargetsForTest(0);
  int64_t wanted = 0;
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (name == hwy::TargetName(target)) wanted = target;
  }
  if (!name.empty() && wanted == 0) {
    fail("target", "expected one of {}, found '{}'", fmt::join(available_targets(), ", "), name);
  }
  hwy::SetSupportedTargetsForTest(wanted);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace reformer
#endif  // HWY_ONCE
