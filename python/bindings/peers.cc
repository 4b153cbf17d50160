// Models under the names of other programs, between Python's arrays and the library's tensors.
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <algorithm>

#include "python/bindings/model.h"
#include "python/bindings/module.h"
#include "python/bindings/tensors.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/convert/peer.h"

namespace reformer::python {
namespace {

// config: what config.json holds, as text; "null" for programs that have none.
std::unique_ptr<Model> model_from_state_dict(const std::string& peer, const nb::dict& arrays,
                                             const std::string& config,
                                             const std::string& settings) {
  const HeldTensors tensors(arrays);
  const nb::gil_scoped_release unlocked;
  PeerModel theirs;
  theirs.config = parse_json(config, "config");
  theirs.table.tensors = tensors.views();
  const nlohmann::json changes = parse_json(settings, "settings");
  return std::make_unique<Model>(model_from_peer(
      peer_named(peer, "program"), theirs, "state dict",
      [&](ModelConfig& ours) { settings_from_json(untold_settings(ours), changes, "settings"); }));
}

// Arrays of their own, so that no program can change the model.
nb::dict state_dict(const Model& model, const std::string& peer) {
  PeerModel theirs;
  std::vector<std::vector<float>> copies;
  {
    const nb::gil_scoped_release unlocked;
    theirs = peer_model(peer_named(peer, "program"), model.file, "model");
    for (const TensorView& tensor : theirs.table.tensors) {
      std::vector<float>& values = copies.emplace_back(tensor.bytes.size() / sizeof(float));
      std::ranges::copy(tensor.bytes, reinterpret_cast<char*>(values.data()));
    }
  }
  nb::dict result;
  for (size_t i = 0; i < copies.size(); ++i) {
    const TensorView& tensor = theirs.table.tensors[i];
    result[tensor.name.c_str()] = nb::cast(new_array(std::move(copies[i]), tensor.shape));
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
  module.def("peer_config", &peer_config, nb::arg("model"), nb::arg("peer"),
             nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace reformer::python
