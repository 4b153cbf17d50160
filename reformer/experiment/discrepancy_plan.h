// What the discrepancy study trains and compares. The study asks why the table of the seed report
// (reformer_fastai, 2021) differs from Table 2 of the paper (Kitaev et al. 2020).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reformer/train/run_config.h"

namespace reformer {

// "smoke" (seconds), "laptop" (T = 128), "full" (T = 1024: an hour).
const std::vector<std::string>& discrepancy_sizes();

// Models of the study, in the order in which it takes them.
const std::vector<std::string>& discrepancy_models();

// How model `name` is trained. Throws Error for an unknown size, std::logic_error for an unknown
// name.
RunConfig discrepancy_config(std::string_view size, std::string_view name, int64_t seed);

// The same weights, evaluated with the same attention, under two meanings: one loses accuracy that
// the other keeps.
struct Comparison {
  std::string_view finding;    // key of a finding
  std::string_view model;      // of discrepancy_models()
  std::string_view evaluated;  // "full", "lsh-8", ...
  std::string_view losing;     // name of a meaning, as named_semantics() reads it
  std::string_view keeping;
};

struct Finding {
  std::string_view key;    // "a"
  std::string_view title;  // what is to be explained
};

const std::vector<Finding>& findings();
const std::vector<Comparison>& comparisons();

// What an evaluation changes other than the meaning of attention.
struct Surroundings {
  bool paper_shape = false;    // chunks half as long, four times as many buckets
  bool training_rows = false;  // examples that the model was trained on

  bool operator==(const Surroundings&) const = default;
};

// One way to evaluate.
struct Condition {
  std::string_view model;
  std::string_view semantics;
  Surroundings surroundings = {};
  bool own_rotations = false;  // the rotations of validation in training, no others
};

// A difference between the programs that might explain some of what the tables differ in.
struct Suspect {
  std::string_view name;
  std::string_view evaluated;
  Condition usual;
  Condition changed;
};

const std::vector<Suspect>& suspects();

// Rotation seeds over which conditions of suspects are repeated.
inline constexpr int64_t kSuspectRotations = 3;

}  // namespace reformer
