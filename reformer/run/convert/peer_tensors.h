// The tensors of another program's model, looked up by their names there.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/run/safetensors.h"

namespace reformer::internal {

class PeerTensors {
 public:
  // `model` is what the program calls it, for messages. `table` must outlive this.
  PeerTensors(const TensorTable& table, std::string_view model, std::string_view where);

  bool contains(std::string_view name) const { return by_name_.contains(name); }
  std::string_view bytes(std::string_view name) const { return by_name_.at(name)->bytes; }

  // Throws Error unless the tensor is there, has so many dimensions and is not empty.
  const std::vector<int64_t>& shape(std::string_view name, size_t rank) const;

  // One more than the largest number I among the names "<prefix>I...", at most 1024.
  int64_t count_layers(std::string_view prefix) const;

 private:
  std::map<std::string_view, const TensorView*> by_name_;
  std::string model_, where_;
};

}  // namespace reformer::internal
