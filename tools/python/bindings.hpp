#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "service/recognizer/recognizer_options.hpp"

namespace harpy::tools {

// The parts of the Python module; each adds its classes and functions.
void bind_events(pybind11::module_& module);
void bind_recognizer(pybind11::module_& module);
void bind_decoder(pybind11::module_& module);
void bind_features(pybind11::module_& module);
void bind_score(pybind11::module_& module);

/// Samples of a caller's array: float32 in [-1, 1] where they lie, or 16-bit integers made floats.
class SamplesArgument {
 public:
  /// Errors: pybind11::type_error for anything but one dimension of float32 or int16.
  explicit SamplesArgument(const pybind11::handle& value);

  std::span<const float> samples() const { return samples_; }

 private:
  pybind11::array array_;
  std::vector<float> converted_;
  std::span<const float> samples_;
};

/// An array of rows that owns its values, which are not copied.
pybind11::array_t<float> make_rows(std::vector<float> values, std::int64_t column_count);

/// What is asked of sessions and decoders, by keyword. Errors: pybind11::type_error naming an
/// option that there is not, or whose value is of another type.
void set_session_options(SessionOptions& session, const pybind11::kwargs& options);

/// Lets Python handle signals such as that of Ctrl-C, from a function that has released the
/// interpreter's lock. Errors: pybind11::error_already_set.
void check_signals();

}  // namespace harpy::tools
