#include "tools/python/bindings.hpp"

PYBIND11_MODULE(_harpy, module) {
  module.doc() = "Harpy, a speech recogniser.";
  module.attr("__version__") = HARPY_VERSION;
  harpy::tools::bind_events(module);
  harpy::tools::bind_recognizer(module);
  harpy::tools::bind_decoder(module);
  harpy::tools::bind_features(module);
  harpy::tools::bind_score(module);
}
