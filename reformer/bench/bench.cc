#include "reformer/bench/bench.h"

#include <fmt/format.h>

#include "reformer/bench/in_turn.h"
#include "reformer/bench/kernels.h"
#include "reformer/bench/machine_speed.h"
#include "reformer/math/bf16.h"

namespace reformer {
namespace {

// What attention alone is measured at when no lengths are asked for.
constexpr int64_t kAttentionLengths[] = {1024, 4096, 16384};

std::vector<RunConfig> configs_of(const BenchPlan& plan, int64_t length, int64_t batch) {
  std::vector<RunConfig> configs;
  for (const std::string& attention : plan.attentions) {
    configs.push_back(bench_config(plan.size, attention, length, batch));
  }
  return configs;
}

std::vector<Precision> precisions_of(const BenchPlan& plan) {
  if (!plan.precisions.empty()) return plan.precisions;
  if (bf16_is_native()) return {Precision::fp32, Precision::bf16};
  return {Precision::fp32};
}

class Bench {
 public:
  Bench(const BenchPlan& plan, int threads, const BenchProgress& progress)
      : plan_(plan), progress_(progress), pool_(threads) {
    result_.plan = plan;
    result_.threads = threads;
  }

  BenchResult run(const std::optional<StartUp>& start_up) {
    result_.start_up = start_up;
    progress_("checking the kernels");
    const std::vector<Kernel> kernels =
        all_kernels(bench_config(plan_.size, "lsh-4", 0, 0).model, plan_.attentions);
    for (const Kernel& kernel : kernels) validate(kernel);
    progress_("the machine");
    result_.bandwidth = sample_bandwidth(pool_);
    if (plan_.has(BenchPart::kernels)) measure(kernels);
    if (plan_.has(BenchPart::attention)) attention();
    if (plan_.has(BenchPart::train_step)) train_steps();
    if (plan_.has(BenchPart::evaluate)) evaluations();
    if (plan_.has(BenchPart::scaling)) scaling();
    if (plan_.has(BenchPart::table2)) table2();
    std::vector<double> bf16_peaks;
    for (int i = 0; i < 3; ++i) {
      peaks_.push_back(sample_peak(pool_));
      if (const auto bf16 = sample_bf16_peak(pool_)) bf16_peaks.push_back(*bf16);
    }
    result_.peak = median(peaks_);
    if (!bf16_peaks.empty()) result_.bf16_peak = median(bf16_peaks);
    return std::move(result_);
  }

 private:
  void measure(std::span<const Kernel> kernels) {
    progress_("kernels");
    KernelSpeeds speeds = measure_kernels(kernels, plan_.repeats, pool_);
    peaks_.push_back(speeds.peak);
    result_.kernels = std::move(speeds.kernels);
  }

  void attention() {
    std::vector<int64_t> lengths = plan_.lengths;
    if (lengths.empty()) lengths.assign(std::begin(kAttentionLengths), std::end(kAttentionLengths));
    for (const int64_t length : lengths) {
      progress_(fmt::format("attention over {} tokens", length));
      std::vector<ModelConfig> models;
      for (const RunConfig& config : configs_of(plan_, length, 0)) {
        const bool full = config.model.attention == AttentionKind::full;
        if (!full || length <= plan_.full_up_to) models.push_back(config.model);
      }
      append(measure_attention(models, plan_.repeats, pool_), result_.attention);
    }
  }

  void train_steps() {
    std::vector<int64_t> lengths = plan_.lengths, batches = plan_.batches;
    if (lengths.empty()) lengths.push_back(run_preset(plan_.size).model.length);
    for (const int64_t length : lengths) {
      if (plan_.step_tokens > 0) batches = {plan_.step_tokens / length};
      if (batches.empty()) batches.push_back(run_preset(plan_.size).train.batch);
      for (const int64_t batch : batches) {
        progress_(fmt::format("training steps of {} x {} tokens", batch, length));
        std::vector<RunConfig> configs;
        for (RunConfig& config : configs_of(plan_, length, batch)) {
          for (const Precision precision : precisions_of(plan_)) {
            config.train.precision = precision;
            configs.push_back(config);
          }
        }
        append(measure_steps(configs, plan_.repeats, pool_), result_.train_steps);
      }
    }
  }

  void evaluations() {
    progress_(fmt::format("evaluation of {} sequences", plan_.sequences));
    RunConfig config = bench_config(plan_.size, plan_.attentions.front(), 0, 0);
    config.task.validation_rows = plan_.sequences;
    append(measure_evaluation(config, plan_.attentions, plan_.repeats, pool_), result_.evaluations);
  }

  void scaling() {
    progress_(fmt::format("one thread and {}", pool_.size()));
    const int64_t length = plan_.lengths.empty() ? 0 : plan_.lengths.front();
    const int64_t batch = plan_.batches.empty() ? 0 : plan_.batches.front();
    result_.scaling = measure_scaling(configs_of(plan_, length, batch), plan_.repeats, pool_);
  }

  void table2() {
    progress_("evaluation of a study");
    result_.table2 = measure_table2(plan_.size, plan_.sequences, pool_);
  }

  template <class Speed>
  void append(std::vector<Speed> more, std::vector<Speed>& to) {
    if (more.empty()) return;
    if (more.front().precision == enum_name(Precision::fp32)) peaks_.push_back(more.front().peak);
    for (Speed& speed : more) to.push_back(std::move(speed));
  }

  const BenchPlan& plan_;
  const BenchProgress& progress_;
  ThreadPool pool_;
  BenchResult result_;
  std::vector<double> peaks_;
};

}  // namespace

BenchResult run_bench(const BenchPlan& plan, int threads, const BenchProgress& progress) {
  validate(plan);
  std::optional<StartUp> start_up;
  if (plan.has(BenchPart::start_up)) start_up = measure_start_up(run_preset(plan.size), threads);
  return Bench(plan, threads, progress).run(start_up);
}

}  // namespace reformer
