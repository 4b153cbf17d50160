#include "reformer/bench/bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/error.h"
#include "reformer/bench/bench_report.h"
#include "reformer/math/bf16.h"

namespace reformer {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

BenchPlan smoke_plan(std::vector<BenchPart> parts) {
  BenchPlan plan;
  plan.parts = std::move(parts);
  plan.size = "smoke";
  plan.attentions = {"full", "lsh-2"};
  plan.repeats = 1;
  plan.sequences = 3;
  return plan;
}

BenchResult run(const BenchPlan& plan) {
  return run_bench(plan, 2, [](std::string_view) {});
}

TEST(BenchConfig, BucketsGrowWithTheLength) {
  const RunConfig config = bench_config("paper", "lsh-4", 4096, 3);
  EXPECT_EQ(config.model.length, 4096);
  EXPECT_EQ(config.model.buckets, 256);
  EXPECT_EQ(config.model.chunk_length, 32);
  EXPECT_EQ(config.train.batch, 3);
  EXPECT_EQ(bench_config("seed", "lsh-1", 64, 0).model.buckets, 2);
}

TEST(BenchConfig, ManyBucketsComeOfTwoHashes) {
  EXPECT_EQ(bench_config("paper", "lsh-4", 1024, 0).model.bucket_factor, 0);
  EXPECT_EQ(bench_config("seed", "lsh-4", 4096, 0).model.bucket_factor, 0);
  EXPECT_EQ(bench_config("seed", "lsh-4", 16384, 0).model.bucket_factor, 16);
  EXPECT_EQ(bench_config("seed", "lsh-4", 262144, 0).model.bucket_factor, 64);
}

TEST(BenchConfig, SaysWhatNoModelCanBe) {
  EXPECT_THROW(bench_config("seed", "lsh-4", 100, 0), Error);
  EXPECT_THROW(bench_config("seed", "none", 0, 0), Error);
  EXPECT_THROW(bench_config("huge", "full", 0, 0), Error);
}

// Both precisions where the CPU has both, one after the other for each attention.
TEST(Bench, MeasuresTrainingStepsInEveryPrecision) {
  const BenchResult result = run(smoke_plan({BenchPart::train_step}));
  std::vector<std::string> rows;
  for (const StepSpeed& step : result.train_steps) {
    rows.push_back(step.attention + " " + step.precision);
    EXPECT_GT(step.peak, 0);
    EXPECT_EQ(step.peak == result.train_steps[0].peak, step.precision == "fp32") << rows.back();
  }
  if (bf16_is_native()) {
    EXPECT_THAT(rows, testing::ElementsAre("full fp32", "full bf16", "lsh-2 fp32", "lsh-2 bf16"));
  } else {
    EXPECT_THAT(rows, testing::ElementsAre("full fp32", "lsh-2 fp32"));
  }
}

TEST(BenchPlan, IsCheckedBeforeAnythingRuns) {
  BenchPlan plan = smoke_plan({BenchPart::train_step});
  plan.step_tokens = 64;
  plan.lengths = {128};
  EXPECT_THAT([&] { run(plan); }, ThrowsMessage<Error>(HasSubstr("--step-tokens")));
  plan.lengths = {};
  plan.batches = {4};
  EXPECT_THAT([&] { run(plan); }, ThrowsMessage<Error>(HasSubstr("--batch")));
}

TEST(Bench, MeasuresOnlyWhatWasAskedFor) {
  const auto json = bench_json(run(smoke_plan({BenchPart::evaluate})));
  EXPECT_EQ(json["evaluate"].size(), 2u);
  EXPECT_EQ(json["evaluate"][1]["attention"], "lsh-2");
  EXPECT_EQ(json["evaluate"][1]["sequences"], 3);
  for (const char* empty : {"train_step", "attention", "kernels", "scaling"}) {
    EXPECT_EQ(json[empty], nlohmann::ordered_json::array()) << empty;
  }
  EXPECT_TRUE(json["start_up"].is_null());
  EXPECT_TRUE(json["table2_evaluation"].is_null());
}

TEST(Bench, StepsOfOneNumberOfTokens) {
  BenchPlan plan = smoke_plan({BenchPart::train_step});
  plan.lengths = {32, 64};
  plan.step_tokens = 128;
  plan.precisions = {Precision::fp32};
  const BenchResult result = run(plan);
  ASSERT_EQ(result.train_steps.size(), 4u);
  EXPECT_EQ(result.train_steps[1].tokens, 32);
  EXPECT_EQ(result.train_steps[1].batch, 4);
  EXPECT_EQ(result.train_steps[3].tokens, 64);
  EXPECT_EQ(result.train_steps[3].batch, 2);
}

TEST(Bench, LongFullAttentionIsLeftOut) {
  BenchPlan plan = smoke_plan({BenchPart::attention});
  plan.lengths = {32, 64};
  plan.full_up_to = 32;
  const BenchResult result = run(plan);
  ASSERT_EQ(result.attention.size(), 3u);
  EXPECT_EQ(result.attention[2].attention, "lsh-2");
  EXPECT_EQ(result.attention[2].tokens, 64);
}

TEST(Bench, ReportsAllParts) {
  BenchPlan plan = smoke_plan(BenchPlan().parts);
  plan.parts.push_back(BenchPart::table2);
  plan.lengths = {64};  // the preset has 32
  const BenchResult result = run(plan);
  const auto json = bench_json(result);
  EXPECT_GT(json["peak_gflops"]["fp32"], 0);
  EXPECT_GT(json["memory_gbytes_per_second"], 0);
  EXPECT_EQ(json["table2_evaluation"]["cells"], 20);
  EXPECT_GT(json["start_up"]["seconds"], json["start_up"]["trainer_seconds"]);
  ASSERT_EQ(json["scaling"].size(), 2u);
  EXPECT_EQ(json["scaling"][0]["tokens"], 64);
  const auto& step = json["train_step"][0];
  EXPECT_DOUBLE_EQ(step["fraction_of_peak"], step["useful_gflop"].get<double>() /
                                                 step["seconds"].get<double>() /
                                                 step["peak_gflops"].get<double>());
  // Every table is a rectangle.
  const std::vector<BenchTable> tables = bench_tables(result);
  EXPECT_EQ(tables.size(), 6u);
  for (const BenchTable& table : tables) {
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.rows[0].size()) << table.title;
  }
}

}  // namespace
}  // namespace reformer
