#include "tools/train/criterion.hpp"

#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "decoder/search/make_beam_search.hpp"
#include "decoder/sequence_loss/ctc.hpp"
#include "decoder/sequence_loss/lattice_free_mmi.hpp"

namespace harpy::tools {
namespace {

/// Decodes with a graph whose outputs are labels.
LabelDecoder make_decoder(const DecodingGraph& graph) {
  const std::shared_ptr<BeamSearch> search =
      make_cpu_beam_search(std::make_shared<const DecodingGraph>(graph), {});
  return [search](std::span<const float> scores, std::int64_t label_count) {
    const auto frame_count = static_cast<std::int64_t>(scores.size()) / label_count;
    const std::unique_ptr<SearchStream> stream = search->open();
    const SearchInput input{stream.get(), {scores.data(), Shape{frame_count, label_count}}};
    search->advance({&input, 1});
    std::vector<std::int32_t> labels;
    for (const PathStep& step : search->best_path(*stream, true).steps) {
      if (step.output != 0) labels.push_back(step.output);
    }
    return labels;
  };
}

}  // namespace

TrainingCriterion make_criterion(const Recipe& recipe, const Dataset& train_set,
                                 std::int32_t label_count, int thread_count) {
  const auto* mmi = std::get_if<LatticeFreeMmiLossOptions>(&recipe.loss);
  if (mmi == nullptr) return {std::make_unique<Ctc>(thread_count), greedy_labels};
  std::vector<std::vector<std::int32_t>> sequences;
  for (const Utterance& utterance : train_set.utterances()) sequences.push_back(utterance.labels);
  DenominatorGraph denominator(
      sequences, label_count,
      {.order = static_cast<int>(mmi->order), .context_count = mmi->contexts});
  LabelDecoder decoder = make_decoder(denominator.alignments());
  return {std::make_unique<LatticeFreeMmi>(
              std::move(denominator),
              LatticeFreeMmiOptions{.ctc_weight = mmi->ctc_weight, .thread_count = thread_count}),
          std::move(decoder)};
}

}  // namespace harpy::tools
