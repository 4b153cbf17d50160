// Models under the names of other programs, between Python's arrays and the library's tensors.
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <algorithm>

#include "python/bindings/model.h"
#include "python/bindings/module.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/convert/peer.h"

namespace reformer::python {
namespace {

// config: what config.json holds, as text; "null" for programs that have none.
std::unique_ptr<Model> model_from_state_dict(const std::string& peer, const nb::dict& arrays,
                                             const std::string& config,
                                             const std::string& settings) {
  PeerModel theirs;
  theirs.config = parse_json(config, "config");
  std::vector<Floats> held;
  for (const auto& [key, value] : arrays) {
    const auto array = nb::cast<Floats>(value);
    TensorView tensor{nb::cast<std::string>(key), "F32", {}, {}};
    for (size_t i = 0; i < array.ndim(); ++i) tensor.shape.push_back(array.shape(i));
    tensor.bytes = {reinterpret_cast<const char*>(array.data()), array.nbytes()};
    theirs.table.tensors.push_back(std::move(tensor));
    held.push_back(array);
  }
  const nlohmann::json changes = parse_json(settings, "settings");
  return std::make_unique<Model>(model_from_peer(
      peer_named(peer, "program"), theirs, "state dict",
      [&](ModelConfig& ours) { settings_from_json(untold_settings(ours), changes, "settings"); }));
}

// Arrays of their own, so that no program can change the model.
nb::dict state_dict(const Model& model, const std::string& peer) {
  nb::dict result;
  const PeerModel theirs = peer_model(peer_named(peer, "program"), model.file, "model");
  for (const TensorView& tensor : theirs.table.tensors) {
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::ranges::copy(tensor.bytes, reinterpret_cast<char*>(values.data()));
    result[tensor.name.c_str()] = nb::cast(new_array(std::move(values), tensor.shape));
  }
  return result;
}

std::string peer_config(const Model& model, const std::string& peer) {
  return peer_model(peer_named(peer, "program"), model.file, "model").config.dump();
}

}  // namespace

void add_peers(nb::module_& module) {
  module.def("model_from_state_dict", &model_from_state_dict, nb::arg("peer"), nb::arg("arrays"),
             nb::arg("config"), nb::arg("settings"));
  module.def("state_dict", &state_dict, nb::arg("model"), nb::arg("peer"));
  module.def("peer_config", &peer_config, nb::arg("model"), nb::arg("peer"));
}

}  // namespace reformer::python
