#include "reformer/experiment/switches.h"

#include <algorithm>

#include "reformer/base/error.h"

namespace reformer {
namespace {

const Setting& setting_named(const std::vector<Setting>& settings, const std::string& name) {
  const auto found = std::ranges::find(settings, name, &Setting::name);
  REFORMER_CHECK(found != settings.end());
  return *found;
}

// Joined switches count only where both parts differ: else they are one of the parts again.
bool differs(const SemanticSwitch& candidate, const std::vector<Setting>& a,
             const std::vector<Setting>& b) {
  const auto setting_differs = [&](const std::string& name) {
    return setting_named(a, name).get() != setting_named(b, name).get();
  };
  return candidate.name.find('+') == std::string::npos
             ? std::ranges::any_of(candidate.settings, setting_differs)
             : std::ranges::all_of(candidate.settings, setting_differs);
}

}  // namespace

const std::vector<SemanticSwitch>& switches_of(AttentionKind kind) {
  static const std::vector<SemanticSwitch> full = {
      {"full_key_norm", {"full_key_norm"}},
      {"full_logit_scale", {"full_logit_scale"}},
      {"full_key_norm + full_logit_scale", {"full_key_norm", "full_logit_scale"}},
      {"full_own", {"full_own", "full_own_value"}}};
  static const std::vector<SemanticSwitch> lsh = {
      {"lsh_key_norm", {"lsh_key_norm"}},
      {"lsh_logit_scale", {"lsh_logit_scale"}},
      {"lsh_key_norm + lsh_logit_scale", {"lsh_key_norm", "lsh_logit_scale"}},
      {"lsh_own", {"lsh_own", "lsh_own_value"}},
      {"other_bucket", {"other_bucket", "other_bucket_value"}},
      {"correct_duplicates", {"correct_duplicates"}},
      {"rotations", {"rotations_per_step", "rotations_per_head", "rotations_per_example"}}};
  return kind == AttentionKind::full ? full : lsh;
}

std::vector<SemanticSwitch> differing_switches(const AttentionSemantics& a,
                                               const AttentionSemantics& b, AttentionKind kind) {
  AttentionSemantics copy_a = a, copy_b = b;
  const std::vector<Setting> settings_a = settings_of(copy_a), settings_b = settings_of(copy_b);
  std::vector<SemanticSwitch> found;
  for (const SemanticSwitch& candidate : switches_of(kind)) {
    if (differs(candidate, settings_a, settings_b)) found.push_back(candidate);
  }
  return found;
}

NamedSemantics flip(const NamedSemantics& from, const SemanticSwitch& flipped,
                    const AttentionSemantics& towards) {
  NamedSemantics result = from;
  AttentionSemantics copy = towards;
  const std::vector<Setting> to = settings_of(result.semantics), source = settings_of(copy);
  for (const std::string& name : flipped.settings) {
    const nlohmann::json value = setting_named(source, name).get();
    const Setting& setting = setting_named(to, name);
    if (setting.get() == value) continue;
    setting.set(value, "semantics");
    result.name +=
        fmt::format(", {}={}", name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return result;
}

}  // namespace reformer
