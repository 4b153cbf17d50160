#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <unordered_set>

#include "reformer/base/error.h"
#include "reformer/task/torch_random.h"
#include "reformer/task/words.h"

namespace reformer {
namespace {

class TorchWords final : public WordSource {
 public:
  explicit TorchWords(const WordConfig& config)
      : length_(static_cast<size_t>(config.length)),
        symbols_(config.symbols),
        random_(config.seed),
        first_validation_(config.validation_repeats_training ? 0 : config.training_rows) {
    const int64_t training = config.training_rows;
    const int64_t rows = std::max(training, first_validation_ + config.validation_rows);
    words_.resize(static_cast<size_t>(rows) * length_);
    for (int64_t row = 0; row < training; ++row) draw(row);
    if (config.validation_repeats_training) {
      for (int64_t row = training; row < rows; ++row) draw(row);
      return;
    }
    std::unordered_set<std::string_view> seen;
    for (int64_t row = 0; row < training; ++row) seen.insert(word(row));
    if (static_cast<double>(seen.size()) >= std::pow(symbols_, length_)) {
      fail(
          "training_rows",
          "expected fewer rows than there are words, found {} rows that contain all {} words of {} "
          "symbols, which leaves none for validation; try a longer sequence, fewer rows or "
          "generator=philox",
          training, seen.size(), length_);
    }
    for (int64_t row = training; row < rows; ++row) {
      do draw(row);
      while (seen.contains(word(row)));
    }
  }

  void training_word(int64_t row, std::span<int32_t> out) const override { copy(row, out); }
  void validation_word(int64_t row, std::span<int32_t> out) const override {
    copy(first_validation_ + row, out);
  }

 private:
  std::string_view word(int64_t row) const {
    return std::string_view(words_).substr(static_cast<size_t>(row) * length_, length_);
  }

  void draw(int64_t row) {
    random_.next(1, symbols_ + 1);  // column 0, which the task overwrites with 0
    char* out = words_.data() + static_cast<size_t>(row) * length_;
    for (size_t i = 0; i < length_; ++i) out[i] = static_cast<char>(random_.next(1, symbols_ + 1));
  }

  void copy(int64_t row, std::span<int32_t> out) const {
    REFORMER_CHECK(row >= 0 && static_cast<size_t>(row) < words_.size() / length_);
    REFORMER_CHECK(out.size() == length_);
    std::ranges::copy(word(row), out.begin());
  }

  size_t length_;
  int32_t symbols_;
  TorchRandint random_;
  int64_t first_validation_;
  std::string words_;  // [rows, length], symbols as bytes
};

}  // namespace

std::unique_ptr<WordSource> torch_words(const WordConfig& config) {
  REFORMER_CHECK(config.length >= 1 && config.symbols >= 1 && config.symbols <= 127);
  REFORMER_CHECK(config.training_rows >= 1 && config.validation_rows >= 1);
  return std::make_unique<TorchWords>(config);
}

}  // namespace reformer
