#include "apps/model_flags.h"

#include <fmt/format.h>

#include <charconv>

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer::apps {

std::string OpenModel::headline() const {
  // 0 steps are also what a file says that does not know them.
  const std::string steps =
      record.steps_done > 0 ? fmt::format(", {} steps", record.steps_done) : std::string();
  return fmt::format("{}: trained with {} attention, {} semantics{}\n", path.string(),
                     attention_of(file.config, 0).name(), file.config.semantics, steps);
}

ModelFlags::ModelFlags(CLI::App& command) {
  command.add_option("PATH", path_, "a run's directory, a model or a checkpoint")
      ->required()
      ->type_name("");
  const std::string group = "Attention";
  command.add_option("--attention", attention_, "full, lsh-8, ... [the model's]")
      ->type_name("NAME")
      ->group(group);
  command.add_option("--semantics", semantics_, "meaning of attention [the model's]")
      ->type_name("NAME")
      ->group(group);
  command.add_option("--rotation-seed", rotation_seed_, "seed of the hashing [of validation]")
      ->type_name("SEED")
      ->group(group);
}

OpenModel ModelFlags::open() const {
  OpenModel model{open_model(path_), {}, {}};
  const ModelConfig& config = model.file.config;
  model.attention = attention_of(config, rotation_seed_.empty() ? model.record.rotation_seed
                                                                : rotation_seed_of(rotation_seed_));
  if (!attention_.empty()) choose_attention(model.attention, attention_);
  model.semantics = semantics_.empty() ? config.semantics : semantics_;
  model.attention.semantics = semantics_preset(model.semantics);
  return model;
}

uint64_t rotation_seed_of(const std::string& text) {
  uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail("--rotation-seed", "expected integers from 0 to 2^64 - 1, found {}", quote_text(text));
  }
  return seed;
}

}  // namespace reformer::apps
