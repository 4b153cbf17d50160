// Learning rate and momentum of every step: pure functions of settings and step, so that resuming
// needs no state. `step` counts from 0 everywhere.
#pragma once

#include <cstdint>

#include "reformer/train/config.h"

namespace reformer {

// What a schedule gives to one step of the optimiser.
struct StepRates {
  double learning_rate = 0;
  double beta1 = 0;
};

// A value that goes from `start` over `middle` (at `peak` in (0, 1)) to `end`, along two half waves
// of the cosine; `position` in [0, 1] is the part of the run that is done. fastai's combined_cos.
double cosine_arc(double position, double peak, double start, double middle, double end);

// fastai's fit_one_cycle: learning rate from highest / 25 over highest to highest / 1e5, beta1 from
// beta1_ends over beta1_peak to beta1_ends. The position is step / steps: the last step of a run
// stops just short of the end.
StepRates one_cycle(int64_t step, int64_t steps, double peak, double highest, double beta1_ends,
                    double beta1_peak);

// min(1, s / W) / sqrt(max(s, W)) with W = max(1, warmup_steps) and s = step + 1. tensor2tensor's
// MultifactorSchedule takes s = step, with which its first batch is wasted on a rate of zero.
double inverse_sqrt(int64_t step, int64_t warmup_steps);

// A line up to 1, which the last of `warmup_steps` steps reaches: (step + 1) / warmup_steps;
// then 1.
double linear_warmup(int64_t step, int64_t warmup_steps);

// linear_warmup, then half a cosine from 1 to `final_fraction`, which `steps` would reach.
double warmup_cosine(int64_t step, int64_t steps, int64_t warmup_steps, double final_fraction);

// Rates of step `step` of the run: the schedule chosen by `config`. Only one-cycle moves beta1.
StepRates rates_at(const TrainConfig& config, int64_t step);

}  // namespace reformer
