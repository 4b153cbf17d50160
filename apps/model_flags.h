// The flags that say which model a command looks at, and how it attends there.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "reformer/model/attention_choice.h"
#include "reformer/run/stored_model.h"

namespace reformer::apps {

struct OpenModel : StoredModel {
  AttentionChoice attention;
  std::string semantics;

  // "runs/a/model.safetensors: trained with lsh-2 attention, consistent semantics, 2000 steps\n"
  std::string headline() const;
};

class ModelFlags {
 public:
  // Adds PATH, --attention, --semantics and --rotation-seed. Must outlive the parsing.
  explicit ModelFlags(CLI::App& command);

  // Reads the model. The attention is its own, with the rotations of its validation, unless flags
  // say otherwise.
  OpenModel open() const;

 private:
  std::string path_, attention_, semantics_, rotation_seed_;
};

// Throws Error that names --rotation-seed.
uint64_t rotation_seed_of(const std::string& text);

}  // namespace reformer::apps
