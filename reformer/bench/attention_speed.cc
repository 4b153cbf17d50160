#include "reformer/bench/attention_speed.h"

#include <memory>

#include "reformer/attention/full.h"
#include "reformer/attention/lsh.h"
#include "reformer/bench/counts.h"
#include "reformer/bench/in_turn.h"
#include "reformer/bench/kernel.h"
#include "reformer/bench/peak_memory.h"
#include "reformer/model/rotations.h"

namespace reformer {
namespace {

// The attention of one layer on one sequence.
class Layer {
 public:
  Layer(const ModelConfig& model, ThreadPool& pool)
      : model_(model), pool_(pool), scratch_(static_cast<size_t>(pool.size())) {
    const int64_t t = model.length, width = model.heads * model.head_dim;
    context_.attention = attention_of(model, 0);
    qk_ = random_matrix(t, width, 16);
    v_ = random_matrix(t, width, 17);
    dout_ = random_matrix(t, width, 18);
    for (Matrix* result : {&out_, &dqk_, &dv_}) result->reshape(t, width);
    totals_.resize(static_cast<size_t>(model.heads * t));
    plans_.resize(static_cast<size_t>(model.heads));
  }

  void run() {
    ++context_.step;  // fresh rotations each time, as in training
    dqk_.fill(0);
    dv_.fill(0);
    pool_.run(model_.heads, [&](int64_t head, int worker) {
      run_head(head, scratch_[static_cast<size_t>(worker)]);
    });
  }

 private:
  struct Scratch {
    Matrix rotations;
    PlanScratch plan;
    AttentionWorkspace attention;
  };

  MatrixView head_of(Matrix& all, int64_t head) const {
    return all.view().col_range(head * model_.head_dim, (head + 1) * model_.head_dim);
  }

  void run_head(int64_t head, Scratch& scratch) {
    const AttentionChoice& attention = context_.attention;
    const int64_t t = model_.length;
    const HeadInput in{head_of(qk_, head), head_of(v_, head), {}, {0, t}, attention.causal};
    const MatrixView out = head_of(out_, head), dout = head_of(dout_, head);
    const MatrixView dqk = head_of(dqk_, head), dv = head_of(dv_, head);
    const auto totals =
        std::span(totals_).subspan(static_cast<size_t>(head * t), static_cast<size_t>(t));
    if (attention.kind == AttentionKind::full) {
      full_forward(attention.semantics.full, in, out, totals, scratch.attention);
      full_backward(attention.semantics.full, in, out, totals, dout, dqk, dv, scratch.attention);
      return;
    }
    HashPlan& plan = plans_[static_cast<size_t>(head)];
    draw_rotations(context_, 0, head, model_.head_dim, scratch.rotations);
    make_plan(in.qk, scratch.rotations, attention.hash_rounds, attention.bucket_shape(),
              attention.chunk_length, plan, scratch.plan);
    lsh_forward(attention.semantics, plan, in, out, totals, scratch.attention);
    lsh_backward(attention.semantics, plan, in, out, totals, dout, dqk, dv, scratch.attention);
  }

  ModelConfig model_;
  ThreadPool& pool_;
  PassContext context_;
  Matrix qk_, v_, dout_, out_, dqk_, dv_;  // [T, H D]
  std::vector<SoftmaxTotal> totals_;       // [H, T]
  std::vector<HashPlan> plans_;            // [H]
  std::vector<Scratch> scratch_;           // of each thread
};

}  // namespace

std::vector<AttentionSpeed> measure_attention(std::span<const ModelConfig> models, int64_t repeats,
                                              ThreadPool& pool) {
  std::vector<AttentionSpeed> speeds;
  for (const ModelConfig& model : models) {
    const AttentionChoice attention = attention_of(model, 0);
    AttentionSpeed speed;
    speed.attention = attention.name();
    speed.tokens = model.length;
    speed.heads = model.heads;
    speed.head_dim = model.head_dim;
    speed.operations =
        attention_operations(attention, model.length, model.length, model.heads * model.head_dim);
    speed.peak_bytes = peak_memory_of([&] { Layer(model, pool).run(); });
    speeds.push_back(speed);
  }
  std::vector<Contestant> contestants;
  for (size_t i = 0; i < models.size(); ++i) {
    auto layer = std::make_shared<Layer>(models[i], pool);
    layer->run();
    contestants.push_back({speeds[i].attention, [layer] { layer->run(); }});
  }
  const InTurn turns = run_in_turn(contestants, repeats, pool);
  for (size_t i = 0; i < speeds.size(); ++i) {
    speeds[i].seconds = turns.seconds[i];
    speeds[i].peak = turns.peak;
  }
  return speeds;
}

}  // namespace reformer
