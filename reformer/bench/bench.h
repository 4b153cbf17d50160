// The benchmark: what it measured, and how it is carried out.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "reformer/bench/attention_speed.h"
#include "reformer/bench/bench_plan.h"
#include "reformer/bench/evaluation_speed.h"
#include "reformer/bench/kernel.h"
#include "reformer/bench/step_speed.h"

namespace reformer {

struct BenchResult {
  BenchPlan plan;
  int threads = 0;
  double peak = 0;                  // operations per second in fp32, median of all parts
  std::optional<double> bf16_peak;  // the same with bf16 operands, where the CPU has them
  double bandwidth = 0;             // bytes per second
  std::vector<KernelSpeed> kernels;
  std::vector<StepSpeed> train_steps;
  std::vector<AttentionSpeed> attention;
  std::vector<EvaluationSpeed> evaluations;
  std::optional<StartUp> start_up;
  std::vector<Scaling> scaling;
  std::optional<TableSpeed> table2;
};

// Told what is measured next: "training steps of 1024 tokens, batch 64".
using BenchProgress = std::function<void(std::string_view)>;

// Validates every kernel in the shapes of the plan's model, then measures the parts. Throws Error
// for a plan that cannot be carried out, std::logic_error for a kernel that computes the wrong
// numbers.
BenchResult run_bench(const BenchPlan& plan, int threads, const BenchProgress& progress);

}  // namespace reformer
