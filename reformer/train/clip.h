// The length of the gradient of all parameters, and its upper limit.
#pragma once

#include <span>

#include "reformer/base/threads.h"

namespace reformer {

// Euclidean norm of the whole array, in double. The same bits for any number of threads.
double gradient_norm(std::span<const float> gradients, ThreadPool& pool);

// Scales the gradients down to norm `max_norm` when they are longer, and returns the norm that they
// had. 0 clips nothing. A norm that is not finite leaves them as they are, for the caller to
// report. Pascanu et al. 2013.
double clip_gradients(std::span<float> gradients, double max_norm, ThreadPool& pool);

}  // namespace reformer
