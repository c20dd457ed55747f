#include <functional>
#include <map>
#include <string>
#include <utility>

#include <pybind11/stl.h>

#include "tools/python/bindings.hpp"

namespace harpy::tools {

namespace py = pybind11;

namespace {

constexpr float kFullScale = 32768.0F;

std::vector<HotPhrase> hot_phrases_of(const py::handle& value) {
  std::vector<HotPhrase> phrases;
  for (const py::handle item : value) {
    if (py::isinstance<py::str>(item)) {
      phrases.push_back({.text = item.cast<std::string>()});
    } else {
      const auto [text, boost] = item.cast<std::pair<std::string, double>>();
      phrases.push_back({.text = text, .boost = boost});
    }
  }
  return phrases;
}

std::vector<NewWord> new_words_of(const py::handle& value) {
  std::vector<NewWord> words;
  for (const py::handle item : value) {
    if (py::isinstance<py::str>(item)) {
      words.push_back({.text = item.cast<std::string>()});
    } else {
      const auto [text, phones] = item.cast<std::pair<std::string, std::string>>();
      words.push_back({.text = text, .phones = phones});
    }
  }
  return words;
}

struct NamedOption {
  const char* expected;
  std::function<void(SessionOptions&, const py::handle&)> set;
};

/// An option that is a field of SessionOptions or of its steering.
template <typename Value>
NamedOption field(const char* expected, Value SessionOptions::*member) {
  return {expected, [member](SessionOptions& options, const py::handle& value) {
            options.*member = value.cast<Value>();
          }};
}
template <typename Value>
NamedOption steering(const char* expected, Value SteeringRequest::*member) {
  return {expected, [member](SessionOptions& options, const py::handle& value) {
            options.steering.*member = value.cast<Value>();
          }};
}
NamedOption endpoint_time(double EndpointTimes::*member) {
  return {"seconds", [member](SessionOptions& options, const py::handle& value) {
            options.endpoint_times.*member = value.cast<double>();
          }};
}

const std::map<std::string, NamedOption>& named_options() {
  static const std::map<std::string, NamedOption> kOptions{
      {"partials", field("a bool", &SessionOptions::partials)},
      {"endpoints", field("a bool", &SessionOptions::endpoints)},
      {"speech_starts", field("a bool", &SessionOptions::speech_starts)},
      {"rescoring", field("a bool", &SessionOptions::rescoring)},
      {"confidences", field("a bool", &SessionOptions::confidences)},
      {"alternatives", field("an int", &SessionOptions::max_alternatives)},
      {"lattice", field("a bool", &SessionOptions::lattice)},
      {"phones", field("a bool", &SessionOptions::phones)},
      {"written", field("a bool", &SessionOptions::written)},
      {"start_max", endpoint_time(&EndpointTimes::start_max_s)},
      {"end_silence", endpoint_time(&EndpointTimes::end_s)},
      {"end_max", endpoint_time(&EndpointTimes::max_s)},
      {"phrase_list", steering("a list of str", &SteeringRequest::phrase_list)},
      {"grammar", steering("a str", &SteeringRequest::grammar)},
      {"new_word_cost", steering("a number", &SteeringRequest::new_word_cost)},
      {"hot_phrases",
       {"a list of str or of (str, boost)",
        [](SessionOptions& options, const py::handle& value) {
          options.steering.hot_phrases = hot_phrases_of(value);
        }}},
      {"new_words",
       {"a list of str or of (str, phones)",
        [](SessionOptions& options, const py::handle& value) {
          options.steering.new_words = new_words_of(value);
        }}},
  };
  return kOptions;
}

std::string type_of(const py::handle& value) {
  return py::str(py::type::handle_of(value).attr("__name__"));
}

}  // namespace

SamplesArgument::SamplesArgument(const py::handle& value) {
  const std::string expected = "samples: expected an array of float32 or int16 of one dimension";
  if (!py::isinstance<py::array>(value)) {
    throw py::type_error(expected + ", got " + type_of(value));
  }
  const auto given = py::reinterpret_borrow<py::array>(value);
  const bool is_integer = py::isinstance<py::array_t<std::int16_t>>(given);
  if (given.ndim() != 1 || !(is_integer || py::isinstance<py::array_t<float>>(given))) {
    throw py::type_error(expected + ", got " + std::string(py::str(given.dtype())) + " of " +
                         std::to_string(given.ndim()));
  }
  const auto count = static_cast<std::size_t>(given.size());
  if (is_integer) {
    const auto integers = py::array_t<std::int16_t, py::array::c_style>::ensure(given);
    converted_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      converted_.push_back(static_cast<float>(integers.data()[i]) / kFullScale);
    }
    samples_ = converted_;
  } else {
    const auto floats = py::array_t<float, py::array::c_style>::ensure(given);
    samples_ = {floats.data(), count};
    array_ = floats;
  }
}

py::array_t<float> make_rows(std::vector<float> values, std::int64_t column_count) {
  auto owned = std::make_unique<std::vector<float>>(std::move(values));
  const auto rows = static_cast<py::ssize_t>(owned->size()) / column_count;
  float* const data = owned->data();
  const py::capsule owner(owned.release(), [](void* held) {
    const std::unique_ptr<std::vector<float>> freed(static_cast<std::vector<float>*>(held));
  });
  return py::array_t<float>({rows, static_cast<py::ssize_t>(column_count)}, data, owner);
}

void set_session_options(SessionOptions& session, const py::kwargs& options) {
  for (const auto& [key, value] : options) {
    const auto name = key.cast<std::string>();
    const auto option = named_options().find(name);
    if (option == named_options().end()) {
      std::string known;
      for (const auto& [other, ignored] : named_options()) known += " " + other;
      throw py::type_error("there is no option " + name + "; there are:" + known);
    }
    try {
      option->second.set(session, value);
    } catch (const py::cast_error&) {
      throw py::type_error(name + ": expected " + option->second.expected + ", got " +
                           type_of(value));
    }
  }
}

void check_signals() {
  const py::gil_scoped_acquire acquired;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

}  // namespace harpy::tools
