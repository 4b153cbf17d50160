#include "reformer/model/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "reformer/base/error.h"
#include "reformer/base/random.h"
#include "tests/model/model_case.h"

namespace reformer::test {
namespace {

using Tokens = std::vector<int32_t>;

const std::vector<Tokens> kPrompts = {{1, 2, 3}, {6}, {0, 0, 5, 4, 4}, {2, 1}, {3}};

// A tiny model and how it attends.
struct Generator {
  ModelCase c;
  Weights weights;

  explicit Generator(const ModelConfig& config) : c(random_case(config, 11)), weights(config) {
    weights.prepare(c.parameters);
  }
  std::vector<Tokens> operator()(std::span<const Tokens> prompts, int64_t tokens,
                                 const SamplingSettings& settings = {}, int threads = 1) const {
    ThreadPool pool(threads);
    return generate(weights, c.context.attention, prompts, tokens, settings, pool);
  }
};

ModelConfig two_layers(std::string_view preset, AttentionKind kind) {
  ModelConfig config = tiny_model(preset);
  config.layers = 2;
  config.attention = kind;
  config.hash_rounds = 2;
  return config;
}

// Under full attention no token depends on what comes after it, so all of them can be checked at
// once: each is the likeliest by the logits of the finished sequence.
TEST(Generate, WritesTheLikeliestTokenOfTheFinishedSequence) {
  for (const bool shift : {false, true}) {
    ModelConfig config = two_layers("seed", AttentionKind::full);
    config.input_shift = shift;
    Generator generator(config);
    for (const Tokens& prompt : kPrompts) {
      Tokens x = prompt;
      const Tokens continuation = generator(std::array{prompt}, 0)[0];
      x.insert(x.end(), continuation.begin(), continuation.end());
      ASSERT_EQ(static_cast<int64_t>(x.size()), config.length);
      generator.c.tokens.inputs = x;
      if (shift) {
        generator.c.tokens.inputs.insert(generator.c.tokens.inputs.begin(), 0);
        generator.c.tokens.inputs.pop_back();
      }
      const auto rows = logits(generator.c, {0, config.length});
      for (size_t t = prompt.size(); t < x.size(); ++t) {
        const auto& row = rows[shift ? t : t - 1];
        EXPECT_EQ(x[t], std::ranges::max_element(row) - row.begin()) << "token " << t;
      }
    }
  }
}

// Under LSH attention they take part in hashing, as token 0: step by step by hand.
TEST(Generate, HashesWhatIsNotWrittenYet) {
  ModelConfig config = two_layers("seed", AttentionKind::lsh);
  config.vocabulary = 200;  // so that a small difference makes another token the likeliest
  config.embedding_scale = 20;
  config.chunk_length = 2;
  const Generator generator(config);
  for (const Tokens& prompt : kPrompts) {
    const Tokens continuation = generator(std::array{prompt}, 6)[0];
    ModelCase c = generator.c;
    c.context.step = 0;
    c.context.example_index = 0;
    c.tokens.inputs.assign(12, 0);
    std::ranges::copy(prompt, c.tokens.inputs.begin());
    for (size_t i = 0; i < continuation.size(); ++i) {
      const auto next = static_cast<int64_t>(prompt.size() + i);
      const auto row = logits(c, {next - 1, next})[0];
      EXPECT_EQ(continuation[i], std::ranges::max_element(row) - row.begin()) << i;
      c.tokens.inputs[static_cast<size_t>(next)] = continuation[i];
    }
  }
}

TEST(Generate, IsTheSameForAnyPool) {
  for (const AttentionKind kind : {AttentionKind::full, AttentionKind::lsh}) {
    const Generator generator(two_layers("paper", kind));
    const SamplingSettings settings{.temperature = 2, .top_k = 5, .seed = 3};
    const auto one = generator(kPrompts, 7, settings, 1);
    EXPECT_EQ(generator(kPrompts, 7, settings, 3), one);
    EXPECT_EQ(generator(std::span(kPrompts).first(2), 7, settings, 2)[1], one[1]);
  }
}

// Where all logits are equal, the tokens cut [0, 1) into equal parts.
TEST(Generate, DrawsFromTheStreamOfItsSeedPositionAndPrompt) {
  Generator generator(two_layers("seed", AttentionKind::full));
  std::ranges::fill(generator.c.parameters, 0.0F);
  generator.weights.prepare(generator.c.parameters);
  const auto drawn = generator(kPrompts, 5, {.temperature = 1, .seed = 9});
  for (uint32_t prompt = 0; prompt < kPrompts.size(); ++prompt) {
    for (size_t i = 0; i < 5; ++i) {
      const RandomStream stream({.seed = 9,
                                 .purpose = Purpose::generation,
                                 .step = kPrompts[prompt].size() + i,
                                 .example = prompt});
      EXPECT_EQ(drawn[prompt][i], static_cast<int32_t>(7 * stream.uniform(0)));
    }
  }
}

TEST(Generate, RefusesWhatItCannotContinue) {
  Generator generator(two_layers("seed", AttentionKind::full));
  const auto message = [&](const Tokens& prompt, int64_t tokens,
                           const SamplingSettings& settings = {}) -> std::string {
    try {
      generator(std::array{Tokens{1}, prompt}, tokens, settings);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({1}, 11), "");
  EXPECT_THAT(message({}, 1), testing::HasSubstr("at least one token, found 0"));
  EXPECT_THAT(message({1, 2}, 11), testing::HasSubstr("found 2 and 11"));
  EXPECT_THAT(message(Tokens(12, 1), 0), testing::HasSubstr("found 12 and 1"));
  EXPECT_THAT(message({1}, std::numeric_limits<int64_t>::max()), testing::HasSubstr("found 1 and"));
  EXPECT_THAT(message({1}, -1), testing::HasSubstr("at least 0, found -1"));
  EXPECT_THAT(message({1, 7}, 1), testing::HasSubstr("from 0 to 6, found 7 at position 1"));
  EXPECT_THAT(message({-1}, 1), testing::HasSubstr("found -1 at position 0"));
  EXPECT_THAT(message({1}, 1, {.temperature = -1}), testing::HasSubstr("temperature"));
  EXPECT_THAT(message({1}, 1, {.top_k = -1}), testing::HasSubstr("top_k"));
  generator.c.parameters.assign(generator.c.parameters.size(),
                                std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(message({1}, 1), testing::HasSubstr("finite logits"));
  generator.c.context.attention.causal = false;
  EXPECT_THAT(message({1}, 1), testing::HasSubstr("causal"));
}

}  // namespace
}  // namespace reformer::test
