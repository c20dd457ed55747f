#include <filesystem>
#include <memory>
#include <string>

#include <pybind11/stl/filesystem.h>

#include "frontend/audio/audio_file.hpp"
#include "frontend/compute_features.hpp"
#include "tools/python/bindings.hpp"

namespace harpy::tools {

namespace py = pybind11;

namespace {

std::string text_of_option(const py::handle& value) {
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>() ? "true" : "false";
  return py::str(value);
}

std::unique_ptr<FeatureExtractor> make_features(const py::kwargs& options) {
  FeatureOptions chosen;
  for (const auto& [name, value] : options) {
    set_feature_option(chosen, name.cast<std::string>(), text_of_option(value));
  }
  return std::make_unique<FeatureExtractor>(chosen);
}

}  // namespace

void bind_features(py::module_& module) {
  py::class_<FeatureExtractor>(module, "Features",
                               "Features of speech, as networks take them. Threads may share one.")
      .def(py::init(&make_features),
           "Options, by keyword, are those of model.json (models/FORMAT.md): kind (\"log_mel\",\n"
           "\"mfcc\" and others), sample_rate_hz, bin_count, and so on. Raises ValueError naming "
           "the\n"
           "option.")
      .def_property_readonly("dim", &FeatureExtractor::dim, "How many values a frame has.")
      .def_property_readonly("sample_rate", &FeatureExtractor::sample_rate_hz,
                             "The rate of the samples, in Hz.")
      .def(
          "compute",
          [](const FeatureExtractor& self, const py::object& value) {
            const SamplesArgument argument(value);
            std::vector<float> values;
            {
              const py::gil_scoped_release released;
              values = compute_features(self, argument.samples());
            }
            return make_rows(std::move(values), self.dim());
          },
          py::arg("samples"),
          "Features of samples at the rate of `sample_rate`, which Session.push describes: an "
          "array\n"
          "[frames, dim] of float32.")
      .def(
          "compute_file",
          [](const FeatureExtractor& self, const std::filesystem::path& path) {
            std::vector<float> values;
            {
              const py::gil_scoped_release released;
              AudioFile file(path);
              values = compute_features(self, file);
            }
            return make_rows(std::move(values), self.dim());
          },
          py::arg("path"),
          "Features of an audio file of any format and sample rate. Raises RuntimeError naming "
          "the\n"
          "file and what is wrong with it.");
}

}  // namespace harpy::tools
