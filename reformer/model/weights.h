// Parameters laid out for the products of one step.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "reformer/math/matrix.h"
#include "reformer/math/precision.h"
#include "reformer/model/config.h"
#include "reformer/model/parameters.h"

namespace reformer {

struct LayerWeights;
struct LinearWeights;
struct NormWeights;

// Everything a forward or backward pass reads. Made once per step, shared by all threads.
class Weights {
 public:
  // Passes that read these weights round the operands of their products to `precision`. Throws
  // Error for an invalid configuration.
  explicit Weights(const ModelConfig& config, Precision precision = Precision::fp32);
  ~Weights();

  // Takes the values of `parameters`, which must outlive this until the next call.
  void prepare(std::span<const float> parameters);

  const ModelConfig& config() const { return config_; }
  Precision precision() const { return precision_; }
  const ParameterLayout& layout() const { return layout_; }
  const std::vector<LayerWeights>& layers() const { return layers_; }
  const NormWeights& final_norm() const { return *final_norm_; }
  const LinearWeights& output() const { return *output_; }
  std::span<const float> output_bias() const { return output_bias_; }
  ConstMatrixView token_embedding() const { return token_embedding_; }  // [V, C]
  // Row t is the embedding of position t; no rows where positions are not embedded.
  ConstMatrixView position_rows() const { return position_rows_; }
  // What queries and keys are turned by, see turn_by_position(): [T, D], or no rows.
  ConstMatrixView angles() const { return angles_; }

 private:
  std::span<const float> values(std::string_view name) const;
  ConstMatrixView matrix(std::string_view name) const;
  void prepare_linear(std::string_view name, LinearWeights& out) const;
  NormWeights norm(const std::string& name) const;
  void prepare_positions();

  ModelConfig config_;
  Precision precision_;
  ParameterLayout layout_;
  std::span<const float> parameters_;
  std::vector<LayerWeights> layers_;
  std::unique_ptr<NormWeights> final_norm_;
  std::unique_ptr<LinearWeights> output_;
  std::span<const float> output_bias_;
  ConstMatrixView token_embedding_, position_rows_;
  Matrix angles_;
  Matrix computed_positions_;  // where they are not a parameter themselves
};

}  // namespace reformer
