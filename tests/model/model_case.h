// Tiny models with random parameters and one random sequence, run by the production code and by
// the reference.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reformer/model/sequence_pass.h"
#include "tests/model/reference_model.h"

namespace reformer::test {

// Makes the kernels use one instruction set for as long as it lives.
class OnTarget {
 public:
  explicit OnTarget(const std::string& name);
  ~OnTarget();
  OnTarget(const OnTarget&) = delete;
  OnTarget& operator=(const OnTarget&) = delete;
};

// The "seed" or "paper" model with 12 tokens, 6 channels and 2 heads of the odd width 3.
ModelConfig tiny_model(std::string_view preset);

struct ModelCase {
  ModelConfig config;
  PassContext context;
  std::vector<float> parameters;
  ExampleBuffer tokens;
  std::vector<uint8_t> valid;  // or empty

  Example example() const;
  std::string describe() const;  // "paper full causal 2 layers seed=7" for messages
};

// Parameters are the starting values plus noise, so that none sits where a gradient is special. The
// second half of the rows is scored; a third of the positions is padding, if any.
ModelCase random_case(const ModelConfig& config, uint64_t seed, bool padded = false);

struct Trained {
  SequenceLoss loss;
  std::vector<float> gradient;               // of the loss, in the order of the layout
  std::vector<std::vector<HashPlan>> plans;  // [L][H], no heads under full attention
};

// The production code on one sequence.
Trained train(const ModelCase& c, Precision precision = Precision::fp32);

// Whether both passes hashed alike.
bool same_buckets(const Trained& a, const Trained& b);

// Logits of rows [begin, end), copied.
std::vector<std::vector<float>> logits(const ModelCase& c, QueryRange rows);

// The reference with the same parameters, and with `plans` frozen where attention is by LSH.
reference::Model<double> reference_of(const ModelCase& c,
                                      const std::vector<std::vector<HashPlan>>& plans);

// The gradient of the reference's loss along `direction`, by a central difference.
double slope(reference::Model<double>& model, const Example& example,
             const std::vector<double>& direction);

}  // namespace reformer::test
