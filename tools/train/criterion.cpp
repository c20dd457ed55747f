#include "tools/train/criterion.hpp"

#include <cstdint>
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

/// Label sequences from all over the data set: every n-th, so that there are not many more labels
/// than these.
std::vector<std::vector<std::int32_t>> label_sample(const Dataset& dataset) {
  constexpr std::uint64_t kEnoughLabels = 20'000'000;  // some 600 hours; n-grams gain no more
  const auto utterances = dataset.utterances();
  std::uint64_t label_count = 0;
  for (const Utterance& utterance : utterances) label_count += utterance.label_count;
  const std::uint64_t step = 1 + label_count / kEnoughLabels;
  std::vector<std::vector<std::int32_t>> sequences;
  for (std::size_t i = 0; i < utterances.size(); i += step) {
    const std::span<const std::int32_t> labels = dataset.labels(utterances[i]);
    sequences.emplace_back(labels.begin(), labels.end());
  }
  return sequences;
}

TrainingCriterion make(const CtcLossOptions&, const CriterionInput& input) {
  return {std::make_unique<Ctc>(input.thread_count, input.contexts),
          [contexts = input.contexts](std::span<const float> scores, std::int64_t unit_count) {
            return greedy_labels(scores, unit_count,
                                 [&](std::int32_t unit) { return contexts.label(unit); });
          }};
}

TrainingCriterion make(const LatticeFreeMmiLossOptions& options, const CriterionInput& input) {
  DenominatorGraph denominator(label_sample(input.train_set), input.label_count,
                               {.order = static_cast<int>(options.order),
                                .context_count = options.contexts,
                                .contexts = input.contexts});
  LabelDecoder decoder = make_decoder(denominator.alignments());
  return {std::make_unique<LatticeFreeMmi>(
              std::move(denominator), LatticeFreeMmiOptions{.ctc_weight = options.ctc_weight,
                                                            .thread_count = input.thread_count}),
          std::move(decoder)};
}

}  // namespace

TrainingCriterion make_criterion(const Recipe& recipe, const CriterionInput& input) {
  return std::visit([&](const auto& options) { return make(options, input); }, recipe.loss);
}

}  // namespace harpy::tools
