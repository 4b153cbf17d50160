#include "reformer/experiment/provenance.h"

#include <fmt/format.h>

#include "reformer/base/host.h"
#include "reformer/base/version.h"
#include "reformer/math/target.h"

namespace reformer {

nlohmann::ordered_json provenance_json() {
  return {{"version", version()},
          {"commit", commit()},
          {"machine", {{"cpu", cpu_name()}, {"simd", active_target()}}}};
}

std::string provenance_text() {
  return fmt::format("Version {}, commit {}, {} ({})", version(), commit(), cpu_name(),
                     active_target());
}

}  // namespace reformer
