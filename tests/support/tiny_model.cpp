#include "tests/support/tiny_model.hpp"

#include <boost/json/parse.hpp>

#include "acoustic/network.hpp"
#include "acoustic/network_file.hpp"
#include "decoder/graph/graph_file.hpp"
#include "models/files/checksum.hpp"

namespace harpy::testing {

namespace {

constexpr const char* kNetwork = R"({
  "input_dim": 80,
  "trunk": [
    {"type": "batch_norm"},
    {"type": "convolution", "output_dim": 16, "kernel": 5, "stride": 3, "left": 2},
    {"type": "relu"},
    {"type": "residual", "layers": [
      {"type": "convolution", "output_dim": 16, "kernel": 3, "dilation": 2, "left": 2}, {"type": "relu"}]}
  ],
  "heads": {"ctc": [{"type": "linear", "output_dim": 4}, {"type": "log_softmax"}]}
})";

struct TinyWord {
  const char* name;
  std::vector<std::int32_t> labels;
};
const std::vector<TinyWord> kWords{{"ONE", {1, 2}}, {"TWO", {2, 3}}, {"THREE", {3}}};

/// All words in a loop through state 0, each a chain of labels with blanks between words only.
GraphPackage tiny_graph() {
  GraphDescription description;
  description.pdf_count = 4;
  description.final_costs = {0.0F};
  const auto add = [&](std::int32_t source, std::int32_t target, std::int32_t label,
                       std::int32_t output, float cost) {
    const std::int32_t input = label < 0 ? 0 : label + 1;
    description.arcs.push_back(
        {source, {.target = target, .input = input, .output = output, .cost = cost}});
  };
  add(0, 0, 0, 0, 0.1F);
  GraphPackage package{.graph = DecodingGraph(GraphDescription{.final_costs = {0.0F}}),
                       .words = SymbolTable({"<eps>"}),
                       .labels = SymbolTable({"<blank>", "A", "B", "C"}),
                       .pronunciations = {}};
  package.pronunciations.add_word({});
  for (const TinyWord& word : kWords) {
    const std::int32_t id = package.words.add(word.name);
    package.pronunciations.add_word({&word.labels, 1});
    std::int32_t state = 0;
    for (const std::int32_t label : word.labels) {
      const auto next = static_cast<std::int32_t>(description.final_costs.size());
      description.final_costs.push_back(kInfiniteCost);
      add(state, next, label, state == 0 ? id : 0, state == 0 ? 1.0F : 0.0F);
      add(next, next, label, 0, 0.5F);
      state = next;
    }
    add(state, 0, -1, 0, 0.2F);
  }
  package.graph = DecodingGraph(description);
  return package;
}

constexpr const char* kToneNetwork = R"({
  "input_dim": 80,
  "trunk": [{"type": "convolution", "output_dim": 3, "kernel": 3, "stride": 3, "left": 1}],
  "heads": {"ctc": [{"type": "log_softmax"}]}
})";

/// Scores a label by the energies about its tone, and the blank by nothing.
std::vector<float> tone_weights() {
  constexpr std::size_t kBins = 80;
  constexpr std::size_t kTaps = 3;
  constexpr std::size_t kLabels = 3;
  std::vector<float> weights(kTaps * kBins * kLabels);
  const auto listen = [&](std::size_t label, std::size_t first_bin) {
    for (std::size_t bin = first_bin; bin < first_bin + 10; ++bin) {
      weights[(kBins + bin) * kLabels + label] = 1.0F;  // the tap of the current frame
    }
  };
  listen(1, 13);
  listen(2, 50);
  return weights;
}

GraphPackage tone_graph() {
  GraphPackage package{.graph = DecodingGraph(GraphDescription{.final_costs = {0.0F}}),
                       .words = SymbolTable({"<eps>", "AN", "AND"}),
                       .labels = SymbolTable({"<blank>", "A", "B"}),
                       .pronunciations = {}};
  const std::vector<std::int32_t> an{1};
  const std::vector<std::int32_t> and_{1, 2};
  package.pronunciations.add_word({});
  package.pronunciations.add_word({&an, 1});
  package.pronunciations.add_word({&and_, 1});
  GraphDescription description;
  description.pdf_count = 3;
  description.final_costs = {1.0F, kInfiniteCost, kInfiniteCost};
  description.arcs = {
      {0, {.target = 0, .input = 1, .output = 0, .cost = 0.1F}},  // blanks between words
      {0, {.target = 1, .input = 2, .output = 0, .cost = 0.5F}},
      {1, {.target = 1, .input = 1, .output = 0, .cost = 0.1F}},
      {1, {.target = 1, .input = 2, .output = 0, .cost = 0.1F}},
      {1, {.target = 0, .input = 0, .output = 1, .cost = 1.0F}},
      {1, {.target = 2, .input = 3, .output = 2, .cost = 0.5F}},
      {2, {.target = 2, .input = 3, .output = 0, .cost = 0.1F}},
      {2, {.target = 0, .input = 1, .output = 0, .cost = 0.1F}},
  };
  package.graph = DecodingGraph(description);
  return package;
}

/// Writes the network's tensors, the graph and the description that names them.
void write_package(const std::filesystem::path& directory, Backend& backend, Network& network,
                   const GraphPackage& graph, ModelDescription model) {
  write_network_file(directory / model.acoustic_file, backend, network.tensors());
  write_graph_package(directory / model.graph_file, graph);
  model.acoustic_checksum = file_checksum(directory / model.acoustic_file);
  write_model_description(directory / "model.json", model);
}

}  // namespace

ModelDescription tiny_description() {
  ModelDescription model;
  model.name = "tiny";
  model.version = "1";
  model.language = "en";
  model.network = boost::json::parse(kNetwork).as_object();
  model.head = "ctc";
  model.units = {"<blank>", "A", "B", "C"};
  model.acoustic_file = "acoustic.safetensors";
  model.graph_file = "graph.harpy";
  model.search.beam = 20.0F;
  return model;
}

void write_tiny_model(const std::filesystem::path& directory) {
  const ModelDescription model = tiny_description();
  const auto backend = create_backend({});
  Network network(*backend, model.network, 3);
  write_package(directory, *backend, network, tiny_graph(), model);
}

void write_tone_model(const std::filesystem::path& directory) {
  ModelDescription model = tiny_description();
  model.name = "tones";
  model.network = boost::json::parse(kToneNetwork).as_object();
  model.units = {"<blank>", "A", "B"};
  const auto backend = create_backend({});
  Network network(*backend, model.network, 1);
  for (const NamedTensor& named : network.tensors()) {
    const Shape shape = named.tensor->shape();
    *named.tensor = named.name == "trunk.0.weight" ? backend->from_host(shape, tone_weights())
                                                   : backend->zeros(shape);
  }
  write_package(directory, *backend, network, tone_graph(), model);
}

}  // namespace harpy::testing
