// Layer normalisation of rows (Ba et al. 2016).
#pragma once

#include <span>

#include "reformer/math/matrix.h"

namespace reformer {

// normal = (x - mean) / sqrt(variance + epsilon); y = gain * normal + bias, row by row.
// x, normal, y: [M, C]   gain, bias: [C]   inverse_std: [M].  y may be x; normal must not alias.
void layer_norm_forward(ConstMatrixView x, std::span<const float> gain, std::span<const float> bias,
                        float epsilon, MatrixView normal, std::span<float> inverse_std,
                        MatrixView y);

// dx: [M, C], overwritten; may be dy   dgain, dbias: [C], added to, row after row.
void layer_norm_backward(ConstMatrixView dy, ConstMatrixView normal,
                         std::span<const float> inverse_std, std::span<const float> gain,
                         MatrixView dx, std::span<float> dgain, std::span<float> dbias);

// The part of it for gain and bias alone, with the same bits for any range of columns that begins
// at a multiple of 16 and ends at one or at the last column.   dy, normal: [M, C]   dgain, dbias:
// [C], added to, row after row.
void layer_norm_parameter_backward(ConstMatrixView dy, ConstMatrixView normal,
                                   std::span<float> dgain, std::span<float> dbias);

}  // namespace reformer
