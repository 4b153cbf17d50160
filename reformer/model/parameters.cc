#include "reformer/model/parameters.h"

#include <numeric>

#include "reformer/base/error.h"

namespace reformer {
namespace {

// Collects parameters in order of declaration.
class Builder {
 public:
  void matrix(const std::string& name, int64_t rows, int64_t cols) {
    add(name, {rows, cols}, true);
  }
  void vector(const std::string& name, int64_t size) { add(name, {size}, false); }

  // Weight [out, in] and bias [out].
  void linear(const std::string& name, int64_t out, int64_t in) {
    matrix(name + ".weight", out, in);
    vector(name + ".bias", out);
  }
  void norm(const std::string& name, int64_t size) {
    vector(name + ".weight", size);
    vector(name + ".bias", size);
  }

  std::vector<ParameterInfo> take() { return std::move(parameters_); }

 private:
  void add(const std::string& name, std::vector<int64_t> shape, bool decays) {
    parameters_.push_back({name, std::move(shape), 0, 0, decays});
  }
  std::vector<ParameterInfo> parameters_;
};

}  // namespace

ParameterLayout::ParameterLayout(std::vector<ParameterInfo> parameters)
    : parameters_(std::move(parameters)) {
  for (ParameterInfo& p : parameters_) {
    p.offset = total_size_;
    p.size = std::accumulate(p.shape.begin(), p.shape.end(), int64_t{1}, std::multiplies<>());
    total_size_ += p.size;
  }
}

bool ParameterLayout::contains(std::string_view name) const {
  for (const ParameterInfo& p : parameters_) {
    if (p.name == name) return true;
  }
  return false;
}

const ParameterInfo& ParameterLayout::at(std::string_view name) const {
  for (const ParameterInfo& p : parameters_) {
    if (p.name == name) return p;
  }
  throw std::logic_error(fmt::format("no parameter named '{}'", name));
}

ParameterLayout parameter_layout(const ModelConfig& config) {
  const int64_t c = config.model_dim;
  const int64_t inner = config.heads * config.head_dim;
  Builder builder;
  builder.matrix("embedding.token.weight", config.vocabulary, c);
  if (config.position == PositionKind::learned) {
    builder.matrix("embedding.position.weight", config.length, c);
  } else if (config.position == PositionKind::axial) {
    const int64_t rows = config.axial_rows;
    const bool beside = config.axial_merge == AxialMerge::concatenate;
    builder.matrix("embedding.position.first.weight", rows, beside ? config.axial_first_dim : c);
    builder.matrix("embedding.position.second.weight", config.length / rows,
                   beside ? c - config.axial_first_dim : c);
  }
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    const std::string prefix = fmt::format("layers.{}.", layer);
    builder.norm(prefix + "norm1", c);
    builder.matrix(prefix + "attention.qk.weight", inner, c);
    builder.matrix(prefix + "attention.value.weight", inner, c);
    builder.matrix(prefix + "attention.out.weight", c, inner);
    if (config.attention_bias) builder.vector(prefix + "attention.out.bias", c);
    builder.norm(prefix + "norm2", c);
    builder.linear(prefix + "feed_forward.in", config.feed_forward_dim, c);
    builder.linear(prefix + "feed_forward.out", c, config.feed_forward_dim);
  }
  if (config.final_norm) builder.norm("final_norm", output_width(config));
  if (!config.tied_output) builder.matrix("output.weight", config.vocabulary, output_width(config));
  builder.vector("output.bias", config.vocabulary);
  return ParameterLayout(builder.take());
}

}  // namespace reformer
