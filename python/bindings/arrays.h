// Arrays between Python and C++: NumPy arrays and whatever else speaks DLPack.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
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

// Dense float32 on the CPU, of any shape.
using Floats = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;

// Values that live as long as Python holds their owner.
template <class Element>
struct Owned {
  Element* data;
  nb::capsule owner;
};
template <class Element>
Owned<Element> owned(std::vector<Element> values) {
  auto* kept = new std::vector<Element>(std::move(values));
  return {kept->data(), nb::capsule(kept, [](void* p) noexcept {
            delete static_cast<std::vector<Element>*>(p);
          })};
}

// A new NumPy array without gaps that owns `values`.
template <class Element>
nb::ndarray<nb::numpy, Element> new_array(std::vector<Element> values,
                                          const std::vector<int64_t>& shape) {
  const auto [data, owner] = owned(std::move(values));
  const std::vector<size_t> sizes(shape.begin(), shape.end());
  return nb::ndarray<nb::numpy, Element>(data, sizes.size(), sizes.data(), owner);
}

}  // namespace reformer::python
