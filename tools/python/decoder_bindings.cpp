#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "tools/graph/token_choice.hpp"
#include "tools/python/bindings.hpp"
#include "tools/python/decoder_pool.hpp"

namespace harpy::tools {

namespace py = pybind11;
namespace fs = std::filesystem;

namespace {

using Unlocked = py::call_guard<py::gil_scoped_release>;
using SharedGraph = std::shared_ptr<GraphPackage>;

BlankColumn blank_of(const TokenOptions& how) {
  try {
    return how.blank_column();
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("blank: ") + error.what());
  }
}

SharedGraph compile_for_tokens(const fs::path& language_model, const fs::path& tokens,
                               const std::vector<fs::path>& lexicons, const fs::path& words,
                               const TokenOptions& how, std::optional<float> word_cost,
                               std::size_t spellings) {
  GraphSources sources{.language_model = language_model,
                       .lexicons = lexicons,
                       .tokens = tokens,
                       .spelling = {.most_spellings = spellings},
                       .vocabulary = words,
                       .word_cost = word_cost};
  blank_of(how);
  how.apply(sources);
  return std::make_shared<GraphPackage>(compile_sources(sources, false).compiled.package);
}

/// The scores of an array of two dimensions, as floats.
ScoreMatrix scores_of(const py::handle& value) {
  const auto array = py::array_t<float, py::array::c_style | py::array::forcecast>::ensure(value);
  if (!array || array.ndim() != 2) {
    PyErr_Clear();
    throw py::type_error(
        "scores: expected an array of numbers of two dimensions, frames and tokens");
  }
  return {.frame_count = array.shape(0),
          .column_count = array.shape(1),
          .values = {array.data(), array.data() + array.size()}};
}

struct SearchChoice {
  float beam;
  std::int32_t max_active;
  float acoustic_scale;
  double blank_penalty;
  double blank_skip_threshold;
};

std::unique_ptr<DecoderPool> make_decoder(const SharedGraph& graph, double frame_ms,
                                          const std::optional<std::string>& blank,
                                          bool log_likelihoods, const std::string& device,
                                          const SearchChoice& search, const py::kwargs& options) {
  constexpr double kMillisecondsPerSecond = 1000.0;
  if (!(frame_ms > 0.0)) throw std::invalid_argument("frame_ms: expected more than 0");
  auto model = std::make_shared<DecodingModel>();
  model->package = graph;
  model->frame_s = frame_ms / kMillisecondsPerSecond;
  model->search.beam = search.beam;
  model->search.max_active = search.max_active;
  model->search.acoustic_scale = search.acoustic_scale;
  model->blank_penalty = search.blank_penalty;
  model->blank_skip_threshold = search.blank_skip_threshold;
  DecoderPool::Shared shared{.model = model, .device = parse_device(device)};
  set_session_options(shared.session, options);
  const TokenOptions tokens{.blank = blank,
                            .topology = std::string(topology_name(graph->frame_labels.topology))};
  shared.layout = score_layout_for(*graph, blank_of(tokens), log_likelihoods);
  shared.steering = SteeringMaker(graph).make(shared.session.steering);
  return std::make_unique<DecoderPool>(std::move(shared));
}

void bind_graph(py::module_& module) {
  py::class_<GraphPackage, SharedGraph>(
      module, "Graph", "What may be said: words, how tokens make them, and a language model.")
      .def_static(
          "load",
          [](const fs::path& path) {
            return std::make_shared<GraphPackage>(map_graph_package(path));
          },
          py::arg("path"), Unlocked(),
          "Reads a graph that `save` or `harpy graph` has written. Raises RuntimeError naming the\n"
          "file and what is wrong with it.")
      .def_static(
          "compile",
          [](const fs::path& language_model, const fs::path& tokens,
             const std::vector<fs::path>& lexicons, const std::optional<fs::path>& words,
             const std::string& topology, const std::optional<std::string>& blank,
             const std::optional<std::string>& letter_case, std::optional<float> word_cost,
             std::size_t spellings) {
            return compile_for_tokens(
                language_model, tokens, lexicons, words.value_or(fs::path{}),
                {.blank = blank, .letter_case = letter_case, .topology = topology}, word_cost,
                spellings);
          },
          py::arg("language_model"), py::arg("tokens"), py::kw_only(),
          py::arg("lexicons") = std::vector<fs::path>{}, py::arg("words") = py::none(),
          py::arg("topology") = "ctc", py::arg("blank") = py::none(),
          py::arg("letter_case") = py::none(), py::arg("word_cost") = py::none(),
          py::arg("spellings") = SpellingOptions{}.most_spellings, Unlocked(),
          "Compiles a graph for another program's network, as `harpy graph --tokens` does\n"
          "(docs/decode.md): language_model is an ARPA file, tokens a list of what the network's\n"
          "outputs stand for; words are spelled in tokens unless lexicons say how. Raises\n"
          "RuntimeError naming file and line, or ValueError naming the argument.")
      .def(
          "save",
          [](const GraphPackage& self, const fs::path& path) { write_graph_package(path, self); },
          py::arg("path"), Unlocked(), "Writes the graph to a file.")
      .def_property_readonly(
          "words",
          [](const GraphPackage& self) {
            const std::vector<std::string>& names = self.words.names();
            return std::vector<std::string>(names.begin() + 1, names.end());
          },
          "The words that can be recognised.")
      .def_property_readonly(
          "labels", [](const GraphPackage& self) { return self.labels.names(); },
          "What the network's outputs stand for, the blank first.")
      .def_property_readonly(
          "arc_count", [](const GraphPackage& self) { return self.graph.view().arc_count(); },
          "How large the graph is.");
}

}  // namespace

void bind_decoder(py::module_& module) {
  bind_graph(module);
  const BeamSearchOptions usual;
  py::class_<DecoderPool>(
      module, "Decoder",
      "Makes words of the scores of any network. Threads may share a decoder; each uses a core.")
      .def(py::init([](const SharedGraph& graph, double frame_ms,
                       const std::optional<std::string>& blank, bool log_likelihoods,
                       const std::string& device, float beam, std::int32_t max_active,
                       float acoustic_scale, double blank_penalty, double blank_skip_threshold,
                       const py::kwargs& options) {
             return make_decoder(
                 graph, frame_ms, blank, log_likelihoods, device,
                 {beam, max_active, acoustic_scale, blank_penalty, blank_skip_threshold}, options);
           }),
           py::arg("graph"), py::kw_only(), py::arg("frame_ms") = 40.0,
           py::arg("blank") = py::none(), py::arg("log_likelihoods") = false,
           py::arg("device") = "cpu", py::arg("beam") = usual.beam,
           py::arg("max_active") = usual.max_active,
           py::arg("acoustic_scale") = usual.acoustic_scale, py::arg("blank_penalty") = 0.0,
           py::arg("blank_skip_threshold") = 1.0,
           "frame_ms: from one frame of scores to the next. blank: which column is the blank, its\n"
           "number, \"last\", \"behind\" or \"none\". log_likelihoods: scores may be above 0. "
           "Further\n"
           "options, by keyword: confidences, alternatives, lattice, phones, hot_phrases and the\n"
           "others of Recognizer.open that are not about audio.")
      .def(
          "decode",
          [](DecoderPool& self, const py::object& scores) {
            std::vector<ScoreMatrix> utterance;
            utterance.push_back(scores_of(scores));
            const py::gil_scoped_release released;
            return self.decode(std::move(utterance), 1).front();
          },
          py::arg("scores"),
          "What was said in one utterance. scores: an array [frames, tokens] of natural\n"
          "log-probabilities. Raises ValueError naming frame and column for scores that are none.")
      .def(
          "decode_batch",
          [](DecoderPool& self, const py::iterable& scores, int threads) {
            std::vector<ScoreMatrix> utterances;
            for (const py::handle matrix : scores) utterances.push_back(scores_of(matrix));
            const py::gil_scoped_release released;
            const int cores = static_cast<int>(std::thread::hardware_concurrency());
            const bool is_on_cpu = self.shared().device.kind == DeviceKind::kCpu;
            const int asked = threads > 0 ? threads : cores;
            const int useful = std::min(asked, static_cast<int>(utterances.size()));
            return self.decode(std::move(utterances), is_on_cpu ? useful : 1);
          },
          py::arg("scores"), py::arg("threads") = 0,
          "What was said in each of several utterances, in their order, by so many threads; 0: "
          "one\n"
          "a core. A GPU takes them together. Raises as decode, with the utterance's number.");
}

}  // namespace harpy::tools
