// Sequences that a language model continues.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/model/attention_choice.h"
#include "reformer/model/sampling.h"
#include "reformer/model/weights.h"

namespace reformer {

// Continues each prompt by `tokens` tokens, 0: up to the model's length T; returns what follows the
// prompts. Token n of prompt i is chosen by the logits that tokens 0 .. n-1 give, and by the random
// stream (seed, n, i).
//
// Positions that are not written yet hold token 0. No row attends to them, but they take part in
// hashing, for a plan is one of T positions; prompt i hashes by the rotations of example i.
//
// `weights` are prepared. The same tokens for any number of threads; a prompt is the work of one.
// Each token costs a forward pass of T rows.
// Throws Error for a prompt that is empty, too long or not of the vocabulary, for settings out of
// range, for attention that is not causal, and when a logit is not finite.
std::vector<std::vector<int32_t>> generate(const Weights& weights, const AttentionChoice& attention,
                                           std::span<const std::vector<int32_t>> prompts,
                                           int64_t tokens, const SamplingSettings& settings,
                                           ThreadPool& pool);

}  // namespace reformer
