// The instruction sets that the kernels were compiled for.
#pragma once

#include <string>
#include <vector>

namespace reformer {

// Names of the targets that this CPU can run, best first: "AVX3" (AVX-512), "AVX2", "SSE4", ...
std::vector<std::string> available_targets();

// The one in use.
std::string active_target();

// Whether the one in use is AVX-512. Cheap: for kernels that Highway does not dispatch.
bool target_is_avx512();

// Makes the kernels use `name` from now on, or the best again when it is empty. For tests and
// comparisons; not thread safe. Throws Error, and changes nothing, when this CPU or build lacks it.
void force_target(const std::string& name);

}  // namespace reformer
