// Positions by sines and cosines: added to embeddings, or as angles to turn queries and keys by.
#pragma once

#include <cstdint>
#include <span>

#include "reformer/base/team.h"
#include "reformer/math/matrix.h"
#include "reformer/model/config.h"

namespace reformer {

// Sines and cosines of t / 10000^(2 i / C), with C = out.size(): out[2 i] and out[2 i + 1] where
// they alternate, as in tensor2tensor; else out[i] and out[(C + 1) / 2 + i], as in
// reformer-pytorch. Vaswani et al. 2017, section 3.5.
void sinusoidal_position(int64_t t, Sinusoids order, std::span<float> out);

// Forth for queries and keys, back for their gradients.
enum class Turn { forth, back };

// to[t] = from[t] with the pair (2 i, 2 i + 1) of each head's vector turned by t's angle, whose
// cosine and sine are angles[t, 2 i] and angles[t, 2 i + 1].
// from, to: [T, H D], may be the same   angles: [T, D].   Su et al. 2021, RoFormer.
void turn_by_position(const Team& team, ConstMatrixView angles, ConstMatrixView from, Turn turn,
                      MatrixView to);

// The angles of turn_by_position: those of a sinusoidal position.   angles: [T, D]
void fill_angles(MatrixView angles);

}  // namespace reformer
