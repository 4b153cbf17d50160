// Names, shapes and places of the parameters of both published models.
#include "reformer/model/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

#include "reformer/model/gradients.h"

namespace reformer {
namespace {

using testing::ElementsAreArray;

using Named = std::vector<std::pair<std::string, std::vector<int64_t>>>;

Named names_and_shapes(const ModelConfig& config) {
  Named result;
  const ParameterLayout layout = parameter_layout(config);
  for (const ParameterInfo& p : layout.all()) result.emplace_back(p.name, p.shape);
  return result;
}

// What both models have in one block.
const Named kBlock = {{"layers.0.norm1.weight", {256}},
                      {"layers.0.norm1.bias", {256}},
                      {"layers.0.attention.qk.weight", {256, 256}},
                      {"layers.0.attention.value.weight", {256, 256}},
                      {"layers.0.attention.out.weight", {256, 256}},
                      {"layers.0.norm2.weight", {256}},
                      {"layers.0.norm2.bias", {256}},
                      {"layers.0.feed_forward.in.weight", {256, 256}},
                      {"layers.0.feed_forward.in.bias", {256}},
                      {"layers.0.feed_forward.out.weight", {256, 256}},
                      {"layers.0.feed_forward.out.bias", {256}}};

Named around_block(const Named& before, const Named& after) {
  Named all = before;
  all.insert(all.end(), kBlock.begin(), kBlock.end());
  all.insert(all.end(), after.begin(), after.end());
  return all;
}

TEST(ParameterLayout, SyntheticConfigHas624256Parameters) {
  EXPECT_EQ(parameter_layout(model_preset("seed")).total_size(), 624256);
}

TEST(ParameterLayout, SeedReport) {
  EXPECT_THAT(names_and_shapes(model_preset("seed")),
              ElementsAreArray(around_block({{"embedding.token.weight", {128, 256}},
                                             {"embedding.position.weight", {1024, 256}}},
                                            {{"output.bias", {128}}})));
}

TEST(ParameterLayout, Paper) {
  const ModelConfig config = model_preset("paper");
  EXPECT_THAT(names_and_shapes(config),
              ElementsAreArray(around_block({{"embedding.token.weight", {128, 256}},
                                             {"embedding.position.weight", {1024, 256}}},
                                            {{"final_norm.weight", {256}},
                                             {"final_norm.bias", {256}},
                                             {"output.weight", {128, 256}},
                                             {"output.bias", {128}}})));
  EXPECT_EQ(parameter_layout(config).total_size(), 624256 + 2 * 256 + 128 * 256);
}

TEST(ParameterLayout, HeadsNeedNotFillTheModel) {
  ModelConfig config = model_preset("seed");
  config.heads = 3;
  config.head_dim = 5;
  const ParameterLayout layout = parameter_layout(config);
  EXPECT_EQ(layout.at("layers.0.attention.qk.weight").shape, (std::vector<int64_t>{15, 256}));
  EXPECT_EQ(layout.at("layers.0.attention.value.weight").shape, (std::vector<int64_t>{15, 256}));
  EXPECT_EQ(layout.at("layers.0.attention.out.weight").shape, (std::vector<int64_t>{256, 15}));
}

// Only where two streams lie side by side does the end have another width.
TEST(ParameterLayout, TwoStreams) {
  ModelConfig config = model_preset("paper");
  const Named one = names_and_shapes(config);
  config.residual = Residual::two_streams;
  EXPECT_EQ(names_and_shapes(config), one);
  config.stream_merge = StreamMerge::concatenate;
  const ParameterLayout two = parameter_layout(config);
  EXPECT_EQ(two.at("final_norm.weight").shape, (std::vector<int64_t>{512}));
  EXPECT_EQ(two.at("final_norm.bias").shape, (std::vector<int64_t>{512}));
  EXPECT_EQ(two.at("output.weight").shape, (std::vector<int64_t>{128, 512}));
  EXPECT_EQ(two.total_size(),
            parameter_layout(model_preset("paper")).total_size() + 2 * 256 + 128 * 256);
}

TEST(ParameterLayout, ABiasAfterAttention) {
  ModelConfig config = model_preset("seed");
  config.attention_bias = true;
  const ParameterLayout layout = parameter_layout(config);
  EXPECT_EQ(layout.at("layers.0.attention.out.bias").shape, (std::vector<int64_t>{256}));
  EXPECT_FALSE(layout.at("layers.0.attention.out.bias").decays);
  EXPECT_EQ(layout.total_size(), 624256 + 256);
}

TEST(ParameterLayout, EveryKindOfPosition) {
  ModelConfig config = model_preset("seed");
  config.position = PositionKind::axial;
  const ParameterLayout axial = parameter_layout(config);
  EXPECT_FALSE(axial.contains("embedding.position.weight"));
  EXPECT_EQ(axial.at("embedding.position.first.weight").shape, (std::vector<int64_t>{32, 64}));
  EXPECT_EQ(axial.at("embedding.position.second.weight").shape, (std::vector<int64_t>{32, 192}));
  config.axial_merge = AxialMerge::sum;
  const ParameterLayout sum = parameter_layout(config);
  EXPECT_EQ(sum.at("embedding.position.first.weight").shape, (std::vector<int64_t>{32, 256}));
  EXPECT_EQ(sum.at("embedding.position.second.weight").shape, (std::vector<int64_t>{32, 256}));
  for (const PositionKind kind : {PositionKind::fixed, PositionKind::rotary, PositionKind::none}) {
    config.position = kind;
    for (const auto& [name, shape] : names_and_shapes(config)) {
      EXPECT_EQ(name.find("position"), std::string::npos) << name;
    }
  }
}

TEST(ParameterLayout, EveryLayerHasItsOwn) {
  ModelConfig config = model_preset("seed");
  config.layers = 3;
  const ParameterLayout layout = parameter_layout(config);
  for (const auto& [name, shape] : kBlock) {
    for (const char digit : {'0', '1', '2'}) {
      std::string own = name;
      own[own.find('0')] = digit;
      ASSERT_TRUE(layout.contains(own)) << own;
      EXPECT_EQ(layout.at(own).shape, shape) << own;
    }
  }
  EXPECT_EQ(layout.total_size(), 624256 + 2 * (5 * 256 * 256 + 6 * 256));
}

// Parameters follow each other without gap or overlap, in the order of the list.
TEST(ParameterLayout, FillsOneFlatArray) {
  for (const std::string& preset : model_preset_names()) {
    const ParameterLayout layout = parameter_layout(model_preset(preset));
    int64_t offset = 0;
    for (const ParameterInfo& p : layout.all()) {
      EXPECT_EQ(p.offset, offset) << p.name;
      int64_t size = 1;
      for (const int64_t extent : p.shape) size *= extent;
      EXPECT_EQ(p.size, size) << p.name;
      offset += size;
    }
    EXPECT_EQ(layout.total_size(), offset);
  }
}

// fastai decays matrices only.
TEST(ParameterLayout, OnlyMatricesDecay) {
  const ParameterLayout layout = parameter_layout(model_preset("paper"));
  for (const ParameterInfo& p : layout.all()) EXPECT_EQ(p.decays, p.shape.size() == 2) << p.name;
}

TEST(ParameterLayout, UnknownNameIsOurMistake) {
  const ParameterLayout layout = parameter_layout(model_preset("seed"));
  EXPECT_FALSE(layout.contains("output.weight"));
  EXPECT_THROW(layout.at("output.weight"), std::logic_error);
}

// Every view of the gradients lies where the layout has the parameter.
TEST(Gradients, ViewsFollowTheLayout) {
  ModelConfig config = model_preset("paper");
  config.layers = 2;
  const ParameterLayout layout = parameter_layout(config);
  Gradients gradients(config, layout);
  const auto place = [&](const std::string& name) {
    return gradients.all().data() + layout.at(name).offset;
  };
  EXPECT_EQ(gradients.layers[1].qk.data, place("layers.1.attention.qk.weight"));
  EXPECT_EQ(gradients.layers[1].value.data, place("layers.1.attention.value.weight"));
  EXPECT_EQ(gradients.layers[0].norm2.bias.data(), place("layers.0.norm2.bias"));
  EXPECT_EQ(gradients.output.data, place("output.weight"));
  config.tied_output = true;
  Gradients tied(config, parameter_layout(config));
  EXPECT_EQ(tied.output.data, tied.token_embedding.data);
}

}  // namespace
}  // namespace reformer
