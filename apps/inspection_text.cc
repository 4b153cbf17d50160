#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "apps/inspection_output.h"
#include "apps/run_text.h"
#include "reformer/base/text_table.h"
#include "reformer/experiment/spread.h"

namespace reformer::apps {
namespace {

template <class Number>
std::string text_of(Number number) {
  return fmt::format("{}", number);
}

double weight_of(const std::vector<KeyWeight>& weights, int64_t key) {
  const auto at = std::ranges::find(weights, key, &KeyWeight::key);
  return at == weights.end() ? 0 : at->weight;
}

class Shown {
 public:
  explicit Shown(const InspectedSequence& sequence) : s_(sequence) {}

  TableRows rounds() const {
    TableRows rows = {
        {"layer", "head", "round", "used buckets", "fullest", "collisions", "lost pairs"}};
    if (s_.knows_answers()) rows[0].insert(rows[0].end(), {"hash recall", "in reach"});
    for (const auto& [layer, head, inspection] : s_.heads) {
      const HashPlan& plan = inspection.plan;
      for (int64_t r = 0; r < plan.rounds; ++r) {
        const RoundMeasures m = measure_round(plan, r, inspection.sight.causal);
        rows.push_back({text_of(layer), text_of(head), text_of(r), text_of(m.used_buckets),
                        text_of(m.largest_bucket), text_of(m.pairs), text_of(m.lost_pairs)});
        add_found(plan, r, r + 1, rows.back());
      }
      if (!s_.knows_answers() || plan.rounds == 1) continue;
      rows.push_back({text_of(layer), text_of(head), "any", "", "", "", ""});
      add_found(plan, 0, plan.rounds, rows.back());
    }
    return rows;
  }

  TableRows lengths() const {
    TableRows rows = {{"layer", "head", "mean", "deviation", "shortest", "longest"}};
    for (const auto& [layer, head, inspection] : s_.heads) {
      const Spread spread = spread_of(inspection.lengths());
      rows.push_back({text_of(layer), text_of(head)});
      for (const double number : {spread.mean, spread.deviation, spread.lowest, spread.highest}) {
        rows.back().push_back(fmt::format("{:.3f}", number));
      }
    }
    return rows;
  }

  TableRows positions() const {
    const HeadInspection& head = s_.heads.front().inspection;
    TableRows rows = {{"position", "reads", "predicts"}};
    if (s_.knows_answers()) rows[0].insert(rows[0].end(), {"target", "full weight", "lsh weight"});
    for (int64_t r = 0; r < head.plan.rounds; ++r) rows[0].push_back(fmt::format("round {}", r));
    for (int64_t t = 0; t < head.plan.length; ++t) {
      const auto i = static_cast<size_t>(t);
      rows.push_back({text_of(t), text_of(s_.example.inputs[i]), text_of(s_.predictions[i])});
      add_answer(head, t, rows.back());
      for (int64_t r = 0; r < head.plan.rounds; ++r) {
        rows.back().push_back(text_of(head.plan.bucket_of(r)[t]) + fate(head.plan, r, t));
      }
    }
    return rows;
  }

  std::string orders() const {
    const HashPlan& plan = s_.heads.front().inspection.plan;
    std::string text;
    for (int64_t r = 0; r < plan.rounds; ++r) {
      text += fmt::format("\nround {}: positions in the order of their buckets, by chunk\n", r);
      for (int64_t chunk = 0; chunk < plan.chunks(); ++chunk) {
        const int32_t* begin = plan.order_of(r) + chunk * plan.chunk_length;
        text += fmt::format("{}\n", fmt::join(begin, begin + plan.chunk_length, " "));
      }
    }
    return text;
  }

 private:
  void add_found(const HashPlan& plan, int64_t first, int64_t last,
                 std::vector<std::string>& row) const {
    if (!s_.knows_answers()) return;
    const KeysFound keys =
        count_keys_found(plan, first, last, s_.scored(), s_.example.answer_distance);
    const auto sought = static_cast<double>(s_.scored().size());
    row.push_back(percent_text(static_cast<double>(keys.same_bucket) / sought));
    row.push_back(percent_text(static_cast<double>(keys.met) / sought));
  }

  bool seeks(int64_t t) const {
    return s_.knows_answers() && s_.scored().begin <= t && t < s_.scored().end;
  }

  void add_answer(const HeadInspection& head, int64_t t, std::vector<std::string>& row) const {
    if (!s_.knows_answers()) return;
    row.resize(row.size() + 3);
    if (!seeks(t)) return;
    const int64_t key = t - s_.example.answer_distance;
    row[3] = text_of(s_.example.targets[static_cast<size_t>(t)]);
    row[4] = fmt::format("{:.4f}", weight_of(head.full_weights(t), key));
    row[5] = fmt::format("{:.4f}", weight_of(head.lsh_weights(t), key));
  }

  // What became of the key that a row seeks.
  std::string fate(const HashPlan& plan, int64_t round, int64_t t) const {
    if (!seeks(t)) return "";
    const Meeting meeting = meeting_of(plan, round, t, t - s_.example.answer_distance);
    return meeting.met() ? " met" : meeting.same_bucket ? " lost" : " missed";
  }

  const InspectedSequence& s_;
};

}  // namespace

std::string inspection_text(const OpenModel& model, const InspectedSequence& sequence) {
  const HashPlan& plan = sequence.heads.front().inspection.plan;
  const Shown shown(sequence);
  std::string text = model.headline();
  text += sequence.knows_answers() ? fmt::format("validation sequence {}", sequence.number)
                                   : "a sequence";
  text += fmt::format(
      " of {} tokens under {} attention, {} semantics; {} buckets, chunks of {}\n\n", plan.length,
      model.attention.name(), model.semantics, plan.buckets, plan.chunk_length);
  text += text_table(shown.rounds(), std::vector<bool>(9, true));
  text += "\nlengths of the vectors that are compared\n\n" +
          text_table(shown.lengths(), std::vector<bool>(6, true));
  if (sequence.heads.size() > 1) return text;
  return text + "\n" +
         text_table(shown.positions(), std::vector<bool>(sequence.knows_answers() ? 6 : 3, true)) +
         shown.orders();
}

}  // namespace reformer::apps
