#include "reformer/run/model_tensors.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <string>

#include "reformer/base/differences.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer::internal {
namespace {

constexpr std::string_view kDtype = "F32";
constexpr std::string_view kFinite = "finite parameters";

std::string shape_text(const std::vector<int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

std::span<const float> values_of(const ParameterInfo& info, std::span<const float> parameters) {
  return parameters.subspan(static_cast<size_t>(info.offset), static_cast<size_t>(info.size));
}

// Names the first element that is not finite.
void check_finite(Differences& differences, std::string_view name, std::span<const float> values) {
  const auto bad = std::ranges::find_if_not(values, [](float x) { return std::isfinite(x); });
  if (bad != values.end()) {
    differences.add("{} holds {} at element {}", name, *bad, bad - values.begin());
  }
}

void check_finite(const ParameterLayout& layout, std::span<const float> parameters,
                  std::string_view where) {
  Differences differences;
  for (const ParameterInfo& info : layout.all()) {
    check_finite(differences, info.name, values_of(info, parameters));
  }
  differences.fail_if_any(where, kFinite);
}

TensorView view_of(const std::string& name, const std::vector<int64_t>& shape,
                   std::span<const float> values) {
  const auto* bytes = reinterpret_cast<const char*>(values.data());
  return {name, std::string(kDtype), shape, {bytes, values.size_bytes()}};
}

void add_unknown(Differences& differences, const ParameterLayout& layout, const std::string& name) {
  std::vector<std::string> names;
  if (differences.shows_next()) {  // a file may hold very many unknown tensors
    for (const ParameterInfo& info : layout.all()) names.push_back(info.name);
  }
  differences.add("unknown tensor {}{}", quote_text(name), did_you_mean(name.substr(0, 64), names));
}

}  // namespace

std::vector<TensorView> tensors_of(const ParameterLayout& layout, std::span<const float> parameters,
                                   std::string_view where) {
  REFORMER_CHECK(parameters.size() == static_cast<size_t>(layout.total_size()));
  check_finite(layout, parameters, where);
  std::vector<TensorView> tensors;
  for (const ParameterInfo& info : layout.all()) {
    tensors.push_back(view_of(info.name, info.shape, values_of(info, parameters)));
  }
  return tensors;
}

std::vector<TensorView> tensors_of(std::span<const StateTensor> state, std::string_view where) {
  Differences differences;
  std::vector<TensorView> tensors;
  for (const StateTensor& tensor : state) {
    check_finite(differences, tensor.name, tensor.values);
    tensors.push_back(view_of(tensor.name, tensor.shape, tensor.values));
  }
  differences.fail_if_any(where, kFinite);
  return tensors;
}

std::vector<float> parameters_of(const ParameterLayout& layout, std::span<const TensorView> tensors,
                                 std::string_view where) {
  std::map<std::string_view, const TensorView*> by_name;
  for (const TensorView& tensor : tensors) by_name[tensor.name] = &tensor;

  Differences differences;
  for (const ParameterInfo& info : layout.all()) {
    const auto found = by_name.find(info.name);
    if (found == by_name.end()) {
      differences.add("no tensor {}", info.name);
      continue;
    }
    const TensorView& tensor = *found->second;
    if (tensor.dtype != kDtype) {
      differences.add("{} is {}, not {}", info.name, tensor.dtype, kDtype);
    }
    if (tensor.shape != info.shape) {
      differences.add("{} has shape {}, not {}", info.name, shape_text(tensor.shape),
                      shape_text(info.shape));
    }
  }
  for (const TensorView& tensor : tensors) {
    if (!layout.contains(tensor.name)) add_unknown(differences, layout, tensor.name);
  }
  differences.fail_if_any(where, "the tensors of the model's configuration");

  std::vector<float> parameters(static_cast<size_t>(layout.total_size()));
  for (const ParameterInfo& info : layout.all()) {
    // The bytes of a file need not be aligned for floats.
    const std::string_view bytes = by_name.at(info.name)->bytes;
    REFORMER_CHECK(bytes.size() == static_cast<size_t>(info.size) * sizeof(float));
    if (!bytes.empty()) std::memcpy(parameters.data() + info.offset, bytes.data(), bytes.size());
  }
  check_finite(layout, parameters, where);
  return parameters;
}

}  // namespace reformer::internal
