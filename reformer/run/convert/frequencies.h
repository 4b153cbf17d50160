// Frequencies of sinusoids as reformer-pytorch keeps them beside its parameters.
#pragma once

#include <string>
#include <string_view>

#include "reformer/run/safetensors.h"

namespace reformer::internal {

// 10000^(-2 i / width) for i from 0 to width / 2 - 1, as the bytes of floats.
std::string frequencies(int64_t width);

// Whether a tensor of that name is frequencies(width) but for rounding; `width` is even.
bool are_frequencies(const TensorView& tensor, int64_t width);

}  // namespace reformer::internal
