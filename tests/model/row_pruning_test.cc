// Rows that no loss can see are not computed, and nothing else notices.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/model/model_case.h"

namespace reformer::test {
namespace {

// Full and LSH attention, both norm positions, one stream and two, one layer and two, with
// dropout on.
std::vector<ModelCase> cases() {
  std::vector<ModelCase> result;
  for (const char* preset : {"seed", "paper"}) {
    for (const int64_t layers : {1, 2}) {
      for (const AttentionKind kind : {AttentionKind::full, AttentionKind::lsh}) {
        ModelConfig config = tiny_model(preset);
        config.length = 48;
        config.model_dim = 20;
        config.chunk_length = 8;
        config.hash_rounds = 2;
        config.layers = layers;
        config.attention = kind;
        result.push_back(random_case(config, 30 + result.size()));
        result.back().context.dropout = 0.25;
        if (config.norm == NormPosition::post) continue;
        config.residual = Residual::two_streams;
        config.attention_bias = true;
        config.stream_merge = layers == 1 ? StreamMerge::mean : StreamMerge::concatenate;
        result.push_back(random_case(config, 30 + result.size()));
        result.back().context.dropout = 0.25;
      }
    }
  }
  return result;
}

TEST(RowPruning, LogitsHaveTheSameBits) {
  for (const ModelCase& c : cases()) {
    const auto all = logits(c, {0, 48});
    ASSERT_EQ(all.size(), 48U);
    for (const QueryRange rows : {QueryRange{24, 48}, {47, 48}, {0, 1}, {13, 30}}) {
      const auto some = logits(c, rows);
      const std::vector<std::vector<float>> expected(all.begin() + rows.begin,
                                                     all.begin() + rows.end);
      EXPECT_EQ(some, expected) << c.describe() << " rows " << rows.begin;
    }
  }
}

Trained train_rows(ModelCase c, int64_t begin, int64_t end) {
  c.tokens.scored_begin = begin;
  c.tokens.scored_end = end;
  return train(c);
}

// A pass that scores all rows computes all rows. Its loss and gradient are the sums of those of
// passes that compute a part each: but for the rounding of sums in another order, exactly.
TEST(RowPruning, LossAndGradientsAddUp) {
  for (const ModelCase& c : cases()) {
    const Trained all = train_rows(c, 0, 48);
    const Trained parts[] = {train_rows(c, 0, 5), train_rows(c, 5, 24), train_rows(c, 24, 48)};
    EXPECT_EQ(all.loss.scored, 48);
    EXPECT_NEAR(all.loss.loss, parts[0].loss.loss + parts[1].loss.loss + parts[2].loss.loss,
                1e-12 * all.loss.loss)
        << c.describe();
    EXPECT_EQ(all.loss.correct,
              parts[0].loss.correct + parts[1].loss.correct + parts[2].loss.correct);
    double largest = 0;
    for (const float g : all.gradient) largest = std::max(largest, std::abs(double{g}));
    const double bound = 48 * largest * std::numeric_limits<float>::epsilon();
    for (size_t i = 0; i < all.gradient.size(); ++i) {
      const double sum = double{parts[0].gradient[i]} + parts[1].gradient[i] + parts[2].gradient[i];
      ASSERT_NEAR(all.gradient[i], sum, bound) << c.describe() << " parameter " << i;
    }
  }
}

// Nothing of a sequence with other rows is left in the memory of a pass.
TEST(RowPruning, APassServesSequenceAfterSequence) {
  for (ModelCase c : cases()) {
    c.tokens.scored_begin = 40;
    const Trained alone = train(c);
    Weights weights(c.config);
    weights.prepare(c.parameters);
    Gradients gradients(c.config, weights.layout());
    SequencePass pass(c.config);
    for (const int64_t begin : {0, 40}) {
      c.tokens.scored_begin = begin;
      gradients.clear();
      pass.train(weights, c.context, c.example(), 1, gradients);
    }
    EXPECT_TRUE(std::ranges::equal(gradients.all(), alone.gradient)) << c.describe();
  }
}

TEST(RowPruning, NothingScoredIsNoLossAndNoGradient) {
  for (const ModelCase& c : cases()) {
    const Trained none = train_rows(c, 20, 20);
    EXPECT_EQ(none.loss.loss, 0);
    EXPECT_EQ(none.loss.scored, 0);
    EXPECT_EQ(none.gradient, std::vector<float>(none.gradient.size(), 0.0F)) << c.describe();
  }
}

}  // namespace
}  // namespace reformer::test
