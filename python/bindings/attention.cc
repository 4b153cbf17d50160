// Attention as Python calls it. Work runs without the GIL.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>

#include "python/bindings/arrays.h"
#include "python/bindings/module.h"
#include "python/bindings/pool.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer::python {
namespace {

using FloatArray = nb::ndarray<nb::numpy, float>;

// What a forward call decided, and what its backward pass needs of it.
struct AttentionPlan {
  bool is_lsh = false;
  AttentionSemantics semantics;
  bool causal = true;
  int64_t batch = 0, length = 0, heads = 0;
  std::vector<uint8_t> valid;
  std::vector<HashPlan> plans;       // [B, H], empty for full attention
  std::vector<SoftmaxTotal> totals;  // [B, H, T]

  const HashPlan& hashed() const {
    if (!is_lsh) fail("plan", "expected the plan of lsh_attention, found that of full_attention");
    return plans.front();
  }

  // [B, H, R, T]
  nb::ndarray<nb::numpy, int32_t> integers(std::vector<int32_t> HashPlan::* member) const {
    const int64_t rounds = hashed().rounds;
    std::vector<int32_t> all;
    all.reserve(plans.size() * hashed().order.size());
    for (const HashPlan& plan : plans) {
      all.insert(all.end(), (plan.*member).begin(), (plan.*member).end());
    }
    return new_array(std::move(all), {batch, heads, rounds, length});
  }

  nb::ndarray<nb::numpy, double> log_sum_exp() const {
    std::vector<double> all;
    all.reserve(totals.size());
    for (const SoftmaxTotal& total : totals) all.push_back(total.log_sum_exp());
    return new_array(std::move(all), {batch, heads, length});
  }

  int64_t lost_pairs() const {
    int64_t lost = 0;
    for (const HashPlan& plan : plans) lost += count_lost_pairs(plan, causal);
    return lost;
  }
};

AttentionSemantics semantics_from(const std::string& name, const std::string& changes) {
  AttentionSemantics semantics = semantics_preset(name);
  settings_from_json(settings_of(semantics), parse_json(changes, "semantics"), "semantics");
  return semantics;
}

ThreadPool pool_for(int64_t threads, const ConstBatchView& x) {
  return ThreadPool(pool_size(threads, x.batch * x.heads));
}

std::vector<float> room_for(const ConstBatchView& x) {
  return std::vector<float>(static_cast<size_t>(x.batch * x.length * x.heads * x.head_dim));
}

BatchView dense_like(const ConstBatchView& x, std::vector<float>& values) {
  return dense_batch(values.data(), x.batch, x.length, x.heads, x.head_dim);
}

std::tuple<FloatArray, AttentionPlan> finished(const ConstBatchView& x, std::vector<float> out,
                                               AttentionPlan plan) {
  FloatArray array = new_array(std::move(out), {x.batch, x.length, x.heads, x.head_dim});
  return {std::move(array), std::move(plan)};
}

std::tuple<FloatArray, AttentionPlan> full_attention(const AnyArray& qk, const AnyArray& v,
                                                     bool causal, const std::string& semantics,
                                                     const std::string& changes,
                                                     const std::optional<AnyArray>& valid,
                                                     int64_t threads) {
  AttentionPlan plan;
  plan.semantics = semantics_from(semantics, changes);
  plan.causal = causal;
  plan.valid = valid_tokens(valid);
  const BatchInput in{batch_view(qk, "qk"), batch_view(v, "v"), plan.valid, causal};
  std::vector<float> out;
  {
    const nb::gil_scoped_release unlocked;
    check_batch_shapes(in);  // before there is room for a result of whatever shape
    ThreadPool pool = pool_for(threads, in.qk);
    out = room_for(in.qk);
    plan.totals = full_batch_forward(plan.semantics.full, in, dense_like(in.qk, out), pool);
  }
  plan.batch = in.qk.batch, plan.length = in.qk.length, plan.heads = in.qk.heads;
  return finished(in.qk, std::move(out), std::move(plan));
}

std::tuple<FloatArray, AttentionPlan> lsh_attention(
    const AnyArray& qk, const AnyArray& v, int64_t hash_rounds, int64_t buckets, int64_t chunk,
    bool causal, const std::string& semantics, const std::string& changes,
    const std::optional<AnyArray>& rotations, uint64_t seed, const std::optional<AnyArray>& valid,
    int64_t threads) {
  AttentionPlan plan;
  plan.is_lsh = true;
  plan.semantics = semantics_from(semantics, changes);
  plan.causal = causal;
  plan.valid = valid_tokens(valid);
  const BatchInput in{batch_view(qk, "qk"), batch_view(v, "v"), plan.valid, causal};
  std::optional<BatchRotations> given;
  if (rotations) {
    given = rotations_view(*rotations, in.qk);
    if (given->rounds != hash_rounds || 2 * given->half_buckets != buckets) {
      fail("rotations", "expected {} rounds of {} / 2 directions, found {} of {}", hash_rounds,
           buckets, given->rounds, given->half_buckets);
    }
  }
  std::vector<float> out;
  {
    const nb::gil_scoped_release unlocked;
    ThreadPool pool = pool_for(threads, in.qk);
    plan.plans = given
                     ? hash_batch(in.qk, *given, chunk, pool)
                     : hash_batch(in.qk, plan.semantics, {hash_rounds, buckets, chunk}, seed, pool);
    out = room_for(in.qk);
    plan.totals = lsh_batch_forward(plan.semantics, plan.plans, in, dense_like(in.qk, out), pool);
  }
  plan.batch = in.qk.batch, plan.length = in.qk.length, plan.heads = in.qk.heads;
  return finished(in.qk, std::move(out), std::move(plan));
}

std::tuple<FloatArray, FloatArray> attention_backward(const AnyArray& dout, const AnyArray& qk,
                                                      const AnyArray& v, const AnyArray& out,
                                                      const AttentionPlan& plan, int64_t threads) {
  const BatchInput in{batch_view(qk, "qk"), batch_view(v, "v"), plan.valid, plan.causal};
  if (in.qk.batch != plan.batch || in.qk.length != plan.length || in.qk.heads != plan.heads) {
    fail("plan", "expected a plan of {} sequences of {} tokens and {} heads, found {}, {} and {}",
         in.qk.batch, in.qk.length, in.qk.heads, plan.batch, plan.length, plan.heads);
  }
  const BatchOutput output{batch_view(out, "out"), plan.totals, batch_view(dout, "dout")};
  std::vector<float> dqk, dv;
  {
    const nb::gil_scoped_release unlocked;
    ThreadPool pool = pool_for(threads, in.qk);
    dqk = room_for(in.qk);
    dv = room_for(in.qk);
    const BatchView to_qk = dense_like(in.qk, dqk), to_v = dense_like(in.qk, dv);
    if (plan.is_lsh) {
      lsh_batch_backward(plan.semantics, plan.plans, in, output, to_qk, to_v, pool);
    } else {
      full_batch_backward(plan.semantics.full, in, output, to_qk, to_v, pool);
    }
  }
  const ConstBatchView& x = in.qk;
  return {new_array(std::move(dqk), {x.batch, x.length, x.heads, x.head_dim}),
          new_array(std::move(dv), {x.batch, x.length, x.heads, x.head_dim})};
}

}  // namespace

void add_attention(nb::module_& module) {
  nb::class_<AttentionPlan>(module, "AttentionPlan",
                            "What a forward call decided: its backward pass needs it.")
      .def_prop_ro(
          "kind", [](const AttentionPlan& p) { return p.is_lsh ? "lsh" : "full"; }, "lsh or full")
      .def_ro("causal", &AttentionPlan::causal)
      .def_prop_ro(
          "hash_rounds", [](const AttentionPlan& p) { return p.hashed().rounds; }, "R")
      .def_prop_ro(
          "bucket_count", [](const AttentionPlan& p) { return p.hashed().buckets; },
          "N, of one round")
      .def_prop_ro(
          "chunk", [](const AttentionPlan& p) { return p.hashed().chunk_length; }, "S")
      .def_prop_ro(
          "buckets", [](const AttentionPlan& p) { return p.integers(&HashPlan::bucket); },
          nb::rv_policy::move, "int32 [B, H, R, T]: bucket of each position")
      .def_prop_ro(
          "order", [](const AttentionPlan& p) { return p.integers(&HashPlan::order); },
          nb::rv_policy::move, "int32 [B, H, R, T]: the positions sorted by (bucket, position)")
      .def_prop_ro("log_sum_exp", &AttentionPlan::log_sum_exp, nb::rv_policy::move,
                   "float64 [B, H, T]: what each softmax divides by, over all rounds")
      .def_prop_ro(
          "lost_pairs", &AttentionPlan::lost_pairs,
          "pairs in one bucket that its overflow kept apart, over rounds, heads, sequences");
  module.def("full_attention", &full_attention, nb::arg("qk"), nb::arg("v"), nb::arg("causal"),
             nb::arg("semantics"), nb::arg("changes"), nb::arg("valid").none(), nb::arg("threads"));
  module.def("lsh_attention", &lsh_attention, nb::arg("qk"), nb::arg("v"), nb::arg("hash_rounds"),
             nb::arg("buckets"), nb::arg("chunk"), nb::arg("causal"), nb::arg("semantics"),
             nb::arg("changes"), nb::arg("rotations").none(), nb::arg("seed"),
             nb::arg("valid").none(), nb::arg("threads"));
  module.def("attention_backward", &attention_backward, nb::arg("dout"), nb::arg("qk"),
             nb::arg("v"), nb::arg("out"), nb::arg("plan"), nb::arg("threads"));
  module.def("semantics_names", [] {
    nb::list names;
    for (const std::string& name : semantics_names()) names.append(name);
    return names;
  });
  module.def(
      "semantics_json",
      [](const std::string& name) {
        AttentionSemantics semantics = semantics_preset(name);
        return settings_to_json(settings_of(semantics)).dump();
      },
      nb::arg("name"));
}

}  // namespace reformer::python
