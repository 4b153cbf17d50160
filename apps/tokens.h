// Sequences of tokens: as text, and from the task that a model was trained on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/task/duplication.h"
#include "reformer/train/run_config.h"

namespace reformer::apps {

// The tokens of "1 2 3" or "1,2,3". Throws Error, naming `flag`, for anything else.
std::vector<int32_t> token_list(std::string_view flag, std::string_view text);

// Tokens aligned in rows, each begun by the position of its first. A mark stands under the tokens
// whose entry in `marked` is true; it may be empty.
std::string token_rows(std::span<const int32_t> tokens, int64_t first_position,
                       const std::vector<bool>& marked = {});

// `count` validation examples from number `first` on. Throws Error when the task has fewer, or when
// the model cannot be trained on it.
std::vector<ExampleBuffer> validation_examples(const RunConfig& config, int64_t first,
                                               int64_t count);

// The sequence x = 0 w 0 w of an example, whether its rows are shifted or not.
const std::vector<int32_t>& tokens_of(const ExampleBuffer& example, bool input_shift);

}  // namespace reformer::apps
