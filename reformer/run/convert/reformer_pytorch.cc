// reformer-pytorch's ReformerLM (version 1.4.4). Its blocks always have two residual streams,
// y1 = x1 + A(LN x2), y2 = x2 + F(LN y1), with and without reversing, and their mean goes on; A
// always ends with a bias. So no configuration is covered; the message says what else is in the
// way.
#include "reformer/run/convert/lacks.h"
#include "reformer/run/convert/peers.h"

namespace reformer::internal {
namespace {

constexpr FeatureMark kLacking[] = {
    {"reformer.layers.", "two residual streams, whose mean goes on (ours have one)"},
    {".to_out.bias", "a bias after attention"},
    {"layer_pos_emb.inv_freq", "rotary positions within attention"},
    {"pos_emb.weights_0", "axial positions that are summed (ours lie side by side)"},
    {".f.net.g", "layers that are scaled, without norms"},
    {".f.net.norm.g", "norms that only scale"},
    {".mem_kv", "memory keys and values"},
    {"to_model_dim.weight", "token embeddings of another width"},
    {"out.1.tensor", "a tied output without a bias"},
    {".fn.values.weight", "product-key memories in place of feed-forward"},
};

const TensorView* find(const TensorTable& table, std::string_view name) {
  for (const TensorView& tensor : table.tensors) {
    if (tensor.name == name && tensor.shape.size() == 2) return &tensor;
  }
  return nullptr;
}

// What only the shapes of the first layer show.
void add_by_shape(Lacks& lacks, const TensorTable& table) {
  const std::string layer = "reformer.layers.blocks.0.";
  const TensorView* qk = find(table, layer + "f.net.fn.toqk.weight");
  const TensorView* value = find(table, layer + "f.net.fn.tov.weight");
  if (qk != nullptr && value != nullptr && qk->shape[0] != value->shape[0]) {
    lacks.add("values that all heads share ({})", quote_text(value->name));
  }
  const TensorView* in = find(table, layer + "g.net.fn.fn.w1.weight");
  const TensorView* out = find(table, layer + "g.net.fn.fn.w2.weight");
  if (in != nullptr && out != nullptr && in->shape[0] != out->shape[1]) {
    lacks.add("a gated feed-forward ({})", quote_text(in->name));
  }
}

}  // namespace

void refuse_reformer_pytorch(const TensorTable& table, std::string_view where) {
  Lacks lacks;
  add_marked(lacks, table.tensors, kLacking);
  for (const TensorView& tensor : table.tensors) {
    if (tensor.name == "pos_emb.inv_freq") {
      lacks.add("fixed positions, all sines before all cosines, ours alternate ({})",
                quote_text(tensor.name));
    }
  }
  add_by_shape(lacks, table);
  lacks.fail_if_any(where, "a model that ours can express");
  fail(where,
       "expected the parameters of ReformerLM, found no reformer.layers.*; try another --from");
}

}  // namespace reformer::internal
