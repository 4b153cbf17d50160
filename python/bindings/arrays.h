// Arrays between Python and C++: NumPy arrays and whatever else speaks DLPack.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "reformer/attention/batch.h"

namespace reformer::python {

namespace nb = nanobind;

using AnyArray = nb::ndarray<nb::ro>;

// float32, [B, T, H, D] with a dense last dimension, on the CPU. Not copied. Throws TypeError for
// another type of element, Error for another shape.
ConstBatchView batch_view(const AnyArray& array, std::string_view name);

// float32 of shape [D, R, N/2], [H, D, R, N/2] or [B, H, D, R, N/2], dense in the last two.
BatchRotations rotations_view(const AnyArray& array, const ConstBatchView& qk);

// bool or uint8 of shape [B, T], copied.
std::vector<uint8_t> valid_tokens(const std::optional<AnyArray>& array);

// A new NumPy array without gaps that owns `values`.
template <class Element>
nb::ndarray<nb::numpy, Element> new_array(std::vector<Element> values,
                                          std::initializer_list<int64_t> shape) {
  auto* owned = new std::vector<Element>(std::move(values));
  const nb::capsule owner(owned,
                          [](void* p) noexcept { delete static_cast<std::vector<Element>*>(p); });
  std::vector<size_t> sizes(shape.begin(), shape.end());
  return nb::ndarray<nb::numpy, Element>(owned->data(), sizes.size(), sizes.data(), owner);
}

}  // namespace reformer::python
