#include "reformer/experiment/cross_evaluation.h"

#include <algorithm>
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/base/row_reader.h"
#include "reformer/base/settings.h"

namespace reformer {
namespace {

constexpr std::string_view kComma = ", ";  // between the parts of a meaning's name

// What a preset says of its program's published run, which no evaluation reads: a model has its
// own.
bool is_published_shape(std::string_view name) {
  return name == "buckets_per_chunk" || name == "chunk_length";
}

}  // namespace

nlohmann::ordered_json to_json(const Cell& cell) {
  return {{"trained", cell.trained},     {"evaluated", cell.evaluated},
          {"semantics", cell.semantics}, {"accuracy", cell.loss.accuracy()},
          {"loss", cell.loss.loss},      {"sequences", cell.sequences},
          {"scored", cell.loss.scored},  {"lost_pairs", cell.loss.lost_pairs},
          {"seed", cell.seed},           {"rotation_seed", cell.rotation_seed}};
}

void from_json(const nlohmann::json& row, Cell& cell, std::string_view where) {
  RowReader read(row, where);
  double accuracy = 0;
  cell = {};
  read("trained", cell.trained);
  read("evaluated", cell.evaluated);
  read("semantics", cell.semantics);
  read("accuracy", accuracy);
  read("loss", cell.loss.loss);
  read("sequences", cell.sequences);
  read("scored", cell.loss.scored);
  read("lost_pairs", cell.loss.lost_pairs);
  read("seed", cell.seed);
  read("rotation_seed", cell.rotation_seed);
  read.finish();
  if (cell.sequences < 1 || cell.loss.lost_pairs < 0 || cell.seed < 0) {
    fail(where, "expected at least 1 sequence, 0 lost pairs and seed 0, found {}, {} and {}",
         cell.sequences, cell.loss.lost_pairs, cell.seed);
  }
  constexpr int64_t kExact = int64_t{1} << 53;  // integers up to here have a double of their own
  const bool counted = cell.loss.scored > 0 && cell.loss.scored <= kExact;
  if (!counted || !(accuracy >= 0 && accuracy <= 1)) {
    fail(where, "expected a part of 1 to 2^53 scored tokens as accuracy, found {} of {}", accuracy,
         cell.loss.scored);
  }
  cell.loss.correct = std::llround(accuracy * static_cast<double>(cell.loss.scored));
  if (cell.loss.accuracy() != accuracy) {
    fail(where, "expected {}, the accuracy of {} in {} tokens, found {}", cell.loss.accuracy(),
         cell.loss.correct, cell.loss.scored, accuracy);
  }
  for (const std::string& attention : {cell.trained, cell.evaluated}) {
    try {
      AttentionChoice choice;
      choose_attention(choice, attention);
    } catch (const Error&) {
      fail(where, "expected attention such as \"full\" or \"lsh-4\", found {}",
           quote_text(attention));
    }
  }
  try {
    named_semantics(cell.semantics);
  } catch (const Error&) {
    fail(where, "expected semantics such as \"paper\" or \"paper, full_own=replace\", found {}",
         quote_text(cell.semantics));
  }
}

NamedSemantics named_preset(std::string_view name) {
  return {std::string(name), semantics_preset(name)};
}

NamedSemantics changed_preset(std::string_view base, std::span<const std::string> changes) {
  NamedSemantics result = named_preset(base);
  std::vector<Setting> switches = settings_of(result.semantics);
  std::erase_if(switches, [](const Setting& s) { return is_published_shape(s.name); });
  for (const std::string& change : changes) {
    result.name += std::string(kComma) + change;
    const size_t equals = change.find('=');
    if (equals == std::string::npos) {
      fail("semantics", "expected switch=value, found {}; try full_own=allowed",
           quote_text(change));
    }
    const std::string name = change.substr(0, equals);
    set_from_text(find_setting(switches, name, "semantics"),
                  std::string_view(change).substr(equals + 1), "semantics: " + name);
  }
  return result;
}

NamedSemantics named_semantics(std::string_view name) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find(kComma, begin), name.size());
    parts.emplace_back(name.substr(begin, end - begin));
    begin = end + kComma.size();
  }
  return changed_preset(parts.front(), std::span(parts).subspan(1));
}

std::pair<std::string_view, std::string_view> base_and_changes(std::string_view name) {
  const size_t comma = name.find(kComma);
  if (comma == std::string_view::npos) return {name, {}};
  return {name.substr(0, comma), name.substr(comma + kComma.size())};
}

std::vector<Setting> evaluation_settings(RunConfig& config) {
  std::vector<Setting> settings = settings_of_run(config);
  std::erase_if(settings, [](const Setting& setting) {
    return setting.name != "buckets" && setting.name != "bucket_factor" &&
           setting.name != "chunk_length" && setting.name != "form";
  });
  return settings;
}

CrossEvaluation::CrossEvaluation(const RunConfig& config, std::span<const float> parameters,
                                 ThreadPool& pool)
    : config_(config),
      weights_(config.model),
      task_(task_of(config)),
      workers_(config.model, pool) {
  weights_.prepare(parameters);
}

Cell CrossEvaluation::evaluate(std::string_view evaluated, const NamedSemantics& semantics,
                               uint64_t rotation_seed) {
  Cell cell;
  cell.trained = attention_of(config_.model, 0).name();
  AttentionChoice attention = attention_of(config_.model, rotation_seed);
  attention.semantics = semantics.semantics;
  choose_attention(attention, evaluated);
  cell.evaluated = attention.name();
  cell.semantics = semantics.name;
  cell.sequences = task_.validation_rows();
  cell.seed = config_.train.seed;
  cell.rotation_seed = rotation_seed;
  cell.loss = reformer::evaluate(
      weights_, attention, [&](int64_t i, ExampleBuffer& out) { task_.validation_example(i, out); },
      cell.sequences, workers_);
  if (!std::isfinite(cell.loss.loss)) {
    fail("evaluation",
         "expected a finite loss under {} attention ({}), found {}; the model has diverged",
         cell.evaluated, cell.semantics, cell.loss.loss);
  }
  return cell;
}

}  // namespace reformer
