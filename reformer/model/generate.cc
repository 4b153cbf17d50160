#include "reformer/model/generate.h"

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/base/random.h"
#include "reformer/model/sequence_pass.h"

namespace reformer {
namespace {

constexpr std::string_view kWhere = "generate";

void check_prompt(const ModelConfig& config, const std::vector<int32_t>& prompt, int64_t tokens) {
  const auto size = static_cast<int64_t>(prompt.size());
  if (size < 1) fail(kWhere, "expected a prompt of at least one token, found 0");
  // Differences, for a sum could be beyond integers.
  if (size >= config.length || tokens > config.length - size) {
    fail(kWhere,
         "expected a prompt and its continuation of at most the model's {} tokens together, found "
         "{} and {}; try a shorter one",
         config.length, size, tokens);
  }
  const auto bad = std::ranges::find_if(
      prompt, [&](int32_t token) { return token < 0 || token >= config.vocabulary; });
  if (bad != prompt.end()) {
    fail(kWhere, "expected tokens from 0 to {}, found {} at position {}", config.vocabulary - 1,
         *bad, bad - prompt.begin());
  }
}

// A sequence as it grows, in the rows that the model reads.
class Growing {
 public:
  Growing(const ModelConfig& config, const std::vector<int32_t>& prompt)
      : inputs_(static_cast<size_t>(config.length)) {
    if (config.input_shift) read(0);  // row 0 reads no token of the sequence
    for (const int32_t token : prompt) read(token);
  }

  void read(int32_t token) { inputs_[rows_++] = token; }

  // The row that predicts the next token.
  QueryRange last_row() const {
    return {static_cast<int64_t>(rows_) - 1, static_cast<int64_t>(rows_)};
  }

  Example example() const {
    Example example;
    example.inputs = inputs_;
    return example;
  }

 private:
  std::vector<int32_t> inputs_;
  size_t rows_ = 0;
};

std::vector<int32_t> continue_prompt(const Weights& weights, const PassContext& context,
                                     const std::vector<int32_t>& prompt, int64_t tokens,
                                     const SamplingSettings& settings, SequencePass& pass) {
  Growing sequence(weights.config(), prompt);
  std::vector<int32_t> continuation;
  for (int64_t i = 0; i < tokens; ++i) {
    if (i > 0) sequence.read(continuation.back());
    const ConstMatrixView logits =
        pass.logits(weights, context, sequence.example(), sequence.last_row());
    const RandomStream stream({.seed = static_cast<uint64_t>(settings.seed),
                               .purpose = Purpose::generation,
                               .step = prompt.size() + static_cast<uint64_t>(i),
                               .example = context.example_index});
    continuation.push_back(choose_token(logits.row_span(0), settings, stream.uniform(0)));
  }
  return continuation;
}

}  // namespace

std::vector<std::vector<int32_t>> generate(const Weights& weights, const AttentionChoice& attention,
                                           std::span<const std::vector<int32_t>> prompts,
                                           int64_t tokens, const SamplingSettings& settings,
                                           ThreadPool& pool) {
  const ModelConfig& config = weights.config();
  SamplingSettings copy = settings;  // a visit is not const
  check_settings(settings_of(copy), kWhere);
  if (tokens < 0) fail(kWhere, "expected a number of tokens of at least 0, found {}", tokens);
  if (!attention.causal) {
    fail(kWhere, "expected causal attention, found one that sees later tokens; try causal=true");
  }
  for (const auto& prompt : prompts) check_prompt(config, prompt, std::max<int64_t>(1, tokens));

  std::vector<std::vector<int32_t>> continuations(prompts.size());
  std::vector<SequencePass> passes;
  for (int worker = 0; worker < pool.size(); ++worker) passes.emplace_back(config);
  pool.run(static_cast<int64_t>(prompts.size()), [&](int64_t i, int worker) {
    const std::vector<int32_t>& prompt = prompts[static_cast<size_t>(i)];
    const int64_t wanted =
        tokens > 0 ? tokens : config.length - static_cast<int64_t>(prompt.size());
    PassContext context;
    context.attention = attention;
    context.example_index = static_cast<uint32_t>(i);
    continuations[static_cast<size_t>(i)] = continue_prompt(
        weights, context, prompt, wanted, settings, passes[static_cast<size_t>(worker)]);
  });
  return continuations;
}

}  // namespace reformer
