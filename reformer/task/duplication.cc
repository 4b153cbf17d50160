#include "reformer/task/duplication.h"

#include <algorithm>

#include "reformer/base/error.h"

namespace reformer {
namespace {

std::unique_ptr<const WordSource> make_words(const TaskConfig& config, const WordConfig& words) {
  if (config.generator == Generator::philox) return philox_words(words);
  if (config.source == DataSource::stream) {
    fail("generator",
         "expected philox with source=stream, found torch; try generator=philox or source=dataset");
  }
  return torch_words(words);
}

int64_t checked_length(int64_t length) {
  if (length < 4 || length % 2 != 0) {
    fail("length", "expected an even number of at least 4, found {}; try {}", length,
         std::max<int64_t>(4, length + length % 2));
  }
  return length;
}

}  // namespace

DuplicationTask::DuplicationTask(const TaskConfig& config, int64_t length, bool input_shift,
                                 uint64_t seed)
    : config_(config),
      length_(checked_length(length)),
      input_shift_(input_shift),
      symbols_(config.form == TaskForm::seed ? 127 : 126) {
  REFORMER_CHECK(config.training_rows >= 1 && config.validation_rows >= 1);
  words_ = make_words(config, {.length = length / 2 - 1,
                               .symbols = symbols_,
                               .seed = seed,
                               .training_rows = config.training_rows,
                               .validation_rows = config.validation_rows,
                               .validation_repeats_training = config.seed_report_validation});
}

int64_t DuplicationTask::scored_begin() const { return length_ / 2 + (input_shift_ ? 1 : 0); }

int64_t DuplicationTask::scored_end() const {
  return config_.form == TaskForm::paper && !input_shift_ ? length_ - 1 : length_;
}

void DuplicationTask::training_example(int64_t step, int64_t batch_size, int64_t index_in_batch,
                                       ExampleBuffer& out) const {
  REFORMER_CHECK(step >= 0 && index_in_batch >= 0 && index_in_batch < batch_size);
  const int64_t number = step * batch_size + index_in_batch;
  const int64_t row =
      config_.source == DataSource::dataset ? number % config_.training_rows : number;
  fill(out, [&](std::span<int32_t> word) { words_->training_word(row, word); });
}

void DuplicationTask::validation_example(int64_t index, ExampleBuffer& out) const {
  REFORMER_CHECK(index >= 0 && index < config_.validation_rows);
  fill(out, [&](std::span<int32_t> word) { words_->validation_word(index, word); });
}

// With x = 0 w 0 w, the rows read x and predict x[1:] 0 - or, shifted, read 0 x[:-1] and predict x.
template <class WriteWord>
void DuplicationTask::fill(ExampleBuffer& out, WriteWord&& write_word) const {
  const auto size = static_cast<size_t>(length_);
  const size_t half = size / 2;
  out.inputs.resize(size);
  out.targets.resize(size);
  std::vector<int32_t>& x = input_shift_ ? out.targets : out.inputs;
  x[0] = 0;
  write_word(std::span(x).subspan(1, half - 1));
  std::copy_n(x.begin(), half, x.begin() + static_cast<int64_t>(half));
  if (input_shift_) {
    out.inputs[0] = 0;
    std::copy_n(x.begin(), size - 1, out.inputs.begin() + 1);
  } else {
    std::copy_n(x.begin() + 1, size - 1, out.targets.begin());
    out.targets[size - 1] = 0;
  }
  out.scored_begin = scored_begin();
  out.scored_end = scored_end();
  out.answer_distance = length_ / 2 - 1;
}

}  // namespace reformer
