#include "reformer/run/convert/peer_parameters.h"

#include <algorithm>
#include <map>
#include <set>

#include "reformer/base/error.h"
#include "reformer/run/model_tensors.h"

namespace reformer::internal {

void PeerNames::add(std::span<const NamePair> pairs, const std::string& ours_prefix,
                    const std::string& theirs_prefix, bool is_copy) {
  for (const NamePair& pair : pairs) {
    const std::string ours = ours_prefix + std::string(pair.ours);
    if (!layout_.contains(ours)) continue;  // of another kind of model
    parameters_.push_back(
        {ours, theirs_prefix + std::string(pair.theirs), layout_.at(ours).shape, is_copy});
  }
}

void PeerNames::reshape(std::string_view theirs, std::vector<int64_t> shape) {
  const auto found = std::ranges::find(parameters_, theirs, &PeerParameter::theirs);
  if (found != parameters_.end()) found->shape = std::move(shape);
}

// The checks of model_tensors.h are run on a layout that has their names and shapes.
std::vector<float> read_parameters(std::span<const PeerParameter> parameters,
                                   const ParameterLayout& layout,
                                   std::span<const TensorView> tensors, std::string_view where) {
  std::set<std::string_view> names;
  for (const TensorView& tensor : tensors) names.insert(tensor.name);
  std::vector<ParameterInfo> wanted;
  for (const PeerParameter& parameter : parameters) {
    if (!parameter.is_copy || names.contains(parameter.theirs))
      wanted.push_back({parameter.theirs, parameter.shape, 0, 0, true});
  }
  const ParameterLayout their_layout(std::move(wanted));
  const std::vector<float> values = parameters_of(their_layout, tensors, where);

  std::vector<float> out(static_cast<size_t>(layout.total_size()));
  std::map<std::string_view, std::string_view> originals;  // by our names
  for (const PeerParameter& parameter : parameters) {
    if (!their_layout.contains(parameter.theirs)) continue;
    const ParameterInfo& from = their_layout.at(parameter.theirs);
    const ParameterInfo& to = layout.at(parameter.ours);
    REFORMER_CHECK(from.size == to.size);
    const auto begin = values.begin() + from.offset;
    if (parameter.is_copy && !std::equal(begin, begin + from.size, out.begin() + to.offset)) {
      fail(where, "expected {} to be the same as {}, found other values", parameter.theirs,
           originals.at(parameter.ours));
    }
    originals.try_emplace(parameter.ours, parameter.theirs);
    std::copy_n(begin, from.size, out.begin() + to.offset);
  }
  return out;
}

std::vector<TensorView> write_parameters(std::span<const PeerParameter> parameters,
                                         const ParameterLayout& layout,
                                         std::span<const float> values, std::string_view where) {
  const std::vector<TensorView> ours = tensors_of(layout, values, where);
  std::map<std::string_view, const TensorView*> by_name;
  for (const TensorView& tensor : ours) by_name[tensor.name] = &tensor;
  std::vector<TensorView> theirs;
  for (const PeerParameter& parameter : parameters) {
    const TensorView& tensor = *by_name.at(parameter.ours);
    theirs.push_back({parameter.theirs, tensor.dtype, parameter.shape, tensor.bytes});
  }
  return theirs;
}

}  // namespace reformer::internal
