// Dropout draws its masks again instead of storing them, so that both passes must agree on them.
#include "reformer/model/dropout.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/model/gradient_check.h"
#include "tests/model/model_case.h"

namespace reformer::test {
namespace {

PassContext context_with(double dropout) {
  PassContext context;
  context.dropout = dropout;
  context.dropout_seed = 5;
  context.step = 7;
  context.example_index = 2;
  return context;
}

// What `rows` rows of ones from `first_row` on become.
std::vector<float> mask(const PassContext& context, int64_t layer, DropoutSite site,
                        int64_t rows = 24, int64_t cols = 17, int64_t first_row = 0) {
  Matrix x(rows, cols);
  x.fill(1);
  apply_dropout(context, layer, site, first_row, x);
  std::vector<float> values;
  for (int64_t r = 0; r < rows; ++r) values.insert(values.end(), x.row(r), x.row(r) + cols);
  return values;
}

TEST(Dropout, KeepsTheRateAndTheMean) {
  for (const double p : {0.1, 0.5, 0.9}) {
    const std::vector<float> values = mask(context_with(p), 0, DropoutSite::attention, 400, 100);
    double kept = 0;
    for (const float x : values) {
      if (x == 0) continue;
      EXPECT_FLOAT_EQ(x, static_cast<float>(1 / (1 - p)));
      ++kept;
    }
    const auto n = static_cast<double>(values.size());
    EXPECT_NEAR(kept / n, 1 - p, 5 * std::sqrt(p * (1 - p) / n));
  }
}

TEST(Dropout, ZeroLeavesEveryBit) {
  EXPECT_EQ(mask(context_with(0), 0, DropoutSite::attention), std::vector<float>(24 * 17, 1.0F));
}

TEST(Dropout, IsTheSameWhenDrawnAgain) {
  const PassContext context = context_with(0.5);
  EXPECT_EQ(mask(context, 1, DropoutSite::attention), mask(context, 1, DropoutSite::attention));
}

TEST(Dropout, DiffersBySeedStepExampleLayerAndSite) {
  const PassContext context = context_with(0.5);
  const std::vector<float> first = mask(context, 0, DropoutSite::attention);
  PassContext other = context;
  ++other.dropout_seed;
  EXPECT_NE(mask(other, 0, DropoutSite::attention), first);
  other = context;
  ++other.step;
  EXPECT_NE(mask(other, 0, DropoutSite::attention), first);
  other = context;
  ++other.example_index;
  EXPECT_NE(mask(other, 0, DropoutSite::attention), first);
  EXPECT_NE(mask(context, 1, DropoutSite::attention), first);
  EXPECT_NE(mask(context, 0, DropoutSite::feed_forward), first);
  EXPECT_NE(mask(context, 0, DropoutSite::embedding), first);
}

// What is dropped at a position does not depend on which rows are computed.
TEST(Dropout, RowsAreCountedFromTheStartOfTheSequence) {
  const PassContext context = context_with(0.5);
  const std::vector<float> all = mask(context, 0, DropoutSite::attention);
  const std::vector<float> tail = mask(context, 0, DropoutSite::attention, 4, 17, 20);
  EXPECT_EQ(tail, std::vector<float>(all.end() - 4 * 17, all.end()));
}

TEST(Dropout, IsOffByDefault) {
  EXPECT_EQ(PassContext().dropout, 0);
  for (const std::string& preset : model_preset_names()) {
    EXPECT_EQ(model_preset(preset).dropout, 0) << preset;
  }
}

// The masks of a pass as the reference wants them, one table for each layer and site.
reference::DropoutMask masks_of(const ModelCase& c) {
  const int64_t cols = c.config.model_dim;
  return [&c, cols](int64_t layer, DropoutSite site, int64_t row, int64_t column) {
    return double{mask(c.context, layer, site, 1, cols, row)[static_cast<size_t>(column)]};
  };
}

TEST(Dropout, BothPassesDropTheSame) {
  for (const char* preset : {"seed", "paper"}) {
    for (const AttentionKind kind : {AttentionKind::full, AttentionKind::lsh}) {
      ModelConfig config = tiny_model(preset);
      config.layers = 2;
      config.attention = kind;
      ModelCase c = random_case(config, 50);
      c.context.dropout = 0.3;
      c.context.dropout_seed = 9;
      check_gradient(c, 0, masks_of(c));
    }
  }
}

}  // namespace
}  // namespace reformer::test
