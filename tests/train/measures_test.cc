// What is measured of attention beside the loss.
#include <gtest/gtest.h>

#include <cmath>

#include "reformer/train/batch_gradient.h"
#include "reformer/train/trainer.h"
#include "tests/train/tiny_run.h"

namespace reformer::test {
namespace {

TEST(Measures, ComeWithEveryStepAndEveryTenth) {
  for (const AttentionKind kind : {AttentionKind::full, AttentionKind::lsh}) {
    ThreadPool pool(2);
    Trainer trainer(tiny_run(kind), pool);
    for (int64_t step = 1; step <= 20; ++step) {
      const BatchLoss batch = trainer.step().batch;
      EXPECT_EQ(std::isnan(batch.attention_entropy), step % 10 != 0) << step;
      EXPECT_EQ(std::isnan(batch.hash_recall), kind == AttentionKind::full) << step;
    }
    const BatchLoss loss = trainer.validation_loss(trainer.own_attention());
    EXPECT_GT(loss.attention_entropy, 0);
    EXPECT_LT(loss.attention_entropy, std::log(trainer.config().model.length));
    EXPECT_EQ(std::isnan(loss.hash_recall), kind == AttentionKind::full);
  }
}

// Two buckets and many rounds: nearly every pair meets somewhere. Many buckets: few do.
TEST(Measures, HashRecallFollowsTheBuckets) {
  const auto recall = [](int64_t rounds, int64_t buckets) {
    ThreadPool pool(2);
    RunConfig config = tiny_run(AttentionKind::lsh, rounds);
    config.model.buckets = buckets;
    Trainer trainer(config, pool);
    return trainer.validation_loss(trainer.own_attention()).hash_recall;
  };
  EXPECT_GT(recall(16, 2), 0.99);
  EXPECT_LT(recall(1, 16), 0.6);
  EXPECT_GT(recall(4, 8), recall(1, 8));
}

// The sums of examples, by hand.
TEST(Measures, AddUp) {
  SequenceLoss one, two;
  one.attention = {
      .lost_pairs = 3, .keys_sought = 4, .keys_found = 1, .entropy = 2, .entropies = 2};
  two.attention = {
      .lost_pairs = 1, .keys_sought = 4, .keys_found = 4, .entropy = 1, .entropies = 4};
  const std::vector<SequenceLoss> both = {one, two};
  const BatchLoss total = sum_losses(both);
  EXPECT_EQ(total.lost_pairs, 4);
  EXPECT_EQ(total.hash_recall, 5.0 / 8);
  EXPECT_EQ(total.attention_entropy, 0.5);
}

}  // namespace
}  // namespace reformer::test
