#include "tests/model/model_case.h"

#include <fmt/format.h>

#include "reformer/base/random.h"
#include "reformer/math/target.h"

namespace reformer::test {
namespace {

// All numbers of a case come from one seed, through a stream for each purpose.
RandomStream stream(uint64_t seed, uint32_t what) {
  return RandomStream({.seed = seed, .purpose = Purpose::test, .layer = what});
}

std::vector<reference::Candidates> seen_by_head(const ModelCase& c, const HashPlan* plan) {
  const reference::Sight sight{c.valid, c.context.attention.causal};
  std::vector<reference::Candidates> seen;
  for (int64_t t = 0; t < c.config.length; ++t) {
    seen.push_back(plan == nullptr
                       ? reference::full_candidates(sight, c.config.length, t)
                       : reference::lsh_candidates(c.context.attention.semantics, *plan, sight, t));
  }
  return seen;
}

}  // namespace

OnTarget::OnTarget(const std::string& name) { force_target(name); }
OnTarget::~OnTarget() { force_target(""); }

ModelConfig tiny_model(std::string_view preset) {
  ModelConfig config = model_preset(preset);
  config.vocabulary = 7;
  config.length = 12;
  config.model_dim = 6;
  config.heads = 2;
  config.head_dim = 3;
  config.feed_forward_dim = 9;
  config.embedding_scale = preset == "seed" ? 2 : 1;
  config.axial_rows = 3;
  config.axial_first_dim = 2;
  config.buckets = 4;
  config.chunk_length = 3;
  return config;
}

Example ModelCase::example() const {
  Example example = tokens;
  example.valid = valid;
  return example;
}

std::string ModelCase::describe() const {
  return fmt::format("{} {}{}{}, {} layers, {} norm, {} positions", config.semantics,
                     context.attention.name(), config.causal ? " causal" : "",
                     valid.empty() ? "" : " padded", config.layers, enum_name(config.norm),
                     enum_name(config.position));
}

ModelCase random_case(const ModelConfig& config, uint64_t seed, bool padded) {
  ModelCase c;
  c.config = config;
  c.context.attention = attention_of(config, seed);
  c.context.step = 5;
  c.context.example_index = 3;
  c.parameters = initial_parameters(config, seed);
  std::vector<float> noise(c.parameters.size());
  stream(seed, 0).fill_normal(noise);
  for (size_t i = 0; i < noise.size(); ++i) c.parameters[i] += 0.3F * noise[i];
  const auto vocabulary = static_cast<uint32_t>(config.vocabulary);
  for (uint64_t t = 0; t < static_cast<uint64_t>(config.length); ++t) {
    c.tokens.inputs.push_back(static_cast<int32_t>(stream(seed, 1).below(t, vocabulary)));
    c.tokens.targets.push_back(static_cast<int32_t>(stream(seed, 2).below(t, vocabulary)));
    if (padded) c.valid.push_back(stream(seed, 3).below(t, 3) != 0);
  }
  c.tokens.scored_begin = config.length / 2;
  c.tokens.scored_end = config.length;
  return c;
}

Trained train(const ModelCase& c, Precision precision) {
  Weights weights(c.config, precision);
  weights.prepare(c.parameters);
  Gradients gradients(c.config, weights.layout());
  SequencePass pass(c.config);
  Trained result;
  result.loss = pass.train(weights, c.context, c.example(), 1, gradients);
  result.gradient.assign(gradients.all().begin(), gradients.all().end());
  for (int64_t layer = 0; layer < c.config.layers; ++layer) {
    const bool lsh = c.context.attention.kind == AttentionKind::lsh;
    result.plans.push_back(lsh ? pass.plans(layer) : std::vector<HashPlan>());
  }
  return result;
}

bool same_buckets(const Trained& a, const Trained& b) {
  for (size_t layer = 0; layer < a.plans.size(); ++layer) {
    for (size_t head = 0; head < a.plans[layer].size(); ++head) {
      if (a.plans[layer][head].bucket != b.plans[layer][head].bucket) return false;
    }
  }
  return true;
}

std::vector<std::vector<float>> logits(const ModelCase& c, QueryRange rows) {
  Weights weights(c.config);
  weights.prepare(c.parameters);
  SequencePass pass(c.config);
  const ConstMatrixView view = pass.logits(weights, c.context, c.example(), rows);
  std::vector<std::vector<float>> result;
  for (int64_t r = 0; r < view.rows; ++r) {
    result.emplace_back(view.row(r), view.row(r) + view.cols);
  }
  return result;
}

reference::Model<double> reference_of(const ModelCase& c,
                                      const std::vector<std::vector<HashPlan>>& plans) {
  const AttentionChoice& attention = c.context.attention;
  const bool full = attention.kind == AttentionKind::full;
  reference::Model<double> model{c.config,
                                 parameter_layout(c.config),
                                 {c.parameters.begin(), c.parameters.end()},
                                 full ? attention.semantics.full : attention.semantics.lsh,
                                 {},
                                 {},
                                 {}};
  for (size_t layer = 0; layer < static_cast<size_t>(c.config.layers); ++layer) {
    model.seen.emplace_back();
    for (size_t head = 0; head < static_cast<size_t>(c.config.heads); ++head) {
      model.seen.back().push_back(seen_by_head(c, full ? nullptr : &plans[layer][head]));
    }
  }
  return model;
}

double slope(reference::Model<double>& model, const Example& example,
             const std::vector<double>& direction) {
  constexpr double kStep = 1e-5;
  const std::vector<double> start = model.parameters;
  const auto loss_at = [&](double distance) {
    for (size_t i = 0; i < start.size(); ++i) {
      model.parameters[i] = start[i] + distance * direction[i];
    }
    return loss(model, example);
  };
  const double result = (loss_at(kStep) - loss_at(-kStep)) / (2 * kStep);
  model.parameters = start;
  return result;
}

}  // namespace reformer::test
