#include "reformer/report/attention_part.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "reformer/base/error.h"
#include "reformer/base/threads.h"
#include "reformer/model/inspection.h"
#include "reformer/report/base64.h"
#include "reformer/report/page.h"
#include "reformer/run/exported_run.h"
#include "reformer/run/stored_model.h"
#include "reformer/task/duplication.h"

namespace reformer {
namespace {

using nlohmann::ordered_json;

// A report can be sent by mail: pictures get what its other parts leave of this.
constexpr size_t kMostBytes = 1'990'000;

// A run's model with one sequence in it.
class OpenRun {
 public:
  OpenRun(const ReportSource& run, int64_t sequence)
      : source_(run), sequence_(sequence), model_(open_model(directory_of(run))) {
    const ModelConfig& config = model_.file.config;
    if (config.length > kLongestPicture) {
      fail("attention", "expected sequences of at most {} tokens for a picture, found {}",
           kLongestPicture, config.length);
    }
    attention_ = attention_of(config, model_.record.rotation_seed);
    validate(model_.record.config);
    const DuplicationTask task = task_of(model_.record.config);
    if (sequence < 0 || sequence >= task.validation_rows()) {
      fail("attention", "expected a validation sequence from 0 to {}, found {}",
           task.validation_rows() - 1, sequence);
    }
    task.validation_example(sequence, example_);
    weights_.emplace(config);
    weights_->prepare(model_.file.parameters);
    PassContext context;
    context.attention = attention_;
    inspection_ = std::make_unique<Inspection>(*weights_, context, example_);
  }

  const ModelConfig& config() const { return model_.file.config; }
  ordered_json part(int64_t layer, int64_t head) const;

 private:
  static const std::filesystem::path& directory_of(const ReportSource& run) {
    if (is_exported_run(run.path)) {
      fail("attention",
           "expected a run with a model, found one that was exported without; try "
           "the directory of the run");
    }
    return run.path;
  }

  ReportSource source_;
  int64_t sequence_;
  StoredModel model_;
  AttentionChoice attention_;
  ExampleBuffer example_;
  std::optional<Weights> weights_;
  std::unique_ptr<Inspection> inspection_;
};

template <class WeightsOf>
std::string packed_of(const HeadInspection& head, WeightsOf&& weights_of) {
  const int64_t length = head.qk.rows();
  std::vector<std::vector<double>> weights(static_cast<size_t>(length));
  for (int64_t t = 0; t < length; ++t) {
    auto& row = weights[static_cast<size_t>(t)];
    row.assign(static_cast<size_t>(length), 0);
    for (const KeyWeight& key : weights_of(t)) row[static_cast<size_t>(key.key)] = key.weight;
  }
  return packed_weights(weights, head.sight.causal);
}

HashPlan plan_of_round(const HashPlan& plan, int64_t round) {
  return plan_from_buckets({plan.bucket_of(round), plan.bucket_of(round) + plan.length},
                           plan.length, 1, plan.buckets, plan.chunk_length);
}

ordered_json rows_of(const std::vector<int32_t>& values, int64_t rounds, int64_t length) {
  ordered_json out = ordered_json::array();
  for (int64_t r = 0; r < rounds; ++r) {
    out.push_back(std::vector(values.begin() + r * length, values.begin() + (r + 1) * length));
  }
  return out;
}

ordered_json meetings_of(const HashPlan& plan, const ExampleBuffer& example) {
  ordered_json out = ordered_json::array();
  for (int64_t r = 0; r < plan.rounds && example.answer_distance > 0; ++r) {
    ordered_json row = ordered_json::array();
    for (int64_t t = example.scored_begin; t < example.scored_end; ++t) {
      const Meeting meeting = meeting_of(plan, r, t, t - example.answer_distance);
      row.push_back(meeting.met() ? 2 : meeting.same_bucket ? 1 : 0);
    }
    out.push_back(std::move(row));
  }
  return out;
}

ordered_json OpenRun::part(int64_t layer, int64_t head) const {
  const ModelConfig& model = config();
  if (layer < 0 || layer >= model.layers || head < 0 || head >= model.heads) {
    fail("attention", "expected a layer below {} and a head below {}, found {} and {}",
         model.layers, model.heads, layer, head);
  }
  HeadInspection found = inspection_->head(layer, head);
  const HashPlan plan = found.plan;
  ordered_json out = {{"run", source_.name},
                      {"sequence", sequence_},
                      {"layer", layer},
                      {"head", head},
                      {"layers", model.layers},
                      {"heads", model.heads},
                      {"length", plan.length},
                      {"rounds", plan.rounds},
                      {"buckets", plan.buckets},
                      {"chunk_length", plan.chunk_length},
                      {"attention", attention_.name()},
                      {"semantics", model.semantics},
                      {"causal", found.sight.causal},
                      {"inputs", example_.inputs},
                      {"scored", {example_.scored_begin, example_.scored_end}},
                      {"answer_distance", example_.answer_distance},
                      {"bucket", rows_of(plan.bucket, plan.rounds, plan.length)},
                      {"order", rows_of(plan.order, plan.rounds, plan.length)},
                      {"meeting", meetings_of(plan, example_)}};
  out["full"] = packed_of(found, [&](int64_t t) { return found.full_weights(t); });
  out["lsh"] = packed_of(found, [&](int64_t t) { return found.lsh_weights(t); });
  out["lsh_of_round"] = ordered_json::array();
  for (int64_t r = 0; r < plan.rounds; ++r) {
    found.plan = plan_of_round(plan, r);
    out["lsh_of_round"].push_back(
        packed_of(found, [&](int64_t t) { return found.lsh_weights(t); }));
  }
  return out;
}

// "layer 1, heads 2 to 7, and layer 2": the heads from one on.
std::string heads_from(const ModelConfig& model, int64_t layer, int64_t head) {
  const auto range = [](std::string_view what, int64_t first, int64_t last) {
    return first == last ? fmt::format("{} {}", what, first)
                         : fmt::format("{}s {} to {}", what, first, last);
  };
  std::string out = fmt::format("layer {}, {}", layer, range("head", head, model.heads - 1));
  if (layer + 1 < model.layers) out += ", and " + range("layer", layer + 1, model.layers - 1);
  return out;
}

}  // namespace

std::string packed_weights(const std::vector<std::vector<double>>& weights, bool causal) {
  std::vector<uint8_t> bytes;
  uint8_t zeros = 0;  // at the end, not written yet
  const auto write_zeros = [&] {
    if (zeros > 0) bytes.insert(bytes.end(), {0, zeros});
    zeros = 0;
  };
  for (size_t t = 0; t < weights.size(); ++t) {
    const size_t end = causal ? t + 1 : weights[t].size();
    for (size_t k = 0; k < end; ++k) {
      const auto root =
          static_cast<uint8_t>(std::lround(255 * std::sqrt(std::clamp(weights[t][k], 0.0, 1.0))));
      if (root > 0) {
        write_zeros();
        bytes.push_back(root);
      } else if (++zeros == 255) {
        write_zeros();
      }
    }
  }
  write_zeros();
  return base64(bytes);
}

ordered_json attention_part(const ReportSource& run, const PictureChoice& choice) {
  return OpenRun(run, choice.sequence).part(choice.layer, choice.head);
}

void add_attention(Report& report, const std::vector<ReportSource>& runs,
                   const std::vector<int64_t>& sequences) {
  ordered_json& pictures = report.document["attention"] = ordered_json::array();
  size_t bytes = report_html(report.document).size();
  const auto add = [&](const ReportSource& run, int64_t sequence) {
    const std::string name =
        sequences.size() == 1 ? run.name : fmt::format("{}, sequence {}", run.name, sequence);
    std::string missing = name;
    try {
      const OpenRun open(run, sequence);
      for (int64_t layer = 0; layer < open.config().layers; ++layer) {
        for (int64_t head = 0; head < open.config().heads; ++head) {
          if (layer + head > 0) {
            missing = fmt::format("{}, {}", name, heads_from(open.config(), layer, head));
          }
          ordered_json part = open.part(layer, head);
          const size_t more = part.dump().size();
          if (bytes + more > kMostBytes) {
            fail(run.name,
                 "expected pictures of attention that fit into the page, found one of {} kB where "
                 "{} kB are left; try a report of fewer runs, or `reformer serve`",
                 more / 1000, (std::max(kMostBytes, bytes) - bytes) / 1000);
          }
          bytes += more;
          pictures.push_back(std::move(part));
        }
      }
    } catch (const Error& error) {
      report.problems.push_back(
          problem_of(run, fmt::format("no picture of attention: {}", error.what())));
      report.problems.back().name = missing;
    }
  };
  for (const ReportSource& run : runs) {
    for (const int64_t sequence : sequences) add(run, sequence);
  }
  report.document["problems"] = problems_json(report.problems);
}

}  // namespace reformer
