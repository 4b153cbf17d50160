// The parts of the extension module; each adds itself.
#pragma once

#include <nanobind/nanobind.h>

namespace reformer::python {

void add_attention(nanobind::module_& module);
void add_model(nanobind::module_& module);
void add_peers(nanobind::module_& module);

}  // namespace reformer::python
