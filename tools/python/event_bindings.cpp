#include <string>
#include <vector>

#include <pybind11/stl.h>

#include "decoder/lattice/lattice_text.hpp"
#include "service/recognizer/session_event.hpp"
#include "tools/python/bindings.hpp"

namespace harpy::tools {

namespace py = pybind11;

namespace {

std::string kind_name(EventKind kind) {
  switch (kind) {
    case EventKind::kSpeechStart:
      return "speech_start";
    case EventKind::kPartial:
      return "partial";
    default:
      return "final";  // others are not given to Python
  }
}

/// An arc of a lattice with its word's name.
struct NamedArc {
  std::uint32_t source;
  std::uint32_t target;
  std::string word;
  double graph_cost;
  double acoustic_cost;
};

std::vector<NamedArc> arcs_of(const UtteranceLattice& lattice) {
  std::vector<NamedArc> arcs;
  for (const CompactLatticeArc& arc : lattice.compact->arcs()) {
    arcs.push_back({.source = arc.source,
                    .target = arc.target,
                    .word = arc.word == 0 ? "" : lattice.words->name(arc.word),
                    .graph_cost = arc.weight.graph_cost,
                    .acoustic_cost = arc.weight.acoustic_cost});
  }
  return arcs;
}

std::vector<double> final_costs_of(const UtteranceLattice& lattice) {
  std::vector<double> costs;
  for (const CompactLatticeState& state : lattice.compact->states()) {
    costs.push_back(state.final_cost());
  }
  return costs;
}

template <typename Timed>
void add_times(py::class_<Timed>& type) {
  type.def_readonly("start", &Timed::start_s, "Seconds from the start of the audio.")
      .def_readonly("end", &Timed::end_s, "Seconds from the start of the audio.");
}

void bind_words(py::module_& module) {
  py::class_<RecognizedPhone> phone(module, "Phone", "A phone and when it was spoken.");
  phone.def_readonly("name", &RecognizedPhone::name, "Its name in the model.");
  add_times(phone);

  py::class_<RecognizedWord> word(module, "Word", "A word and when it was spoken.");
  word.def_readonly("text", &RecognizedWord::text, "The word.")
      .def_readonly("confidence", &RecognizedWord::confidence,
                    "How probable it is that it was said there, in [0, 1]; None unless asked for.")
      .def_readonly("phones", &RecognizedWord::phones, "Its phones; empty unless asked for.")
      .def("__repr__", [](const RecognizedWord& self) { return "<harpy.Word " + self.text + ">"; });
  add_times(word);

  py::class_<Alternative>(module, "Alternative", "One of the likeliest readings of an utterance.")
      .def_readonly("words", &Alternative::words, "Its words.")
      .def_property_readonly(
          "text", [](const Alternative& self) { return joined_text(self.words); },
          "Its words, joined by blanks.")
      .def_readonly("score", &Alternative::score,
                    "Logarithm of its path's probability, which is not normalised.")
      .def_readonly("probability", &Alternative::probability,
                    "Its probability among all readings of the lattice.");
}

void bind_lattice(py::module_& module) {
  py::class_<NamedArc>(module, "LatticeArc", "A word on its way from one state to another.")
      .def_readonly("source", &NamedArc::source, "The state that it leaves.")
      .def_readonly("target", &NamedArc::target, "The state that it reaches.")
      .def_readonly("word", &NamedArc::word, "The word; empty: none.")
      .def_readonly("graph_cost", &NamedArc::graph_cost,
                    "Negated natural logarithm of what the graph says.")
      .def_readonly("acoustic_cost", &NamedArc::acoustic_cost,
                    "Negated natural logarithm of what the scores say.");
  py::class_<UtteranceLattice>(
      module, "Lattice",
      "The readings that came near the best one: an acyclic graph of words from state 0.")
      .def_property_readonly("arcs", &arcs_of, "All arcs, in the order of their sources.")
      .def_property_readonly("final_costs", &final_costs_of,
                             "What it costs to end in each state; infinite where none ends.")
      .def_property_readonly(
          "frames",
          [](const UtteranceLattice& self) {
            std::vector<std::int32_t> frames;
            for (const auto& state : self.compact->states()) frames.push_back(state.frame);
            return frames;
          },
          "The frame of each state.")
      .def(
          "text",
          [](const UtteranceLattice& self, const std::string& id) {
            return lattice_text(id, *self.compact, *self.words);
          },
          py::arg("id"), "The lattice as an entry of one of Kaldi's archives in text form.");
}

}  // namespace

void bind_events(py::module_& module) {
  bind_words(module);
  bind_lattice(module);
  py::class_<SessionEvent>(module, "Event", "Something that a session or a decoder tells.")
      .def_property_readonly(
          "kind", [](const SessionEvent& self) { return kind_name(self.kind); },
          "\"partial\", whose words may still change, \"final\" or \"speech_start\".")
      .def_property_readonly("text", &SessionEvent::text, "The words, joined by blanks.")
      .def_readonly("words", &SessionEvent::words, "The words of the utterance.")
      .def_readonly("written", &SessionEvent::written,
                    "The words as they are written; empty unless asked for.")
      .def_readonly("alternatives", &SessionEvent::alternatives,
                    "The likeliest readings, the best first; empty unless asked for.")
      .def_property_readonly(
          "lattice",
          [](const SessionEvent& self) -> std::optional<UtteranceLattice> {
            if (!self.lattice.compact) return std::nullopt;
            return self.lattice;
          },
          "The readings that came near the best one; None unless asked for.")
      .def_readonly("start", &SessionEvent::start_s, "When the utterance began, in seconds.")
      .def_readonly("end", &SessionEvent::end_s,
                    "Up to when it has been recognised so far, in seconds.")
      .def("__repr__", [](const SessionEvent& self) {
        return "<harpy.Event " + kind_name(self.kind) + ": " + self.text() + ">";
      });
}

}  // namespace harpy::tools
