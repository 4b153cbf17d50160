// What a benchmark is asked to measure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/train/run_config.h"

namespace reformer {

// Parts that can be measured. `table2` is the evaluation of a whole study and takes minutes at full
// size; it is measured only when it is asked for.
enum class BenchPart { kernels, attention, train_step, evaluate, start_up, scaling, table2 };

const std::vector<std::string>& bench_part_names();

// The part of that name; an unknown name is an Error with the nearest one.
BenchPart bench_part(std::string_view name);

// The precision of that name, likewise.
Precision bench_precision(std::string_view name);

struct BenchPlan {
  std::vector<BenchPart> parts = {BenchPart::kernels,  BenchPart::attention, BenchPart::train_step,
                                  BenchPart::evaluate, BenchPart::start_up,  BenchPart::scaling};
  std::string size = "seed";  // a preset of a run
  std::vector<std::string> attentions = {"full", "lsh-1", "lsh-2", "lsh-4", "lsh-8"};
  std::vector<int64_t> batches;  // of training steps; empty: the preset's
  std::vector<int64_t> lengths;  // of steps and of attention alone; empty: theirs
  // Of training steps; empty: fp32, and bf16 where the CPU has it.
  std::vector<Precision> precisions;
  int64_t step_tokens = 0;     // if not 0, the batch of a step is this over its length
  int64_t full_up_to = 32768;  // attention alone: longest sequence with full attention
  int64_t sequences = 128;     // evaluated by each attention
  int64_t repeats = 5;

  bool has(BenchPart part) const;
};

// The configuration of one measured model. `length` and `batch` of 0 are the preset's; buckets and
// positions grow with the length, so that chunks stay full, and more buckets than 64 come of two
// hashes. Training examples are drawn as they are needed. Throws Error for what no model can be.
RunConfig bench_config(std::string_view size, std::string_view attention, int64_t length,
                       int64_t batch);

// Throws Error when the plan cannot be carried out.
void validate(const BenchPlan& plan);

}  // namespace reformer
