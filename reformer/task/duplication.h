// The duplication task: x = 0 w 0 w, to be continued token by token. Only the second w can be
// predicted, and only by a model that finds the first. docs/task.md explains the forms and the
// validation trap.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "reformer/base/settings.h"
#include "reformer/model/example.h"
#include "reformer/task/words.h"

namespace reformer {

// seed: symbols 1..127, and after the last symbol a 0 must be predicted (reformer_fastai, 2021).
// paper: symbols 1..126, only the second w is scored (tensor2tensor, 2019).
enum class TaskForm { seed, paper };
// dataset: the same rows in every epoch, in the same order. stream: rows that never come again.
enum class DataSource { dataset, stream };
// torch: the numbers PyTorch draws on a CPU. philox: our keyed streams.
enum class Generator { torch, philox };

template <>
struct EnumNames<TaskForm> {
  static constexpr std::pair<TaskForm, std::string_view> names[] = {{TaskForm::seed, "seed"},
                                                                    {TaskForm::paper, "paper"}};
};
template <>
struct EnumNames<DataSource> {
  static constexpr std::pair<DataSource, std::string_view> names[] = {
      {DataSource::dataset, "dataset"}, {DataSource::stream, "stream"}};
};
template <>
struct EnumNames<Generator> {
  static constexpr std::pair<Generator, std::string_view> names[] = {{Generator::torch, "torch"},
                                                                     {Generator::philox, "philox"}};
};

struct TaskConfig {
  TaskForm form = TaskForm::seed;
  DataSource source = DataSource::dataset;
  Generator generator = Generator::philox;
  int64_t training_rows = 12800;
  int64_t validation_rows = 1280;
  bool seed_report_validation = false;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("form", form, "symbols and scored positions: of the seed report or of the paper's code");
    v("source", source, "fixed training rows, or fresh rows at every step");
    v("generator", generator, "numbers as PyTorch draws them (dataset only), or keyed streams");
    v("training_rows", training_rows, between(1, 1e9), "rows of the training set (source=dataset)");
    v("validation_rows", validation_rows, between(1, 1e9), "rows of the validation set");
    v("seed_report_validation", seed_report_validation,
      "validate on training rows, as the seed report did by reseeding its generator");
  }
};

// Immutable; any example can be had at any time by any thread.
class DuplicationTask {
 public:
  // length: T = 2 |w| + 2, even, at least 4. input_shift: whether row t reads x[t-1] (row 0 reads
  // 0) and predicts x[t], rather than reading x[t] and predicting x[t+1]. Throws Error for another
  // length, for generator=torch with source=stream (PyTorch's generator must be run from its start,
  // so a resumed run could not afford it), and when no word is left for validation.
  DuplicationTask(const TaskConfig& config, int64_t length, bool input_shift, uint64_t seed);

  int64_t length() const { return length_; }
  int64_t validation_rows() const { return config_.validation_rows; }
  // The model's vocabulary must be at least this: 0 and the symbols.
  int64_t vocabulary_needed() const { return symbols_ + 1; }
  // Expected accuracy of a model that guesses among the symbols.
  double chance_accuracy() const { return 1.0 / static_cast<double>(symbols_); }

  // Scored rows, the same for every example:
  // - not shifted: T/2 .. T-1 in the seed form (the last predicts 0), T/2 .. T-2 in the paper form;
  // - shifted: T/2+1 .. T-1 in both, for the seed form's last target has no row then.
  int64_t scored_begin() const;
  int64_t scored_end() const;

  // Example number n = step * batch_size + index_in_batch of training; a data set begins again
  // after training_rows, unshuffled. Both generators give the same examples for every batch size.
  void training_example(int64_t step, int64_t batch_size, int64_t index_in_batch,
                        ExampleBuffer& out) const;

  // index in [0, validation_rows()).
  void validation_example(int64_t index, ExampleBuffer& out) const;

 private:
  template <class WriteWord>
  void fill(ExampleBuffer& out, WriteWord&& write_word) const;

  TaskConfig config_;
  int64_t length_;
  bool input_shift_;
  int32_t symbols_;
  std::unique_ptr<const WordSource> words_;
};

}  // namespace reformer
