// A language model as Python holds it, and what its calls have in common.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "python/bindings/arrays.h"
#include "reformer/experiment/cross_evaluation.h"
#include "reformer/model/parameters.h"
#include "reformer/model/weights.h"
#include "reformer/run/model_file.h"
#include "reformer/run/training_record.h"

namespace reformer::python {

// Weights refer to the parameters, so a Model stays where it was made.
struct Model {
  explicit Model(ModelFile loaded)
      : file(std::move(loaded)),
        record(training_record_from_json(file.training, file.config, "training")),
        weights(file.config) {
    weights.prepare(file.parameters);
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  ModelFile file;
  TrainingRecord record;
  Weights weights;

  const ModelConfig& config() const { return file.config; }
};

// What to attend by: the model's own, where nothing else is said.
struct Choice {
  std::optional<std::string> attention;
  std::optional<std::string> semantics;  // name of a preset
  std::string changes = "{}";            // of its switches
  std::optional<uint64_t> rotation_seed;
};

// The meaning that the choice names; its name says what was changed: "seed, full_own=allowed".
NamedSemantics semantics_of(const Model& model, const Choice& choice);

AttentionChoice attention_of(const Model& model, const Choice& choice);

// Throws Error that names `where` unless all values are finite.
void check_finite(std::span<const float> values, std::string_view where);

// {"name": array}, read-only views into `values`, which `owner` keeps alive.
nb::dict named_arrays(const ParameterLayout& layout, const float* values, nb::handle owner);

// Adds what runs a model - logits, gradients, evaluation - to its class.
void add_model_calls(nb::class_<Model>& model);

}  // namespace reformer::python
