// What `reformer inspect` shows of heads at work on one sequence, and its two forms.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/model_flags.h"
#include "reformer/model/inspection.h"

namespace reformer::apps {

struct InspectedHead {
  int64_t layer = 0, head = 0;
  HeadInspection inspection;
};

struct InspectedSequence {
  ExampleBuffer example;             // without targets where the task does not know the sequence
  int64_t number = 0;                // among the validation sequences, if it is one
  std::vector<int32_t> predictions;  // [T]
  std::vector<InspectedHead> heads;  // at least one

  bool knows_answers() const { return example.answer_distance > 0; }
  QueryRange scored() const { return {example.scored_begin, example.scored_end}; }
};

// A row for each round of each head; of a single head also a row for each position, and the order.
std::string inspection_text(const OpenModel& model, const InspectedSequence& sequence);

// docs/command-line.md has its form.
nlohmann::ordered_json inspection_json(const OpenModel& model, const InspectedSequence& sequence);

}  // namespace reformer::apps
