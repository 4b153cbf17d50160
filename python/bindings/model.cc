// Making language models, their parameters and files.
#include "python/bindings/model.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "python/bindings/module.h"
#include "python/bindings/tensors.h"
#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/model_tensors.h"
#include "reformer/run/run_files.h"

namespace reformer::python {
namespace {

std::unique_ptr<Model> model_from_run(const std::string& directory) {
  if (!std::filesystem::is_directory(directory)) {
    fail(directory, "expected the directory of a run; try Model.from_file for a file");
  }
  return std::make_unique<Model>(load_model(find_model(directory)));
}

std::unique_ptr<Model> model_from_file(const std::string& path) {
  return std::make_unique<Model>(load_model(path));
}

ModelConfig config_from(const std::string& preset, const std::string& changes) {
  ModelConfig config = model_preset(preset);
  settings_from_json(settings_of(config), parse_json(changes, "config"), "config");
  validate(config);
  return config;
}

std::unique_ptr<Model> initial_model(const std::string& preset, const std::string& changes,
                                     uint64_t seed) {
  const ModelConfig config = config_from(preset, changes);
  return std::make_unique<Model>(
      ModelFile{config, initial_parameters(config, seed), nlohmann::json::object()});
}

std::unique_ptr<Model> model_from_parameters(const std::string& preset, const std::string& changes,
                                             const nb::dict& arrays) {
  const ModelConfig config = config_from(preset, changes);
  const HeldTensors tensors(arrays);
  const nb::gil_scoped_release unlocked;
  return std::make_unique<Model>(ModelFile{
      config, internal::parameters_of(parameter_layout(config), tensors.views(), "parameters"),
      nlohmann::json::object()});
}

std::string config_json(const ModelConfig& config) {
  ModelConfig copy = config;  // a visit is not const
  return settings_to_json(settings_of(copy)).dump();
}

}  // namespace

NamedSemantics semantics_of(const Model& model, const Choice& choice) {
  NamedSemantics result = named_preset(choice.semantics.value_or(model.config().semantics));
  AttentionSemantics changed = result.semantics;
  const std::vector<Setting> settings = settings_of(changed);
  settings_from_json(settings, parse_json(choice.changes, "semantics"), "semantics");
  const std::vector<Setting> before = settings_of(result.semantics);
  for (size_t i = 0; i < settings.size(); ++i) {
    const nlohmann::json value = settings[i].get();
    if (value == before[i].get()) continue;
    result.name += fmt::format(", {}={}", settings[i].name,
                               value.is_string() ? value.get<std::string>() : value.dump());
  }
  return {result.name, changed};
}

AttentionChoice attention_of(const Model& model, const Choice& choice) {
  AttentionChoice attention =
      attention_of(model.config(), choice.rotation_seed.value_or(model.record.rotation_seed));
  attention.semantics = semantics_of(model, choice).semantics;
  if (choice.attention) choose_attention(attention, *choice.attention);
  return attention;
}

void check_finite(std::span<const float> values, std::string_view where) {
  if (std::ranges::all_of(values, [](float x) { return std::isfinite(x); })) return;
  fail(where, "expected finite numbers, found others; try smaller parameters");
}

nb::dict named_arrays(const ParameterLayout& layout, const float* values, nb::handle owner) {
  nb::dict result;
  for (const ParameterInfo& info : layout.all()) {
    const std::vector<size_t> shape(info.shape.begin(), info.shape.end());
    result[info.name.c_str()] = nb::cast(nb::ndarray<nb::numpy, const float>(
        values + info.offset, shape.size(), shape.data(), owner));
  }
  return result;
}

void add_model(nb::module_& module) {
  nb::class_<Choice>(module, "Choice", "What to attend by; None: as the model does.")
      .def(nb::init<std::optional<std::string>, std::optional<std::string>, std::string,
                    std::optional<uint64_t>>(),
           nb::arg("attention").none(), nb::arg("semantics").none(), nb::arg("changes"),
           nb::arg("rotation_seed").none());
  using Unlocked = nb::call_guard<nb::gil_scoped_release>;
  nb::class_<Model> model(module, "Model", "A language model; reformer.Model is made of it.");
  model.def_prop_ro("config", [](const Model& m) { return config_json(m.config()); })
      .def_prop_ro("training", [](const Model& m) { return m.file.training.dump(); })
      .def_prop_ro("parameters",
                   [](nb::handle self) {
                     const auto& m = nb::cast<const Model&>(self);
                     return named_arrays(m.weights.layout(), m.file.parameters.data(), self);
                   })
      .def(
          "save",
          [](const Model& m, const std::string& path) {
            save_model(path, m.config(), m.file.parameters, m.file.training);
          },
          nb::arg("path"), Unlocked());
  add_model_calls(model);
  module.def("model_from_run", &model_from_run, nb::arg("directory"), Unlocked());
  module.def("model_from_file", &model_from_file, nb::arg("path"), Unlocked());
  module.def("initial_model", &initial_model, nb::arg("preset"), nb::arg("changes"),
             nb::arg("seed"), Unlocked());
  module.def("model_from_parameters", &model_from_parameters, nb::arg("preset"), nb::arg("changes"),
             nb::arg("arrays"));
  module.def(
      "model_preset", [](const std::string& name) { return config_json(model_preset(name)); },
      nb::arg("name"));
}

}  // namespace reformer::python
