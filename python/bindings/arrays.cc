#include "python/bindings/arrays.h"

#include <fmt/format.h>

#include "reformer/base/error.h"

namespace reformer::python {
namespace {

std::string shape_text(const AnyArray& array) {
  std::string text;
  for (size_t i = 0; i < array.ndim(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", array.shape(i));
  }
  return "[" + text + "]";
}

void check_elements(const AnyArray& array, nb::dlpack::dtype wanted, std::string_view type,
                    std::string_view name) {
  if (array.device_type() != nb::device::cpu::value) {
    throw nb::type_error(
        fmt::format("[{}] expected an array on the CPU, found another device; try .cpu()", name)
            .c_str());
  }
  if (array.dtype() != wanted) {
    throw nb::type_error(
        fmt::format("[{}] expected elements of type {}, found another; try .astype (NumPy) or "
                    ".to (PyTorch)",
                    name, type)
            .c_str());
  }
}

const float* floats(const AnyArray& array, std::string_view name) {
  check_elements(array, nb::dtype<float>(), "float32", name);
  if (reinterpret_cast<uintptr_t>(array.data()) % alignof(float) != 0) {
    fail(name, "expected elements at whole addresses, found an unaligned array; try a copy");
  }
  return static_cast<const float*>(array.data());
}

// Whether dimensions [from, ndim) have no gaps.
bool is_dense(const AnyArray& array, size_t from) {
  int64_t stride = 1;
  for (size_t i = array.ndim(); i-- > from;) {
    if (array.shape(i) != 1 && array.stride(i) != stride) return false;
    stride *= static_cast<int64_t>(array.shape(i));
  }
  return true;
}

int64_t size_of(const AnyArray& array, size_t dimension) {
  return static_cast<int64_t>(array.shape(dimension));
}

// How far apart the entries of a dimension are; where it has one, any distance would do.
int64_t stride_of(const AnyArray& array, size_t dimension) {
  return array.shape(dimension) == 1 ? 0 : array.stride(dimension);
}

}  // namespace

ConstBatchView batch_view(const AnyArray& array, std::string_view name) {
  const float* data = floats(array, name);
  if (array.ndim() != 4) {
    fail(name, "expected four dimensions [B, T, H, D], found {}", shape_text(array));
  }
  if (!is_dense(array, 3)) {
    fail(name, "expected a last dimension without gaps, found stride {}; try a contiguous copy",
         array.stride(3));
  }
  return {data,
          size_of(array, 0),
          size_of(array, 1),
          size_of(array, 2),
          size_of(array, 3),
          stride_of(array, 0),
          stride_of(array, 1),
          stride_of(array, 2)};
}

BatchRotations rotations_view(const AnyArray& array, const ConstBatchView& qk) {
  const std::string_view name = "rotations";
  const float* data = floats(array, name);
  const size_t n = array.ndim();
  if (n < 3 || n > 5) {
    fail(name, "expected [D, R, N/2], [H, D, R, N/2] or [B, H, D, R, N/2], found {}",
         shape_text(array));
  }
  if (!is_dense(array, n - 3)) {
    fail(name, "expected last dimensions [D, R, N/2] without gaps; try a contiguous copy");
  }
  if ((n >= 4 && size_of(array, n - 4) != qk.heads) || (n == 5 && size_of(array, 0) != qk.batch)) {
    fail(name, "expected {} heads and {} sequences as in qk, found {}", qk.heads, qk.batch,
         shape_text(array));
  }
  BatchRotations rotations{data, size_of(array, n - 3), size_of(array, n - 2),
                           size_of(array, n - 1)};
  if (n >= 4) rotations.head_stride = stride_of(array, n - 4);
  if (n == 5) rotations.batch_stride = stride_of(array, 0);
  return rotations;
}

std::vector<uint8_t> valid_tokens(const std::optional<AnyArray>& array) {
  if (!array) return {};
  const bool is_bool = array->dtype() == nb::dtype<bool>();
  check_elements(*array, is_bool ? nb::dtype<bool>() : nb::dtype<uint8_t>(), "bool or uint8",
                 "valid");
  if (array->ndim() != 2) {
    fail("valid", "expected two dimensions [B, T], found {}", shape_text(*array));
  }
  std::vector<uint8_t> valid;
  const auto* data = static_cast<const uint8_t*>(array->data());
  for (int64_t b = 0; b < size_of(*array, 0); ++b) {
    for (int64_t t = 0; t < size_of(*array, 1); ++t) {
      valid.push_back(data[b * array->stride(0) + t * array->stride(1)] != 0 ? 1 : 0);
    }
  }
  return valid;
}

}  // namespace reformer::python
