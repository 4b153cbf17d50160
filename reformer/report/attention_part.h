// Pictures of attention: what one head of one layer of a run's model does with one sequence.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "reformer/report/report.h"
#include "reformer/report/sources.h"

namespace reformer {

// Of the validation sequences of the run's task.
struct PictureChoice {
  int64_t sequence = 0, layer = 0, head = 0;
};

// {"run", "sequence", "layer", "head", "layers", "heads", "length", "rounds", "buckets",
//  "chunk_length", "attention", "semantics", "causal", "inputs": [T], "scored": [begin, end],
//  "answer_distance", "bucket": [R][T], "order": [R][T], "meeting": [R][scored], "full", "lsh",
//  "lsh_of_round": [R]}. The vectors of the head are those that the model has under the attention
// it was trained with; full and lsh are what it would give to each key by either attention,
// lsh_of_round by one round alone: packed_weights(). meeting, of a scored query and the key
// answer_distance before it, which holds the answer: 0 in other buckets, 1 in one bucket and out of
// reach, 2 seen. Throws Error where the run has no model, the choice names nothing in it, or the
// sequence is longer than kLongestPicture.
nlohmann::ordered_json attention_part(const ReportSource& run, const PictureChoice& choice);
inline constexpr int64_t kLongestPicture = 1024;

// base64 of a byte for each weight of 0 to 1, row by row: 255 times its square root, rounded, so
// that small weights are told apart; n of them that are 0 in a row, up to 255, are the two bytes 0,
// n. causal: row t ends at column t.
std::string packed_weights(const std::vector<std::vector<double>>& weights, bool causal);

// Puts pictures of every layer and head, of these validation sequences of each run, into the
// document ("attention": [...]), those first that come first, as far as the page stays smaller than
// 2 MB; what is left out is a problem, which names the heads where others of the run are there.
void add_attention(Report& report, const std::vector<ReportSource>& runs,
                   const std::vector<int64_t>& sequences);

}  // namespace reformer
