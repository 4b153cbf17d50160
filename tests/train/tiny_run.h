// Runs that take milliseconds.
#pragma once

#include "reformer/train/run_config.h"

namespace reformer::test {

// The smoke preset with more sequences in a batch than there are lanes.
inline RunConfig tiny_run(AttentionKind attention, int64_t hash_rounds = 2) {
  RunConfig run = run_preset("smoke");
  run.model.attention = attention;
  run.model.hash_rounds = hash_rounds;
  run.train.batch = 11;
  return run;
}

// No step moves anything, and every step and the validation see the same 8 rows: what then differs
// between losses is the random numbers of the pass.
inline RunConfig standstill(AttentionKind attention, const char* semantics = "consistent") {
  RunConfig run = tiny_run(attention);
  run.model.semantics = semantics;
  run.task.source = DataSource::dataset;
  run.task.training_rows = run.task.validation_rows = run.train.batch = 8;
  run.task.seed_report_validation = true;
  run.train.schedule.learning_rate = 0;
  return run;
}

}  // namespace reformer::test
