#include "reformer/bench/bench_plan.h"

#include <algorithm>
#include <iterator>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/model/attention_choice.h"

namespace reformer {

namespace {
// Buckets up to which one hash costs little beside attention in chunks of 64; see
// docs/performance.md.
constexpr int64_t kOneHash = 64;
}  // namespace

const std::vector<std::string>& bench_part_names() {
  static const std::vector<std::string> names = {"kernels",  "attention", "train-step", "evaluate",
                                                 "start-up", "scaling",   "table2"};
  return names;
}

BenchPart bench_part(std::string_view name) {
  const auto& names = bench_part_names();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    fail("--only", "expected some of {}, found {}{}", fmt::join(names, ", "),
         quote_text(std::string(name)), did_you_mean(name, names));
  }
  return static_cast<BenchPart>(std::distance(names.begin(), found));
}

Precision bench_precision(std::string_view name) {
  for (const auto& [precision, its_name] : EnumNames<Precision>::names) {
    if (its_name == name) return precision;
  }
  fail("--precision", "expected fp32 or bf16, found {}", quote_text(std::string(name)));
}

bool BenchPlan::has(BenchPart part) const { return std::ranges::count(parts, part) > 0; }

RunConfig bench_config(std::string_view size, std::string_view attention, int64_t length,
                       int64_t batch) {
  RunConfig config = run_preset(size);
  AttentionChoice choice = attention_of(config.model, 0);
  choose_attention(choice, attention);
  config.model.attention = choice.kind;
  config.model.hash_rounds = choice.hash_rounds;
  if (length > 0) {
    const int64_t buckets = config.model.buckets * length / config.model.length;
    config.model.buckets = std::max<int64_t>(2, buckets / 2 * 2);
    config.model.length = length;
    if (config.model.buckets > kOneHash) {
      config.model.bucket_factor = balanced_factor(config.model.buckets);
    }
  }
  if (batch > 0) config.train.batch = batch;
  config.task.source = DataSource::stream;
  config.task.generator = Generator::philox;
  validate(config);
  return config;
}

void validate(const BenchPlan& plan) {
  run_preset(plan.size);
  if (plan.step_tokens > 0 && !plan.batches.empty()) {
    fail("--step-tokens", "expected no --batch beside it, which it decides; try one of the two");
  }
  std::vector<int64_t> lengths = plan.lengths;
  if (lengths.empty()) lengths.push_back(0);
  for (const int64_t length : lengths) {
    if (plan.step_tokens > 0 && length > plan.step_tokens) {
      fail("--step-tokens", "expected at least the longest of --lengths, {}, found {}", length,
           plan.step_tokens);
    }
    for (const std::string& attention : plan.attentions) {
      bench_config(plan.size, attention, length, 0);
    }
  }
  for (const Precision precision : plan.precisions) require_native(precision);
}

}  // namespace reformer
