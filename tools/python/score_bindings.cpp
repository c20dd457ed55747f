#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <pybind11/stl.h>

#include "tools/python/bindings.hpp"
#include "tools/score/word_errors.hpp"

namespace harpy::tools {

namespace py = pybind11;

namespace {

using Texts = std::variant<std::string, std::vector<std::string>>;

std::vector<std::string> list_of(const Texts& texts) {
  if (const auto* text = std::get_if<std::string>(&texts)) return {*text};
  return std::get<std::vector<std::string>>(texts);
}

ErrorCounts score(const Texts& reference, const Texts& hypothesis, const std::string& unit) {
  if (unit != "words" && unit != "characters") {
    throw std::invalid_argument("unit: expected words or characters, got " + unit);
  }
  const std::vector<std::string> references = list_of(reference);
  const std::vector<std::string> hypotheses = list_of(hypothesis);
  if (references.size() != hypotheses.size()) {
    throw std::invalid_argument("expected as many hypotheses as references, " +
                                std::to_string(references.size()) + ", got " +
                                std::to_string(hypotheses.size()));
  }
  const auto split = unit == "words" ? split_words : split_characters;
  ErrorCounts sum;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const std::vector<std::string> said = split(references[i]);
    const std::vector<std::string> heard = split(hypotheses[i]);
    sum += count_errors(align_words(said, heard));
  }
  return sum;
}

}  // namespace

void bind_score(py::module_& module) {
  py::class_<ErrorCounts>(module, "ErrorCounts", "How hypotheses differ from their references.")
      .def_readonly("reference_words", &ErrorCounts::reference_words,
                    "Words, or characters, of the references.")
      .def_readonly("substitutions", &ErrorCounts::substitutions, "Words in place of others.")
      .def_readonly("deletions", &ErrorCounts::deletions, "Words that are missing.")
      .def_readonly("insertions", &ErrorCounts::insertions, "Words that are too many.")
      .def_property_readonly("errors", &ErrorCounts::errors, "All errors.")
      .def_property_readonly("error_rate", &ErrorCounts::error_rate_percent,
                             "Errors per word of the references, in per cent.");
  module.def("score", &score, py::arg("reference"), py::arg("hypothesis"),
             py::arg("unit") = "words", py::call_guard<py::gil_scoped_release>(),
             "Aligns texts as sclite does and counts errors, in \"words\" or \"characters\". Both\n"
             "are a text, or lists of as many texts, whose errors are summed.");
}

}  // namespace harpy::tools
