// Sinusoidal position embeddings.
#pragma once

#include <cstdint>
#include <span>

namespace reformer {

// out[2 i] = sin(t / 10000^(2 i / C)), out[2 i + 1] = cos of the same, with C = out.size().
// Vaswani et al. 2017, section 3.5, sines and cosines interleaved as in tensor2tensor.
void sinusoidal_position(int64_t t, std::span<float> out);

}  // namespace reformer
