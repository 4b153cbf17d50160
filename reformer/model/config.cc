#include "reformer/model/config.h"

#include <algorithm>

#include "reformer/attention/plan.h"
#include "reformer/attention/semantics.h"
#include "reformer/base/error.h"

namespace reformer {
namespace {

// reformer_fastai's LSHLM with SyntheticConfig: what the default values are.
ModelConfig seed_report() {
  ModelConfig config;
  config.semantics = "seed";
  return config;
}

// tensor2tensor's TransformerLM with transformer_copy.gin.
ModelConfig paper() {
  ModelConfig config;
  config.norm = NormPosition::pre;
  config.final_norm = true;
  config.norm_epsilon = 1e-6;
  config.activation = Activation::relu;
  config.tied_output = false;
  config.embedding_init = EmbeddingInit::glorot_uniform;
  config.embedding_scale = 1;
  config.position_init = PositionInit::sinusoidal;
  config.bias_init = BiasInit::tiny_normal;
  config.input_shift = true;
  config.buckets = 64;
  config.chunk_length = 32;
  config.semantics = "paper";
  return config;
}

// The seed report's model at a length that two cores learn in a minute.
ModelConfig laptop() {
  ModelConfig config;
  config.length = 128;
  config.buckets = 8;
  config.chunk_length = 16;
  config.embedding_scale = 4;  // at 16 it drowns the positions: docs/experiments.md
  return config;
}

// The seed report's model as it learns the task within minutes at full size: tokens that do not
// drown positions, and heads that copy from the start (docs/experiments.md).
ModelConfig full() {
  ModelConfig config = seed_report();
  config.embedding_scale = 4;
  config.copy_gain = 4;
  config.semantics = "consistent";
  return config;
}

ModelConfig full_seed() {
  ModelConfig config = full();
  config.semantics = "seed";
  return config;
}

// The same for the paper's model. Its tokens are smaller, and its output is not tied: it starts as
// the token embedding, so that what heads copy is read as that token. Positions start as in the
// seed report: sinusoids of neighbours are alike, so that they share buckets, which overflow.
ModelConfig full_paper() {
  ModelConfig config = paper();
  config.embedding_scale = 6;
  config.position_init = PositionInit::normal;
  config.copy_gain = 4;
  config.output_init = OutputInit::token_embedding;
  return config;
}

// The smallest model in which every part has work to do.
ModelConfig smoke() {
  ModelConfig config = laptop();
  config.length = 32;
  config.model_dim = 32;
  config.heads = 2;
  config.head_dim = 16;
  config.feed_forward_dim = 32;
  config.buckets = 4;
  config.chunk_length = 8;
  return config;
}

struct Preset {
  const char* name;
  ModelConfig (*make)();
};
constexpr Preset kPresets[] = {
    {"seed", seed_report}, {"paper", paper},         {"laptop", laptop},        {"smoke", smoke},
    {"full", full},        {"full-seed", full_seed}, {"full-paper", full_paper}};

}  // namespace

const std::vector<std::string>& model_preset_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const Preset& preset : kPresets) out.emplace_back(preset.name);
    return out;
  }();
  return names;
}

ModelConfig model_preset(std::string_view name) {
  for (const Preset& preset : kPresets) {
    if (name == preset.name) return preset.make();
  }
  fail("preset", "expected one of {}, found '{}'{}", fmt::join(model_preset_names(), ", "), name,
       did_you_mean(name, model_preset_names()));
}

int64_t output_width(const ModelConfig& config) {
  const bool beside =
      config.residual == Residual::two_streams && config.stream_merge == StreamMerge::concatenate;
  return beside ? 2 * config.model_dim : config.model_dim;
}

void validate(const ModelConfig& config) {
  ModelConfig copy = config;
  check_settings(settings_of(copy), "model");
  semantics_preset(config.semantics);
  check_plan_shape(config.length, config.hash_rounds, {config.buckets, config.bucket_factor},
                   config.chunk_length);
  if (config.residual == Residual::two_streams && config.norm != NormPosition::pre) {
    fail("model", "expected norm pre with two residual streams, found {}; try norm pre",
         enum_name(config.norm));
  }
  if (config.tied_output && output_width(config) != config.model_dim) {
    fail("model",
         "expected an output of its own where two streams lie side by side, found one tied to the "
         "token embedding, which has half the width; try tied_output false or stream_merge mean");
  }
  if (!config.tied_output && config.output_init == OutputInit::token_embedding &&
      output_width(config) != config.model_dim) {
    fail("model",
         "expected an output projection that starts by itself where two streams lie side by side, "
         "found output_init token-embedding, which has half the width; try glorot-uniform");
  }
  if (config.position == PositionKind::rotary && config.head_dim % 2 != 0) {
    fail("model", "expected an even head_dim with rotary positions, found {}; try {}",
         config.head_dim, config.head_dim + 1);
  }
  if (config.position == PositionKind::axial) {
    if (config.length % config.axial_rows != 0) {
      fail("model", "expected axial_rows that divide the length {}, found {}; try a divisor",
           config.length, config.axial_rows);
    }
    const bool beside = config.axial_merge == AxialMerge::concatenate;
    if (beside && config.axial_first_dim >= config.model_dim) {
      fail("model", "expected axial_first_dim below model_dim {}, found {}; try {}",
           config.model_dim, config.axial_first_dim, std::max<int64_t>(1, config.model_dim / 4));
    }
  }
}

}  // namespace reformer
