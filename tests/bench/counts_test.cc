// Counted by hand, term by term.
#include "reformer/bench/counts.h"

#include <gtest/gtest.h>

namespace reformer {
namespace {

AttentionChoice choice(std::string_view name, bool causal = true) {
  AttentionChoice attention;
  attention.chunk_length = 4;
  attention.causal = causal;
  choose_attention(attention, name);
  return attention;
}

// T = 8, C = 3, I = 2 x 5 = 10, F = 7, V = 11.
ModelConfig small(int64_t layers) {
  ModelConfig config;
  config.length = 8;
  config.model_dim = 3;
  config.heads = 2;
  config.head_dim = 5;
  config.feed_forward_dim = 7;
  config.vocabulary = 11;
  config.layers = layers;
  return config;
}

TEST(Counts, KeysOfAQuery) {
  // Queries 4 .. 7 of 8 meet 5, 6, 7 and 8 keys; the formula leaves out half of each own one.
  EXPECT_EQ(keys_of_a_query(choice("full"), 8, 4), 6);
  EXPECT_EQ(keys_of_a_query(choice("full"), 8, 8), 4);
  EXPECT_EQ(keys_of_a_query(choice("full", false), 8, 4), 8);
  // Two chunks of 4 in each of 3 rounds.
  EXPECT_EQ(keys_of_a_query(choice("lsh-3"), 8, 4), 24);
}

TEST(Counts, AttentionAlone) {
  // 8 queries meet 4 keys; logits and outputs forward, four products backward, of width 10.
  EXPECT_EQ(attention_operations(choice("full"), 8, 8, 10), 8 * 4 * 10 * 2 * (2 + 4));
  EXPECT_EQ(attention_operations(choice("lsh-2"), 8, 8, 10), 8 * 16 * 10 * 2 * 6);
}

TEST(Counts, ForwardOfOneLayer) {
  const int scored = 4;
  const int query_key_and_value = 2 * 8 * 3 * 10;
  const int out = scored * 10 * 3;
  const int feed_forward = 2 * scored * 3 * 7;
  const int logits = scored * 3 * 11;
  const int attention = 2 * scored * 6 * 10;
  EXPECT_EQ(forward_operations(small(1), choice("full"), scored),
            2 * (query_key_and_value + out + feed_forward + logits + attention));
}

// Every row of the first layer is read by the second.
TEST(Counts, LayersBeforeTheLastAskEverywhere) {
  const int first = 2 * 8 * 3 * 10 + 8 * 10 * 3 + 2 * 8 * 3 * 7 + 2 * 8 * (2 * 1 * 4) * 10;
  EXPECT_EQ(forward_operations(small(2), choice("lsh-1"), 4) -
                forward_operations(small(1), choice("lsh-1"), 4),
            2 * first);
}

// The full sizes of the published run: 2.72, and 1.51 + 0.20 R, thousand million operations.
TEST(Counts, TrainingAtTheFullSize) {
  const ModelConfig config = model_preset("seed");
  AttentionChoice attention = attention_of(config, 0);
  EXPECT_NEAR(training_operations(config, attention, 512), 2.72e9, 0.005e9);
  for (const int rounds : {1, 2, 4, 8}) {
    choose_attention(attention, "lsh-" + std::to_string(rounds));
    EXPECT_NEAR(training_operations(config, attention, 512), 1.51e9 + 0.2013e9 * rounds, 0.005e9);
  }
}

}  // namespace
}  // namespace reformer
