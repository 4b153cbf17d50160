// Named arrays of Python as the library's named tensors.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <vector>

#include "python/bindings/arrays.h"
#include "reformer/run/safetensors.h"

namespace reformer::python {

// Tensors that view into the arrays of a dict {name: dense float32 on the CPU}, and keep them
// alive. Made and destroyed with the GIL; the views are read without it.
class HeldTensors {
 public:
  explicit HeldTensors(const nb::dict& arrays) {
    for (const auto& [key, value] : arrays) {
      const auto array = nb::cast<Floats>(value);
      TensorView view{nb::cast<std::string>(key), "F32", {}, {}};
      for (size_t i = 0; i < array.ndim(); ++i) {
        view.shape.push_back(static_cast<int64_t>(array.shape(i)));
      }
      view.bytes = {reinterpret_cast<const char*>(array.data()), array.nbytes()};
      views_.push_back(std::move(view));
      held_.push_back(array);
    }
  }

  const std::vector<TensorView>& views() const { return views_; }

 private:
  std::vector<TensorView> views_;
  std::vector<Floats> held_;
};

}  // namespace reformer::python
