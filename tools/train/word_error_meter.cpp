#include "tools/train/word_error_meter.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/search/make_beam_search.hpp"

namespace harpy::tools {

WordErrorMeter::WordErrorMeter(const std::filesystem::path& graph, const SymbolTable& labels,
                               const BeamSearchOptions& options, LetterCase letter_case)
    : graph_(std::make_shared<const GraphPackage>(map_graph_package(graph))),
      search_(make_cpu_beam_search({graph_, &graph_->graph}, options)),
      letter_case_(letter_case) {
  if (!(graph_->labels == labels)) {
    throw std::runtime_error(graph.string() + ": its labels are not those trained, which are the " +
                             std::to_string(labels.size()) + " of the network");
  }
}

ErrorCounts WordErrorMeter::evaluate(Backend& backend, const Network& network,
                                     const Dataset& dataset) const {
  ErrorCounts counts;
  std::vector<float> features;
  for (const Utterance& utterance : dataset.utterances()) {
    const std::span<const Half> stored = dataset.features(utterance).values();
    features.resize(stored.size());
    std::transform(stored.begin(), stored.end(), features.begin(), to_float);
    const Tensor x = backend.from_host({1, utterance.frame_count, dataset.dim()}, features);
    const std::vector<Tensor> heads = network.forward(backend, x, nullptr);
    const Tensor& output = heads.front();
    const std::unique_ptr<SearchStream> stream = search_->open();
    const SearchInput input{stream.get(), slice_rows(output.view(), 0, output.rows())};
    search_->advance({&input, 1});
    std::vector<std::string> words;
    for (const PathStep& step : search_->best_path(*stream, true).steps) {
      if (step.output != 0) words.push_back(graph_->words.name(step.output));
    }
    const std::string text(dataset.text(utterance));
    const std::vector<std::string> reference = split_words(fold_case(text, letter_case_));
    counts += count_errors(align_words(reference, words));
  }
  return counts;
}

}  // namespace harpy::tools
