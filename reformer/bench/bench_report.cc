#include "reformer/bench/bench_report.h"

#include <fmt/format.h>

#include "reformer/base/host.h"
#include "reformer/base/version.h"
#include "reformer/math/target.h"

namespace reformer {
namespace {

using nlohmann::ordered_json;
using Row = std::vector<std::string>;

ordered_json or_null(const auto& value) { return value ? ordered_json(*value) : ordered_json(); }

// What training steps, attention and evaluations have in common.
template <class Speed>
void add_speed(const Speed& speed, ordered_json& out) {
  out["precision"] = speed.precision;
  out["seconds"] = speed.seconds;
  out["useful_gflop"] = 1e-9 * speed.operations;
  out["fraction_of_peak"] = speed.fraction_of_peak();
  out["peak_gflops"] = 1e-9 * speed.peak;
  out["peak_bytes"] = or_null(speed.peak_bytes);
}

ordered_json step_json(const StepSpeed& step) {
  ordered_json out = {
      {"attention", step.attention}, {"tokens", step.tokens}, {"batch", step.batch}};
  add_speed(step, out);
  out["tokens_per_second"] = step.tokens_per_second();
  return out;
}

ordered_json attention_json(const AttentionSpeed& speed) {
  ordered_json out = {{"attention", speed.attention},
                      {"tokens", speed.tokens},
                      {"heads", speed.heads},
                      {"head_dim", speed.head_dim}};
  add_speed(speed, out);
  out["nanoseconds_per_token"] = 1e9 * speed.seconds / static_cast<double>(speed.tokens);
  return out;
}

ordered_json evaluation_json(const EvaluationSpeed& speed) {
  ordered_json out = {
      {"attention", speed.attention}, {"tokens", speed.tokens}, {"sequences", speed.sequences}};
  add_speed(speed, out);
  out["tokens_per_second"] = speed.tokens_per_second();
  return out;
}

// Nothing for kernels that are not about multiply-adds.
std::optional<double> fraction_of_peak(const KernelSpeed& kernel, const BenchResult& result) {
  if (kernel.operations == 0) return std::nullopt;
  const double peak = kernel.precision == "bf16" ? result.bf16_peak.value_or(0) : result.peak;
  return kernel.operations_per_second / peak;
}

ordered_json kernel_json(const KernelSpeed& kernel, const BenchResult& result) {
  return {{"kernel", kernel.name},
          {"shape", kernel.shape},
          {"precision", kernel.precision},
          {"seconds", kernel.seconds},
          {"gflop", 1e-9 * kernel.operations},
          {"bytes", kernel.bytes},
          {"gflops", 1e-9 * kernel.operations_per_second},
          {"gbytes_per_second", 1e-9 * kernel.bytes_per_second},
          {"fraction_of_peak", or_null(fraction_of_peak(kernel, result))}};
}

ordered_json start_up_json(const StartUp& start) {
  return {{"process_seconds", start.process_seconds},
          {"trainer_seconds", start.trainer_seconds},
          {"seconds", start.process_seconds + start.trainer_seconds}};
}

// 1234.5 -> "1234.5", 12.345 -> "12.35", 0.0012345 -> "0.001235".
std::string number(double value) { return fmt::format("{:.4g}", value); }
std::string percent(double fraction) { return fmt::format("{:.1f} %", 100 * fraction); }
std::string mebibytes(const std::optional<int64_t>& bytes) {
  return bytes ? fmt::format("{:.1f}", static_cast<double>(*bytes) / (1 << 20)) : "?";
}

template <class Speed>
Row speed_cells(const Speed& speed, double tokens) {
  return {number(speed.seconds), fmt::format("{:.1f}", 1e-9 * speed.operations / speed.seconds),
          percent(speed.fraction_of_peak()), fmt::format("{:.0f}", tokens / speed.seconds),
          mebibytes(speed.peak_bytes)};
}

Row joined(Row first, const Row& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

const Row kSpeedHead = {"seconds", "GFLOP/s", "of peak", "tokens/s", "peak MiB"};

BenchTable kernel_table(const BenchResult& result) {
  BenchTable table{"Kernels, one call of each thread", {}};
  table.rows.push_back({"kernel", "shape", "microseconds", "GFLOP/s", "of peak", "GB/s"});
  for (const KernelSpeed& k : result.kernels) {
    const auto fraction = fraction_of_peak(k, result);
    table.rows.push_back({k.name, k.shape, number(1e6 * k.seconds),
                          fraction ? fmt::format("{:.1f}", 1e-9 * k.operations_per_second) : "-",
                          fraction ? percent(*fraction) : "-",
                          fmt::format("{:.1f}", 1e-9 * k.bytes_per_second)});
  }
  return table;
}

BenchTable attention_table(const BenchResult& result) {
  BenchTable table{"Attention alone, forward and backward, all heads of a sequence", {}};
  table.rows.push_back(joined({"attention", "tokens"}, kSpeedHead));
  for (const AttentionSpeed& a : result.attention) {
    table.rows.push_back(joined({a.attention, fmt::format("{}", a.tokens)},
                                speed_cells(a, static_cast<double>(a.tokens))));
  }
  return table;
}

BenchTable step_table(const BenchResult& result) {
  BenchTable table{"Training steps", {}};
  table.rows.push_back(joined({"attention", "tokens", "batch", "precision"}, kSpeedHead));
  for (const StepSpeed& s : result.train_steps) {
    table.rows.push_back(
        joined({s.attention, fmt::format("{}", s.tokens), fmt::format("{}", s.batch), s.precision},
               speed_cells(s, static_cast<double>(s.batch * s.tokens))));
  }
  return table;
}

BenchTable evaluation_table(const BenchResult& result) {
  BenchTable table{"Evaluation", {}};
  table.rows.push_back(joined({"attention", "tokens", "sequences", "precision"}, kSpeedHead));
  for (const EvaluationSpeed& e : result.evaluations) {
    table.rows.push_back(joined(
        {e.attention, fmt::format("{}", e.tokens), fmt::format("{}", e.sequences), e.precision},
        speed_cells(e, static_cast<double>(e.sequences * e.tokens))));
  }
  return table;
}

BenchTable other_table(const BenchResult& result) {
  BenchTable table{"Whole runs", {{"what", "seconds"}}};
  if (result.start_up) {
    table.rows.push_back(
        {"start of the program to the first training step",
         number(result.start_up->process_seconds + result.start_up->trainer_seconds)});
  }
  if (result.table2) {
    table.rows.push_back({fmt::format("evaluation of {} cells on {} sequences",
                                      result.table2->cells, result.table2->sequences),
                          number(result.table2->seconds)});
  }
  return table;
}

BenchTable scaling_table(const BenchResult& result) {
  BenchTable table{"Training steps by threads",
                   {{"attention", "tokens", "batch", "one", "all", "ratio"}}};
  for (const Scaling& s : result.scaling) {
    table.rows.push_back({s.attention, fmt::format("{}", s.tokens), fmt::format("{}", s.batch),
                          number(s.seconds_of_one), number(s.seconds),
                          fmt::format("{:.2f}", s.ratio())});
  }
  return table;
}

}  // namespace

ordered_json bench_json(const BenchResult& result) {
  ordered_json out = {
      {"version", version()},
      {"commit", commit()},
      {"cpu", cpu_name()},
      {"simd", active_target()},
      {"threads", result.threads},
      {"size", result.plan.size},
      {"repeats", result.plan.repeats},
      {"peak_gflops",
       {{"fp32", 1e-9 * result.peak},
        {"bf16", result.bf16_peak ? ordered_json(1e-9 * *result.bf16_peak) : ordered_json()}}},
      {"memory_gbytes_per_second", 1e-9 * result.bandwidth},
      {"train_step", ordered_json::array()},
      {"attention", ordered_json::array()},
      {"evaluate", ordered_json::array()},
      {"kernels", ordered_json::array()},
      {"scaling", ordered_json::array()},
      {"start_up", nullptr},
      {"table2_evaluation", nullptr}};
  for (const auto& s : result.train_steps) out["train_step"].push_back(step_json(s));
  for (const auto& a : result.attention) out["attention"].push_back(attention_json(a));
  for (const auto& e : result.evaluations) out["evaluate"].push_back(evaluation_json(e));
  for (const auto& k : result.kernels) out["kernels"].push_back(kernel_json(k, result));
  for (const auto& s : result.scaling) {
    out["scaling"].push_back({{"attention", s.attention},
                              {"tokens", s.tokens},
                              {"batch", s.batch},
                              {"threads", s.threads},
                              {"seconds_of_one", s.seconds_of_one},
                              {"seconds", s.seconds},
                              {"ratio", s.ratio()}});
  }
  if (result.start_up) out["start_up"] = start_up_json(*result.start_up);
  if (result.table2) {
    out["table2_evaluation"] = {{"cells", result.table2->cells},
                                {"sequences", result.table2->sequences},
                                {"seconds", result.table2->seconds}};
  }
  return out;
}

std::vector<BenchTable> bench_tables(const BenchResult& result) {
  std::vector<BenchTable> tables;
  for (BenchTable table : {kernel_table(result), attention_table(result), step_table(result),
                           evaluation_table(result), scaling_table(result), other_table(result)}) {
    if (table.rows.size() > 1) tables.push_back(std::move(table));
  }
  return tables;
}

std::string bench_headline(const BenchResult& result) {
  const std::string bf16 =
      result.bf16_peak ? fmt::format(", {:.1f} in bf16", 1e-9 * *result.bf16_peak) : "";
  return fmt::format("{}, {}, {} threads: peak {:.1f} GFLOP/s in fp32{}, memory {:.1f} GB/s",
                     cpu_name(), active_target(), result.threads, 1e-9 * result.peak, bf16,
                     1e-9 * result.bandwidth);
}

}  // namespace reformer
