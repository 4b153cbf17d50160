// The language model written from its definitions, in any floating type: one forward pass of all
// rows, with nested loops and nothing shared with the production code but the names and shapes of
// the parameters. Gradients come from differences of its loss.
#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reformer/attention/reference.h"
#include "reformer/model/config.h"
#include "reformer/model/dropout.h"
#include "reformer/model/example.h"
#include "reformer/model/parameters.h"

namespace reformer::reference {

// Which keys every query sees, decided beforehand: [L][H][T]. With them frozen, the loss is a
// smooth function of the parameters.
using Seen = std::vector<std::vector<std::vector<Candidates>>>;

// What dropout multiplies an activation by: 0 or 1 / (1 - p); no function means 1.
using DropoutMask =
    std::function<double(int64_t layer, DropoutSite site, int64_t row, int64_t column)>;

template <class Real>
struct Model {
  ModelConfig config;
  ParameterLayout layout;
  std::vector<Real> parameters;
  LogitRule rule;
  Seen seen;
  DropoutMask mask;
  Rounding<Real> round = {};  // of the operands of all products

  // A matrix parameter, or a vector as one row.
  Rows<Real> matrix(const std::string& name) const {
    const ParameterInfo& p = layout.at(name);
    const int64_t columns = p.shape.back();
    Rows<Real> rows;
    for (int64_t begin = p.offset; begin < p.offset + p.size; begin += columns) {
      const auto first = parameters.begin() + begin;
      rows.emplace_back(first, first + columns);
    }
    return rows;
  }
  Row<Real> vector(const std::string& name) const { return matrix(name)[0]; }
};

// y = x W^T.   x: [*, in]   w: [out, in]
template <class Real>
Rows<Real> product(const Model<Real>& model, Rows<Real> x, Rows<Real> w) {
  for (Rows<Real>* operand : {&x, &w}) {
    for (Row<Real>& row : *operand) row = rounded(model.round, row);
  }
  Rows<Real> y(x.size(), Row<Real>(w.size()));
  for (size_t t = 0; t < x.size(); ++t) {
    for (size_t o = 0; o < w.size(); ++o) y[t][o] = dot(x[t], w[o]);
  }
  return y;
}

template <class Real>
Rows<Real> sum(Rows<Real> a, const Rows<Real>& b) {
  for (size_t t = 0; t < a.size(); ++t) add_scaled(a[t], Real{1}, b[t]);
  return a;
}

// y = x W^T + b
template <class Real>
Rows<Real> linear(const Model<Real>& model, const std::string& name, const Rows<Real>& x) {
  const Rows<Real> bias(x.size(), model.vector(name + ".bias"));
  return sum(product(model, x, model.matrix(name + ".weight")), bias);
}

// gain * (x - mean) / sqrt(variance + epsilon) + bias
template <class Real>
Rows<Real> layer_norm(const Model<Real>& model, const std::string& name, Rows<Real> x) {
  const Row<Real> gain = model.vector(name + ".weight");
  const Row<Real> bias = model.vector(name + ".bias");
  const auto width = static_cast<Real>(gain.size());
  for (Row<Real>& row : x) {
    Real mean = 0, variance = 0;
    for (const Real value : row) mean += value / width;
    for (const Real value : row) variance += (value - mean) * (value - mean) / width;
    const Real deviation = std::sqrt(variance + static_cast<Real>(model.config.norm_epsilon));
    for (size_t c = 0; c < row.size(); ++c) {
      row[c] = gain[c] * (row[c] - mean) / deviation + bias[c];
    }
  }
  return x;
}

template <class Real>
Rows<Real> drop(const Model<Real>& model, int64_t layer, DropoutSite site, Rows<Real> x) {
  if (!model.mask) return x;
  for (size_t t = 0; t < x.size(); ++t) {
    for (size_t c = 0; c < x[t].size(); ++c) {
      x[t][c] *= static_cast<Real>(
          model.mask(layer, site, static_cast<int64_t>(t), static_cast<int64_t>(c)));
    }
  }
  return x;
}

// Of the sine at column i (even) of a position, if sines and cosines alternate, and of its cosine.
template <class Real>
Real angle_of(int64_t t, size_t i, size_t width) {
  const Real exponent = static_cast<Real>(i) / static_cast<Real>(width);
  return static_cast<Real>(t) / std::pow(Real{10000}, exponent);
}

// The pair (2 i, 2 i + 1) as a complex number, times e^(i angle).
template <class Real>
void turn(Row<Real>& row, int64_t t) {
  for (size_t i = 0; i < row.size(); i += 2) {
    const std::complex<Real> turned = std::complex<Real>(row[i], row[i + 1]) *
                                      std::polar(Real{1}, angle_of<Real>(t, i, row.size()));
    row[i] = turned.real();
    row[i + 1] = turned.imag();
  }
}

// What is added to the token embedding at position t.
template <class Real>
Row<Real> position(const Model<Real>& model, int64_t t) {
  const ModelConfig& config = model.config;
  const auto width = static_cast<size_t>(config.model_dim);
  Row<Real> row(width, Real{0});
  if (config.position == PositionKind::learned) {
    row = model.matrix("embedding.position.weight")[static_cast<size_t>(t)];
  }
  if (config.position == PositionKind::fixed) {
    const bool halves = config.sinusoids == Sinusoids::halves;
    for (size_t i = 0; i < width; i += 2) {
      const Real angle = angle_of<Real>(t, i, width);
      row[halves ? i / 2 : i] = std::sin(angle);
      if (i + 1 < width) row[halves ? (width + 1) / 2 + i / 2 : i + 1] = std::cos(angle);
    }
  }
  if (config.position == PositionKind::axial) {
    const Rows<Real> second = model.matrix("embedding.position.second.weight");
    const auto columns = static_cast<int64_t>(second.size());
    row = model.matrix("embedding.position.first.weight")[static_cast<size_t>(t / columns)];
    const Row<Real>& right = second[static_cast<size_t>(t % columns)];
    if (config.axial_merge == AxialMerge::sum) {
      add_scaled(row, Real{1}, right);
    } else {
      row.insert(row.end(), right.begin(), right.end());
    }
  }
  return row;
}

template <class Real>
Rows<Real> embed(const Model<Real>& model, const Example& example) {
  const Rows<Real> tokens = model.matrix("embedding.token.weight");
  Rows<Real> x;
  for (size_t t = 0; t < example.inputs.size(); ++t) {
    x.push_back(position(model, static_cast<int64_t>(t)));
    add_scaled(x[t], static_cast<Real>(model.config.embedding_scale),
               tokens[static_cast<size_t>(example.inputs[t])]);
  }
  return drop(model, 0, DropoutSite::embedding, x);
}

template <class Real>
Rows<Real> attention(const Model<Real>& model, int64_t layer, const Rows<Real>& x) {
  const std::string name = "layers." + std::to_string(layer) + ".attention.";
  const Rows<Real> qk = product(model, x, model.matrix(name + "qk.weight"));
  const Rows<Real> v = product(model, x, model.matrix(name + "value.weight"));
  const int64_t dim = model.config.head_dim;
  Rows<Real> heads(x.size());
  for (int64_t h = 0; h < model.config.heads; ++h) {
    Head<Real> head;
    head.queries = {0, static_cast<int64_t>(x.size())};
    head.round = model.round;
    for (size_t t = 0; t < x.size(); ++t) {
      head.qk.emplace_back(qk[t].begin() + h * dim, qk[t].begin() + (h + 1) * dim);
      head.v.emplace_back(v[t].begin() + h * dim, v[t].begin() + (h + 1) * dim);
      if (model.config.position == PositionKind::rotary) {
        turn(head.qk.back(), static_cast<int64_t>(t));
      }
    }
    const auto& seen = model.seen[static_cast<size_t>(layer)][static_cast<size_t>(h)];
    const Rows<Real> out = forward(model.rule, head, seen).out;
    for (size_t t = 0; t < x.size(); ++t) {
      heads[t].insert(heads[t].end(), out[t].begin(), out[t].end());
    }
  }
  const Rows<Real> y = model.config.attention_bias
                           ? linear(model, name + "out", heads)
                           : product(model, heads, model.matrix(name + "out.weight"));
  return drop(model, layer, DropoutSite::attention, y);
}

template <class Real>
Real activate(Activation kind, Real x) {
  if (kind == Activation::relu) return std::max(x, Real{0});
  return x * (1 + std::erf(x / std::sqrt(Real{2}))) / 2;
}

template <class Real>
Rows<Real> feed_forward(const Model<Real>& model, int64_t layer, const Rows<Real>& x) {
  const std::string name = "layers." + std::to_string(layer) + ".feed_forward.";
  Rows<Real> hidden = linear(model, name + "in", x);
  for (Row<Real>& row : hidden) {
    for (Real& value : row) value = activate(model.config.activation, value);
  }
  return drop(model, layer, DropoutSite::feed_forward, linear(model, name + "out", hidden));
}

template <class Real>
Rows<Real> block(const Model<Real>& model, int64_t layer, const Rows<Real>& x) {
  const std::string norm1 = "layers." + std::to_string(layer) + ".norm1";
  const std::string norm2 = "layers." + std::to_string(layer) + ".norm2";
  if (model.config.norm == NormPosition::pre) {
    const Rows<Real> h = sum(x, attention(model, layer, layer_norm(model, norm1, x)));
    return sum(h, feed_forward(model, layer, layer_norm(model, norm2, h)));
  }
  const Rows<Real> h = layer_norm(model, norm1, sum(x, attention(model, layer, x)));
  return layer_norm(model, norm2, sum(h, feed_forward(model, layer, h)));
}

// Both streams of the last layer, merged.
template <class Real>
Rows<Real> two_streams(const Model<Real>& model, const Rows<Real>& embedded) {
  Rows<Real> x1 = embedded, x2 = embedded;
  for (int64_t layer = 0; layer < model.config.layers; ++layer) {
    const std::string norm = "layers." + std::to_string(layer) + ".norm";
    x1 = sum(x1, attention(model, layer, layer_norm(model, norm + "1", x2)));
    x2 = sum(x2, feed_forward(model, layer, layer_norm(model, norm + "2", x1)));
  }
  for (size_t t = 0; t < x1.size(); ++t) {
    if (model.config.stream_merge == StreamMerge::concatenate) {
      x1[t].insert(x1[t].end(), x2[t].begin(), x2[t].end());
    } else {
      for (size_t c = 0; c < x1[t].size(); ++c) x1[t][c] = (x1[t][c] + x2[t][c]) / 2;
    }
  }
  return x1;
}

// Logits of all rows.   [T, V]
template <class Real>
Rows<Real> logits(const Model<Real>& model, const Example& example) {
  Rows<Real> x = embed(model, example);
  if (model.config.residual == Residual::two_streams) {
    x = two_streams(model, x);
  } else {
    for (int64_t layer = 0; layer < model.config.layers; ++layer) x = block(model, layer, x);
  }
  if (model.config.final_norm) x = layer_norm(model, "final_norm", x);
  const std::string matrix = model.config.tied_output ? "embedding.token.weight" : "output.weight";
  return sum(product(model, x, model.matrix(matrix)),
             Rows<Real>(x.size(), model.vector("output.bias")));
}

// Sum of the cross-entropy over the scored rows.
template <class Real>
Real loss(const Model<Real>& model, const Example& example) {
  const Rows<Real> all = logits(model, example);
  Real total = 0;
  for (auto t = example.scored_begin; t < example.scored_end; ++t) {
    const auto at = static_cast<size_t>(t);
    total += log_sum_exp(all[at]) - all[at][static_cast<size_t>(example.targets[at])];
  }
  return total;
}

}  // namespace reformer::reference
