// How fast attention alone is, by length: all heads of one sequence, forward and backward, hashing
// included, every position asking.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/model/config.h"

namespace reformer {

struct AttentionSpeed {
  std::string attention;
  int64_t tokens = 0, heads = 0, head_dim = 0;
  std::string precision = "fp32";
  double seconds = 0;
  double operations = 0;  // see counts.h
  double peak = 0;        // operations per second, measured in turn
  std::optional<int64_t> peak_bytes;

  double fraction_of_peak() const { return operations / seconds / peak; }
};

// The attentions of all models in turn; their lengths are those of the models.
std::vector<AttentionSpeed> measure_attention(std::span<const ModelConfig> models, int64_t repeats,
                                              ThreadPool& pool);

}  // namespace reformer
