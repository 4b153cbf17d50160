// One transformer block: attention and feed-forward, each with a residual sum and a layer norm
// before (pre) or after (post) it.
//
//   post:        h = norm1(x + A(x))   y = norm2(h + F(h))
//   pre:         h = x + A(norm1(x))   y = h + F(norm2(h))
//   two streams: h = g + A(norm1(x))   y = x + F(norm2(h))
//
// Two streams are those of the paper's reversible layers: (g, x) becomes (h, y), the next layer's
// (g, x).
// Rows of the output that nothing reads are not computed: `rows` says which are.
#pragma once

#include <vector>

#include "reformer/attention/full.h"
#include "reformer/attention/plan.h"
#include "reformer/attention/workspace.h"
#include "reformer/base/team.h"
#include "reformer/math/matrix.h"
#include "reformer/math/operand.h"
#include "reformer/model/gradients.h"
#include "reformer/model/pass_context.h"
#include "reformer/model/weights.h"

namespace reformer {

// What the backward pass needs of the forward pass. M rows of output, T of input.
struct LayerState {
  Matrix x;             // [T, C] input; of two streams the one that attention reads
  Matrix norm1, norm2;  // normalised, before gain and bias: [M or T, C], [M, C]
  std::vector<float> inverse_std1, inverse_std2;
  Matrix attention_input;            // [T, C] pre-norm only
  Matrix qk, v;                      // [T, H D]
  Matrix turned;                     // [T, H D] qk turned by position; rotary positions only
  Matrix attended;                   // [M, H D]
  std::vector<SoftmaxTotal> totals;  // [H, M]
  std::vector<HashPlan> plans;       // [H] LSH only
  Matrix h;                          // [M, C]
  Matrix feed_forward_input;         // [M, C] pre-norm only
  Matrix hidden, activated;          // [M, F] before and after the non-linearity

  // What queries and keys are compared by; hashed is qk.   [T, H D]
  const Matrix& compared() const { return turned.rows() > 0 ? turned : qk; }
};

// Of one thread while it computes a head.
struct HeadScratch {
  AttentionWorkspace attention;
  Matrix rotations;
  PlanScratch plan;
};

// Shared by all layers.
struct LayerScratch {
  Team team;
  std::vector<HeadScratch> heads;  // one for each of the team
  Matrix dbranch;                  // [M, C] pre-norm only
  LeftOperand left;                // of products, one after the other
  TwoWayOperand doutput;
  RightOperand input;
};

// Of a product Y = X W^T:  dW += dY^T X.  dY stays in scratch.doutput, for dX = dY W.
// dy: [M, out]   x: [M, in]   dw: [out, in]
void add_weight_gradient(ConstMatrixView dy, const RightView& x, Precision precision, MatrixView dw,
                         LayerScratch& scratch);

// state.x holds the input. added_to: [T, C], what attention is added to: state.x, or g of two
// streams. y: [M, C] with M = rows.size(); may be the next layer's x.
void layer_forward(const Weights& weights, const PassContext& context, const Example& example,
                   int64_t layer, QueryRange rows, ConstMatrixView added_to, LayerState& state,
                   MatrixView y, LayerScratch& scratch);

// The state is used up: gradients take its place.
// dy: [M, C], used up   dx: [T, C], overwritten; must not alias dy. Gradients are added to.
// dh: [M, C], dy itself where there is one stream; of two streams the gradient of h as the next
// layer's g on entry, and that of this layer's g on return.
void layer_backward(const Weights& weights, const PassContext& context, const Example& example,
                    int64_t layer, QueryRange rows, LayerState& state, MatrixView dy, MatrixView dh,
                    MatrixView dx, LayerScratch& scratch, Gradients& gradients);

}  // namespace reformer
