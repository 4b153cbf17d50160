// reformer._native: what python/reformer/ is made of. A user's mistake becomes reformer.Error.
#include "python/bindings/module.h"

#include "reformer/base/error.h"
#include "reformer/base/version.h"

NB_MODULE(_native, module) {
  const nanobind::exception<reformer::Error> error(module, "Error", PyExc_ValueError);
  module.attr("Error").attr("__module__") = "reformer";
  module.attr("__version__") = reformer::version();
  module.attr("__commit__") = reformer::commit();
  reformer::python::add_attention(module);
  reformer::python::add_model(module);
  reformer::python::add_peers(module);
}
