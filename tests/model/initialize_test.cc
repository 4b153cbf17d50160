// The distributions that parameters start from.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "reformer/model/layer_weights.h"
#include "reformer/model/parameters.h"
#include "reformer/model/positions.h"
#include "reformer/model/weights.h"

namespace reformer {
namespace {

using testing::Each;
using testing::FloatEq;

class Start {
 public:
  explicit Start(const ModelConfig& config, uint64_t seed = 1)
      : layout_(parameter_layout(config)), values_(initial_parameters(config, seed)) {}

  std::span<const float> operator[](const std::string& name) const {
    const ParameterInfo& p = layout_.at(name);
    return std::span(values_).subspan(static_cast<size_t>(p.offset), static_cast<size_t>(p.size));
  }
  const ParameterLayout& layout() const { return layout_; }
  const std::vector<float>& all() const { return values_; }

 private:
  ParameterLayout layout_;
  std::vector<float> values_;
};

// Mean and standard deviation within five standard errors (of a normal distribution, whose
// deviation varies more than that of the bounded ones here).
void expect_moments(const std::string& name, std::span<const float> x, double deviation) {
  const auto n = static_cast<double>(x.size());
  double sum = 0, squares = 0;
  for (const float value : x) {
    sum += value;
    squares += double{value} * value;
  }
  EXPECT_NEAR(sum / n, 0, 5 * deviation / std::sqrt(n)) << name;
  EXPECT_NEAR(std::sqrt(squares / n), deviation, 5 * deviation / std::sqrt(2 * n)) << name;
}

// All of [-bound, bound] and nothing else.
void expect_uniform(const std::string& name, std::span<const float> x, double bound) {
  expect_moments(name, x, bound / std::sqrt(3.0));
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double margin = 20 * bound / static_cast<double>(x.size());
  for (const double end : {-double{*low}, double{*high}}) {
    EXPECT_LE(end, bound * (1 + 1e-6)) << name;
    EXPECT_GE(end, bound - margin) << name;
  }
}

// Of fmod(x, 2) with x ~ N(0, 1), by summing its density.
double folded_deviation() {
  double second_moment = 0;
  constexpr double kStep = 1e-4;
  for (double x = -10; x < 10; x += kStep) {
    const double folded = std::fmod(x, 2.0);
    second_moment += folded * folded * std::exp(-x * x / 2) / std::sqrt(2 * M_PI) * kStep;
  }
  return std::sqrt(second_moment);
}

TEST(InitialParameters, SeedReport) {
  const Start start(model_preset("seed"));
  const auto tokens = start["embedding.token.weight"];
  expect_moments("token", tokens, folded_deviation() / 16);
  EXPECT_LT(*std::max_element(tokens.begin(), tokens.end()), 2.0 / 16);
  EXPECT_GT(*std::max_element(tokens.begin(), tokens.end()), 1.99 / 16);
  expect_moments("position", start["embedding.position.weight"], 1);
  const double glorot = std::sqrt(6.0 / (256 + 256));
  for (const char* name : {"attention.qk", "attention.value", "attention.out", "feed_forward.in",
                           "feed_forward.out"}) {
    expect_uniform(name, start[fmt::format("layers.0.{}.weight", name)], glorot);
  }
  expect_uniform("in.bias", start["layers.0.feed_forward.in.bias"], 1.0 / 16);
  expect_uniform("out.bias", start["layers.0.feed_forward.out.bias"], 1.0 / 16);
  expect_uniform("output.bias", start["output.bias"], 1.0 / 16);
  for (const char* norm : {"norm1", "norm2"}) {
    EXPECT_THAT(start[fmt::format("layers.0.{}.weight", norm)], Each(1.0F));
    EXPECT_THAT(start[fmt::format("layers.0.{}.bias", norm)], Each(0.0F));
  }
}

TEST(InitialParameters, Paper) {
  const Start start(model_preset("paper"));
  expect_uniform("token", start["embedding.token.weight"], std::sqrt(6.0 / (128 + 256)));
  expect_uniform("output", start["output.weight"], std::sqrt(6.0 / (128 + 256)));
  for (const char* name :
       {"layers.0.feed_forward.in.bias", "layers.0.feed_forward.out.bias", "output.bias"}) {
    expect_moments(name, start[name], 1e-6);
  }
  EXPECT_THAT(start["final_norm.weight"], Each(1.0F));
  EXPECT_THAT(start["final_norm.bias"], Each(0.0F));
  const auto positions = start["embedding.position.weight"];
  std::vector<float> row(256);
  for (const int64_t t : {0, 1, 77, 1023}) {
    sinusoidal_position(t, Sinusoids::alternating, row);
    for (size_t c = 0; c < row.size(); ++c) {
      EXPECT_EQ(positions[static_cast<size_t>(t) * 256 + c], row[c]) << t << " " << c;
    }
  }
}

// A bias starts within 1 / sqrt(number of inputs of its layer), not of the model.
TEST(InitialParameters, FanInIsThatOfTheLayer) {
  ModelConfig config = model_preset("seed");
  config.feed_forward_dim = 4096;
  config.heads = 16;
  config.attention_bias = true;
  const Start start(config);
  expect_uniform("attention.out.bias", start["layers.0.attention.out.bias"], 1.0 / 32);
  expect_uniform("in.bias", start["layers.0.feed_forward.in.bias"], 1.0 / 16);
  expect_uniform("out.bias", start["layers.0.feed_forward.out.bias"], 1.0 / 64);
  expect_uniform("in", start["layers.0.feed_forward.in.weight"], std::sqrt(6.0 / (4096 + 256)));
}

TEST(InitialParameters, PositionStdScalesPositionsOnly) {
  ModelConfig config = model_preset("seed");
  const Start one(config);
  config.position_std = 0.25;
  const Start quarter(config);
  expect_moments("position", quarter["embedding.position.weight"], 0.25);
  EXPECT_EQ(one["embedding.token.weight"][7], quarter["embedding.token.weight"][7]);
}

// W_out = gain W_value^T in every layer, also where the heads together are not as wide as the
// model, and nothing else changes.
TEST(InitialParameters, HeadsMayStartAsCopies) {
  ModelConfig config = model_preset("smoke");
  config.layers = 2;
  config.heads = 3;
  const Start usual(config);
  config.copy_gain = 2.5;
  const Start copying(config);
  const int64_t inner = config.heads * config.head_dim, c = config.model_dim;
  ASSERT_NE(inner, c);
  for (const ParameterInfo& p : copying.layout().all()) {
    const auto x = copying[p.name];
    if (!p.name.ends_with("attention.out.weight")) {
      EXPECT_TRUE(std::ranges::equal(x, usual[p.name])) << p.name;
      continue;
    }
    const auto value = copying[p.name.substr(0, p.name.find("out.weight")) + "value.weight"];
    for (int64_t row = 0; row < c; ++row) {
      for (int64_t col = 0; col < inner; ++col) {
        EXPECT_EQ(x[static_cast<size_t>(row * inner + col)],
                  2.5F * value[static_cast<size_t>(col * c + row)])
            << p.name << " " << row << " " << col;
      }
    }
  }
}

TEST(InitialParameters, OutputMayStartAsTheTokenEmbedding) {
  ModelConfig config = model_preset("paper");
  const Start usual(config);
  config.output_init = OutputInit::token_embedding;
  const Start same(config);
  EXPECT_FALSE(std::ranges::equal(usual["output.weight"], usual["embedding.token.weight"]));
  EXPECT_TRUE(std::ranges::equal(same["output.weight"], usual["embedding.token.weight"]));
  EXPECT_TRUE(std::ranges::equal(same["output.bias"], usual["output.bias"]));
}

// No two parameters, and no two seeds, begin with the same random numbers.
TEST(InitialParameters, StreamsAreDistinct) {
  ModelConfig config = model_preset("seed");
  config.layers = 2;
  std::set<float> firsts;
  size_t count = 0;
  for (const uint64_t seed : {1, 2}) {
    const Start start(config, seed);
    for (const ParameterInfo& p : start.layout().all()) {
      if (p.name.find("norm") != std::string::npos) continue;
      // Scaled alike, so that equal random numbers would be equal values.
      const auto x = start[p.name];
      firsts.insert(x[0] / *std::max_element(x.begin(), x.end()));
      ++count;
    }
  }
  EXPECT_EQ(firsts.size(), count);
}

TEST(InitialParameters, AreAFunctionOfTheSeed) {
  const ModelConfig config = model_preset("smoke");
  EXPECT_EQ(initial_parameters(config, 9), initial_parameters(config, 9));
  EXPECT_NE(initial_parameters(config, 9), initial_parameters(config, 10));
}

TEST(Positions, SinusoidsByHand) {
  std::vector<float> row(4);
  sinusoidal_position(0, Sinusoids::alternating, row);
  EXPECT_THAT(row, testing::ElementsAre(0, 1, 0, 1));
  // 10000^(2/4) = 100, so position 3 has the angles 3 and 0.03.
  sinusoidal_position(3, Sinusoids::alternating, row);
  EXPECT_THAT(row, testing::ElementsAre(FloatEq(0.14112F), FloatEq(-0.9899925F),
                                        FloatEq(0.0299955F), FloatEq(0.99955003F)));
  std::vector<float> odd(3);
  sinusoidal_position(3, Sinusoids::alternating, odd);  // ends with a sine of 3 / 10000^(2/3)
  EXPECT_THAT(
      odd, testing::ElementsAre(FloatEq(0.14112F), FloatEq(-0.9899925F), FloatEq(0.0064632591F)));
}

TEST(Positions, SinesMayComeFirst) {
  std::vector<float> row(4), halves(4);
  sinusoidal_position(3, Sinusoids::alternating, row);
  sinusoidal_position(3, Sinusoids::halves, halves);
  EXPECT_THAT(halves, testing::ElementsAre(row[0], row[2], row[1], row[3]));
  std::vector<float> odd(3), odd_halves(3);
  sinusoidal_position(3, Sinusoids::alternating, odd);
  sinusoidal_position(3, Sinusoids::halves, odd_halves);
  EXPECT_THAT(odd_halves, testing::ElementsAre(odd[0], odd[2], odd[1]));
}

// With 2 rows in the first table and 6 positions: position t is row t / 3 of the first beside row
// t % 3 of the second.
TEST(Positions, AxialByHand) {
  ModelConfig config = model_preset("smoke");
  config.length = 6;
  config.chunk_length = 3;
  config.model_dim = 3;
  config.position = PositionKind::axial;
  config.axial_rows = 2;
  config.axial_first_dim = 1;
  Weights weights(config);
  std::vector<float> parameters(static_cast<size_t>(weights.layout().total_size()));
  const auto set = [&](const std::string& name, const std::vector<float>& values) {
    const ParameterInfo& p = weights.layout().at(name);
    ASSERT_EQ(p.size, static_cast<int64_t>(values.size()));
    std::copy(values.begin(), values.end(), parameters.begin() + p.offset);
  };
  set("embedding.position.first.weight", {1, 2});
  set("embedding.position.second.weight", {10, 11, 20, 21, 30, 31});
  weights.prepare(parameters);
  const std::vector<std::vector<float>> expected = {{1, 10, 11}, {1, 20, 21}, {1, 30, 31},
                                                    {2, 10, 11}, {2, 20, 21}, {2, 30, 31}};
  ASSERT_EQ(weights.position_rows().rows, 6);
  for (int64_t t = 0; t < 6; ++t) {
    EXPECT_THAT(weights.position_rows().row_span(t),
                testing::ElementsAreArray(expected[static_cast<size_t>(t)]));
  }
}

// The elements of an operand: a product of the identity with it is exact.
Matrix elements(const RightView& operand, int64_t cols) {
  Matrix identity(operand.rows(), operand.rows()), result(operand.rows(), cols);
  identity.fill(0);
  for (int64_t i = 0; i < identity.rows(); ++i) identity.row(i)[i] = 1;
  gemm(LeftView(identity), operand, result, Store::overwrite);
  return result;
}

// The output projection of a tied model is its token embedding, not a copy of how it started.
TEST(Weights, TiedOutputIsTheTokenEmbedding) {
  const ModelConfig config = model_preset("smoke");
  Weights weights(config);
  for (const uint64_t seed : {1, 2}) {
    const std::vector<float> parameters = initial_parameters(config, seed);
    weights.prepare(parameters);
    const Matrix straight = elements(weights.output().straight, config.model_dim);
    const Matrix transposed = elements(weights.output().transposed, config.vocabulary);
    for (int64_t token = 0; token < config.vocabulary; ++token) {
      for (int64_t c = 0; c < config.model_dim; ++c) {
        ASSERT_EQ(straight.row(token)[c], weights.token_embedding().row(token)[c]);
        ASSERT_EQ(transposed.row(c)[token], weights.token_embedding().row(token)[c]);
      }
    }
  }
}

}  // namespace
}  // namespace reformer
