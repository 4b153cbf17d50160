#include "reformer/run/convert/peer_tensors.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "reformer/base/error.h"

namespace reformer::internal {

PeerTensors::PeerTensors(const TensorTable& table, std::string_view model, std::string_view where)
    : model_(model), where_(where) {
  for (const TensorView& tensor : table.tensors) by_name_[tensor.name] = &tensor;
}

const std::vector<int64_t>& PeerTensors::shape(std::string_view name, size_t rank) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    fail(where_, "expected the parameters of {}, found no {}; try the name of another program",
         model_, name);
  }
  const std::vector<int64_t>& shape = found->second->shape;
  const bool is_empty = std::ranges::count(shape, 0) > 0;
  if (shape.size() != rank || is_empty) {
    fail(where_, "expected {} with {} dimensions, found [{}]", name, rank, fmt::join(shape, ", "));
  }
  return shape;
}

int64_t PeerTensors::count_layers(std::string_view prefix) const {
  int64_t layers = 0;
  for (const auto& [name, tensor] : by_name_) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view rest = name.substr(prefix.size());
    int64_t index = -1;
    std::from_chars(rest.data(), rest.data() + rest.size(), index);
    if (index >= 0 && index < 1024) layers = std::max(layers, index + 1);
  }
  return layers;
}

}  // namespace reformer::internal
