// The discrepancy study's numbers over training seeds, and what follows from them.
#pragma once

#include <string>
#include <vector>

#include "reformer/experiment/discrepancy.h"
#include "reformer/experiment/spread.h"

namespace reformer {

// Accuracies from 0 to 1, over training seeds.
struct FlipSummary {
  std::string name;
  Spread breaks, heals;
};

struct ComparisonSummary {
  Comparison plan;
  Spread losing, keeping;
  std::vector<FlipSummary> flips;
};

ComparisonSummary summarise(const ComparisonResult& result);

// A switch is a cause where flipping it alone loses at least half of what the two meanings differ
// by, and a cure where it regains at least half of that. Below kNothingToExplain the meanings do
// alike, and there is neither.
inline constexpr double kNothingToExplain = 0.05;
bool is_cause(const ComparisonSummary& summary, const FlipSummary& flip);
bool is_cure(const ComparisonSummary& summary, const FlipSummary& flip);

// What the numbers say, in sentences.
std::string verdict(const ComparisonSummary& summary);

struct SuspectSummary {
  Suspect plan;
  Spread usual, changed;  // over training and rotation seeds
  Spread difference;      // changed - usual, of means over rotations; over training seeds
  double usual_rotations = 0,
         changed_rotations = 0;  // deviation over rotations, same weights: mean
};

SuspectSummary summarise(const SuspectResult& result);

// One model with one attention under every meaning.
struct MeaningSummary {
  std::string model;
  std::string evaluated;
  std::vector<Spread> by_meaning;  // over training seeds, in the order of semantics_names()
};

std::vector<MeaningSummary> summarise_meanings(const Discrepancy& study);

}  // namespace reformer
