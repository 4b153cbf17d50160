// Between the flat array of parameters and named tensors.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "reformer/model/parameters.h"
#include "reformer/run/safetensors.h"
#include "reformer/train/optimizer.h"

namespace reformer::internal {

// One view per parameter of the layout into `parameters`, which must outlive the views. Throws
// Error when a value is not finite.
std::vector<TensorView> tensors_of(const ParameterLayout& layout, std::span<const float> parameters,
                                   std::string_view where);

// The same for arrays that lie apart from each other.
std::vector<TensorView> tensors_of(std::span<const StateTensor> state, std::string_view where);

// The flat array of `tensors`, which may come in any order. Throws Error naming up to five
// differences: a parameter that is missing, an unknown tensor, another shape or dtype, a value that
// is not finite. Allocates only after names and shapes were found right.
std::vector<float> parameters_of(const ParameterLayout& layout, std::span<const TensorView> tensors,
                                 std::string_view where);

}  // namespace reformer::internal
