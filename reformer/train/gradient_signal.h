// What training would have to go by: how strong the gradient of each parameter is, and how far
// sequences agree about it. Where they do not, a step follows the sequence that it happens to see.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reformer/train/batch_gradient.h"

namespace reformer {

// Of one parameter, over N sequences with gradients g_1 .. g_N of their mean loss.
struct GradientSignal {
  std::string name;           // as in parameter_layout
  int64_t size = 0;           // elements
  double parameter_norm = 0;  // all norms are Euclidean
  double mean_norm = 0;       // of the mean of g_1 .. g_N
  double sequence_norm = 0;   // root mean square of those of g_1 .. g_N
  // Mean product <g_i, g_j> of two different sequences over the mean of <g_i, g_i>: 1 when all
  // sequences ask for the same, about 0 when each asks for something else, and then as often below
  // 0 as above. NaN where no sequence has a gradient.
  double agreement = 0;
};

struct GradientSignals {
  BatchLoss loss;                          // of the N sequences together
  std::vector<GradientSignal> parameters;  // in the order of the layout
};

// Signals of examples 0 .. count - 1 of `source`, count at least 2. `context` is that of training;
// example i is the i-th of a batch. Throws Error when a gradient is not finite. The same bits for
// any number of threads.
GradientSignals gradient_signals(const ModelConfig& config, const std::vector<float>& parameters,
                                 const PassContext& context, const ExampleSource& source,
                                 int64_t count, ThreadPool& pool);

}  // namespace reformer
