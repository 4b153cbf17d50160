// An observer that ends a study in the middle of its evaluations, as a signal would.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "reformer/experiment/trained_model.h"

namespace reformer::test {

struct Stop : StudyObserver {
  explicit Stop(int64_t after) : left(after) {}  // 0: never
  void training_begins(std::string_view, int64_t) override {}
  void step_done(const StepReport&) override {}
  void training_ends(const TrainedModel&) override {}
  void evaluation_done(const Cell&, int64_t, int64_t) override {
    if (--left == 0) throw std::runtime_error("stopped");
  }
  int64_t left;
};

}  // namespace reformer::test
