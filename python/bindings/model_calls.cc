// Runs language models. Work runs without the GIL, on memory of the call's own, so one model may
// serve several Python threads.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>

#include <algorithm>

#include "python/bindings/model.h"
#include "python/bindings/pool.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/model/generate.h"
#include "reformer/model/pass_context.h"
#include "reformer/model/rotations.h"
#include "reformer/train/batch_gradient.h"

namespace reformer::python {
namespace {

using Tokens = nb::ndarray<const int32_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

void check_shape(const Model& model, const Tokens& tokens, std::string_view where) {
  const auto length = static_cast<size_t>(model.config().length);
  if (tokens.shape(0) == 0 || tokens.shape(1) != length) {
    fail(where, "expected sequences [B, {}] with B at least 1, found [{}, {}]", length,
         tokens.shape(0), tokens.shape(1));
  }
}

// Sequence b as the rows of the model read it.
void read_inputs(const Model& model, const Tokens& tokens, int64_t b, std::vector<int32_t>& out) {
  const int64_t length = model.config().length;
  const int32_t* row = tokens.data() + b * length;
  out.assign(row, row + length);
  if (!model.config().input_shift) return;
  std::shift_right(out.begin(), out.end(), 1);
  out.front() = 0;
}

nb::ndarray<nb::numpy, float> logits(const Model& model, const Tokens& tokens, const Choice& choice,
                                     int64_t threads) {
  check_shape(model, tokens, "tokens");
  const AttentionChoice attention = attention_of(model, choice);
  const auto batch = static_cast<int64_t>(tokens.shape(0));
  const int64_t length = model.config().length, vocabulary = model.config().vocabulary;
  std::vector<float> out;
  {
    const nb::gil_scoped_release unlocked;
    out.resize(static_cast<size_t>(batch * length * vocabulary));
    ThreadPool pool(pool_size(threads));
    Workers workers(model.config(), pool);
    workers.each(batch, batch, [&](int64_t b, SequencePass& pass, ExampleBuffer& buffer) {
      read_inputs(model, tokens, b, buffer.inputs);
      PassContext context;
      context.attention = attention;
      context.example_index = static_cast<uint32_t>(b);
      const ConstMatrixView rows = pass.logits(model.weights, context, buffer, {0, length});
      float* to = out.data() + b * length * vocabulary;
      for (int64_t t = 0; t < length; ++t) {
        check_finite(rows.row_span(t), "logits");
        std::ranges::copy(rows.row_span(t), to + t * vocabulary);
      }
    });
  }
  return new_array(std::move(out), {batch, length, vocabulary});
}

nb::tuple loss_and_gradients(const Model& model, const Tokens& tokens, const Tokens& targets,
                             int64_t begin, int64_t end, const Choice& choice, int64_t threads) {
  check_shape(model, tokens, "tokens");
  check_shape(model, targets, "targets");
  const auto batch = static_cast<int64_t>(tokens.shape(0));
  const int64_t length = model.config().length;
  if (targets.shape(0) != tokens.shape(0)) {
    fail("targets", "expected {} sequences as in tokens, found {}", batch, targets.shape(0));
  }
  if (begin < 0 || begin >= end || end > length) {
    fail("scored", "expected 0 <= begin < end <= {}, found {} and {}", length, begin, end);
  }
  PassContext context;
  context.attention = attention_of(model, choice);
  const ParameterLayout& layout = model.weights.layout();
  BatchLoss loss;
  std::vector<float> values;
  {
    const nb::gil_scoped_release unlocked;
    ThreadPool pool(pool_size(threads));
    Workers workers(model.config(), pool);
    BatchGradient gradient(model.config(), layout, batch);
    loss = gradient.compute(
        model.weights, context,
        [&](int64_t b, ExampleBuffer& out) {
          read_inputs(model, tokens, b, out.inputs);
          const int32_t* row = targets.data() + b * length;
          out.targets.assign(row, row + length);
          out.scored_begin = begin, out.scored_end = end;
        },
        workers);
    values.assign(gradient.gradient().begin(), gradient.gradient().end());
    check_finite(values, "gradients");
  }
  const auto [data, owner] = owned(std::move(values));
  return nb::make_tuple(loss.loss, named_arrays(layout, data, owner));
}

// `changes`: what evaluation_settings() has, as JSON. The result is a Cell as JSON.
std::string evaluate(const Model& model, const Choice& choice, std::optional<int64_t> sequences,
                     std::optional<int64_t> data_seed, const std::string& changes,
                     int64_t threads) {
  RunConfig config = model.record.config;
  if (sequences) config.task.validation_rows = *sequences;
  if (data_seed) config.train.seed = *data_seed;
  settings_from_json(evaluation_settings(config), parse_json(changes, "evaluate"), "evaluate");
  validate(config);
  const NamedSemantics semantics = semantics_of(model, choice);
  const std::string name = choice.attention.value_or(attention_of(config.model, 0).name());
  Cell cell;
  {
    const nb::gil_scoped_release unlocked;
    ThreadPool pool(pool_size(threads, config.task.validation_rows));
    CrossEvaluation evaluation(config, model.file.parameters, pool);
    cell = evaluation.evaluate(name, semantics,
                               choice.rotation_seed.value_or(model.record.rotation_seed));
  }
  cell.seed = model.record.config.train.seed;  // data_seed changes only the examples
  return to_json(cell).dump();
}

// prompts: [B, n]. `sampling`: settings as JSON. Gives [B, tokens], what follows.
nb::ndarray<nb::numpy, int32_t> continuations(const Model& model, const Tokens& prompts,
                                              int64_t tokens, const std::string& sampling,
                                              const Choice& choice, int64_t threads) {
  SamplingSettings settings;
  settings_from_json(settings_of(settings), parse_json(sampling, "generate"), "generate");
  const AttentionChoice attention = attention_of(model, choice);
  std::vector<std::vector<int32_t>> rows;
  for (size_t b = 0; b < prompts.shape(0); ++b) {
    const int32_t* row = prompts.data() + b * prompts.shape(1);
    rows.emplace_back(row, row + prompts.shape(1));
  }
  const auto batch = static_cast<int64_t>(rows.size());
  if (batch == 0) fail("prompt", "expected at least one sequence, found none");
  std::vector<int32_t> out;
  {
    const nb::gil_scoped_release unlocked;
    ThreadPool pool(pool_size(threads, batch));
    for (const std::vector<int32_t>& continued :
         generate(model.weights, attention, rows, tokens, settings, pool)) {
      out.insert(out.end(), continued.begin(), continued.end());
    }
  }
  const int64_t each = static_cast<int64_t>(out.size()) / batch;
  return new_array(std::move(out), {batch, each});
}

// [H, D, R, N/2]: what the heads of a layer hash sequence `example` by.
nb::ndarray<nb::numpy, float> rotations(const Model& model, int64_t layer, int64_t example,
                                        const Choice& choice) {
  PassContext context;
  context.attention = attention_of(model, choice);
  const ModelConfig& config = model.config();
  if (context.attention.kind != AttentionKind::lsh) {
    fail("attention", "expected lsh-R, found full, which does not hash");
  }
  if (layer < 0 || layer >= config.layers) {
    fail("layer", "expected 0 to {}, found {}", config.layers - 1, layer);
  }
  if (example < 0 || example > INT32_MAX) fail("example", "expected 0 to 2^31 - 1");
  context.example_index = static_cast<uint32_t>(example);
  std::vector<float> out;
  Matrix drawn;
  for (int64_t head = 0; head < config.heads; ++head) {
    draw_rotations(context, layer, head, config.head_dim, drawn);
    for (int64_t d = 0; d < drawn.rows(); ++d) {
      const std::span<const float> row = std::as_const(drawn).view().row_span(d);
      out.insert(out.end(), row.begin(), row.end());
    }
  }
  const int64_t rounds = context.attention.hash_rounds;
  return new_array(std::move(out), {config.heads, config.head_dim, rounds, drawn.cols() / rounds});
}

}  // namespace

void add_model_calls(nb::class_<Model>& model) {
  model.def("logits", &logits, nb::arg("tokens"), nb::arg("choice"), nb::arg("threads"))
      .def("loss_and_gradients", &loss_and_gradients, nb::arg("tokens"), nb::arg("targets"),
           nb::arg("begin"), nb::arg("end"), nb::arg("choice"), nb::arg("threads"))
      .def("evaluate", &evaluate, nb::arg("choice"), nb::arg("sequences").none(),
           nb::arg("data_seed").none(), nb::arg("changes"), nb::arg("threads"))
      .def("generate", &continuations, nb::arg("prompts"), nb::arg("tokens"), nb::arg("sampling"),
           nb::arg("choice"), nb::arg("threads"))
      .def("rotations", &rotations, nb::arg("layer"), nb::arg("example"), nb::arg("choice"));
}

}  // namespace reformer::python
