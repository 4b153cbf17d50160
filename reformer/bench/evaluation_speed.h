// How fast models are evaluated.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/train/run_config.h"

namespace reformer {

struct EvaluationSpeed {
  std::string attention;
  int64_t tokens = 0;
  int64_t sequences = 0;
  std::string precision = "fp32";
  double seconds = 0;
  double operations = 0;  // see counts.h
  double peak = 0;        // operations per second, measured in turn
  std::optional<int64_t> peak_bytes;

  double fraction_of_peak() const { return operations / seconds / peak; }
  double tokens_per_second() const { return static_cast<double>(sequences * tokens) / seconds; }
};

// One model of `config` under each of `attentions` in turn, on the validation rows of its task.
std::vector<EvaluationSpeed> measure_evaluation(const RunConfig& config,
                                                std::span<const std::string> attentions,
                                                int64_t repeats, ThreadPool& pool);

// The evaluations of a Table 2 study: four models under five attentions each.
struct TableSpeed {
  int64_t cells = 0, sequences = 0;
  double seconds = 0;
};
TableSpeed measure_table2(std::string_view size, int64_t sequences, ThreadPool& pool);

}  // namespace reformer
