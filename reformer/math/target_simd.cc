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
bool is_avx512() { return HWY_TARGET == HWY_AVX3; }

}  // namespace HWY_NAMESPACE
}  // namespace reformer
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reformer {

HWY_EXPORT(target_name);
HWY_EXPORT(is_avx512);

namespace {

struct Target {
  std::string name;
  int64_t bit;
};

// Detected once: Highway forgets a forced target when it is asked again.
const std::vector<Target>& detected_targets() {
  static const std::vector<Target> targets = [] {
    std::vector<Target> found;
    for (const int64_t bit : hwy::SupportedAndGeneratedTargets()) {
      found.push_back({hwy::TargetName(bit), bit});
    }
    // On arm64 Highway counts NEON as there only together with AES, which a Raspberry Pi 4 lacks,
    // and then dispatches to what the compiler may use anywhere: NEON too.
    if (found.empty()) found.push_back({hwy::TargetName(HWY_STATIC_TARGET), HWY_STATIC_TARGET});
    return found;
  }();
  return targets;
}

}  // namespace

std::vector<std::string> available_targets() {
  std::vector<std::string> names;
  for (const Target& target : detected_targets()) names.push_back(target.name);
  return names;
}

std::string active_target() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

bool target_is_avx512() { return HWY_DYNAMIC_DISPATCH(is_avx512)(); }

void force_target(const std::string& name) {
  int64_t wanted = 0;
  for (const Target& target : detected_targets()) {
    if (name.empty() || name == target.name) wanted |= target.bit;
  }
  if (wanted == 0) {
    fail("target", "expected one of {}, found '{}'", fmt::join(available_targets(), ", "), name);
  }
  hwy::GetChosenTarget().Update(wanted);
}

}  // namespace reformer
#endif  // HWY_ONCE
