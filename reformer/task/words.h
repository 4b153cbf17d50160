// Where the words of the duplication task come from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace reformer {

struct WordConfig {
  int64_t length = 1;   // |w|
  int32_t symbols = 1;  // w consists of 1 .. symbols
  uint64_t seed = 0;
  int64_t training_rows = 1;  // only the torch generator needs to know the numbers of rows
  int64_t validation_rows = 1;
  bool validation_repeats_training = false;
};

// Numbered words of `length` symbols. Immutable once built: any row, by any thread, in any order.
// No validation word equals a training word - unless validation_repeats_training, then validation
// row i is training row i.
class WordSource {
 public:
  virtual ~WordSource() = default;
  virtual void training_word(int64_t row, std::span<int32_t> word) const = 0;
  virtual void validation_word(int64_t row, std::span<int32_t> word) const = 0;
};

// The rows of torch.manual_seed(seed); torch.randint(1, symbols + 1, (training_rows, length + 1))
// without column 0, kept in memory at one byte a symbol. Validation rows continue the same
// generator; one that equals a training row is skipped. Rows beyond the configured numbers do not
// exist. Throws Error when the training rows leave no word for validation.
std::unique_ptr<WordSource> torch_words(const WordConfig& config);

// Row n is read from the keyed stream (seed, purpose, n): endless and without memory. One word in
// sixteen, chosen by its content, is reserved for validation; words of the wrong kind are drawn
// again. So the two stay apart even when the words are so short that rows recur.
std::unique_ptr<WordSource> philox_words(const WordConfig& config);

}  // namespace reformer
